"""Pages of a list that grows meanwhile neither repeat nor skip a row (REP-6)."""

from __future__ import annotations

from datetime import datetime, timedelta
from xml.etree.ElementTree import Element

import factory
import pytest
import time_machine
from django.test import Client
from django.urls import reverse

from concentrators.models import Company, Concentrator
from smmeplus.dlms.kinds import Kind
from tests.factories import ConcentratorFactory
from tests.reports.arrivals import send, utc
from tests.smmeplus.translation.markup import column, links, parse, rows
from wakeup.models import Format
from wakeup.recording.arrivals import Arrival
from wakeup.recording.recorder import record

pytestmark = pytest.mark.one_database

NAME = "concentrator name"
AT_FIRST = utc("2020-09-24 15:00")
VIEWS = ["wakeup", "wakeup-per-day", "in-field"]
PER_DAY = reverse("reports:wakeup-per-day")
SIXTY = [f"M{number:02}" for number in range(60)]


def grow(company: Company, *serials: str, at: str) -> None:
    for serial in serials:
        ConcentratorFactory.create(company=company, serial_number=serial, in_field=True, installed_at=utc(at))
    record([arrival(serial, utc(at)) for serial in serials])


@pytest.fixture
def thirty(chile: Company) -> list[str]:
    serials = [f"M{number:02}" for number in range(30)]
    grow(chile, *serials, at="2020-09-24 12:00")
    return serials


@pytest.mark.parametrize("view", VIEWS)
def test_a_row_that_appears_before_the_next_page_moves_none_to_it(
    client: Client, chile: Company, thirty: list[str], view: str
) -> None:
    with time_machine.travel(AT_FIRST, tick=False) as moment:
        first = parse(client.get(reverse(f"reports:{view}"), {"sort": "concentrator_name"}))
        moment.shift(timedelta(minutes=5))
        grow(chile, "A1", "Z1", at="2020-09-24 15:04")
        second = parse(client.get(links(first)["2"]))
        assert column(first, NAME) + column(second, NAME) == thirty
        again = parse(client.get(links(second)["1"]))
        assert column(again, NAME) == ["A1", *thirty[:24]]
        assert column(parse(client.get(links(again)["2"])), NAME) == [*thirty[24:], "Z1"]


@pytest.mark.parametrize("view", VIEWS)
@pytest.mark.parametrize(("minutes", "is_new_shown"), [(60, False), (61, True)])
def test_an_old_link_shows_what_there_is(
    client: Client, chile: Company, thirty: list[str], view: str, minutes: int, is_new_shown: bool
) -> None:
    with time_machine.travel(AT_FIRST, tick=False) as moment:
        second = links(parse(client.get(reverse(f"reports:{view}"))))["2"]
        moment.shift(timedelta(minutes=minutes))
        grow(chile, "Z1", at="2020-09-24 15:30")
        assert ("Z1" in column(parse(client.get(second)), NAME)) == is_new_shown


@pytest.mark.parametrize("view", VIEWS)
def test_any_other_time_in_the_link_is_ignored(client: Client, thirty: list[str], view: str) -> None:
    for asof in ("", "x", "-1", "1.5", "9" * 16, "9" * 5000, "٣", "\0", "1600000000000000"):
        with time_machine.travel(AT_FIRST, tick=False):
            page = client.get(reverse(f"reports:{view}"), {"page": "2", "asof": asof})
        assert column(parse(page), NAME) == thirty[25:], asof


@pytest.fixture
def sixty(chile: Company) -> None:
    """On each of two days M00, M01, … have one, two, three, one, … wake-ups."""
    ConcentratorFactory.create_batch(60, company=chile, serial_number=factory.Iterator(SIXTY))
    days = utc("2020-09-23 12:00"), utc("2020-09-24 12:00")
    record(
        [arrival(serial, day, n) for place, serial in enumerate(SIXTY) for day in days for n in range(place % 3 + 1)]
    )


def arrival(serial: str, at: datetime, minute: int = 0) -> Arrival:
    return Arrival(serial, Kind.KEEPALIVE, Format.PUSH, at + timedelta(minutes=minute), "10.60.0.7", 58_692)


def grow_everywhere(company: Company, number: int) -> None:
    """Rows that come first, in the middle and last in any order of the report."""
    for wakeups, place in enumerate(("A", "M30X", "Z"), 1):
        one = ConcentratorFactory.create(company=company, serial_number=f"{place}{number}")
        send(one, *(f"2020-09-24 15:0{minute}" for minute in range(1, wakeups + 1)))


def days_on(page: Element) -> list[tuple[str, ...]]:
    """Name, date and both counts of each row."""
    return [(row[0], *row[2:5]) for row in rows(page)]


def all_pages(client: Client, company: Company, moment: time_machine.Traveller, query: str) -> list[tuple[str, ...]]:
    """The rows of all pages, of a list that grows before each but the first."""
    page = parse(client.get(f"{PER_DAY}?{query}"))
    shown = days_on(page)
    for number in range(2, 99):
        if str(number) not in links(page):
            break
        moment.shift(timedelta(minutes=5))
        grow_everywhere(company, number)
        page = parse(client.get(links(page)[str(number)]))
        shown += days_on(page)
    return shown


@pytest.mark.parametrize(
    ("query", "size", "number"),
    [
        pytest.param("sort=concentrator_name", 25, 60, marks=pytest.mark.ci_only),
        pytest.param("sort=-concentrator_name", 50, 60, marks=pytest.mark.ci_only),
        pytest.param("sort=daily_count", 50, 60, marks=pytest.mark.ci_only),
        ("sort=-daily_count", 25, 60),
        ("from_day=&to_day=", 50, 120),
        pytest.param("from_day=&to_day=&sort=-daily_count", 25, 120, marks=pytest.mark.ci_only),
    ],
)
def test_days_that_begin_between_pages_are_on_none_of_them(
    client: Client, chile: Company, sixty: None, query: str, size: int, number: int
) -> None:
    with time_machine.travel(AT_FIRST, tick=False) as moment:
        at_first = days_on(parse(client.get(f"{PER_DAY}?{query}&per_page=250")))
        assert len(at_first) == number
        assert all_pages(client, chile, moment, f"{query}&per_page={size}") == at_first
        assert len(days_on(parse(client.get(f"{PER_DAY}?{query}&per_page=250")))) > number


def test_pages_of_today_stay_of_the_same_day_past_midnight(client: Client, chile: Company, sixty: None) -> None:
    with time_machine.travel(utc("2020-09-25 02:59"), tick=False) as moment:
        first = parse(client.get(PER_DAY))
        moment.shift(timedelta(minutes=2))
        send(Concentrator.objects.get(serial_number="M59"), "2020-09-25 03:00")
        second = parse(client.get(links(first)["2"]))
        assert column(first, NAME) + column(second, NAME) == SIXTY[:50]
        assert set(column(second, "date")) == {"9/24/2020 12:00:00 AM"}
        assert column(parse(client.get(PER_DAY)), NAME) == ["M59"]
