"""How many wake-ups a day should have brought: the same in Python and in the database (REP-5, REP-7)."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from concentrators.models import Assignment, Concentrator, OutOfService
from tests.factories import ConcentratorFactory
from tests.plugins.effort import examples
from tests.reports.arrivals import utc
from wakeup.counts.days import begin_of
from wakeup.models import ClosedDay, DailyCount
from wakeup.monitoring.expected.rules import AssignedSpan, Expectation, OutOfServiceSpan
from wakeup.monitoring.expected.sql import ReportingDays, counted_days, silent_on, with_expected

SANTIAGO = ZoneInfo("America/Santiago")
SHORT, LONG, COMMON = date(2020, 9, 6), date(2020, 4, 4), date(2020, 9, 24)
TEN, HUNDRED = timedelta(minutes=10), timedelta(minutes=100)
EVER = utc("2020-01-01 00:00")
LATER = utc("2021-01-01 00:00")


def on(day: date, *spans: AssignedSpan, outs: tuple[OutOfServiceSpan, ...] = (), now: datetime = LATER) -> int:
    end = begin_of(day + timedelta(days=1), SANTIAGO)
    return Expectation(list(spans), list(outs)).between(begin_of(day, SANTIAGO), min(end, now))


@pytest.mark.parametrize(
    ("day", "period", "expected"),
    [
        (COMMON, TEN, 144),
        (COMMON, HUNDRED, 14),
        (COMMON, timedelta(minutes=1440), 1),
        (COMMON, None, 0),
        (SHORT, TEN, 138),
        (SHORT, HUNDRED, 13),
        (SHORT, timedelta(minutes=1440), 0),
        (LONG, TEN, 150),
        (LONG, HUNDRED, 15),
        (LONG, timedelta(minutes=1440), 1),
    ],
)
def test_a_whole_day_expects_the_whole_periods_of_its_hours(day: date, period: timedelta | None, expected: int) -> None:
    assert on(day, AssignedSpan(EVER, None, period)) == expected


@pytest.mark.parametrize(
    ("begin", "end", "expected"),
    [
        ("2020-09-24 12:00", None, 90),
        ("2020-09-24 12:00:00.000001", None, 89),
        ("2020-01-01", "2020-09-24 12:00", 54),
        ("2020-01-01", "2020-09-24 11:59:59.999999", 53),
        ("2020-09-24 12:00", "2020-09-24 12:09:59", 0),
        ("2020-09-24 12:00", "2020-09-24 12:10", 1),
        ("2020-09-25 03:00", None, 0),
        ("2020-01-01", "2020-09-24 03:00", 0),
    ],
)
def test_of_a_part_of_the_day_only_that_part_is_expected(begin: str, end: str | None, expected: int) -> None:
    assert on(COMMON, AssignedSpan(utc(begin), utc(end) if end else None, TEN)) == expected


def test_a_change_of_profile_expects_either_side_by_its_own_period() -> None:
    noon = utc("2020-09-24 15:00")
    assert on(COMMON, AssignedSpan(EVER, noon, TEN), AssignedSpan(noon, None, HUNDRED)) == 72 + 7
    assert on(COMMON, AssignedSpan(EVER, noon, TEN), AssignedSpan(noon, None, None)) == 72


@pytest.mark.parametrize(
    ("begin", "end", "expected"),
    [
        ("2020-09-24 12:00", "2020-09-24 13:00", 138),
        ("2020-09-24 12:00", "2020-09-24 12:00:00.000001", 143),
        ("2020-09-24 00:00", "2020-09-24 04:00", 138),
        ("2020-09-20 00:00", "2020-09-30 00:00", 0),
        ("2020-09-24 12:00", "2020-09-24 12:00", 144),
        ("2020-09-25 03:00", "2020-09-26 00:00", 144),
    ],
)
def test_out_of_service_nothing_is_expected(begin: str, end: str, expected: int) -> None:
    assert on(COMMON, AssignedSpan(EVER, None, TEN), outs=(OutOfServiceSpan(utc(begin), utc(end)),)) == expected


def test_times_out_of_service_that_overlap_never_expect_less_than_nothing() -> None:
    out = OutOfServiceSpan(utc("2020-09-24 04:00"), utc("2020-09-25 02:00"))
    assert on(COMMON, AssignedSpan(EVER, None, TEN), outs=(out, out)) == 0


@pytest.mark.parametrize(
    ("now", "expected"),
    [
        ("2020-09-24 03:00", 0),
        ("2020-09-24 03:09:59.999999", 0),
        ("2020-09-24 03:10", 1),
        ("2020-09-24 15:00", 72),
        ("2020-09-20 00:00", 0),
    ],
)
def test_nothing_is_expected_of_the_future(now: str, expected: int) -> None:
    assert on(COMMON, AssignedSpan(EVER, None, TEN), now=utc(now)) == expected


class Drawn(NamedTuple):
    begin: datetime
    cuts: list[datetime]
    periods: list[int | None]
    is_removed: bool
    outs: list[list[datetime]]
    day: date


ZONES = ("America/Santiago", "Europe/Rome", "America/Havana", "Asia/Kolkata", "UTC")
DAYS = (date(2020, 4, 4), date(2020, 4, 5), date(2020, 9, 5), SHORT, date(2020, 10, 25), date(2020, 11, 1), COMMON)


def near(day: date, minutes: int, microseconds: int) -> datetime:
    return begin_of(day, SANTIAGO) + timedelta(minutes=minutes, microseconds=microseconds)


instants = st.builds(near, st.sampled_from(DAYS), st.integers(-3000, 3000), st.sampled_from([0, 0, 1, -1]))
drawn = st.builds(
    Drawn,
    instants,
    st.lists(instants, max_size=3),
    st.lists(st.sampled_from([None, 1, 10, 100, 1440]), min_size=4, max_size=4),
    st.booleans(),
    st.lists(st.lists(instants, min_size=2, max_size=2).map(sorted), max_size=3),
    st.sampled_from(DAYS),
)


def spans_of(one: Drawn) -> list[AssignedSpan]:
    cuts = [one.begin, *sorted(cut for cut in one.cuts if cut > one.begin)]
    ends = [*cuts[1:], None]
    found = [
        AssignedSpan(begin, end, timedelta(minutes=minutes) if minutes else None)
        for begin, end, minutes in zip(cuts, ends, one.periods, strict=False)
    ]
    return found[:-1] if one.is_removed else found


@pytest.mark.django_db
@given(st.lists(drawn, min_size=1, max_size=8), st.sampled_from(ZONES), instants, st.booleans())
@settings(max_examples=examples(80, 10), suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_the_database_expects_what_the_pure_function_expects(
    fleet: list[Drawn], zone_key: str, now: datetime, is_one_day: bool
) -> None:
    zone = ZoneInfo(zone_key)
    if is_one_day:
        fleet = [one._replace(day=fleet[0].day) for one in fleet]
    with transaction.atomic():
        made = make(fleet)
        only = fleet[0].day if is_one_day else None
        days = ReportingDays(zone, *counted_days(only, only))
        counts = with_expected(DailyCount.objects.all(), days.begin(), days.end(), now)
        rows = {row.concentrator_id: row for row in counts}
        for concentrator, one in zip(made, fleet, strict=True):
            begin, end = begin_of(one.day, zone), begin_of(one.day + timedelta(days=1), zone)
            outs = [OutOfServiceSpan(*out) for out in one.outs]
            expected = Expectation(spans_of(one), outs).between(begin, min(end, now))
            row = rows[concentrator.pk]
            assert (row.expected, row.missing) == (expected, max(expected - 70, 0)), one  # type: ignore[attr-defined]
        transaction.set_rollback(True)


def make(fleet: list[Drawn]) -> list[Concentrator]:
    first = ConcentratorFactory.create()
    made = Concentrator.objects.bulk_create(
        Concentrator(serial_number=str(number), company=first.company, type=first.type) for number in range(len(fleet))
    )
    pairs = list(zip(made, fleet, strict=True))
    Assignment.objects.bulk_create(assignment(one, span) for one, drawn in pairs for span in spans_of(drawn))
    OutOfService.objects.bulk_create(
        OutOfService(concentrator=one, begin=begin, end=end) for one, drawn in pairs for begin, end in drawn.outs
    )
    ClosedDay.objects.bulk_create(daily_count(one, drawn.day, 70) for one, drawn in pairs)
    return made


def daily_count(concentrator: Concentrator, day: date, n: int) -> ClosedDay:
    return ClosedDay(
        concentrator=concentrator,
        day=day,
        wakeup_count=n,
        first_wakeup_at=EVER,
        last_wakeup_at=EVER,
        source_ip="10.0.0.1",
    )


def assignment(concentrator: Concentrator, span: AssignedSpan) -> Assignment:
    minutes = span.period // timedelta(minutes=1) if span.period else None
    return Assignment(concentrator=concentrator, begin=span.begin, end=span.end, period_min=minutes)


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("begin", "last", "now", "is_silent"),
    [
        ("2020-09-24 03:00", None, "2020-09-24 03:10", True),
        ("2020-09-24 03:00", None, "2020-09-24 03:09:59.999999", False),
        ("2020-09-24 03:00", None, "2030-01-01 00:00", True),
        ("2020-09-25 02:50:00", None, "2030-01-01 00:00", True),
        ("2020-09-25 02:50:00.000001", None, "2030-01-01 00:00", False),
        ("2020-01-01 00:00", COMMON, "2030-01-01 00:00", False),
        ("2020-01-01 00:00", COMMON - timedelta(days=1), "2030-01-01 00:00", True),
    ],
)
def test_silent_on_a_day_is_who_was_expected_and_did_not_call(
    begin: str, last: date | None, now: str, is_silent: bool
) -> None:
    one = ConcentratorFactory.create()
    Assignment.objects.create(concentrator=one, begin=utc(begin), period_min=10)
    if last:
        daily_count(one, last, 1).save(force_insert=True)
    assert silent_on(Concentrator.objects.all(), COMMON, SANTIAGO, utc(now)).exists() == is_silent


def test_the_first_instants_of_days_are_those_of_python_around_every_change_of_clocks() -> None:
    for key in ZONES:
        days = ReportingDays(ZoneInfo(key), date(2019, 12, 30), date(2021, 1, 2))
        for later in (0, 1):
            runs = days._offsets(later)
            for day in (days.first + timedelta(days=n) for n in range(370)):
                offset = next(offset for last, offset in runs if day <= last)
                shifted = day + timedelta(days=later)
                assert utc(str(shifted)) + offset == begin_of(shifted, ZoneInfo(key)), (key, day)
