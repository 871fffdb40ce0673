"""The day that is open is counted in its total, and has a row when the next one begins (REP-3, REP-5)."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta
from functools import partial

import psycopg
import pytest
from django.db import connection, transaction
from django.db.backends.utils import CursorWrapper

from concentrators.models import Concentrator
from smmeplus.dlms.kinds import Kind
from tests.support.processes import wait_until
from tests.wakeup.recording.older import store_as_before
from wakeup.counts.rebuild import rebuild
from wakeup.models import ClosedDay, DailyCount, Format, WakeupTotal
from wakeup.recording.arrivals import MessageRow
from wakeup.recording.recorder import store_rows

__test__ = connection.vendor == "postgresql"  # elsewhere no day is open
pytestmark = pytest.mark.django_db

NOON = datetime(2020, 9, 23, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)


def row(one: Concentrator, hours: int, kind: Kind = Kind.KEEPALIVE) -> MessageRow:
    at = NOON + hours * HOUR
    return MessageRow(one.pk, kind, at, None, f"10.60.0.{hours % 200 + 1}", 58_692, Format.PUSH, at.date())


def store(one: Concentrator, *hours: int) -> None:
    store_rows([row(one, each) for each in hours])


def by_day(model: type[ClosedDay | DailyCount]) -> dict[int, int]:
    rows: Sequence[tuple[date, int]] = list(model.objects.values_list("day", "wakeup_count"))
    assert len(rows) == len({day for day, _n in rows})
    return {day.day: n for day, n in rows}


def opened() -> tuple[int | None, int]:
    total = WakeupTotal.objects.get()
    return total.day.day if total.day else None, total.day_count


def test_a_message_writes_one_counter_until_the_day_is_over(in_field: Concentrator) -> None:
    store(in_field, 0, 1)
    store(in_field, 2)
    assert (opened(), by_day(ClosedDay), by_day(DailyCount)) == ((23, 3), {}, {23: 3})
    store(in_field, 24)
    assert (opened(), by_day(ClosedDay), by_day(DailyCount)) == ((24, 1), {23: 3}, {23: 3, 24: 1})
    day = ClosedDay.objects.get()
    assert (day.first_wakeup_at, day.last_wakeup_at, day.source_ip) == (NOON, NOON + 2 * HOUR, "10.60.0.3")


def test_what_comes_late_is_counted_on_its_day(in_field: Concentrator) -> None:
    store(in_field, 24)
    before = WakeupTotal.objects.values("day", "day_count", "day_first_at", "last_wakeup_at", "source_ip", "port").get()
    for hour in (0, 2, 1):
        store(in_field, hour)
    after = WakeupTotal.objects.values(*before).get()
    assert (after, by_day(ClosedDay)) == (before, {23: 3})
    day = ClosedDay.objects.get()
    assert (day.first_wakeup_at, day.last_wakeup_at, day.source_ip) == (NOON, NOON + 2 * HOUR, "10.60.0.3")


@pytest.mark.parametrize("hours", [(0, 24, 48, 25), (48, 24, 25, 0), (24, 48, 0, 25)])
def test_several_days_in_one_batch(in_field: Concentrator, hours: tuple[int, ...]) -> None:
    store(in_field, *hours)
    assert (opened(), by_day(ClosedDay)) == ((25, 1), {23: 1, 24: 2})


@pytest.mark.parametrize("hours", [-24, 1, 24])
def test_a_last_gasp_opens_and_closes_no_day(in_field: Concentrator, hours: int) -> None:
    store_rows([row(in_field, 0, Kind.LASTGASP)])
    assert (opened(), by_day(DailyCount)) == ((None, 0), {})
    store(in_field, 0)
    store_rows([row(in_field, hours, Kind.LASTGASP)])
    assert (opened(), by_day(DailyCount)) == ((23, 1), {23: 1})


def test_a_rebuild_leaves_the_day_open(in_field: Concentrator) -> None:
    store(in_field, 0, 1, 24)
    (found,) = rebuild([in_field.company])
    assert (found.wrong_totals, found.wrong_days) == (0, 0)
    store(in_field, 25)
    assert (opened(), by_day(ClosedDay), by_day(DailyCount)) == ((24, 2), {23: 2}, {23: 2, 24: 2})


def test_a_listener_of_the_version_before_counts_in_the_open_day(in_field: Concentrator) -> None:
    store_as_before([row(in_field, 0)])
    assert (opened(), by_day(ClosedDay)) == ((None, 0), {23: 1})
    store(in_field, 1)
    assert (opened(), by_day(ClosedDay)) == ((23, 2), {})
    store_as_before([row(in_field, 2)])
    assert (opened(), by_day(ClosedDay)) == ((23, 3), {})
    store_as_before([row(in_field, 24), row(in_field, 3)])
    assert (opened(), by_day(ClosedDay)) == ((24, 1), {23: 4})
    assert ClosedDay.objects.get().last_wakeup_at == NOON + 3 * HOUR


def is_waiting(cursor: CursorWrapper) -> bool:
    cursor.execute("SELECT FROM pg_locks WHERE NOT granted")
    return bool(cursor.fetchall())


@pytest.mark.django_db(transaction=True)
def test_it_does_not_wait_for_the_row_of_one_that_waits_for_its_total(in_field: Concentrator) -> None:
    """They would wait for each other: a listener of the version before locks the day first."""
    store_as_before([row(in_field, 0)])
    with psycopg.connect(**connection.get_connection_params()) as older, ThreadPoolExecutor(1) as pool:
        older.execute("UPDATE wakeup_dailycount SET wakeup_count = wakeup_count + 1")
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SET LOCAL lock_timeout = '5s'")
            store(in_field, 1)
            waiting = pool.submit(older.execute, "UPDATE wakeup_wakeuptotal SET wakeup_count = wakeup_count + 1")
            wait_until(partial(is_waiting, cursor))
        waiting.result(10)
    assert (opened(), by_day(ClosedDay)) == ((23, 3), {})


def test_one_concentrator_is_looked_up_in_the_days_by_index(in_field: Concentrator) -> None:
    """Also by a join: of all concentrators and days this reads a few."""
    store(in_field, 0, 24)
    rows = DailyCount.objects.filter(concentrator__serial_number=in_field.serial_number).order_by()
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
    plan = rows.explain()
    assert "Subquery Scan" not in plan
    assert "Seq Scan" not in plan
