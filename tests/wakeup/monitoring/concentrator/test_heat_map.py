"""What came against what was due, hour by hour and today (CON-6)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from tests.reports.arrivals import utc
from wakeup.counts.days import begin_of
from wakeup.monitoring.concentrator.hours_map import Day, HourCell, HourMap, cell_of
from wakeup.monitoring.expected.cells import Level
from wakeup.monitoring.expected.hours import QUARTER, Hour, hours_between
from wakeup.monitoring.expected.rules import AssignedSpan, Expectation, OutOfServiceSpan

SANTIAGO = ZoneInfo("America/Santiago")
LONG_AGO = datetime(2019, 1, 1, tzinfo=UTC)
NOW = utc("2020-09-24 15:00")  # noon in Santiago
BEGIN = utc("2020-09-24 10:00")
HOUR = timedelta(hours=1)
NOTHING = Expectation([])
DISABLED = Expectation([AssignedSpan(LONG_AGO, None, None)])


def every(
    minutes: int, since: datetime = LONG_AGO, until: datetime | None = None, *outs: OutOfServiceSpan
) -> Expectation:
    return Expectation([AssignedSpan(since, until, timedelta(minutes=minutes))], list(outs))


def cell(wakeups: int, expectation: Expectation, *, silent: int = 0, now: datetime = NOW) -> HourCell:
    """The hour from 10:00 UTC with so many wake-ups, the last of them so many minutes before 11:00."""
    end = BEGIN + timedelta(hours=1)
    hour = Hour(BEGIN.date(), 7, 0, BEGIN, end, wakeups, end - timedelta(minutes=silent))
    return cell_of(hour, expectation, now)


def map_at(now: datetime, expectation: Expectation = NOTHING, zone: ZoneInfo = SANTIAGO, *moments: str) -> HourMap:
    today = now.astimezone(zone).date()
    days = begin_of(today - timedelta(days=29), zone), begin_of(today + timedelta(days=1), zone)
    wakeups = {int(utc(moment).timestamp()) // QUARTER: 1 for moment in moments}
    return HourMap(hours_between(*days, zone, wakeups), zone, expectation, now)


def figures(day: Day) -> list[str]:
    return [hour.figures if hour else "" for hour in day.hours]


@pytest.mark.parametrize(
    ("period", "came", "level", "shown"),
    [
        (10, 7, Level.FULL, "7"),
        (10, 6, Level.FULL, "6"),
        (10, 5, Level.PARTIAL, "5/6"),
        (10, 1, Level.PARTIAL, "1/6"),
        (1, 59, Level.PARTIAL, "59/60"),
        (60, 1, Level.FULL, "1"),
        (100, 1, Level.FULL, "1"),
    ],
)
def test_an_hour_with_wakeups_is_full_or_partial(period: int, came: int, level: Level, shown: str) -> None:
    found = cell(came, every(period))
    assert (found.level, found.figures) == (level, shown)


@pytest.mark.parametrize(
    ("period", "silent", "level", "shown"),
    [
        (10, 60, Level.MISSED, "0/6"),
        (60, 60, Level.IDLE, "0"),
        (60, 75, Level.MISSED, "0/1"),
        (100, 90, Level.IDLE, "0"),
        (100, 100, Level.IDLE, "0"),
        (100, 105, Level.MISSED, "0/1"),
        (1440, 1440, Level.IDLE, "0"),
        (1440, 1455, Level.MISSED, "0/1"),
    ],
)
def test_an_hour_without_is_missed_only_if_a_wakeup_was_due(period: int, silent: int, level: Level, shown: str) -> None:
    found = cell(0, every(period), silent=silent)
    assert (found.level, found.figures) == (level, shown)


@pytest.mark.parametrize(("came", "level", "shown"), [(0, Level.NO_DATA, "—"), (3, Level.RECEIVED, "3")])
def test_where_nothing_is_expected_there_is_no_data_or_what_came(came: int, level: Level, shown: str) -> None:
    for expectation in (NOTHING, every(10, BEGIN + HOUR), every(10, NOW), every(10, LONG_AGO, BEGIN)):
        found = cell(came, expectation)
        assert (found.level, found.figures, found.expected) == (level, shown, 0)


def test_the_future_is_no_data() -> None:
    assert cell(0, every(10), now=BEGIN).level is Level.NO_DATA


@pytest.mark.parametrize(
    ("since", "now", "came", "level", "due"),
    [
        ("10:40", "15:00", 2, Level.FULL, 2),
        ("10:40", "15:00", 1, Level.PARTIAL, 2),
        ("00:00", "10:35", 3, Level.FULL, 3),
        ("00:00", "10:35", 2, Level.PARTIAL, 3),
        ("10:20", "10:35", 1, Level.FULL, 1),
        ("10:31", "10:35", 0, Level.IDLE, 0),
        ("10:00", "10:35", 0, Level.MISSED, 3),
    ],
)
def test_of_a_part_of_an_hour_only_that_part_is_expected(
    since: str, now: str, came: int, level: Level, due: int
) -> None:
    found = cell(came, every(10, utc(f"2020-09-24 {since}")), silent=600, now=utc(f"2020-09-24 {now}"))
    assert (found.level, found.expected) == (level, due)


@pytest.mark.parametrize(("came", "share"), [(3, 0.5), (6, 1.0), (9, 1.0), (0, 1.0)])
def test_only_a_partial_hour_is_filled_in_part(came: int, share: float) -> None:
    assert cell(came, every(10), silent=60).share == share


def test_the_map_has_30_days_the_newest_first() -> None:
    days = map_at(NOW).days
    assert len(days) == 30
    assert [str(day.day) for day in (days[0], days[-1])] == ["2020-09-24", "2020-08-26"]
    assert days[0].label == "Thu 9/24/2020"


def test_the_day_changes_at_midnight_of_the_zone() -> None:
    for now, day in (("2020-09-25 02:59:59.999999", "2020-09-24"), ("2020-09-25 03:00", "2020-09-25")):
        assert str(map_at(utc(now)).days[0].day) == day


def test_the_map_goes_over_the_end_of_the_year() -> None:
    days = map_at(
        utc("2021-01-01 18:29:59"), NOTHING, ZoneInfo("Asia/Kolkata"), "2020-12-31 18:15", "2020-12-31 18:30"
    ).days
    assert [(str(day.day), day.sum) for day in days[:3]] == [
        ("2021-01-01", "1"),
        ("2020-12-31", "1"),
        ("2020-12-30", "—"),
    ]


def test_a_day_without_midnight_leaves_a_gap_under_hour_0() -> None:
    found = map_at(NOW, every(10))
    assert found.column_labels == [f"{hour:02}" for hour in range(24)]
    short = found.days[18]
    assert (str(short.day), figures(short)) == ("2020-09-06", ["", *["0/6"] * 23])
    assert not found.has_repeated_hour


def test_an_hour_that_came_twice_has_two_columns() -> None:
    found = map_at(utc("2020-04-10 12:00"), every(60), SANTIAGO, "2020-04-05 02:30", "2020-04-05 03:30")
    assert found.column_labels[-2:] == ["23", "23*"]
    assert found.has_repeated_hour
    long = next(day for day in found.days if str(day.day) == "2020-04-04")
    assert figures(long)[-2:] == ["1", "1"]
    assert long.sum == "2"
    assert [figures(day)[-1] for day in found.days if day is not long] == [""] * 29


def test_the_second_half_of_a_day_of_25_hours_is_expected_too() -> None:
    assert map_at(utc("2020-04-05 03:59:59"), every(10)).due_today == 149
    assert map_at(utc("2020-04-05 04:00"), every(10)).due_today == 0


@pytest.mark.parametrize(
    ("now", "due"),
    [
        ("2020-09-24 03:00", 0),
        ("2020-09-24 03:09:59", 0),
        ("2020-09-24 03:10", 1),
        ("2020-09-25 02:59:59", 143),
        ("2020-09-06 04:00", 0),  # there is no midnight: the day begins at 1 o'clock
        ("2020-09-07 02:59:59", 137),
        ("2021-01-01 02:59:59", 143),
        ("2021-01-01 03:20", 2),
    ],
)
def test_what_is_expected_today_counts_from_the_first_instant_of_the_day(now: str, due: int) -> None:
    assert map_at(utc(now), every(10)).due_today == due


@pytest.mark.parametrize(
    ("since", "due"), [("2020-09-24 14:00", 6), ("2020-09-24 02:00", 72), ("2020-09-24 15:00", None)]
)
def test_what_is_expected_today_counts_from_the_installation_if_that_is_later(since: str, due: int | None) -> None:
    assert map_at(NOW, every(10, utc(since))).due_today == due


def test_today_counts_what_came_today() -> None:
    moments = "2020-09-24 02:45", "2020-09-24 03:00", "2020-09-24 14:45"
    found = map_at(NOW, every(10), SANTIAGO, *moments)
    assert (found.today, found.due_today) == (2, 72)


def test_the_legend_counts_the_hours_of_each_kind() -> None:
    found = map_at(NOW, every(60, since=utc("2020-09-24 12:00")), SANTIAGO, "2020-09-24 12:45", "2020-08-26 12:00")
    # In field for three hours; of the 30 days one has 23 hours.
    assert found.legend == [
        (Level.FULL, 1),
        (Level.MISSED, 1),
        (Level.RECEIVED, 1),
        (Level.IDLE, 1),
        (Level.NO_DATA, 30 * 24 - 1 - 4),
    ]


@pytest.mark.parametrize(("came", "level", "shown"), [(0, Level.IDLE, "0"), (3, Level.RECEIVED, "3")])
def test_out_of_service_or_with_wakeup_disabled_nothing_was_due(came: int, level: Level, shown: str) -> None:
    for expectation in (DISABLED, every(10, LONG_AGO, None, OutOfServiceSpan(BEGIN, BEGIN + HOUR))):
        found = cell(came, expectation, silent=600)
        assert (found.level, found.figures, found.expected) == (level, shown, 0)


@pytest.mark.parametrize(
    ("begin", "end", "came", "level", "due"),
    [
        ("10:00", "10:30", 3, Level.FULL, 3),
        ("10:00", "10:30", 2, Level.PARTIAL, 3),
        ("10:10:01", "10:20", 4, Level.PARTIAL, 5),
        ("10:09:59", "10:20", 4, Level.FULL, 4),
        ("10:00", "10:55", 0, Level.IDLE, 0),
        ("10:00", "10:30", 0, Level.MISSED, 3),
    ],
)
def test_of_an_hour_out_of_service_in_part_only_the_rest_is_expected(
    begin: str, end: str, came: int, level: Level, due: int
) -> None:
    out = OutOfServiceSpan(utc(f"2020-09-24 {begin}"), utc(f"2020-09-24 {end}"))
    found = cell(came, every(10, LONG_AGO, None, out), silent=60)
    assert (found.level, found.expected) == (level, due)


def test_the_time_out_of_service_does_not_count_as_silence() -> None:
    hour_and_more = timedelta(minutes=100)
    for out_since, level in ((BEGIN - hour_and_more, Level.IDLE), (BEGIN - timedelta(minutes=5), Level.MISSED)):
        expectation = every(60, LONG_AGO, None, OutOfServiceSpan(out_since, BEGIN + timedelta(minutes=10)))
        assert cell(0, expectation, silent=135).level is level


def test_a_modification_leaves_the_earlier_hours_their_period() -> None:
    changed = Expectation(
        [AssignedSpan(LONG_AGO, BEGIN, timedelta(minutes=60)), AssignedSpan(BEGIN, None, timedelta(minutes=10))]
    )
    found = map_at(NOW, changed, SANTIAGO, "2020-09-24 09:30", "2020-09-24 10:30")
    assert figures(found.days[0])[6:8] == ["1", "1/6"]


@pytest.mark.parametrize(
    ("expectation", "due"),
    [
        (NOTHING, None),
        (DISABLED, None),
        (every(10, LONG_AGO, utc("2020-09-24 03:00")), None),
        (every(10, LONG_AGO, utc("2020-09-24 04:00")), 6),
        (every(10, LONG_AGO, None, OutOfServiceSpan(LONG_AGO, utc("2020-12-31"))), 0),
        (every(10, LONG_AGO, None, OutOfServiceSpan(LONG_AGO, utc("2020-09-24 14:30"))), 3),
        (every(10, LONG_AGO, None, OutOfServiceSpan(utc("2020-09-24 14:30"), utc("2020-12-31"))), 69),
    ],
)
def test_today_is_held_against_the_time_in_field_and_in_service(expectation: Expectation, due: int | None) -> None:
    assert map_at(NOW, expectation).due_today == due


def test_whether_anything_was_expected_is_asked_of_all_30_days() -> None:
    first = utc("2020-08-26 04:00")
    for expectation, said in ((every(10, LONG_AGO, first), False), (every(10, LONG_AGO, first + HOUR), True)):
        assert map_at(NOW, expectation).is_anything_expected is said
