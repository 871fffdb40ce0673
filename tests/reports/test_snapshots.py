"""Pages of a list that grows meanwhile neither repeat nor skip a row (REP-6)."""

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine
from django.test import Client
from django.urls import reverse

from concentrators.models import Company
from tests.factories import ConcentratorFactory
from tests.reports.arrivals import send, utc
from tests.smmeplus.markup import column, links, parse

NAME = "concentrator name"
AT_FIRST = utc("2020-09-24 15:00")
VIEWS = ["wakeup", "in-field"]


def grow(company: Company, *serials: str, at: str) -> None:
    for serial in serials:
        one = ConcentratorFactory.create(company=company, serial_number=serial, in_field=True, installed_at=utc(at))
        send(one, at)


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
        first = parse(client.get(reverse(f"reports:{view}")))
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
@pytest.mark.parametrize("asof", ["", "x", "-1", "1.5", "9" * 16, "9" * 5000, "٣", "\0", "1600000000000000"])
def test_any_other_time_in_the_link_is_ignored(client: Client, thirty: list[str], view: str, asof: str) -> None:
    with time_machine.travel(AT_FIRST, tick=False):
        page = client.get(reverse(f"reports:{view}"), {"page": "2", "asof": asof})
    assert column(parse(page), NAME) == thirty[25:]
