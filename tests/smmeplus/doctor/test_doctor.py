"""`manage.py doctor`: what it says, how it ends, and that one bad check costs no other (OPS-2)."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import OperationalError, connection
from django.test.utils import CaptureQueriesContext

from smmeplus.doctor import findings as module
from smmeplus.doctor.findings import Check, Finding, State, Told, findings, ok, warning, wrong
from smmeplus.management.commands import doctor

pytestmark = pytest.mark.django_db


def fine() -> Iterator[Told]:
    yield ok("all is well")


def doubtful() -> Iterator[Told]:
    yield warning("it is old", "Look at it.")


def bad() -> Iterator[Told]:
    yield ok("one half is well")
    yield wrong("the other is not", "Mend it.")


def broken() -> Iterator[Told]:
    yield ok("so far it went")
    raise ZeroDivisionError("division by zero\nand more of it")


def away() -> list[Told]:
    raise OperationalError("no route to host\nIs the server running?")


def run(monkeypatch: pytest.MonkeyPatch, *checks: Check, **options: Any) -> tuple[str, str]:
    """What was written, and the error that it ended with."""
    monkeypatch.setattr(doctor, "CHECKS", checks)
    out = io.StringIO()
    try:
        call_command("doctor", stdout=out, **options)
    except CommandError as ended:
        return out.getvalue(), str(ended)
    return out.getvalue(), ""


def test_each_line_says_what_is_wrong_and_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    said, error = run(monkeypatch, Check("first", fine), Check("second", bad), Check("third", doubtful))
    assert said.splitlines() == [
        "ok      first: all is well",
        "ok      second: one half is well",
        "WRONG   second: the other is not. Mend it.",
        "warning third: it is old. Look at it.",
    ]
    assert error == "1 thing is wrong."


def test_warnings_are_no_failure(monkeypatch: pytest.MonkeyPatch) -> None:
    assert run(monkeypatch, Check("first", fine), Check("second", doubtful))[1] == ""


def test_several_are_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    assert run(monkeypatch, Check("first", bad), Check("second", bad))[1] == "2 things are wrong."


def test_as_json_it_is_one_object(monkeypatch: pytest.MonkeyPatch) -> None:
    said, error = run(monkeypatch, Check("first", fine), Check("second", bad), json=True)
    told = json.loads(said)
    assert (told["ok"], bool(error)) == (False, True)
    assert told["findings"][2] == {
        "check": "second",
        "state": "wrong",
        "said": "the other is not",
        "to_do": "Mend it.",
    }
    assert json.loads(run(monkeypatch, Check("first", fine), json=True)[0])["ok"] is True


def test_one_bad_check_costs_no_other() -> None:
    found = list(findings([Check("first", broken), Check("second", fine)]))
    assert [(one.check, one.state) for one in found] == [
        ("first", State.OK),
        ("first", State.WRONG),
        ("second", State.OK),
    ]
    assert found[1].said == "could not be looked at: ZeroDivisionError: division by zero"


def test_one_question_that_the_database_refuses_costs_no_other() -> None:
    def refused() -> Iterator[Told]:
        with connection.cursor() as cursor:
            cursor.execute("SELECT * FROM there_is_no_such_table")
        yield ok("never")

    def asked() -> Iterator[Told]:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
            yield ok(f"{cursor.fetchone()[0]}")

    found = list(findings([Check("first", refused, asks_database=True), Check("second", asked, asks_database=True)]))
    assert [(one.check, one.state) for one in found] == [("first", State.WRONG), ("second", State.OK)]


def test_a_database_that_does_not_answer_is_waited_for_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_answers", lambda: False)
    checks = [
        Check("database", away, asks_database=True),
        Check("zones", fine, asks_database=True),
        Check("disk", fine),
    ]
    found = list(findings(checks))
    assert [(one.check, one.state) for one in found] == [
        ("database", State.WRONG),
        ("zones", State.WARNING),
        ("disk", State.OK),
    ]
    assert found[0].said == "could not be looked at: OperationalError: no route to host"
    assert "not looked at" in found[1].said


def test_all_its_checks_together_look_at_everything_and_change_nothing() -> None:
    with CaptureQueriesContext(connection) as queries:
        found = list(findings(doctor.CHECKS))
    assert {one.check for one in found} >= {
        *("versions", "configuration", "open files", "disk", "services here", "database", "migrations", "clocks"),
        *("time zones", "partitions", "pruning", "listeners", "watcher", "notifications", "mail", "months", "reports"),
    }
    assert [one for one in found if "could not be looked at" in one.said] == []
    assert all(bool(one.to_do) == (one.state is not State.OK) for one in found)
    changing = [one["sql"] for one in queries if one["sql"].startswith(("INSERT", "UPDATE", "DELETE"))]
    assert changing == []


def test_an_error_is_told_in_one_line_of_bounded_length() -> None:
    def long() -> list[Told]:
        raise ValueError("x" * 10_000)

    (found,) = findings([Check("long", long)])
    assert isinstance(found, Finding)
    assert len(found.said) < 400
