"""The row that a listener keeps of itself (LIS-7)."""

from __future__ import annotations

import asyncio
import os
import socket
import uuid
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.db import OperationalError

from tests.wakeup.listener.writers.intakes import Clock, run, until
from wakeup.listener.metrics import Levels, Metrics
from wakeup.listener.vitals.heartbeat import KEPT, Heartbeat, write_run
from wakeup.models import ListenerRun
from wakeup.models.listeners import WaitsFor

NOW = datetime(2020, 9, 23, 12, tzinfo=UTC)
LEVELS = Levels(
    queue=3, datagrams=2, connections=7, is_away=False, uptime_s=1, waits_for=WaitsFor.STANDBY, certificate_ends_at=NOW
)


def a_run(seen_at: datetime = NOW, **facts: object) -> ListenerRun:
    run = ListenerRun(
        id=uuid.uuid4(), host="a", process_id=1, address="0.0.0.0", port=58_692, started_at=NOW, seen_at=seen_at
    )
    for name, value in facts.items():
        setattr(run, name, value)
    return run


class Rows:
    """What a heartbeat has written; raises ``error`` while it is set."""

    def __init__(self) -> None:
        self.written: list[ListenerRun] = []
        self.tries = 0
        self.error: Exception | None = None

    def __call__(self, run: ListenerRun) -> None:
        self.tries += 1
        if self.error is not None:
            raise self.error
        self.written.append(run)


def make_heartbeat(
    rows: Rows, clock: Clock, metrics: Metrics | None = None, seen: Callable[[], None] = lambda: None
) -> Heartbeat:
    return Heartbeat(
        "10.0.0.1",
        58_692,
        metrics or Metrics(),
        lambda: LEVELS,
        seen,
        tls_port=58_693,
        write=rows,
        clock=clock,
        sleep=clock.sleep,
    )


def test_a_beat_says_how_things_stand_and_how_many_messages_came_since_the_last_one() -> None:
    rows, clock, metrics = Rows(), Clock(), Metrics()

    async def work() -> None:
        heartbeat = make_heartbeat(rows, clock, metrics)
        for messages in (0, 50, 100):
            metrics.messages.labels("boot", "push").inc(messages)
            metrics.dropped_datagrams.inc(messages // 50)
            clock.now += 5
            await heartbeat.beat()
        await heartbeat.beat()

    with time_machine.travel(NOW, tick=False):
        run(work())
    assert [one.messages_per_s for one in rows.written] == [0, 10, 20, 0]
    assert [one.message_count for one in rows.written] == [0, 50, 150, 150]
    assert [one.dropped for one in rows.written] == [0, 1, 3, 3]
    assert len({one.pk for one in rows.written}) == 1
    last = rows.written[-1]
    assert (last.host, last.process_id) == (socket.gethostname(), os.getpid())
    assert (last.address, last.port, last.queue, last.connections) == ("10.0.0.1", 58_692, 5, 7)
    assert (last.tls_port, last.certificate_ends_at) == (58_693, NOW)
    assert (last.started_at, last.seen_at, last.ended_at, last.waits_for) == (NOW, NOW, None, WaitsFor.STANDBY)


def test_it_beats_at_once_and_then_at_its_interval_until_its_end_which_it_says() -> None:
    rows, clock, seen = Rows(), Clock(), list[bool]()

    async def work() -> None:
        heartbeat = make_heartbeat(rows, clock, seen=lambda: seen.append(True))
        heartbeat.start()
        await until(lambda: len(rows.written) >= 3)
        await heartbeat.end()

    run(work())
    assert set(clock.slept) == {ListenerRun.BEAT.total_seconds()}
    assert [one.ended_at is None for one in rows.written] == [True] * (len(rows.written) - 1) + [False]
    assert len(seen) in (len(rows.written), len(rows.written) - 1), "one may have been cut off by the end"


def test_a_database_that_is_away_is_named_once_and_tried_again(caplog: pytest.LogCaptureFixture) -> None:
    rows, clock, seen = Rows(), Clock(), list[bool]()
    rows.error = OperationalError("connection refused\nIs the server running?")

    async def work() -> None:
        heartbeat = make_heartbeat(rows, clock, seen=lambda: seen.append(True))
        for _ in range(3):
            await heartbeat.beat()
        assert not seen
        rows.error = None
        await heartbeat.beat()
        assert seen == [True]
        rows.error = OperationalError("again")
        await heartbeat.beat()

    run(work())
    assert caplog.messages == ["no heartbeat: connection refused", "no heartbeat: again"]
    assert (rows.tries, len(rows.written)) == (5, 1)


def test_a_database_that_hangs_does_not_hold_up_the_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("wakeup.listener.vitals.heartbeat.FAREWELL_S", 0.01)
    hangs = asyncio.Event

    async def work() -> None:
        heartbeat = make_heartbeat(Rows(), Clock())
        monkeypatch.setattr(heartbeat.worker, "do", lambda _work: hangs().wait())
        await heartbeat.end()

    run(work())


@pytest.mark.django_db
def test_a_row_is_made_once_and_then_changed() -> None:
    run = a_run()
    write_run(run)
    run.seen_at += timedelta(seconds=5)
    run.messages_per_s, run.queue, run.connections, run.message_count, run.dropped = 1.5, 2, 3, 4, 5
    write_run(run)
    run.ended_at = run.seen_at
    run.waits_for, run.certificate_ends_at = WaitsFor.DATABASE, NOW
    write_run(run)
    stored = ListenerRun.objects.get()
    assert (stored.seen_at, stored.ended_at) == (run.seen_at, run.seen_at)
    assert (stored.waits_for, stored.certificate_ends_at) == (WaitsFor.DATABASE, NOW)
    assert (stored.messages_per_s, stored.queue, stored.connections, stored.message_count, stored.dropped) == (
        *(1.5, 2, 3),
        *(4, 5),
    )


@pytest.mark.django_db
def test_a_beat_costs_one_statement(django_assert_num_queries: object) -> None:
    run = a_run()
    write_run(run)
    with django_assert_num_queries(1):  # type: ignore[operator]
        write_run(run)


@pytest.mark.django_db
def test_the_first_beat_removes_the_rows_of_listeners_that_ended_long_ago() -> None:
    for age in (timedelta(0), KEPT, KEPT + timedelta(seconds=1)):
        ListenerRun.objects.bulk_create([a_run(NOW - age)])
    write_run(a_run())
    assert sorted(NOW - run.seen_at for run in ListenerRun.objects.all()) == [timedelta(0), timedelta(0), KEPT]
