"""Wake-ups by hour of the wall clock: edges of hours, days, years and of daylight saving time (CON-6, REP-5)."""

from __future__ import annotations

from collections import Counter
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from concentrators.models import Concentrator
from smmeplus.dlms.kinds import Kind
from tests.factories import CompanyFactory, ConcentratorFactory
from tests.reports.arrivals import send, utc
from wakeup.counts.days import begin_of
from wakeup.models import DailyCount
from wakeup.monitoring.expected.hours import QUARTER, Hour, hours_between, wakeups_by_quarter

SANTIAGO, KOLKATA, HOWE = map(ZoneInfo, ("America/Santiago", "Asia/Kolkata", "Australia/Lord_Howe"))
FORWARD, BACK = date(2020, 9, 6), date(2020, 4, 4)  # Santiago: no hour 0; hour 23 twice
WIDE = utc("2020-01-01"), utc("2022-01-01")


def hours_of(day: date, zone: ZoneInfo, wakeups: dict[int, int] | None = None) -> list[Hour]:
    return list(hours_between(begin_of(day, zone), begin_of(day + timedelta(days=1), zone), zone, wakeups or {}))


def quarter(moment: str) -> int:
    return int(utc(moment).timestamp()) // QUARTER


def counted(one: Concentrator, begin: datetime = WIDE[0], end: datetime = WIDE[1]) -> dict[int, int]:
    return wakeups_by_quarter(one.pk, begin, end)


@pytest.mark.parametrize(
    ("zone", "day", "begin"),
    [
        (SANTIAGO, date(2020, 9, 24), "2020-09-24 03:00"),
        (SANTIAGO, FORWARD, "2020-09-06 04:00"),  # at 01:00, there is no midnight
        (SANTIAGO, FORWARD + timedelta(days=1), "2020-09-07 03:00"),
        (SANTIAGO, BACK, "2020-04-04 03:00"),
        (SANTIAGO, BACK + timedelta(days=1), "2020-04-05 04:00"),
        (SANTIAGO, date(2021, 1, 1), "2021-01-01 03:00"),
        (KOLKATA, date(2021, 1, 1), "2020-12-31 18:30"),
        (ZoneInfo("Atlantic/Azores"), date(2020, 10, 25), "2020-10-25 00:00"),  # midnight comes twice: the first
        (ZoneInfo("UTC"), date(2020, 2, 29), "2020-02-29 00:00"),
    ],
)
def test_a_day_begins_at_its_first_instant(zone: ZoneInfo, day: date, begin: str) -> None:
    assert begin_of(day, zone) == utc(begin)


@pytest.mark.parametrize(
    ("zone", "day", "wall"),
    [
        (SANTIAGO, date(2020, 9, 24), list(range(24))),
        (SANTIAGO, FORWARD, list(range(1, 24))),
        (SANTIAGO, BACK, [*range(24), 23]),
        (KOLKATA, date(2020, 12, 31), list(range(24))),
        (HOWE, date(2020, 10, 4), list(range(24))),  # hour 2 is half an hour
        (HOWE, date(2020, 4, 5), [0, 1, 1, *range(2, 24)]),  # the second hour 1 is half an hour
    ],
)
def test_a_day_has_the_hours_that_its_clocks_showed(zone: ZoneInfo, day: date, wall: list[int]) -> None:
    hours = hours_of(day, zone)
    assert [hour.hour for hour in hours] == wall
    assert {hour.day for hour in hours} == {day}
    assert [hour.fold for hour in hours] == [int(wall[:place].count(hour) > 0) for place, hour in enumerate(wall)]


@pytest.mark.parametrize("zone", [SANTIAGO, KOLKATA, HOWE, ZoneInfo("Asia/Kathmandu"), ZoneInfo("UTC")])
@pytest.mark.parametrize("day", [FORWARD, BACK, date(2020, 10, 4), date(2020, 4, 5), date(2020, 12, 31)])
def test_hours_follow_each_other_without_a_gap(zone: ZoneInfo, day: date) -> None:
    hours = hours_of(day, zone)
    edges = [begin_of(day, zone), *(hour.end for hour in hours)]
    assert [hour.begin for hour in hours] == edges[:-1]
    assert edges[-1] == begin_of(day + timedelta(days=1), zone)


