"""The hours in which writing may begin, by the wall clock of a zone (PRC-1)."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from profiles.procedures.hours import Hours

pytestmark = pytest.mark.one_database

SANTIAGO = ZoneInfo("America/Santiago")
ROME = ZoneInfo("Europe/Rome")
NIGHT = Hours(time(22), time(5))
MINUTE = timedelta(minutes=1)


def at(zone: ZoneInfo, shown: str, fold: int = 0) -> datetime:
    return datetime.fromisoformat(shown).replace(tzinfo=zone, fold=fold).astimezone(UTC)


def utc(shown: str) -> datetime:
    return at(ZoneInfo("UTC"), shown)


def test_without_hours_it_is_always_time() -> None:
    now = utc("2026-12-31 23:30")
    assert Hours().include(now, SANTIAGO)
    assert Hours().next_begin(now, SANTIAGO) == now


@pytest.mark.parametrize(
    ("hours", "shown", "is_in"),
    [
        (Hours(time(9), time(17)), "2026-11-29 08:59:59", False),
        (Hours(time(9), time(17)), "2026-11-29 09:00", True),
        (Hours(time(9), time(17)), "2026-11-29 16:59:59", True),
        (Hours(time(9), time(17)), "2026-11-29 17:00", False),
        (NIGHT, "2026-11-29 21:59", False),
        (NIGHT, "2026-11-29 22:00", True),
        (NIGHT, "2026-12-31 23:59", True),
        (NIGHT, "2027-01-01 00:00", True),
        (NIGHT, "2026-11-29 04:59", True),
        (NIGHT, "2026-11-29 05:00", False),
        (Hours(time(22), time(0)), "2026-11-29 23:59", True),
        (Hours(time(22), time(0)), "2026-11-30 00:00", False),
        (Hours(time(0), time(0, 1)), "2026-11-30 00:00", True),
    ],
)
def test_the_begin_belongs_to_the_hours_and_the_end_does_not(hours: Hours, shown: str, is_in: bool) -> None:
    assert hours.include(at(SANTIAGO, shown), SANTIAGO) is is_in


@pytest.mark.parametrize(
    ("now", "begin"),
    [
        ("2026-11-29 12:00", "2026-11-29 22:00"),
        ("2026-11-29 05:00", "2026-11-29 22:00"),
        ("2026-12-31 21:59:59", "2026-12-31 22:00"),
        ("2026-12-31 23:30:01", "2026-12-31 23:30:01"),
        ("2027-01-01 00:00", "2027-01-01 00:00"),
    ],
)
def test_the_next_begin_is_the_present_or_the_next_beginning(now: str, begin: str) -> None:
    assert NIGHT.next_begin(at(SANTIAGO, now), SANTIAGO) == at(SANTIAGO, begin)


def test_the_hours_of_a_morning_that_is_over_are_those_of_the_next_day() -> None:
    morning = Hours(time(6), time(7))
    assert morning.next_begin(at(ROME, "2026-12-31 23:30"), ROME) == at(ROME, "2027-01-01 06:00")


# Chile puts its clocks back at 24:00 on 3 April 2027, to 23:00, and forward at 00:00 on 5 September 2027, to 01:00.


def test_clocks_that_go_back_at_midnight_open_the_last_hour_twice() -> None:
    hours = Hours(time(23, 30), time(23, 45))
    first = at(SANTIAGO, "2027-04-03 23:30")
    second = at(SANTIAGO, "2027-04-03 23:30", fold=1)
    assert (first, second) == (utc("2027-04-04 02:30"), utc("2027-04-04 03:30"))
    assert hours.next_begin(first - MINUTE, SANTIAGO) == first
    assert hours.next_begin(first + 20 * MINUTE, SANTIAGO) == second
    assert hours.next_begin(second + 20 * MINUTE, SANTIAGO) == at(SANTIAGO, "2027-04-04 23:30")


def test_clocks_that_go_back_into_the_middle_of_the_hours_open_them_at_once() -> None:
    hours = Hours(time(22, 30), time(23, 15))
    closed = utc("2027-04-04 02:20")  # 23:20 for the first time
    assert not hours.include(closed, SANTIAGO)
    assert hours.next_begin(closed, SANTIAGO) == utc("2027-04-04 03:00")  # 23:00 for the second time


def test_hours_that_begin_in_the_hour_that_is_skipped_begin_when_it_is_over() -> None:
    hours = Hours(time(0, 30), time(5))
    evening = at(SANTIAGO, "2027-09-04 20:00")
    assert hours.next_begin(evening, SANTIAGO) == utc("2027-09-05 04:00") == at(SANTIAGO, "2027-09-05 01:00")


def test_hours_that_are_skipped_as_a_whole_are_those_of_the_next_day() -> None:
    hours = Hours(time(0, 10), time(0, 50))
    assert hours.next_begin(at(SANTIAGO, "2027-09-04 20:00"), SANTIAGO) == at(SANTIAGO, "2027-09-06 00:10")


def test_the_hour_before_the_change_stays_as_it_is() -> None:
    assert NIGHT.next_begin(at(SANTIAGO, "2027-09-04 23:59"), SANTIAGO) == at(SANTIAGO, "2027-09-04 23:59")
    assert NIGHT.include(at(SANTIAGO, "2027-09-05 01:00"), SANTIAGO)


def _first_minute(hours: Hours, now: datetime, zone: ZoneInfo) -> datetime:
    """The slow way: minute by minute."""
    if hours.include(now, zone):
        return now
    minute = now.replace(second=0, microsecond=0) + MINUTE
    while not hours.include(minute, zone):
        minute += MINUTE
    return minute


#: Changes of clocks: Chile in both directions, Rome in both, and Lord Howe by half an hour.
CHANGES = [
    ("America/Santiago", date(2027, 4, 4)),
    ("America/Santiago", date(2027, 9, 5)),
    ("Europe/Rome", date(2027, 3, 28)),
    ("Europe/Rome", date(2026, 10, 25)),
    ("Australia/Lord_Howe", date(2027, 4, 4)),
    ("Asia/Kathmandu", date(2026, 12, 31)),
]
WALL = st.builds(time, st.integers(0, 23), st.sampled_from([0, 10, 29, 30, 31, 59]))


@given(st.sampled_from(CHANGES), st.integers(-1600, 1600), st.integers(0, 59), st.lists(WALL, min_size=2, max_size=2))
def test_the_next_begin_is_what_a_look_at_every_minute_finds(
    change: tuple[str, date], minutes: int, seconds: int, wall: list[time]
) -> None:
    if wall[0] == wall[1]:
        return
    name, day = change
    zone, hours = ZoneInfo(name), Hours(*wall)
    now = datetime.combine(day, time(), UTC) + timedelta(minutes=minutes, seconds=seconds)
    begin = hours.next_begin(now, zone)
    assert begin == _first_minute(hours, now, zone)
    assert begin.utcoffset() == timedelta(0)
