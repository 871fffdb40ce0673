"""The writer as a service: its pages for machines, and its signs of life (CFG-3, OPS-2)."""

from __future__ import annotations

import asyncio
import json
import socket
import time
import urllib.request
from collections.abc import Iterator
from contextlib import suppress
from datetime import timedelta
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import OperationalError
from django.utils import timezone

from concentrators.configuration.figures import count_states
from concentrators.configuration.jobs import Job
from concentrators.configuration.outcomes import Outcome
from concentrators.configuration.writer import Plan, Writer
from concentrators.models import Concentrator, Configuration, Failure
from smmeplus.common.vitals.sockets import own_socket
from tests.concentrators.configuration.devices import PATIENCE, heard, installed
from tests.support.processes import free_port
from wakeup.writing import STUCK_S, Vitals, serve

HOST = "127.0.0.1"


@pytest.fixture(autouse=True)
def networks(settings: Any) -> None:
    settings.WRITER_NETWORKS = ["127.0.0.0/8"]


class Moved:
    """A clock that tests move."""

    def __init__(self) -> None:
        self.at = time.monotonic()

    def __call__(self) -> float:
        return self.at


def vitals(**figures: Any) -> tuple[Vitals, Moved]:
    """Those of a writer that has just made a pass."""
    clock, writer = Moved(), Writer(Plan())
    writer.figures.passed_at = clock.at
    for name, value in figures.items():
        setattr(writer.figures, name, value)
    return Vitals(writer, clock), clock


def get(of: Vitals, path: str) -> tuple[str, str]:
    """The first line and the body of the answer."""
    head, _, body = of.endpoint().answer(f"GET {path} HTTP/1.1\r\n\r\n".encode()).decode().partition("\r\n\r\n")
    return head.splitlines()[0], body


def numbers(of: Vitals) -> dict[str, float]:
    lines = [line for line in get(of, "/metrics")[1].splitlines() if not line.startswith("#")]
    return {name: float(value) for name, _, value in (line.rpartition(" ") for line in lines)}


@pytest.mark.one_database
def test_a_writer_that_makes_progress_is_ready() -> None:
    of, clock = vitals()
    clock.at += STUCK_S
    assert get(of, "/healthz") == ("HTTP/1.1 200 OK", '{"live": true, "ready": true}')
    assert of.signs() == ["WATCHDOG=1", "STATUS=0 under way, 0 written, 0 failed"]


@pytest.mark.one_database
def test_one_that_makes_none_is_not_and_gives_no_sign_of_life() -> None:
    of, clock = vitals()
    clock.at += STUCK_S + 1
    status, body = get(of, "/healthz")
    assert status == "HTTP/1.1 503 Service Unavailable"
    assert json.loads(body)["reason"] == "nothing was begun or stored for 121 s"
    assert of.signs() == ["STATUS=0 under way, 0 written, 0 failed; nothing was begun or stored for 121 s"]


@pytest.mark.one_database
def test_one_whose_database_is_away_is_not_ready_and_not_stuck() -> None:
    of, clock = vitals(away="no route")
    clock.at += 10 * STUCK_S
    assert json.loads(get(of, "/healthz")[1])["reason"] == "the database has been away for 1200 s: no route"
    assert of.signs()[0] == "WATCHDOG=1"
    assert numbers(of)["smmeplus_writer_database_away"] == 1


@pytest.mark.one_database
def test_its_numbers_are_tries_by_outcome_and_states_once_they_are_counted() -> None:
    of, clock = vitals()
    clock.at += 7
    found = numbers(of)
    assert found["smmeplus_writer_since_pass_seconds"] == pytest.approx(7, abs=0.01)
    assert not [name for name in found if "configurations" in name]
    job: Any = object.__new__(Job)
    object.__setattr__(job, "only_reads", False)
    figures = of._writer.figures
    for failure in (None, None, Failure.SILENT, Failure.OTHER_DEVICE):
        figures.count(job, Outcome(failure=failure))
    figures.states = {"failed": 2, "heard not reachable": 1}
    found = numbers(of)
    assert {name: value for name, value in found.items() if name.startswith("smmeplus_writer_tries") and value} == {
        'smmeplus_writer_tries_total{outcome="written"}': 2,
        'smmeplus_writer_tries_total{outcome="silent"}': 1,
        'smmeplus_writer_tries_total{outcome="other device"}': 1,
    }
    assert found['smmeplus_writer_configurations{state="failed"}'] == 2
    assert found['smmeplus_writer_configurations{state="pending"}'] == 0
    assert found['smmeplus_writer_configurations{state="heard not reachable"}'] == 1


