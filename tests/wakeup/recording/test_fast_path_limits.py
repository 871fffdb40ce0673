"""What the fast path learns, what needs the slow path, and when the fast path rests."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from django.db import connection

from concentrators.models import Concentrator, KindRule
from smmeplus.dlms.clock import Clock
from smmeplus.dlms.kinds import Kind, KindKey
from tests.factories import CompanyFactory, ConcentratorFactory
from tests.wakeup.recording.fast_paths import NOON, arrival, drive
from wakeup.models import DailyCount, Message, WakeupTotal
from wakeup.recording.arrivals import Arrival, Recorded
from wakeup.recording.attempts import Attempt
from wakeup.recording.fast_path import MAX_REST, FastPath
from wakeup.recording.recorder import record

__test__ = connection.vendor == "postgresql"  # there is no fast path elsewhere
pytestmark = pytest.mark.django_db(transaction=True)

SECOND, HOUR = timedelta(seconds=1), timedelta(hours=1)
QUARTER_PAST_8 = Clock(NOON.replace(tzinfo=None, hour=8, minute=15))


def trips(fast_path: FastPath, *arrivals: Arrival) -> tuple[int, Recorded | None]:
    """How many round trips it makes of them, and what comes of that."""
    return drive(fast_path(arrivals, Attempt()))


def test_it_learns_what_zones_there_are_and_is_one_round_trip_then(known: Concentrator) -> None:
    fast_path, one = FastPath(), arrival(known.serial_number)
    assert [trips(fast_path, one)[0] for _ in range(3)] == [3, 1, 1]
    ConcentratorFactory.create(serial_number="PERU1", company__name="Peru", company__time_zone="America/Lima")
    record([arrival("PERU1")])
    assert [trips(fast_path, one, arrival("PERU1"))[0] for _ in range(2)] == [3, 1]
    assert WakeupTotal.objects.get(pk=known.pk).wakeup_count == 6


def test_where_it_was_too_much_it_rests_for_longer_each_time(known: Concentrator) -> None:
    fast_path, good, bad = FastPath(), arrival(known.serial_number), arrival("NOBODY")
    assert trips(fast_path, good) == (3, Recorded.of([good]))
    tried = [trips(fast_path, good, bad)[0] for _ in range(1 + 1 + 1 + 3 + 1 + 7 + 1)]
    assert tried == [2, 0, 2, 0, 0, 0, 2, *[0] * 7, 2]
    for _ in range(15):
        assert trips(fast_path, good) == (0, None)
    assert trips(fast_path, good)[0] == 1
    assert [trips(fast_path, bad)[0] for _ in range(3)] == [2, 0, 2]
    assert Message.objects.count() == 3


def test_the_rest_has_an_end(known: Concentrator) -> None:
    fast_path = FastPath()
    tried = [trips(fast_path, arrival("NOBODY"))[0] for _ in range(400)]
    assert sum(map(bool, tried[-MAX_REST - 1 :])) == 1


@pytest.mark.parametrize(("seconds", "is_fast"), [(-1, False), (0, True), (1, True)])
def test_a_midnight_between_two_needs_the_slow_path(known: Concentrator, seconds: int, is_fast: bool) -> None:
    midnight = datetime(2026, 4, 1, 3, tzinfo=UTC)  # in Chile
    one = arrival(known.serial_number)
    batch = [replace(one, received_at=midnight), replace(one, received_at=midnight + timedelta(seconds=seconds))]
    fast_path = FastPath()
    trips(fast_path, one)
    assert (trips(fast_path, *batch)[1] is not None) == is_fast
    assert set(DailyCount.objects.values_list("day", "wakeup_count")) == {(NOON.date(), 4 if is_fast else 2)}
    if not is_fast:
        record(batch)
        assert DailyCount.objects.get(day=date(2026, 3, 31)).wakeup_count == 1


@pytest.mark.parametrize(
    ("zone", "midnight"),
    [
        ("America/Santiago", datetime(2026, 5, 1, 4, tzinfo=UTC)),
        ("America/Santiago", datetime(2026, 9, 6, 4, tzinfo=UTC)),  # one that does not exist: it is 1 o'clock at once
        ("Africa/Monrovia", datetime(1971, 4, 1, 0, 44, 30, tzinfo=UTC)),  # in the middle of a minute
    ],
)
def test_messages_before_and_after_midnight_one_by_one(zone: str, midnight: datetime) -> None:
    company = CompanyFactory.create(time_zone=zone)
    one = arrival(ConcentratorFactory.create(serial_number="ONE", company=company).serial_number)
    record([one])
    fast_path, moment = FastPath(), timedelta(microseconds=1)
    trips(fast_path, one)
    for before in (30 * SECOND, SECOND, moment, 0 * SECOND, -moment, -SECOND, -45 * SECOND, moment):
        assert trips(fast_path, replace(one, received_at=midnight - before))[0] == 1
    days = DailyCount.objects.filter(first_wakeup_at__range=(midnight - HOUR, midnight + HOUR)).order_by("day")
    after = midnight.date()
    assert list(days.values_list("day", "wakeup_count")) == [(after - timedelta(days=1), 4), (after, 4)]


def test_a_clock_without_a_zone_is_in_that_of_all_companies(known: Concentrator) -> None:
    fast_path = FastPath()
    local = replace(arrival(known.serial_number), clock=QUARTER_PAST_8)
    plain = arrival(known.serial_number)
    assert trips(fast_path, local, plain) == (3, Recorded.of([local, plain]))
    assert {message.device_time for message in Message.objects.order_by("-pk")[:2]} == {
        datetime(2026, 4, 1, 11, 15, tzinfo=UTC),
        None,
    }


def test_the_clock_of_a_concentrator_in_another_zone_than_its_company_needs_the_slow_path(known: Concentrator) -> None:
    other = ConcentratorFactory.create(company=known.company, time_zone="Pacific/Easter").serial_number
    fast_path = FastPath()
    at_home, there = (replace(arrival(serial), clock=QUARTER_PAST_8) for serial in (known.serial_number, other))
    assert trips(fast_path, at_home)[1] is not None
    assert trips(fast_path, at_home, there)[1] is None
    record([at_home, there])
    assert dict(Message.objects.order_by("pk").values_list("concentrator__serial_number", "device_time")[2:]) == {
        known.serial_number: datetime(2026, 4, 1, 11, 15, tzinfo=UTC),
        other: datetime(2026, 4, 1, 13, 15, tzinfo=UTC),
    }


def test_with_companies_in_several_zones_such_a_clock_needs_the_slow_path(known: Concentrator) -> None:
    ConcentratorFactory.create(serial_number="PERU1", company__name="Peru", company__time_zone="America/Lima")
    fast_path = FastPath()
    local = replace(arrival("PERU1"), clock=QUARTER_PAST_8)
    assert trips(fast_path, arrival(known.serial_number))[0] == 3
    assert trips(fast_path, local) == (0, None)
    record([local], fast_path=fast_path)
    assert Message.objects.latest("pk").device_time == datetime(2026, 4, 1, 13, 15, tzinfo=UTC)


def test_a_type_with_kinds_of_its_own_needs_the_slow_path(known: Concentrator) -> None:
    KindRule.objects.create(type=known.type, sign="code 7", kind=Kind.BOOT)
    fast_path = FastPath()
    one = replace(arrival(known.serial_number), kind_key=KindKey(code=7))
    assert trips(fast_path, one)[1] is None
    record([one], fast_path=fast_path)
    assert Message.objects.latest("pk").kind == Kind.BOOT
