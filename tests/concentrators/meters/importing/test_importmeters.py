"""The command that takes files of meters, and watches a folder for them (MET-2)."""

from __future__ import annotations

import io
import os
import signal
import threading
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import OperationalError

from concentrators.management.commands import importmeters
from concentrators.management.commands.importmeters import look, passes_over
from concentrators.meters.importing import Imported
from concentrators.meters.importing.folder import Folder
from concentrators.models import Company, Meter, MeterList, Sighting
from smmeplus.common.vitals import passes as passes_module
from smmeplus.common.vitals.passes import Passes
from tests.factories import CompanyFactory, ConcentratorFactory
from tests.smmeplus.users import make_operator

pytestmark = [pytest.mark.django_db, pytest.mark.one_database]

WRITTEN = datetime(2026, 4, 5, 2, 30, tzinfo=UTC)
LIST = "concentrator;meter;state\nC1;M1;2\nC1;M-2;1\n"


@pytest.fixture(autouse=True)
def chile() -> Company:
    made = CompanyFactory.create(name="Chile")
    ConcentratorFactory.create(serial_number="C1", company=made)
    return made


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "list.csv"
    path.write_text(LIST)
    os.utime(path, (WRITTEN.timestamp(),) * 2)
    return path


def run(*arguments: Any) -> tuple[str, str]:
    """What it writes, and what it complains of."""
    out, err = io.StringIO(), io.StringIO()
    call_command("importmeters", *map(str, arguments), stdout=out, stderr=err)
    return out.getvalue(), err.getvalue()


def test_it_takes_a_file_and_says_what_came_of_it(file: Path) -> None:
    said, _wrong = run(file)
    assert "C1: CSV of " in said
    assert "1 new, 1 fault, 0 unchanged" in said.replace("0 changed, ", "")
    assert "line 3 C1 M-2: meter: A meter name is" in said
    assert Sighting.objects.get().meter.name == "M1"


def test_a_dry_run_shows_the_rows_and_writes_nothing(file: Path) -> None:
    said, _wrong = run(file, "--dry-run")
    assert "line 2 C1 M1: state: 2" in said
    assert "Dry run: nothing was written." in said
    assert not Meter.objects.exists()


def test_a_file_without_a_date_is_as_old_as_it_is_and_the_same_for_ever(file: Path) -> None:
    run(file)
    assert MeterList.objects.get().listed_at == WRITTEN
    os.utime(file)
    assert ": same" in run(file)[0]
    assert MeterList.objects.get().listed_at == WRITTEN


def test_a_bad_file_costs_no_other_and_the_command_fails(file: Path, tmp_path: Path) -> None:
    bad = tmp_path / "bad.csv"
    bad.write_text("<html>")
    out, err = io.StringIO(), io.StringIO()
    with pytest.raises(CommandError, match="2 of 3 files refused"):
        call_command("importmeters", str(bad), str(tmp_path / "none"), str(file), stdout=out, stderr=err)
    assert "bad.csv: " in err.getvalue()
    assert "Cannot read" in err.getvalue()
    assert Sighting.objects.exists()


def test_a_file_of_nobody_here_fails(tmp_path: Path) -> None:
    path = tmp_path / "list.csv"
    path.write_text("concentrator;meter\nX1;M1\n")
    with pytest.raises(CommandError, match="The file is refused"):
        run(path)


def test_a_company_and_a_user_bound_what_is_taken(file: Path, chile: Company) -> None:
    peru = CompanyFactory.create(name="Peru")
    make_operator(peru, name="ana")
    make_operator(chile, name="eva")
    for bound in (("--company", "peru"), ("--user", "ana")):
        with pytest.raises(CommandError):
            run(file, *bound)
    assert not Meter.objects.exists()
    run(file, "--company", "chile", "--user", "eva", "--whole")
    assert MeterList.objects.values_list("received_by__username", "whole").get() == (
        "eva",
        False,
    )  # a row is unreadable


@pytest.mark.parametrize(
    ("arguments", "why"),
    [
        ((), "Name files, or a folder"),
        (("a", "--folder", "b"), "Name files, or a folder"),
        (("--folder", "b", "--dry-run"), "dry run"),
        (("--folder", "/nowhere/at/all"), "Cannot use"),
        (("a", "--company", "Nobody"), "no company"),
        (("a", "--user", "nobody"), "no user"),
        (("--folder", "b", "--every", "0"), "--every"),
        (("--folder", "b", "--every", "nan"), "--every"),
    ],
)
def test_wrong_options_are_told(arguments: tuple[str, ...], why: str) -> None:
    with pytest.raises(CommandError, match=why):
        run(*arguments)


def folder_of(path: Path, *outcomes: Any) -> tuple[Folder, list[str]]:
    """One whose files come to ``outcomes`` one after the other, and the names of those that were tried."""
    tried, left = list[str](), list(outcomes)

    def take(_content: bytes, name: str, _at: object) -> Imported:
        tried.append(name)
        outcome = left.pop(0)
        if isinstance(outcome, Exception):
            raise outcome
        return Imported(is_master=True)

    made = Folder(path, take)
    made.prepare()
    return made, tried


def test_a_round_tries_each_file_and_then_reviews_conflicts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    reviews: list[object] = []
    monkeypatch.setattr(importmeters, "review", reviews.append)
    for name in "ab":
        (tmp_path / name).write_text(name)
    folder, tried = folder_of(tmp_path, None, None)
    look(folder, threading.Event(), Passes("smmeplus_meters", 60))
    look(folder, threading.Event(), Passes("smmeplus_meters", 60))
    assert (tried, len(reviews)) == (["a", "b"], 2)


def test_a_round_stops_between_two_files(tmp_path: Path) -> None:
    for name in "ab":
        (tmp_path / name).write_text(name)
    stopped = threading.Event()
    folder, tried = folder_of(tmp_path, None, None)
    list(folder.still())
    stopped.set()
    look(folder, stopped, Passes("smmeplus_meters", 60))
    assert tried == []


def test_a_watched_folder_is_left_in_good_order(file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    handlers: dict[int, Any] = {}
    monkeypatch.setattr(signal, "signal", handlers.__setitem__)
    rounds = iter(range(3))

    def wait(_self: object, _seconds: float) -> None:
        if next(rounds) == 2:
            handlers[signal.SIGTERM](signal.SIGTERM, None)

    monkeypatch.setattr(threading.Event, "wait", wait)
    said, _wrong = run("--folder", tmp_path, "--every", "1")
    assert said == "taken 1, refused 0\n"
    assert (tmp_path / "done" / file.name).exists()
    assert Sighting.objects.count() == 1


@pytest.mark.parametrize(("is_away", "expected"), [(False, ["a", "b"]), (True, ["a"])])
def test_a_file_that_the_database_fails_at_costs_no_other(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, is_away: bool, expected: list[str]
) -> None:
    class Connection:
        def close(self) -> None:
            """The next query opens another one."""

        def ensure_connection(self) -> None:
            if is_away:
                raise OperationalError("away")

    monkeypatch.setattr(importmeters, "connection", Connection())
    for name in "ab":
        (tmp_path / name).write_text(name)
    folder, tried = folder_of(tmp_path, OperationalError("deadlock"), None)
    list(folder.still())
    monkeypatch.setattr(passes_module, "connection", Connection())
    passes = passes_over(folder, 60)
    with passes.one():
        look(folder, threading.Event(), passes)
    assert bool(passes.problem) == is_away
    assert tried == expected
    assert (tmp_path / "a").exists()