def test_the_halves_of_a_change_by_half_an_hour_keep_their_length() -> None:
    minutes = [
        (hour.hour, hour.fold, (hour.end - hour.begin).seconds // 60) for hour in hours_of(date(2020, 4, 5), HOWE)
    ]
    assert [one for one in minutes if one[2] != 60] == [(1, 1, 30)]
    (short,) = (hour for hour in hours_of(date(2020, 10, 4), HOWE) if hour.end - hour.begin != timedelta(hours=1))
    assert (short.hour, short.end - short.begin) == (2, timedelta(minutes=30))


def test_quarters_add_up_to_the_hours_of_the_zone() -> None:
    wakeups = {quarter("2020-12-31 18:15"): 1, quarter("2020-12-31 18:30"): 2, quarter("2020-12-31 19:15"): 4}
    found = [hours_of(date(2020, 12, 31), KOLKATA, wakeups)[-1], *hours_of(date(2021, 1, 1), KOLKATA, wakeups)[:2]]
    assert [(hour.day.year, hour.hour, hour.wakeups) for hour in found] == [(2020, 23, 1), (2021, 0, 6), (2021, 1, 0)]


def test_the_two_turns_of_an_hour_are_counted_apart() -> None:
    wakeups = {quarter("2020-04-05 02:45"): 1, quarter("2020-04-05 03:00"): 2, quarter("2020-04-05 04:00"): 4}
    last = [(hour.hour, hour.fold, hour.wakeups) for hour in hours_of(BACK, SANTIAGO, wakeups)[-2:]]
    assert last == [(23, 0, 1), (23, 1, 2)]


def test_silence_is_counted_from_the_end_of_the_last_quarter_with_a_wakeup() -> None:
    hours = hours_of(date(2020, 9, 24), SANTIAGO, {quarter("2020-09-24 04:15"): 1})
    assert [hour.silent_since for hour in hours[:3]] == [
        utc("2020-09-24 03:00"),  # since we look
        utc("2020-09-24 04:30"),
        utc("2020-09-24 04:30"),
    ]


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("moment", "expected"),
    [
        ("2020-09-24 03:00:00", "2020-09-24 03:00"),
        ("2020-09-24 03:14:59.999999", "2020-09-24 03:00"),
        ("2020-09-24 03:15:00.000000", "2020-09-24 03:15"),
        ("2020-09-24 03:15:00.000001", "2020-09-24 03:15"),
        ("2020-12-31 23:59:59.999999", "2020-12-31 23:45"),
        ("2021-01-01 00:00:00", "2021-01-01 00:00"),
    ],
)
def test_the_database_cuts_quarters_to_the_microsecond(in_field: Concentrator, moment: str, expected: str) -> None:
    send(in_field, moment)
    assert counted(in_field) == {quarter(expected): 1}


def test_nothing_is_counted_before_anything_came(in_field: Concentrator) -> None:
    assert counted(in_field) == {}


def test_only_wakeups_of_this_concentrator_are_counted(in_field: Concentrator) -> None:
    for kind in Kind:
        send(in_field, "2020-09-24 03:00", kind=kind)
    send(ConcentratorFactory.create(company=in_field.company), "2020-09-24 03:00")
    assert counted(in_field) == {quarter("2020-09-24 03:00"): 2}


def test_the_begin_is_counted_and_the_end_is_not(in_field: Concentrator) -> None:
    send(in_field, "2020-09-24 02:59:59.999999", "2020-09-24 03:00", "2020-09-24 03:59:59.999999", "2020-09-24 04:00")
    found = counted(in_field, utc("2020-09-24 03:00"), utc("2020-09-24 04:00"))
    assert found == {quarter("2020-09-24 03:00"): 1, quarter("2020-09-24 03:45"): 1}


@pytest.mark.one_database("postgresql")
@pytest.mark.django_db
@pytest.mark.parametrize("zone", [SANTIAGO, KOLKATA, HOWE, ZoneInfo("Asia/Kathmandu"), ZoneInfo("Europe/Rome")])
@pytest.mark.parametrize("begin", ["2020-04-03 23:50", "2020-09-05 23:50", "2020-10-03 10:50", "2020-12-30 23:50"])
def test_the_hours_of_a_day_sum_up_to_what_the_report_counts(zone: ZoneInfo, begin: str) -> None:
    one = ConcentratorFactory.create(company=CompanyFactory.create(time_zone=zone.key))
    send(one, *[str(datetime.fromisoformat(begin) + timedelta(minutes=37 * place)) for place in range(100)])
    hours = hours_between(*WIDE, zone, counted(one))
    by_day = Counter[date]()
    for hour in hours:
        by_day[hour.day] += hour.wakeups
    assert {day: n for day, n in by_day.items() if n} == dict(DailyCount.objects.values_list("day", "wakeup_count"))
