"""The option that moves the clock of the tests, tried on runs of pytest of its own."""

import os
import subprocess
import sys
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from tests.plugins.today import moment, offset_s

TESTS = """
import datetime, multiprocessing, subprocess, sys, time, time_machine

AT_IMPORT = datetime.date.today()
DAY = datetime.date(2028, 2, 29)
SAY = "import datetime, time; print(datetime.date.today(), time.monotonic())"

def test_here():
    assert AT_IMPORT == datetime.date.today() == DAY

def test_it_ticks():
    before = datetime.datetime.now()
    time.sleep(0.01)
    assert datetime.timedelta(0) < datetime.datetime.now() - before < datetime.timedelta(minutes=1)

def test_in_a_started_process_as_in_one_that_it_starts():
    again = f"import subprocess, sys; subprocess.run([sys.executable, '-c', {SAY!r}], check=True)"
    for code in (SAY, again):
        before = time.monotonic()
        said = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
        day, monotonic = said.split()
        assert day == "2028-02-29"
        assert before <= float(monotonic) <= time.monotonic()

def test_a_test_may_travel_from_there():
    with time_machine.travel(0):
        assert datetime.date.today() == datetime.date(1970, 1, 1)
    assert datetime.date.today() == DAY
"""


def run_pytest(folder: Path, *options: str) -> subprocess.CompletedProcess[str]:
    (folder / "test_one.py").write_text(TESTS)
    command = [sys.executable, "-m", "pytest", "-p", "tests.plugins.today", "-c", os.devnull, "--rootdir", str(folder)]
    environment = os.environ | {"PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1", "PYTEST_ADDOPTS": ""}
    return subprocess.run(
        [*command, *options, str(folder)], env=environment, capture_output=True, text=True, check=False
    )


def test_the_clock_is_moved_here_and_in_every_started_process(tmp_path: Path) -> None:
    done = run_pytest(tmp_path, "--today", "2028-02-29T12:00")
    assert done.returncode == pytest.ExitCode.OK, done.stdout
    assert "clock: moved to 2028-02-29 12:00 UTC" in done.stdout


def test_without_the_option_it_stays(tmp_path: Path) -> None:
    assert "3 failed, 1 passed" in run_pytest(tmp_path).stdout  # what knows of no day passes


def test_what_is_no_day_is_refused_in_a_sentence(tmp_path: Path) -> None:
    done = run_pytest(tmp_path, "--today", "2027-02-29")
    assert done.returncode == pytest.ExitCode.USAGE_ERROR
    assert "--today" in done.stderr


def test_a_day_keeps_the_time_of_day_and_a_moment_has_its_own() -> None:
    real_before = datetime.now(UTC) - timedelta(seconds=offset_s())
    on_that_day = moment("2027-03-14")
    assert on_that_day.date() == date(2027, 3, 14)
    assert (on_that_day - real_before) % timedelta(days=1) < timedelta(minutes=1)
    assert moment("2027-03-14T02:30") == datetime(2027, 3, 14, 2, 30, tzinfo=UTC)
