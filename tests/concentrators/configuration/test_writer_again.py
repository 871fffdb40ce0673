"""When the writer tries again, and how it ends (CFG-3)."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

import pytest
from django.db import OperationalError, connection
from django.utils import timezone

from concentrators.configuration import writer
from concentrators.configuration.storing import hurry, store
from concentrators.configuration.writer import Plan, Writer
from concentrators.models import Configuration, ConfigurationState, Failure
from concentrators.procedures.configurations import try_again
from smmeplus.dlms.framing.wrapper import HEADER_SIZE
from tests.concentrators.configuration.devices import (
    FaultyLine,
    bound,
    configuration_of,
    device_of,
    heard,
    installed,
    meet,
    obey,
)

pytestmark = pytest.mark.django_db(transaction=True)

A_LIST = b"\xc0\x03"


def fails(line: FaultyLine, _data: bytes) -> None:
    line.transport.abort()


def test_a_wakeup_brings_the_next_try_forward_once_the_back_off_is_over() -> None:
    (one,) = installed()
    meet({one: device_of(one)}, fails)
    now = timezone.now()
    Configuration.objects.update(next_try_at=now + timedelta(minutes=12), wakes_from=now + timedelta(minutes=10))
    heard(one, now + timedelta(minutes=9))
    assert hurry(now + timedelta(minutes=9)) == 0
    assert hurry(now + timedelta(minutes=10)) == 1
    assert configuration_of(one).next_try_at == now + timedelta(minutes=10)


def fails_at_a_list(line: FaultyLine, data: bytes) -> None:
    line.transport.abort() if data[HEADER_SIZE:].startswith(A_LIST) else obey(line, data)


def test_a_device_that_fails_at_a_list_although_it_knows_them_is_written_at_the_next_try() -> None:
    (one,) = installed()
    device = device_of(one)
    meet({one: device}, fails_at_a_list)
    assert configuration_of(one).state == "failed"
    Configuration.objects.update(next_try_at=timezone.now())
    (line,) = meet({one: device}, fails_at_a_list)
    assert configuration_of(one).state == "written"
    assert line.requests > 7


def test_a_concentrator_that_is_heard_and_never_written_costs_at_most_24_tries_a_day() -> None:
    (one,) = installed()
    at = (timezone.now() + timedelta(days=1)).replace(hour=0, minute=1)  # the whole day is ahead
    end = at + timedelta(hours=23, minutes=58)
    tries = 0
    while at < end:
        heard(one, at)
        hurry(at)
        tries += len(meet({one: device_of(one)}, fails, now=partial(datetime.fromtimestamp, at.timestamp(), UTC)))
        Configuration.objects.update(failures=0)
        at += timedelta(minutes=13)
    assert tries == 24


def test_not_reachable_is_since_the_first_time_and_ends_with_an_answer() -> None:
    (one,) = installed()
    meet({})
    first = configuration_of(one).unreachable_since
    assert (configuration_of(one).failure, first is not None) == (Failure.UNREACHABLE, True)
    try_again(Configuration.objects.all(), timezone.now())
    meet({})
    assert configuration_of(one).unreachable_since == first
    try_again(Configuration.objects.all(), timezone.now())
    meet({one: device_of(one)}, fails)
    assert configuration_of(one).unreachable_since is None


def test_a_writer_that_is_stopped_lets_go_of_what_it_has_not_written() -> None:
    (one,) = installed()
    sock, device = bound(one), device_of(one)

    async def stop_amid_writing() -> None:
        stopped = asyncio.Event()

        def stop(_line: FaultyLine, _data: bytes) -> None:
            stopped.set()

        server = await asyncio.get_running_loop().create_server(lambda: FaultyLine(device, stop), sock=sock)
        await asyncio.wait_for(Writer(Plan()).run(stopped), 10)
        server.close()

    asyncio.run(stop_amid_writing())
    found = configuration_of(one)
    assert (found.state, found.held_by, found.tries) == ("pending", "", 1)
    assert len(meet({one: device})) == 1
    assert configuration_of(one).state == ConfigurationState.WRITTEN


def test_a_database_that_is_away_for_a_moment_stops_no_writer(monkeypatch: pytest.MonkeyPatch) -> None:
    (one,) = installed()
    sock, device = bound(one), device_of(one)
    away = iter([OperationalError("away")])

    def flaky(*args: Any) -> None:
        if error := next(away, None):
            raise error
        store(*args)

    monkeypatch.setattr(writer, "store", flaky)
    monkeypatch.setattr(writer, "AWAY_S", 0.0)

    async def until_written() -> None:
        stopped = asyncio.Event()
        device_server = await asyncio.get_running_loop().create_server(lambda: FaultyLine(device, obey), sock=sock)
        work = asyncio.create_task(Writer(Plan()).run(stopped))
        while await asyncio.to_thread(is_held):
            await asyncio.sleep(0.02)
        stopped.set()
        await work
        device_server.close()

    def is_held() -> bool:
        try:
            return configuration_of(one).state != ConfigurationState.WRITTEN
        finally:
            connection.close()

    asyncio.run(until_written())
    assert configuration_of(one).state == ConfigurationState.WRITTEN
