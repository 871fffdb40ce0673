"""Counts: reporting days of companies with the silent ones, concentrators by status, and since when (REP-3, API-1)."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import time_machine
from django.contrib.auth.models import User
from django.db import connection
from django.test.utils import CaptureQueriesContext

from concentrators.models import Assignment, Company, Concentrator, Watch
from profiles.models import SystemSettings
from reports.day_report import DayReport
from tests.factories import CompanyFactory, ConcentratorFactory
from tests.smmeplus.api.asking import Api, errors, problem
from tests.smmeplus.api.conftest import AT, arrival
from tests.smmeplus.users import make_operator, make_viewer
from wakeup.models import StatusChange
from wakeup.models.zones import zone_in_force
from wakeup.recording.recorder import record

SUMS = ("in_field", "called", "silent", "expected", "received", "missing")


@pytest.fixture(autouse=True)
def _three_days_later() -> Any:
    with time_machine.travel(AT + timedelta(days=3), tick=False):
        yield


@pytest.fixture
def silent(chile: Company) -> Concentrator:
    """In field since long, and never heard."""
    one = ConcentratorFactory.create(company=chile, serial_number="S1", in_field=True)
    begin = AT - timedelta(days=9)
    Concentrator.objects.filter(pk=one.pk).update(installed_at=begin)
    Assignment.objects.update_or_create(concentrator=one, defaults={"begin": begin, "period_min": 60})
    return one


def report(company: Company, day: date, reader: User) -> DayReport:
    settings = SystemSettings.current()
    return DayReport(company, day, zone_in_force(company, settings), reader, settings, AT + timedelta(days=3))


@pytest.mark.usefixtures("silent")
def test_totals_are_the_figures_of_the_daily_report(api: Api, operator: User, chile: Company) -> None:
    for day in (date(2020, 9, day) for day in range(20, 28)):
        (row,) = api.rows("daily-totals/", from_day=day)
        figures = report(chile, day, operator).figures
        assert {name: row[name] for name in SUMS} == {name: getattr(figures, name) for name in SUMS}, day
        assert (row["company"], row["day"], row["time_zone"]) == (chile.pk, str(day), str(chile.zone))


@pytest.mark.usefixtures("silent")
def test_the_silent_ones_are_in_what_was_expected(api: Api) -> None:
    (row,) = api.rows("daily-totals/", from_day="2020-09-24")
    assert (row["in_field"], row["called"], row["silent"], row["received"]) == (3, 2, 1, 4 - 2)
    assert row["missing"] == row["expected"] - row["received"]


def test_totals_come_by_company_and_day_the_newest_first_whatever_the_page(peru: Company, chile: Company) -> None:
    far = CompanyFactory.create(name="Far", time_zone="Pacific/Auckland")
    api = Api(make_operator(chile, peru, far, name="all"))
    query = {"from_day": "2020-09-23", "to_day": "2020-09-25"}
    everything = api.rows("daily-totals/", **query)
    assert [(row["day"], row["company"]) for row in everything] == [
        (day, company.pk) for day in ("2020-09-25", "2020-09-24", "2020-09-23") for company in (chile, peru, far)
    ]
    for limit in (1, 2, 9):
        assert api.rows("daily-totals/", limit=limit, **query) == everything


def test_without_days_it_is_the_present_one_of_each_company_and_none_that_has_not_begun(chile: Company) -> None:
    far = CompanyFactory.create(name="Far", time_zone="Pacific/Auckland")
    api = Api(make_operator(chile, far, name="all"))
    with time_machine.travel("2020-09-27T14:00:00Z", tick=False):
        assert {row["company"]: row["day"] for row in api.rows("daily-totals/")} == {
            chile.pk: "2020-09-27",
            far.pk: "2020-09-28",
        }
        given = api.rows("daily-totals/", from_day="2020-09-27", to_day="2020-10-09")
        assert [(row["day"], row["company"]) for row in given] == [
            ("2020-09-28", far.pk),
            ("2020-09-27", chile.pk),
            ("2020-09-27", far.pk),
        ]
        assert api.rows("daily-totals/", from_day="2021-01-01") == []


def test_totals_of_too_many_days_or_of_none_are_refused(api: Api) -> None:
    assert len(api.rows("daily-totals/", from_day="2020-08-01", to_day="2020-08-31")) == 31
    said = problem(api.ask("daily-totals/", from_day="2020-08-01", to_day="2020-09-01"), 400)["errors"]
    assert [(one["field"], one["code"]) for one in said] == [("to_day", "max_value")]
    assert errors(api.ask("daily-totals/", from_day="2020-08-02", to_day="2020-08-01")).keys() == {"to_day"}
    assert errors(api.ask("daily-totals/", cursor="x")).keys() == {"cursor"}


def test_counts_of_a_page_take_few_queries(chile: Company, peru: Company) -> None:
    zones = ("Asia/Tokyo", "Europe/Rome", "Africa/Cairo", "Asia/Kolkata", "America/Lima")
    others = [CompanyFactory.create(time_zone=zone) for zone in zones]
    api = Api(make_operator(chile, peru, *others, name="all"))
    for path, query in (
        ("daily-totals/", {"from_day": "2020-09-01", "to_day": "2020-09-30", "limit": 1000}),
        ("concentrator-counts/", {}),
        ("daily-counts/", {"from_day": "2020-09-25", "to_day": "2020-09-25", "silent": "yes", "q": "a"}),
    ):
        with CaptureQueriesContext(connection) as captured:
            api.get(path, **query)
        assert len(captured) < 10, path


DAY = {"from_day": "2020-09-24", "to_day": "2020-09-24", "silent": "yes"}


@pytest.mark.usefixtures("silent")
def test_the_silent_ones_are_rows_of_a_day_if_asked_for(api: Api) -> None:
    rows = {row["concentrator"]: row for row in api.rows("daily-counts/", **DAY)}
    assert rows.keys() == {"A1", "A2", "S1"}
    assert rows["S1"] == {**rows["S1"], "wakeup_count": 0, "total_count": 0, "source_ip": None, "day": "2020-09-24"}
    assert rows["S1"]["missing"] == rows["S1"]["expected"] == 24
    total = api.rows("daily-totals/", from_day="2020-09-24")[0]
    for name in ("expected", "missing"):
        assert sum(row[name] for row in rows.values()) == total[name]
    next_day = {row["concentrator"]: row for row in api.rows("daily-counts/", **{**DAY, **_day("2020-09-25")})}
    assert {serial: row["total_count"] for serial, row in next_day.items()} == {"A1": 2, "A2": 2, "S1": 0}
    before = {row["concentrator"]: row for row in api.rows("daily-counts/", **{**DAY, **_day("2020-09-22")})}
    assert before["A1"]["total_count"] == 0


def _day(text: str) -> dict[str, str]:
    return {"from_day": text, "to_day": text}


@pytest.mark.usefixtures("silent")
def test_pages_with_silent_ones_neither_repeat_nor_skip_a_row(api: Api, chile: Company) -> None:
    for number in range(5):
        one = ConcentratorFactory.create(company=chile, serial_number=f"B{number}", in_field=True)
        Assignment.objects.update_or_create(concentrator=one, defaults={"begin": AT - 9 * DAYS, "period_min": 60})
    record([arrival("B2"), arrival("B4")])
    everything = [row["concentrator"] for row in api.rows("daily-counts/", **DAY)]
    assert sorted(everything) == ["A1", "A2", "B0", "B1", "B2", "B3", "B4", "S1"]
    for limit in (1, 2, 3, 7):
        assert [row["concentrator"] for row in api.rows("daily-counts/", limit=limit, **DAY)] == everything


DAYS = timedelta(days=1)


@pytest.mark.usefixtures("silent")
def test_the_silent_ones_are_filtered_as_the_others(api: Api, chile: Company) -> None:
    asked: list[tuple[dict[str, object], set[str]]] = [
        ({"q": "s1"}, {"S1"}),
        ({"concentrator": "s1,A1"}, {"A1", "S1"}),
        ({"missing": 24}, {"A1", "A2", "S1"}),
        ({"missing": 25}, {"A1", "A2"}),
        ({"chatty": "yes"}, set()),
        ({"company": chile.pk}, {"A1", "A2", "S1"}),
    ]
    for query, wanted in asked:
        assert {row["concentrator"] for row in api.rows("daily-counts/", **DAY, **query)} == wanted, query


def test_the_silent_ones_are_of_one_day_and_not_in_files(api: Api) -> None:
    for days in ({}, {"from_day": "2020-09-24"}, {"from_day": "2020-09-23", "to_day": "2020-09-24"}):
        assert errors(api.ask("daily-counts/", silent="yes", **days)).keys() == {"silent"}
    assert errors(api.ask("daily-counts/", **{"as": "csv"}, **DAY)).keys() == {"silent"}
    assert errors(api.ask("daily-counts/", **{**DAY, "silent": "no"})).keys() == {"silent"}


def test_concentrators_are_counted_by_company_and_status(peru: Company, chile: Company, silent: Concentrator) -> None:
    api = Api(make_viewer(chile, peru, name="both"))
    rows = api.rows("concentrator-counts/", limit=5)
    assert len(rows) == 12
    for company in (chile, peru):
        mine = {row["status"]: row["concentrators"] for row in rows if row["company"] == company.pk}
        listed = api.rows("concentrators/", company=company.pk, state="in field")
        statuses = [row["status"] for row in listed]
        assert mine == {status: statuses.count(status) for status in mine}
        assert sum(mine.values()) == len(listed) > 0
    assert next(iter(mine)) == "unreachable"


def test_what_is_reachable_says_since_when_as_far_as_it_was_recorded(api: Api) -> None:
    back = AT + timedelta(days=3, minutes=-2)
    record([arrival("A1", back)])
    row = api.get("concentrators/A1/")
    assert (row["status"], row["status_since"]) == ("reachable", None)
    Watch.objects.filter(concentrator__serial_number="A1").update(status="reachable", status_at=back)
    row = api.get("concentrators/A1/")
    assert row["status_since"] == back.isoformat(timespec="microseconds")
    given = back.isoformat().replace("+", "%2B")
    for query, number in ((f"status_since_from={given}", 1), (f"status_since_to={given}", 0)):
        found = api.client.get(f"/api/v1/concentrators/?q=a1&{query}").json()["results"]
        assert len(found) == number
    wrong = api.ask("concentrators/", status_since_from="2020-09-25T00:00:00Z", status_since_to="2020-09-24T00:00:00Z")
    assert errors(wrong).keys() == {"status_since_to"}


def test_changes_of_status_are_followed_by_the_last_id_that_was_kept(api: Api, chile: Company, peru: Company) -> None:
    first, second = StatusChange.objects.order_by("pk")
    followed = api.rows("status-changes/", after=0, limit=1)
    assert [row["id"] for row in followed] == [first.pk, second.pk]
    assert api.rows("status-changes/", after=second.pk) == []
    times = {"at": AT - timedelta(days=1), "from_status": "late", "to_status": "reachable", "reason": "message"}
    StatusChange.objects.create(concentrator=Concentrator.objects.get(serial_number="P1"), **times)
    late = StatusChange.objects.create(concentrator=first.concentrator, **times)  # of an earlier time, recorded later
    assert [row["id"] for row in api.rows("status-changes/", after=second.pk)] == [late.pk]
    assert [row["id"] for row in api.rows("status-changes/", after=first.pk, to_status="late")] == [second.pk]
    assert errors(api.ask("status-changes/", after="-1")).keys() == {"after"}


def test_a_cursor_of_one_order_is_none_of_the_other(api: Api) -> None:
    cursor = parse_qs(urlsplit(api.get("status-changes/", limit=1)["next"]).query)["cursor"][0]
    assert errors(api.ask("status-changes/", after=0, cursor=cursor)).keys() == {"cursor"}
