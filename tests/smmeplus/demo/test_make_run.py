"""Ctrl-C while `make run` prepares, and later (OPS-1). What it starts is replaced by a Python that sleeps."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests import ROOT
from tests.support.processes import wait_until

pytestmark = pytest.mark.process
PREPARES, RUNS = "manage.py preparedemo", "-m smmeplus.demo.processes"
#: It says that it has started once it would print a traceback.
SLEEP = "import sys, time; open('started', 'a').write(' '.join(sys.argv[1:]) + chr(10)); time.sleep(60)"
PYTHON = f"""#!/bin/sh
case "$1" in -c) exit 0 ;; esac
[ "$ENDS" = "$2" ] && echo "$*" >>started && exit "$CODE"
exec {sys.executable} -c "{SLEEP}" "$@"
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A checkout whose environment is there, as far as make can see."""
    shutil.copy(ROOT / "Makefile", tmp_path)
    for name in ("requirements/demo.txt", ".venv/demo.installed"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text("")
    python = tmp_path / ".venv" / "bin" / "python"
    python.parent.mkdir()
    python.write_text(PYTHON)
    python.chmod(0o755)
    return tmp_path


@contextmanager
def made(folder: Path, **environment: str) -> Iterator[subprocess.Popen[str]]:
    """`make run` in a group of its own, as a terminal has it in front."""
    process = subprocess.Popen(
        ["make", "run", f"PYTHON={sys.executable}"],
        cwd=folder,
        env=os.environ | environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )
    try:
        yield process
    finally:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)


def started(folder: Path) -> list[str]:
    """What was started, in turn."""
    file = folder / "started"
    return file.read_text().splitlines() if file.exists() else []


@pytest.mark.parametrize(("ends", "expected"), [("", [PREPARES]), ("preparedemo", [PREPARES, RUNS])])
def test_ctrl_c_ends_it_without_a_word_and_starts_nothing_more(folder: Path, ends: str, expected: list[str]) -> None:
    with made(folder, ENDS=ends, CODE="0") as process:
        wait_until(lambda: len(started(folder)) == len(expected))
        os.killpg(process.pid, signal.SIGINT)
        said, _nothing = process.communicate(timeout=10)
    assert "Traceback" not in said
    assert not [line for line in said.splitlines() if not line.startswith("make: ")]
    found = started(folder)
    assert len(found) == len(expected)
    assert all(one.startswith(name) for one, name in zip(found, expected, strict=True))


def test_what_cannot_be_prepared_is_not_started(folder: Path) -> None:
    with made(folder, ENDS="preparedemo", CODE="1") as process:
        said, _nothing = process.communicate(timeout=30)
    assert process.returncode == 2
    assert "Error 1" in said
    assert started(folder) == [PREPARES]
