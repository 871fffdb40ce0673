"""Commands as timers and pipes run them: quiet when told so, and reading what comes by standard input."""

from __future__ import annotations

import gc
import io
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command, get_commands, load_command_class

from concentrators.models import Company, Concentrator
from smmeplus.common.commands.quiet import QuietCommand
from tests.factories import CompanyFactory, ConcentratorFactory
from wakeup.models import Message

OURS = {"concentrators", "profiles", "reports", "smmeplus", "wakeup"}
SERIAL = "16CEC50610036665"
HISTORY = (
    f"serial_number,received_at,ip_address,port,kind\n{SERIAL},2020-09-22T23:58:46+00:00,10.60.0.10,58692,keepalive\n"
)


@pytest.fixture
def company(db: None) -> Company:
    return CompanyFactory.create(name="Chile")


@contextmanager
def piped(text: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Standard input that cannot be read twice."""
    reading, writing = os.pipe()
    os.write(writing, text.encode())
    os.close(writing)
    with os.fdopen(reading) as source:
        monkeypatch.setattr(sys, "stdin", source)
        yield


def test_every_command_may_be_told_to_say_nothing() -> None:
    names = {name: app for name, app in get_commands().items() if app in OURS and name != "makemessages"}
    assert len(names) > 15
    loud = [name for name, app in names.items() if not isinstance(load_command_class(app, name), QuietCommand)]
    assert not loud


@pytest.mark.django_db
@pytest.mark.parametrize(("verbosity", "says"), [(0, False), (1, True)])
def test_a_command_says_nothing_when_told_so(verbosity: int, says: bool, capsys: pytest.CaptureFixture[str]) -> None:
    call_command("prunemessages", verbosity=verbosity)
    assert bool(capsys.readouterr().out) == says


@pytest.mark.django_db
def test_an_error_is_said_all_the_same() -> None:
    with pytest.raises(CommandError, match="There is no company"):
        call_command("importconcentrators", "-", company="Nobody", verbosity=0)


def test_messages_come_by_standard_input(company: Company, monkeypatch: pytest.MonkeyPatch) -> None:
    ConcentratorFactory.create(company=company, serial_number=SERIAL, in_field=True)
    with piped(HISTORY, monkeypatch):
        call_command("importwakeups", "-", verbosity=0)
    assert Message.objects.get().concentrator.serial_number == SERIAL


def test_an_installation_file_comes_by_standard_input(company: Company, monkeypatch: pytest.MonkeyPatch) -> None:
    with piped(f"serial_number\n{SERIAL}\n", monkeypatch):
        call_command("importconcentrators", "-", company="Chile", verbosity=0)
    assert Concentrator.objects.get().serial_number == SERIAL


@pytest.mark.parametrize("command", [["importwakeups"], ["importconcentrators", "--company", "Chile"]], ids=str)
def test_a_file_that_cannot_be_read_is_named(company: Company, command: list[str], tmp_path: Path) -> None:
    name, *options = command
    for path, reason in [(tmp_path / "missing.csv", "No such file"), (tmp_path, "Is a directory")]:
        with pytest.raises(CommandError, match=f"Cannot read {path}: {reason}"):
            call_command(name, str(path), *options)


def test_a_refused_file_leaves_nothing_to_complain_about_later(
    company: Company, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    later: list[Any] = []
    monkeypatch.setattr(sys, "unraisablehook", later.append)
    (tmp_path / "wrong.csv").write_text("a,b\n1,2\n")
    with pytest.raises(CommandError, match="Unknown in the header"):
        call_command("importconcentrators", str(tmp_path / "wrong.csv"), company="Chile", stderr=io.StringIO())
    gc.collect()
    assert not later
