"""The messages of each minute, counted once it is over (UI-2)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.contrib.auth.models import User

from concentrators.models import Assignment, Company, Concentrator, OutOfService
from smmeplus.dlms.kinds import Kind
from tests.factories import CompanyFactory, ConcentratorFactory, UserFactory
from wakeup.models import Format, MinuteCount
from wakeup.monitoring.arrivals.counting import KEPT, count_minutes
from wakeup.monitoring.arrivals.day import Arrivals
from wakeup.recording.arrivals import Arrival
from wakeup.recording.recorder import record

pytestmark = pytest.mark.django_db

NOON = datetime(2026, 9, 5, 12, 0, tzinfo=UTC)  # the night in which Chile's clocks go forward comes after it
SANTIAGO = ZoneInfo("America/Santiago")


@pytest.fixture
def company() -> Company:
    return CompanyFactory.create()


@pytest.fixture
def one(company: Company) -> Concentrator:
    return make(company, "A1", 10)


def make(company: Company, serial: str, period: int, *, is_canary: bool = False) -> Concentrator:
    made: Concentrator = ConcentratorFactory.create(
        company=company, serial_number=serial, in_field=True, is_canary=is_canary
    )
    Assignment.objects.create(concentrator=made, begin=NOON - timedelta(days=3), period_min=period)
    return made


def send(one: Concentrator, *seconds: float, kind: Kind = Kind.KEEPALIVE) -> None:
    """A message at each of ``seconds`` before noon."""
    times = [NOON - timedelta(seconds=before) for before in seconds]
    record([Arrival(one.serial_number, kind, Format.PUSH, at, "10.0.0.1", 58692) for at in times])


def counted() -> dict[str, tuple[int, int]]:
    rows = MinuteCount.objects.exclude(wakeups=0, others=0).order_by("minute")
    return {f"{row.minute:%H:%M}": (row.wakeups, row.others) for row in rows}


def test_wakeups_and_others_by_minute(one: Concentrator) -> None:
    send(one, 60, 0.001)
    send(one, 60.001, kind=Kind.BOOT)
    send(one, 30, kind=Kind.LASTGASP)
    assert count_minutes(NOON) == 5
    assert counted() == {"11:58": (1, 0), "11:59": (2, 1)}


def test_the_minute_that_lasts_is_not_counted_yet(one: Concentrator) -> None:
    send(one, 30)
    count_minutes(NOON - timedelta(seconds=1))
    assert counted() == {}
    count_minutes(NOON)
    assert counted() == {"11:59": (1, 0)}


def test_what_is_committed_late_is_counted_after_all_and_twice_changes_nothing(one: Concentrator) -> None:
    count_minutes(NOON)
    send(one, 240)
    assert count_minutes(NOON) == 5
    assert count_minutes(NOON + timedelta(minutes=1)) == 6
    assert counted() == {"11:56": (1, 0)}


def test_after_a_pause_a_day_at_most_is_counted(one: Concentrator) -> None:
    count_minutes(NOON - timedelta(days=2))
    send(one, 25 * 3600, 23 * 3600)
    count_minutes(NOON)
    assert counted() == {"13:00": (1, 0)}


def test_canaries_do_not_count(company: Company) -> None:
    send(make(company, "CANARY1", 1, is_canary=True), 30)
    count_minutes(NOON)
    assert counted() == {}
    assert {row.expected for row in MinuteCount.objects.all()} == {0.0}


def test_what_is_expected_follows_from_the_periods_of_those_in_service(company: Company, one: Concentrator) -> None:
    make(company, "A2", 100)
    broken = make(company, "A3", 1)
    OutOfService.objects.create(concentrator=broken, begin=NOON - timedelta(hours=1), end=NOON + timedelta(hours=1))
    count_minutes(NOON)
    assert {round(row.expected, 6) for row in MinuteCount.objects.all()} == {0.11}
    count_minutes(NOON + timedelta(hours=2))
    assert MinuteCount.objects.order_by("-minute")[0].expected == pytest.approx(1.11)


def test_old_minutes_go(one: Concentrator) -> None:
    count_minutes(NOON)
    count_minutes(NOON + KEPT)
    first = MinuteCount.objects.order_by("minute")[0].minute
    assert first == NOON + KEPT - timedelta(hours=24)


def test_the_picture_has_a_gap_where_nobody_counted(company: Company, one: Concentrator) -> None:
    viewer: User = UserFactory.create(is_superuser=True)
    count_minutes(NOON - timedelta(minutes=30))
    send(one, 30, 90)
    count_minutes(NOON)
    MinuteCount.objects.filter(minute__lt=NOON - timedelta(minutes=20)).delete()
    day = Arrivals.of(viewer, NOON, SANTIAGO)
    assert day.points[-1] == (0.2, 0.1)
    assert day.points[-3] == (None, None)
    assert day.hours[0][1:] == (2, 2)
    assert day.hours[1][1:] == (None, None)
    assert f"{day.hours[0].begin:%H:%M}" == "07:00"
    assert "0.2 came a minute, and 0.1 were expected" in day.in_words


def test_nobody_sees_another_companys_arrivals(one: Concentrator) -> None:
    send(one, 30)
    count_minutes(NOON)
    stranger: User = UserFactory.create()
    CompanyFactory.create().users.add(stranger)
    day = Arrivals.of(stranger, NOON, SANTIAGO)
    assert all(not point.came for point in day.points)
