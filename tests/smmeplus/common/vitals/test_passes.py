"""Services that look again and again: their numbers, their health, and the thread that shows both."""

from __future__ import annotations

import json
import socket
import urllib.request
from typing import Any

import pytest
from django.core.management.base import CommandError
from django.db import OperationalError

from smmeplus.common.vitals import passes as module
from smmeplus.common.vitals.outcomes import show_outcomes
from smmeplus.common.vitals.pages import service_registry
from smmeplus.common.vitals.passes import Passes
from smmeplus.common.vitals.serving import metrics_socket, served
from tests.support.processes import free_port

pytestmark = pytest.mark.one_database
STUCK_S = 60.0


class Moved:
    """A clock that tests move."""

    at = 1_000.0

    def __call__(self) -> float:
        return self.at


class Connection:
    """What a pass closes after a failure of the database."""

    closed = 0

    def close(self) -> None:
        self.closed += 1


@pytest.fixture
def connection(monkeypatch: pytest.MonkeyPatch) -> Connection:
    made = Connection()
    monkeypatch.setattr(module, "connection", made)
    return made


def made() -> tuple[Passes, Moved]:
    clock = Moved()
    return Passes("smmeplus_some", STUCK_S, clock), clock


def numbers(passes: Passes) -> dict[str, float]:
    _head, _, body = passes.endpoint().answer(b"GET /metrics HTTP/1.1\r\n\r\n").decode().partition("\r\n\r\n")
    lines = (line.rpartition(" ") for line in body.splitlines() if not line.startswith("#"))
    return {name.removeprefix("smmeplus_some_"): float(value) for name, _, value in lines}


def test_all_is_shown_before_the_first_pass() -> None:
    passes, clock = made()
    clock.at += 5
    shown = numbers(passes)
    assert (shown['passes_total{outcome="done"}'], shown['passes_total{outcome="failed"}']) == (0, 0)
    assert (shown["since_pass_seconds"], shown["uptime_seconds"], shown["pass_fails"]) == (5, 5, 0)
    assert {"process_resident_memory_bytes", "process_open_fds", "process_max_fds"} <= shown.keys()
    assert not passes.problem


def test_a_pass_is_counted_and_timed() -> None:
    passes, clock = made()
    with passes.one():
        clock.at += 0.03
    shown = numbers(passes)
    assert shown['passes_total{outcome="done"}'] == 1
    assert shown["pass_seconds_sum"] == pytest.approx(0.03)
    assert shown["since_pass_seconds"] == 0


def test_without_one_for_too_long_it_does_not_work() -> None:
    passes, clock = made()
    clock.at += STUCK_S
    told = [passes.problem]
    clock.at += 1
    told.append(passes.problem)
    with passes.one():
        pass
    told.append(passes.problem)
    assert told == ["", "no pass came to its end for 61 s", ""]


def test_a_database_that_is_away_ends_the_pass_and_is_told_until_one_succeeds(connection: Connection) -> None:
    passes, clock = made()

    def work() -> None:
        clock.at += 2
        raise OperationalError("no route\nto 10.1.2.3")

    with passes.one():
        work()
    assert connection.closed == 1
    assert passes.problem == "for 2 s the database is away: no route"
    page = passes.page()
    assert (int(page.status), json.loads(page.body)["ready"]) == (503, False)
    shown = numbers(passes)
    assert (shown['passes_total{outcome="failed"}'], shown["pass_fails"]) == (1, 1)
    with passes.one():
        pass
    assert (passes.problem, numbers(passes)["pass_fails"]) == ("", 0)


def test_a_pass_that_says_that_it_fails_is_none() -> None:
    passes, clock = made()
    clock.at += 3
    with passes.one():
        passes.fail("cannot look into /spool: gone")
    assert passes.problem == "for 3 s cannot look into /spool: gone"
    assert numbers(passes)['passes_total{outcome="done"}'] == 0


def test_what_is_wrong_in_the_product_is_not_hidden() -> None:
    passes, _clock = made()
    with pytest.raises(ZeroDivisionError), passes.one():
        _ = 1 / 0
    assert numbers(passes)['passes_total{outcome="failed"}'] == 1


def test_outcomes_are_asked_for_whenever_they_are_read() -> None:
    passes, _clock = made()
    counted = {"taken": 0}
    show_outcomes(passes.registry, "smmeplus_some_files", "Files.", {"taken": lambda: counted["taken"]})
    assert numbers(passes)['files_total{outcome="taken"}'] == 0
    counted["taken"] = 7
    assert numbers(passes)['files_total{outcome="taken"}'] == 7


def test_pages_are_answered_while_the_service_waits_and_no_longer_than_it_runs() -> None:
    port, (passes, _clock) = free_port(), made()
    with (
        served(passes.endpoint(), metrics_socket({"metrics_host": "127.0.0.1", "metrics_port": port})),
        urllib.request.urlopen(f"http://127.0.0.1:{port}/healthz", timeout=10) as answer,
    ):
        assert json.load(answer) == {"live": True, "ready": True}
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", port), 10)


def test_without_a_port_there_are_none() -> None:
    assert metrics_socket({"metrics_host": "127.0.0.1", "metrics_port": None}) is None
    with served(made()[0].endpoint(), None):
        pass


@pytest.mark.parametrize(
    ("host", "port", "said"),
    [
        ("127.0.0.1", 0, "--metrics-port wants a port from 1 to 65535"),
        ("here", 9594, "--metrics-host wants an IP address"),
        ("192.0.2.9", 9594, "Cannot listen on 192.0.2.9 port 9594"),
    ],
)
def test_wrong_places_are_refused(host: str, port: int, said: str) -> None:
    options: dict[str, Any] = {"metrics_host": host, "metrics_port": port}
    with pytest.raises(CommandError, match=said):
        metrics_socket(options)


def test_two_services_of_one_process_do_not_share_numbers() -> None:
    assert service_registry("a") is not service_registry("a")