@pytest.mark.django_db
def test_states_are_counted_of_what_is_in_field() -> None:
    ones = installed(4)
    now = timezone.now()
    Configuration.objects.filter(pk=ones[0].pk).update(profile=None)
    Configuration.objects.filter(pk=ones[1].pk).update(state="failed", unreachable_since=now)
    heard(ones[1], now + timedelta(seconds=1))
    assert count_states() == {"pending": 2, "failed": 1, "heard not reachable": 1}


@pytest.mark.django_db(transaction=True)
def test_while_it_works_it_answers_and_tells_systemd(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (one,) = installed()
    Concentrator.objects.filter(pk=one.pk).update(management_ip="127.77.9.9", management_port=1)
    port = free_port()
    notified = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    notified.bind(str(tmp_path / "notify"))
    notified.setblocking(False)
    monkeypatch.setenv("NOTIFY_SOCKET", str(tmp_path / "notify"))
    page = asyncio.run(_asked_while_working(port))
    assert 'smmeplus_writer_tries_total{outcome="unreachable"} 1.0' in page
    assert "smmeplus_writer_configurations{state=" in page
    told = list(_received(notified))
    assert told[0] == "READY=1"
    assert told[1].startswith("WATCHDOG=1\nSTATUS=")
    assert told[-1] == "STOPPING=1"


async def _asked_while_working(port: int) -> str:
    """The metrics of a writer as soon as it has failed once."""
    stopped, writer = asyncio.Event(), Writer(Plan(counts_states=True, patience=PATIENCE))
    work = asyncio.create_task(serve(writer, stopped, own_socket(HOST, port)))
    async with asyncio.timeout(30):
        while not writer.figures.failed:
            await asyncio.sleep(0.02)
        page = await asyncio.to_thread(_read, f"http://{HOST}:{port}/metrics")
    stopped.set()
    await work
    return page


def _received(notified: socket.socket) -> Iterator[str]:
    with notified, suppress(BlockingIOError):
        while True:
            yield notified.recv(1_000).decode()


def _read(url: str) -> str:
    with urllib.request.urlopen(url, timeout=10) as answer:
        content: bytes = answer.read()
    return content.decode()


@pytest.mark.django_db(transaction=True)
def test_a_pass_that_the_database_fails_is_none(monkeypatch: pytest.MonkeyPatch) -> None:
    installed()
    writer = Writer(Plan())
    writer.figures.passed_at = 0.0
    monkeypatch.setattr("concentrators.configuration.writer.AWAY_S", 0.0)
    stopped = asyncio.Event()

    def away(*_args: Any) -> None:
        stopped.set()
        raise OperationalError("no route")

    monkeypatch.setattr("concentrators.configuration.writer.claim", away)
    asyncio.run(writer.run(stopped))
    assert (writer.figures.away, writer.figures.passed_at) == ("no route", 0.0)


@pytest.mark.one_database
@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"metrics_port": 0}, "--metrics-port wants a port from 1 to 65535"),
        ({"metrics_port": 65_536}, "--metrics-port wants a port from 1 to 65535"),
        ({"metrics_port": 9_593, "metrics_host": "here"}, "--metrics-host wants an IP address"),
        ({"metrics_port": 9_593, "metrics_host": "192.0.2.9"}, "Cannot listen on 192.0.2.9 port 9593"),
    ],
)
def test_where_it_cannot_have_its_pages_it_says_so_and_ends(options: dict[str, Any], said: str) -> None:
    with pytest.raises(CommandError, match=said):
        call_command("writeconfigurations", once=True, stdout=StringIO(), **options)
