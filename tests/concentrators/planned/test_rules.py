"""Rules of recurrence: what is one, and when it is (STA-8; RFC 5545, 3.3.10)."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from dateutil.rrule import rrulestr
from django.core.exceptions import ValidationError
from hypothesis import given, settings
from hypothesis import strategies as st

from concentrators.planned.rules import begins, cleaned
from tests.concentrators.planned.making import SANTIAGO, local
from tests.plugins.effort import examples
from tests.reports.arrivals import utc

pytestmark = pytest.mark.one_database

UTC_ZONE = ZoneInfo("UTC")
DAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")


def on_the_clock(rule: str, first: str, last: str, zone: ZoneInfo = SANTIAGO) -> list[str]:
    found = begins(cleaned(rule), local(first, zone), zone, local(last, zone))
    return [f"{one.at.astimezone(zone):%Y-%m-%d %H:%M}" for one in found]


@pytest.mark.parametrize(
    ("rule", "stored"),
    [
        ("FREQ=WEEKLY;BYDAY=SA", "FREQ=WEEKLY;BYDAY=SA"),
        ("rrule:freq=weekly;byday=sa;", "FREQ=WEEKLY;BYDAY=SA"),
        ("FREQ=MONTHLY;BYDAY=-1SU,+2MO;UNTIL=20271231", "FREQ=MONTHLY;BYDAY=-1SU,+2MO;UNTIL=20271231"),
        ("FREQ=DAILY ; COUNT=3", "FREQ=DAILY;COUNT=3"),
    ],
)
def test_a_rule_is_stored_in_one_form(rule: str, stored: str) -> None:
    assert cleaned(rule) == stored == cleaned(stored)


@pytest.mark.parametrize(
    "rule",
    [
        *("", " ", ";", "=", "every day", "FREQ", "FREQ=", "FREQ=SOMETIMES", "BYDAY=MO", "FREQ=DAILY;FREQ=DAILY"),
        *("FREQ=HOURLY", "FREQ=MINUTELY", "FREQ=SECONDLY", "FREQ=DAILY;BYSECOND=1,2", "FREQ=DAILY;BYMINUTE=0,30"),
        *("FREQ=DAILY;INTERVAL=0", "FREQ=DAILY;INTERVAL=-1", "FREQ=DAILY;INTERVAL=99999999999"),
        "FREQ=DAILY;INTERVAL=1,2",
        *("FREQ=DAILY;COUNT=0", "FREQ=DAILY;COUNT=x", "FREQ=DAILY;COUNT=٣", "FREQ=DAILY;COUNT=2;UNTIL=20270101"),
        *("FREQ=DAILY;UNTIL=2027", "FREQ=DAILY;UNTIL=20270230", "FREQ=DAILY;UNTIL=20270101T250000"),
        "FREQ=DAILY;UNTIL=٢٠٢٧٠١٠١",
        *("FREQ=DAILY;UNTIL=00010101", "FREQ=DAILY;UNTIL=99991231"),
        *("FREQ=MONTHLY;BYDAY=0MO", "FREQ=MONTHLY;BYDAY=54MO", "FREQ=WEEKLY;BYDAY=1MO", "FREQ=WEEKLY;BYDAY=XX"),
        *("FREQ=YEARLY;BYWEEKNO=1;BYDAY=1MO", "FREQ=MONTHLY;BYWEEKNO=1", "FREQ=DAILY;BYYEARDAY=1"),
        "FREQ=WEEKLY;BYMONTHDAY=1",
        *("FREQ=YEARLY;BYMONTH=13", "FREQ=MONTHLY;BYMONTHDAY=32", "FREQ=MONTHLY;BYMONTHDAY=0", "FREQ=DAILY;BYHOUR=24"),
        *("FREQ=MONTHLY;BYSETPOS=1", "FREQ=YEARLY;BYEASTER=0", "FREQ=DAILY;X-A=1", "FREQ=DAILY;SKIP=OMIT"),
        "FREQ=DAILY\nCOUNT=1",
        "FREQ=YEARLY;BYYEARDAY=" + ",".join(map(str, range(1, 200))),
    ],
)  # fmt: skip
def test_what_is_no_rule_is_refused_in_words(rule: str) -> None:
    with pytest.raises(ValidationError) as refused:
        cleaned(rule)
    assert all(len(said) < 200 for said in refused.value.messages)


def test_two_oclock_stays_two_oclock_in_summer_and_winter() -> None:
    times = on_the_clock("FREQ=MONTHLY", "2027-01-10 02:00", "2027-12-31 00:00")
    assert [time[-5:] for time in times] == ["02:00"] * 12
    found = begins("FREQ=MONTHLY", local("2027-01-10 02:00"), SANTIAGO, local("2027-12-31 00:00"))
    offsets = {one.at.hour for one in found}
    assert offsets == {5, 6}


def test_a_time_that_clocks_skip_is_an_hour_later_and_comes() -> None:
    """Chile goes from 24:00 on Saturday to 1:00."""
    assert on_the_clock("FREQ=WEEKLY", "2027-08-29 00:30", "2027-09-13 00:00") == [
        *("2027-08-29 00:30", "2027-09-05 01:30", "2027-09-12 00:30"),
    ]


def test_of_a_time_that_comes_twice_the_first_one_counts() -> None:
    """Chile goes from 24:00 back to 23:00 on Saturday."""
    found = [*begins("FREQ=WEEKLY", local("2027-03-27 23:30"), SANTIAGO, local("2027-04-11 00:00"))]
    assert [one.at for one in found] == [utc("2027-03-28 02:30"), utc("2027-04-04 02:30"), utc("2027-04-11 03:30")]


def test_two_times_of_a_day_that_clocks_make_one_are_one() -> None:
    found = on_the_clock("FREQ=DAILY;BYHOUR=0,1", "2027-09-05 00:00", "2027-09-06 12:00")
    assert found == ["2027-09-05 01:00", "2027-09-06 00:00", "2027-09-06 01:00"]


@pytest.mark.parametrize(
    ("until", "last"),
    [
        ("20270403", "2027-04-03 23:00"),
        ("20270403T230000", "2027-04-03 23:00"),
        ("20270403T225959", "2027-04-02 23:00"),
        ("20270404T020000Z", "2027-04-03 23:00"),
        ("20270404T015959Z", "2027-04-02 23:00"),
    ],
)
def test_until_is_the_last_moment_or_day_of_the_place(until: str, last: str) -> None:
    assert on_the_clock(f"FREQ=DAILY;UNTIL={until}", "2027-03-31 23:00", "2028-01-01 00:00")[-1] == last


def test_a_day_that_a_month_does_not_have_is_left_out() -> None:
    assert on_the_clock("FREQ=MONTHLY", "2026-12-31 23:30", "2027-06-01 00:00") == [
        *("2026-12-31 23:30", "2027-01-31 23:30", "2027-03-31 23:30", "2027-05-31 23:30"),
    ]
    leap = on_the_clock("FREQ=YEARLY", "2024-02-29 12:00", "2033-01-01 00:00")
    assert [day[:4] for day in leap] == ["2024", "2028", "2032"]


@pytest.mark.parametrize(
    "rule",
    [
        "FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30",
        "FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30",
        "FREQ=DAILY;INTERVAL=7;BYDAY=SU",
        "FREQ=MONTHLY;BYMONTHDAY=1;BYDAY=5SU",
        "FREQ=WEEKLY;INTERVAL=1000;BYMONTH=4",
    ],
)
def test_a_rule_that_never_comes_is_found_out_quickly(rule: str) -> None:
    before = time.process_time()
    assert on_the_clock(rule, "2027-01-01 12:00", "2028-02-01 00:00") == []
    assert time.process_time() - before < 1


@settings(max_examples=examples(150))
@given(
    first=st.datetimes(datetime(2000, 1, 1), datetime(2060, 1, 1)),  # noqa: DTZ001 - of a clock
    often=st.sampled_from(["DAILY", "WEEKLY", "MONTHLY", "YEARLY"]),
    interval=st.integers(1, 5),
    months=st.sets(st.integers(1, 12), max_size=3),
    days=st.sets(st.sampled_from(DAYS), max_size=3),
    monthdays=st.sets(st.sampled_from([1, 13, 28, -1]), max_size=2),
    ending=st.sampled_from(["", ";COUNT=7", ";UNTIL=20300101"]),
)
def test_times_are_those_of_dateutil(
    first: datetime, often: str, interval: int, months: set[int], days: set[str], monthdays: set[int], ending: str
) -> None:
    """What is moved to the end of time, and back, is the same."""
    rule = f"FREQ={often};INTERVAL={interval}"
    rule += ";BYDAY=" + ",".join(sorted(days)) if days else ""
    rule += ";BYMONTH=" + ",".join(map(str, sorted(months))) if months else ""
    rule += ";BYMONTHDAY=" + ",".join(map(str, sorted(monthdays))) if monthdays and often != "WEEKLY" else ""
    rule = f"{rule}{ending}"
    begin = first.replace(microsecond=0, tzinfo=UTC)
    last = begin + timedelta(days=400)
    usual = rrulestr(rule.replace("20300101", "20300101T235959"), dtstart=begin.replace(tzinfo=None))
    expected = usual.between(begin.replace(tzinfo=None), last.replace(tzinfo=None), inc=True)
    assert [one.at.replace(tzinfo=None) for one in begins(cleaned(rule), begin, UTC_ZONE, last)] == expected
