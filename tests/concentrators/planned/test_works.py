"""Planned work is added, changed and cancelled, and its times are made (STA-8)."""

from __future__ import annotations

from datetime import datetime
from io import StringIO
from typing import Any

import pytest
import time_machine
from django.core.exceptions import ValidationError
from django.core.management import call_command

from concentrators.models import Company, PlannedWindow, PlannedWork
from concentrators.planned.times import AHEAD, SPARE, Schedule
from concentrators.planned.wording import covers, recurs
from concentrators.planned.works import Names, PlannedError, cancel, extend_windows, store
from concentrators.procedures.planned import ended_between, windows_between
from tests.concentrators.planned.making import DAY, HOUR, NOW, added, local, planned
from tests.factories import CompanyFactory, ConcentratorFactory


def windows(work: PlannedWork) -> list[tuple[datetime, datetime]]:
    return list(work.windows.order_by("begin").values_list("begin", "end"))


def test_work_that_does_not_recur_has_one_time(chile: Company) -> None:
    work = added(chile)
    assert windows(work) == [(NOW + DAY, NOW + DAY + 2 * HOUR)]
    assert [row.history_type for row in work.history.all()] == ["+"]


def test_work_that_lasts_already_is_taken(chile: Company) -> None:
    assert windows(added(chile, begin=NOW - HOUR)) == [(NOW - HOUR, NOW + HOUR)]


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"hours": 0}, "end"),
        ({"hours": -1}, "end"),
        ({"begin": NOW - 3 * HOUR}, "end"),
        ({"hours": 366 * 24 + 1}, "end"),
        ({"begin": NOW - 367 * DAY, "hours": 300 * 24}, "begin"),
        ({"begin": NOW + 3654 * DAY}, "begin"),
        ({"title": " \t"}, "title"),
        ({"title": "x" * 201}, "title"),
        ({"feeder": "\u200b"}, "feeder"),
        ({"scope": "substation", "substation": ""}, "substation"),
        ({"scope": "concentrator"}, "concentrator"),
        ({"scope": "country"}, "scope"),
        ({"rule": "FREQ=NEVER"}, "rule"),
        ({"rule": "FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30"}, "rule"),
        ({"rule": "FREQ=DAILY;UNTIL=20270228"}, "rule"),
        ({"begin": NOW - 21 * 366 * DAY, "rule": "FREQ=DAILY"}, "begin"),
        ({"uid": "x" * 256}, "uid"),
    ],
)
def test_what_is_wrong_is_said_of_its_field_and_nothing_is_stored(
    chile: Company, values: dict[str, Any], field: str
) -> None:
    with pytest.raises(PlannedError) as refused:
        added(chile, **values)
    assert list(refused.value.message_dict) == [field]
    assert not PlannedWork.objects.exists()


def test_all_that_is_wrong_is_said_at_once(chile: Company) -> None:
    with pytest.raises(PlannedError) as refused:
        added(chile, title="", feeder="", hours=-1, rule="no")
    assert set(refused.value.message_dict) == {"title", "feeder", "end", "rule"}


def test_what_the_scope_does_not_name_is_not_stored(chile: Company) -> None:
    one = ConcentratorFactory.create(company=chile)
    work = added(chile, scope="company", substation="North", feeder="F1", concentrator=one)
    assert (work.substation, work.feeder, work.concentrator) == ("", "", None)
    work = added(chile, scope="substation", substation=" North\u00a0 1 ", feeder="F1")
    assert (work.substation, work.feeder) == ("North 1", "")


def test_a_rule_without_an_end_is_made_as_far_as_operators_plan(chile: Company) -> None:
    work = added(chile, rule="FREQ=WEEKLY")
    found = windows(work)
    assert found[-1][0] <= NOW + AHEAD + SPARE < found[-1][0] + 7 * DAY
    assert len(found) == 62


def test_no_work_has_more_than_a_thousand_times_ahead(chile: Company) -> None:
    work = added(chile, rule="FREQ=DAILY;BYHOUR=1,5,9,13,17,21", hours=1)
    assert work.windows.count() == 1_000


def test_a_rule_that_begins_beyond_what_is_planned_ahead_has_its_times(chile: Company) -> None:
    assert added(chile, begin=NOW + 900 * DAY, rule="FREQ=WEEKLY;COUNT=3").windows.count() == 3


def test_of_an_old_series_only_what_is_to_come_is_made(chile: Company) -> None:
    work = added(chile, begin=NOW - 3650 * DAY, rule="FREQ=DAILY;INTERVAL=10", hours=24 * 15)
    assert windows(work)[0][0] == NOW - 10 * DAY
    assert windows(work)[1][0] == NOW


