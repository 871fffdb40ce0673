"""This machine as the doctor sees it: limits, disk, ports, and what services here say of themselves."""

from __future__ import annotations

import resource
from http import HTTPStatus
from pathlib import Path
from typing import Any

import pytest

from smmeplus.common.vitals.http import Endpoint, Page
from smmeplus.common.vitals.pages import health_page
from smmeplus.common.vitals.serving import served
from smmeplus.common.vitals.sockets import own_socket
from smmeplus.doctor import machine
from smmeplus.doctor.findings import State, Told
from smmeplus.environment import Problem
from tests.support.processes import free_port

GB = 2**30


def asked(page: Page) -> Told:
    port = free_port()
    with served(Endpoint({"/healthz": lambda: page}), own_socket("127.0.0.1", port)):
        return machine._health("writer", port)


@pytest.mark.parametrize(
    ("page", "state", "said"),
    [
        (health_page(""), State.OK, "is ready"),
        (health_page("", "the certificate ends"), State.WARNING, "the certificate ends"),
        (health_page("the database is away"), State.WRONG, "the database is away"),
        (Page(HTTPStatus.SERVICE_UNAVAILABLE, "text/plain", b"busy"), State.WRONG, "it answers 503"),
        (Page(HTTPStatus.SERVICE_UNAVAILABLE, "application/json", b"[]"), State.WRONG, "it answers 503"),
        (Page(HTTPStatus.OK, "text/html", b"<html>"), State.OK, "nothing answers"),
    ],
)
def test_a_service_is_believed_what_it_says(page: Page, state: State, said: str) -> None:
    told = asked(page)
    assert told[0] is state
    assert said in told[1]


def test_a_service_that_is_not_here_is_nothing_wrong() -> None:
    assert machine._health("writer", free_port())[0] is State.OK


@pytest.mark.parametrize(
    ("reserved", "state"),
    [
        ("", State.WARNING),
        ("58692\n", State.OK),
        ("1000,58692-58693\n", State.OK),
        ("58693-58700\n", State.WARNING),
    ],
)
def test_the_port_of_the_listener_is_kept_free(reserved: str, state: State) -> None:
    assert machine._kept_free(58692, range(32768, 61000), reserved)[0] is state


def test_a_port_that_no_outgoing_connection_takes_needs_no_reservation() -> None:
    assert machine._kept_free(4059, range(32768, 61000), "")[0] is State.OK


@pytest.mark.parametrize(
    ("total", "free", "state"),
    [(100, 50, State.OK), (100, 9, State.WARNING), (100, 0.5, State.WRONG), (4, 0.9, State.WRONG), (4, 1, State.OK)],
)
def test_disks_that_fill_up_are_told(total: float, free: float, state: State) -> None:
    assert machine._room(Path("/var"), int(total * GB), 0, int(free * GB))[0] is state


@pytest.mark.parametrize(("hard", "state"), [(1_024, State.WARNING), (65_536, State.OK)])
def test_a_low_limit_of_open_files_is_told(monkeypatch: pytest.MonkeyPatch, hard: int, state: State) -> None:
    monkeypatch.setattr(resource, "getrlimit", lambda _which: (hard, hard))
    ((found, said, _to_do),) = machine.open_files()
    assert (found, str(hard) in said) == (state, True)


def test_what_is_wrong_in_the_configuration_is_said_as_the_check_says_it(settings: Any) -> None:
    settings.CONFIGURATION_PROBLEMS = [Problem("smmeplus.E009", "LOG_LEVEL is loud.", "It must be DEBUG.")]
    told = list(machine.configuration())
    assert told == [(State.WRONG, "(smmeplus.E009) LOG_LEVEL is loud.", "It must be DEBUG.")]


def test_debug_is_a_warning(settings: Any) -> None:
    settings.CONFIGURATION_PROBLEMS, settings.DEBUG = [], True
    assert [one[0] for one in machine.configuration()] == [State.OK, State.WARNING]
