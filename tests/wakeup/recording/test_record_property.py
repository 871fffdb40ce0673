"""The slow path, both statements of the fast path and the ORM count like a child: one message after the other.

On PostgreSQL the ORM counts as the version before did, in the rows of days.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.db import connection, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from concentrators.models import Company, Concentrator
from smmeplus.dlms.clock import Clock
from smmeplus.dlms.kinds import WAKEUPS, Kind
from tests.factories import ConcentratorFactory
from tests.plugins.effort import examples
from tests.wakeup.recording.fast_paths import drive
from tests.wakeup.recording.older import store_as_before
from wakeup.models import CountingZone, DailyCount, Format, Message, WakeupTotal
from wakeup.recording.arrivals import Arrival, MessageRow, Recorded
from wakeup.recording.attempts import Attempt
from wakeup.recording.fast_path import FastPath
from wakeup.recording.orm import store_by_orm
from wakeup.recording.recorder import store_rows

pytestmark = pytest.mark.django_db

MIDNIGHT = datetime(2020, 9, 6, 4, tzinfo=UTC)  # in Chile, where the clocks go forward that night
ADDRESSES = ("10.60.0.10", "10.60.0.9", "2001:db8::1")


@st.composite
def rows(draw: st.DrawFn) -> list[tuple[int, Kind, int, int, int]]:
    """Few concentrators, instants and addresses, so that ties, repeats and both sides of midnight are common."""
    return draw(
        st.lists(
            st.tuples(
                st.integers(0, 2),
                st.sampled_from(list(Kind)),
                st.integers(-2, 2),
                st.integers(0, len(ADDRESSES) - 1),
                st.integers(58_692, 58_693),
            ),
            max_size=12,
        )
    )


def to_row(concentrators: list[int], drawn: tuple[int, Kind, int, int, int]) -> MessageRow:
    who, kind, hours, address, port = drawn
    at = MIDNIGHT + timedelta(hours=hours)
    day = date(2020, 9, 6) if hours >= 0 else date(2020, 9, 5)
    return MessageRow(concentrators[who], kind, at, at if hours else None, ADDRESSES[address], port, Format.PUSH, day)


def record_by_fast_path(rows: list[MessageRow]) -> None:
    """Each day by itself: a midnight between two messages needs the slow path."""
    fast_path = FastPath()
    serials = dict(Concentrator.objects.values_list("pk", "serial_number"))
    for day in {row.day for row in rows}:
        arrivals = [to_arrival(serials, row) for row in rows if row.day == day]
        assert drive(fast_path(arrivals, Attempt()))[1] == Recorded.of(arrivals)


def record_without_sums(rows: list[MessageRow]) -> None:
    """In batches in which no concentrator has a second message."""
    waves: dict[int, list[MessageRow]] = {}
    seen: Counter[int] = Counter()
    for row in rows:
        waves.setdefault(seen[row.concentrator_id], []).append(row)
        seen[row.concentrator_id] += 1
    for wave in waves.values():
        record_by_fast_path(wave)


def record_in_turn(rows: list[MessageRow]) -> None:
    for number, row in enumerate(rows):
        (store_rows if number % 2 else store_as_before)([row])


RECORDERS: dict[str, Callable[[list[MessageRow]], None]] = {"orm": store_by_orm}
if connection.vendor == "postgresql":
    RECORDERS |= {
        "slow path": store_rows,
        "fast path": record_by_fast_path,
        "fast path without sums": record_without_sums,
        "the version before and this one in turn": record_in_turn,
    }


def to_arrival(serials: dict[int, str], row: MessageRow) -> Arrival:
    clock = Clock(row.device_time.replace(tzinfo=None), deviation=0) if row.device_time else None
    return Arrival(serials[row.concentrator_id], row.kind, Format.PUSH, row.received_at, row.source_ip, row.port, clock)


@pytest.mark.parametrize("form", RECORDERS)
@given(st.lists(rows(), max_size=4))
@settings(max_examples=examples(100, 15), suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_batches_are_counted_as_one_message_after_the_other(chile: Company, form: str, batches: list[Any]) -> None:
    with transaction.atomic():
        CountingZone.objects.create(company=chile, time_zone="America/Santiago")
        concentrators = [one.pk for one in ConcentratorFactory.create_batch(3, company=chile)]
        recorded = [[to_row(concentrators, drawn) for drawn in batch] for batch in batches]
        for batch in recorded:
            RECORDERS[form](batch)
        assert_counted([row for batch in recorded for row in batch], concentrators)
        transaction.set_rollback(True)


def test_by_the_orm_the_number_of_queries_does_not_grow_with_the_batch(django_assert_num_queries: Any) -> None:
    concentrators = ConcentratorFactory.create_batch(50)
    rows = [
        MessageRow(one.pk, Kind.BOOT, MIDNIGHT, None, "10.0.0.1", 1, Format.PUSH, date(2020, 9, 6))
        for one in concentrators
    ]
    savepoint_and_release = 2
    with django_assert_num_queries(5 + savepoint_and_release):
        store_by_orm(rows)


def assert_counted(recorded: list[MessageRow], concentrators: list[int]) -> None:
    stored = Message.objects.order_by("pk").values_list(
        "concentrator_id", "kind", "received_at", "device_time", "source_ip", "port", "format"
    )
    assert Counter(stored) == Counter(row[:7] for row in recorded)
    assert {total.pk: facts_of(total) for total in WakeupTotal.objects.all()} == {
        pk: expected_total(mine) for pk in concentrators if (mine := [row for row in recorded if row[0] == pk])
    }
    days = {(row.concentrator_id, row.day) for row in recorded if row.kind in WAKEUPS}
    assert {
        (count.concentrator_id, count.day): (
            count.wakeup_count,
            count.first_wakeup_at,
            count.last_wakeup_at,
            count.source_ip,
        )
        for count in DailyCount.objects.all()
    } == {key: expected_day([row for row in recorded if (row.concentrator_id, row.day) == key]) for key in days}


def facts_of(total: WakeupTotal) -> tuple[object, ...]:
    return (
        total.first_wakeup_at,
        total.last_wakeup_at,
        total.wakeup_count,
        total.last_gasp_at,
        total.source_ip,
        total.port,
    )


def expected_total(rows: list[MessageRow]) -> tuple[object, ...]:
    wakeups = [row for row in rows if row.kind in WAKEUPS]
    gasps = [row.received_at for row in rows if row.kind is Kind.LASTGASP]
    gasp = max(gasps, default=None)
    if not wakeups:
        return (None, None, 0, gasp, None, None)
    newest = newest_of(wakeups)
    first = min(row.received_at for row in wakeups)
    return (first, newest.received_at, len(wakeups), gasp, newest.source_ip, newest.port)


def expected_day(rows: list[MessageRow]) -> tuple[object, ...]:
    wakeups = [row for row in rows if row.kind in WAKEUPS]
    newest = newest_of(wakeups)
    first = min(row.received_at for row in wakeups)
    return (len(wakeups), first, newest.received_at, newest.source_ip)


def newest_of(wakeups: list[MessageRow]) -> MessageRow:
    """The last of those with the latest time."""
    latest = max(row.received_at for row in wakeups)
    return [row for row in wakeups if row.received_at == latest][-1]