def test_each_time_lasts_as_long_as_the_first(chile: Company) -> None:
    """Clocks go back in the night to 4 April 2027, so five hours end at three, not at four."""
    work = added(chile, begin=local("2027-03-27 23:00"), hours=5, rule="FREQ=WEEKLY;COUNT=3")
    assert [end - begin for begin, end in windows(work)] == [5 * HOUR] * 3


def test_whole_days_stay_whole_days(chile: Company) -> None:
    """Clocks go back in the night to 4 April, and forward in that to 5 September."""
    spring = added(chile, begin=local("2027-03-27 00:00"), hours=24, rule="FREQ=WEEKLY;COUNT=2")
    assert [end - begin for begin, end in windows(spring)] == [24 * HOUR, 25 * HOUR]
    autumn = added(chile, begin=local("2027-08-29 00:00"), hours=24, rule="FREQ=WEEKLY;COUNT=2")
    assert [end - begin for begin, end in windows(autumn)] == [24 * HOUR, 23 * HOUR]
    assert windows(autumn)[1][1] == local("2027-09-06 00:00")


def test_a_year_ends_within_a_time(chile: Company) -> None:
    work = added(chile, begin=local("2027-12-31 23:30"), rule="FREQ=DAILY;COUNT=2")
    assert [begin for begin, _end in windows(work)] == [local("2027-12-31 23:30"), local("2028-01-01 23:30")]
    found = windows_between(local("2027-12-31 12:00"), local("2028-01-01 12:00"))
    assert found.of_place(chile.pk, "", "F1", local("2028-01-01 00:00")) is not None


def test_times_are_left_out_and_added(chile: Company) -> None:
    begin = NOW + DAY
    added_at = f"{begin + 9 * DAY:%Y%m%dT%H%M%SZ}/{begin + 10 * DAY:%Y%m%dT%H%M%SZ}"
    work = added(
        chile, begin=begin, rule="FREQ=DAILY;COUNT=3", left_out=f"{begin + DAY:%Y%m%dT%H%M%SZ}", added=added_at
    )
    assert [at for at, _end in windows(work)] == [begin, begin + 2 * DAY, begin + 9 * DAY]


def test_the_end_of_what_lasts_can_be_moved(chile: Company) -> None:
    work = added(chile)
    now = NOW + DAY + HOUR
    for hours in (5, 1.5):
        work.end = work.begin + hours * HOUR
        store(work, user=None, now=now)
        assert windows(work) == [(work.begin, work.end)]
    assert work.windows.count() == 1


def test_past_times_stay_when_the_work_changes(chile: Company) -> None:
    work = added(chile, rule="FREQ=DAILY;COUNT=5")
    before = windows(work)
    now = before[1][0] + HOUR
    work.begin, work.end = work.begin + 6 * HOUR, work.end + 6 * HOUR
    store(work, user=None, now=now)
    after = windows(work)
    assert after[0] == before[0]
    assert after[1] == (before[1][0], now), "what lasts and is no time any more ends"
    assert [begin for begin, _end in after[2:]] == [before[n][0] + 6 * HOUR for n in (1, 2, 3, 4)]


def test_what_is_cancelled_while_it_lasts_ends_then(chile: Company) -> None:
    work = added(chile, rule="FREQ=DAILY;COUNT=5")
    now = NOW + 2 * DAY + HOUR
    cancelled = cancel(work, user=None, now=now)
    assert cancelled.cancelled_at == now
    assert windows(work) == [(NOW + DAY, NOW + DAY + 2 * HOUR), (NOW + 2 * DAY, now)]
    assert [(one.work_id, one.end) for one in ended_between(now - HOUR / 2, now)] == [(work.pk, now)]
    with pytest.raises(ValidationError, match="cancelled already"):
        cancel(work, user=None, now=now)


def test_what_is_over_is_not_cancelled(chile: Company) -> None:
    work = added(chile)
    with pytest.raises(ValidationError, match="over already"):
        cancel(work, user=None, now=work.end)
    assert PlannedWork.objects.get().cancelled_at is None


def test_cancelled_work_can_be_taken_up_again(chile: Company) -> None:
    work = cancel(added(chile), user=None, now=NOW)
    assert windows(work) == []
    store(work, user=None, now=NOW)
    assert (PlannedWork.objects.get().cancelled_at, len(windows(work))) == (None, 1)


