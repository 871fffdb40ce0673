"""Expected and missing wake-ups beside the daily count (REP-7)."""

from __future__ import annotations

import csv
import io
import json

import pytest
import time_machine
from django.test import Client
from django.urls import reverse

from concentrators.models import Assignment, Company, Concentrator, OutOfService
from tests.factories import ConcentratorFactory
from tests.reports.arrivals import file_of, send, utc
from tests.smmeplus.translation.markup import column, links, parse, rows, with_class

URL = reverse("reports:wakeup-per-day")
ALL_DAYS = {"from_day": "", "to_day": ""}
NAME = "concentrator name"
NOON = utc("2020-09-24 15:00")  # in Chile

pytestmark = pytest.mark.usefixtures("at_noon")


@pytest.fixture
def at_noon() -> object:
    with time_machine.travel(NOON, tick=False) as moment:
        yield moment


def make(company: Company, serial: str, wakeups: int, period: int | None = 10) -> Concentrator:
    """A concentrator in field since yesterday at noon with so many wake-ups today and one yesterday."""
    one: Concentrator = ConcentratorFactory.create(company=company, serial_number=serial, in_field=True)
    Assignment.objects.create(concentrator=one, begin=utc("2020-09-23 15:00"), period_min=period)
    send(one, "2020-09-23 16:00", *["2020-09-24 12:00"] * wakeups)
    return one


def figures(client: Client, **query: str) -> list[list[str]]:
    return [[row[0], row[3], *row[5:]] for row in rows(parse(client.get(URL, query)))]


def test_expected_of_today_is_what_was_due_until_now(client: Client, chile: Company) -> None:
    make(chile, "A", 70)
    make(chile, "B", 73)
    make(chile, "C", 1, None)
    assert figures(client) == [["A", "70", "72", "2"], ["B", "73", "72", "0"], ["C", "1", "0", "0"]]


def test_expected_of_several_days_is_that_of_each(client: Client, chile: Company) -> None:
    one = make(chile, "A", 70)
    assert figures(client, **ALL_DAYS) == [["A", "70", "72", "2"], ["A", "1", "72", "71"]]
    OutOfService.objects.create(concentrator=one, begin=utc("2020-09-24 03:00"), end=utc("2020-09-24 08:00"))
    assert figures(client, **ALL_DAYS) == [["A", "70", "42", "0"], ["A", "1", "72", "71"]]
    assert figures(client) == [["A", "70", "42", "0"]]


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ({"missing": "1"}, ["A", "B"]),
        ({"missing": "3"}, ["B"]),
        ({"missing": "73"}, []),
        ({"missing": "0"}, []),
        ({"missing": "1", **ALL_DAYS}, ["A", "B", "A", "B"]),
        ({"sort": "-missing"}, ["B", "A", "C"]),
        ({"sort": "expected"}, ["C", "A", "B"]),
    ],
)
def test_rows_are_filtered_and_sorted_by_what_is_missing(
    client: Client, chile: Company, query: dict[str, str], found: list[str]
) -> None:
    make(chile, "A", 70)
    make(chile, "B", 1)
    make(chile, "C", 2, 720)
    assert column(parse(client.get(URL, query)), NAME) == found


@pytest.mark.parametrize(
    ("period", "wakeups", "is_chatty"),
    [(120, 12, True), (120, 11, False), (720, 4, False), (720, 5, True), (None, 3, False), (None, 4, True)],
)
def test_chatty_is_twice_the_expected_and_more_than_three_beyond(
    client: Client, chile: Company, period: int | None, wakeups: int, is_chatty: bool
) -> None:
    make(chile, "A", wakeups, period)
    assert bool(rows(parse(client.get(URL, {"chatty": "yes"})))) == is_chatty


def test_the_ready_made_views_open_from_the_page(client: Client, chile: Company) -> None:
    make(chile, "A", 1)
    make(chile, "B", 5, 720)
    found = links(with_class(parse(client.get(URL)), "views")[0])
    assert column(parse(client.get(found["Missing today"])), NAME) == ["A"]
    assert column(parse(client.get(found["Chatty today"])), NAME) == ["B"]
    assert column(parse(client.get(found["All of today"])), NAME) == ["A", "B"]


def test_exports_have_both(client: Client, chile: Company) -> None:
    make(chile, "A", 70)
    (row,) = csv.DictReader(io.StringIO(file_of(client.get(URL, {"export": "csv"})).decode("utf-8-sig")))
    assert list(row)[-2:] == ["expected", "missing"]
    assert (row["expected"], row["missing"]) == ("72", "2")
    (same,) = json.loads(file_of(client.get(URL, {"export": "json"})))
    assert (same["expected"], same["missing"]) == (72, 2)


@pytest.mark.parametrize("day", ["0001-01-01", "1970-01-01", "9999-12-31"])
def test_a_day_at_the_end_of_the_calendar_is_no_error(client: Client, chile: Company, day: str) -> None:
    make(chile, "A", 1)
    for name in ("wakeup-per-day", "days", "in-field"):
        for query in ({"from_day": day, "to_day": day}, {"to_day": day}, {"silent_on": day}):
            assert client.get(reverse(f"reports:{name}"), query).status_code == 200