def test_a_key_is_of_one_work_of_a_company(chile: Company) -> None:
    added(chile, uid="1@x")
    added(CompanyFactory.create(name="Italy"), uid="1@x")
    with pytest.raises(PlannedError):
        added(chile, uid="1@x")
    assert PlannedWork.objects.count() == 2


def test_times_are_made_as_time_goes_on_and_not_twice(chile: Company) -> None:
    work = added(chile, rule="FREQ=WEEKLY")
    ended = added(chile, rule="FREQ=WEEKLY;COUNT=2")
    cancelled = cancel(added(chile, rule="FREQ=WEEKLY"), user=None, now=NOW)
    added(chile)
    assert extend_windows(NOW + 20 * DAY) == 0
    first, later = windows(work), NOW + 40 * DAY
    assert extend_windows(later) == 5
    assert extend_windows(later) == 0
    assert windows(work)[: len(first)] == first
    assert windows(work)[-1][0] > later + AHEAD
    assert (len(windows(ended)), len(windows(cancelled))) == (2, 0)


def test_what_ran_before_the_product_stood_still_is_not_made_up_for(chile: Company) -> None:
    work = added(chile, rule="FREQ=DAILY")
    now = NOW + 600 * DAY
    assert extend_windows(now) > 400
    assert not PlannedWindow.objects.filter(work=work, begin__range=(NOW + 440 * DAY, now - DAY)).exists()


def test_two_feeders_of_one_name_are_told_apart(chile: Company) -> None:
    added(chile, substation="North")
    found = windows_between(NOW, NOW + 2 * DAY)
    at = NOW + DAY
    assert found.of(chile.pk, "North", "F1", 1, at) is not None
    assert found.of(chile.pk, "South", "F1", 1, at) is None


def test_names_are_spelt_as_in_the_inventory_where_that_is_clear(chile: Company) -> None:
    for feeder in ("F1", "Alpha", "ALPHA"):
        ConcentratorFactory.create(company=chile, substation="North", feeder=feeder)
    names = Names(chile)
    assert names.spelt("NORTH", "f1") == ("North", "F1")
    assert names.spelt("Other", "alpha") == ("Other", "alpha")
    assert names.spelt("", "Alpha") == ("", "Alpha")


@pytest.mark.parametrize(
    ("rule", "words"),
    [
        ("", "once"),
        ("FREQ=DAILY", "every day"),
        ("FREQ=DAILY;INTERVAL=2;COUNT=1", "every 2 days, 1 time"),
        ("FREQ=WEEKLY;BYDAY=SA,SU;UNTIL=20270403", "every week on Saturday, Sunday, until 4/3/2027"),
        ("FREQ=WEEKLY;UNTIL=20270404T020000Z", "every week, until 4/3/2027"),
        ("FREQ=YEARLY;INTERVAL=3;COUNT=2", "every 3 years, 2 times"),
        ("FREQ=MONTHLY;BYDAY=1MO", "FREQ=MONTHLY;BYDAY=1MO"),
        ("FREQ=DAILY;BYHOUR=1", "FREQ=DAILY;BYHOUR=1"),
    ],
)
def test_an_ordinary_rule_is_put_into_words(chile: Company, rule: str, words: str) -> None:
    assert recurs(planned(chile, rule=rule)) == words


def test_what_a_calendar_changes_of_a_rule_is_said(chile: Company) -> None:
    work = planned(
        chile,
        rule="FREQ=DAILY",
        zone="Europe/Rome",
        left_out="20270403T050000Z",
        added="20270403T060000Z/20270403T070000Z 20270404T060000Z/20270404T070000Z",
    )
    assert recurs(work) == "every day, but for 1 time, and 2 more times (Europe/Rome)"
    assert Schedule.of(work).zone.key == "Europe/Rome"


def test_what_is_covered_is_put_into_words(chile: Company) -> None:
    one = ConcentratorFactory.create(company=chile, serial_number="A1")
    works: list[dict[str, Any]] = [
        {"scope": "concentrator", "concentrator": one},
        {"feeder": "F1"},
        {"feeder": "F1", "substation": "North"},
        {"scope": "substation", "substation": "North"},
        {"scope": "company"},
    ]
    assert [covers(planned(chile, **work)) for work in works] == [
        *("A1", "feeder F1", "feeder F1 of substation North", "substation North", "all of Chile"),
    ]


def test_the_watcher_makes_the_times(chile: Company) -> None:
    with time_machine.travel(NOW, tick=False):
        added(chile, rule="FREQ=WEEKLY")
        PlannedWindow.objects.all().delete()
        call_command("watchstatus", "--once", stdout=StringIO())
    assert PlannedWindow.objects.count() == 62
