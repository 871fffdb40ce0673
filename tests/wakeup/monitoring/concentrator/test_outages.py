"""The outages of a concentrator on its page (CON-6, STA-5)."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from concentrators.models import Company, Concentrator
from tests.factories import IncidentFactory, OutageFactory
from tests.smmeplus.translation.markup import links, parse, rows
from tests.smmeplus.users import client_of, make_user
from tests.wakeup.at_noon import HOUR, NOW, SERIAL

pytestmark = [pytest.mark.one_database, pytest.mark.time]
URL = reverse("concentrator:page", args=[SERIAL])


def shown(client: Client) -> list[list[str]]:
    region = parse(client.get(URL)).find(".//div[@aria-labelledby='outages-head']")
    return [] if region is None else rows(region)


@pytest.fixture
def dark(client: Client, chile: Company, one: Concentrator) -> Any:
    """Makes outages of it that began so many hours ago."""

    def make(hours: float, **values: Any) -> None:
        OutageFactory.create(concentrator=one, company=chile, began_at=NOW - hours * HOUR, customers=1, **values)

    return make


def test_begin_end_length_quality_cause_and_incident(client: Client, chile: Company, dark: Any) -> None:
    incident = IncidentFactory.create(company=chile)
    dark(5, ended_at=NOW - 4 * HOUR, quality="measured", cause="power", incident=incident)
    dark(3, ended_at=NOW - 3 * HOUR, is_momentary=True, quality="restored", cause="power")
    dark(1, earliest_at=NOW - 1.5 * HOUR, latest_at=NOW - HOUR / 2)
    now, momentary, past = shown(client)
    assert now[0] == "9/24/2020 2:00:00 PM between 13:30 and 14:30"
    assert now[1:] == ["still dark", "1 h", "inferred", "undecided", "—"]
    assert momentary[2] == "momentary, of unknown length"
    assert past[2:] == ["1 h", "measured", "power", f"Incident {incident.pk}"]
    page = parse(client.get(URL))
    assert links(page)[f"Incident {incident.pk}"] == reverse("incidents:page", args=[incident.pk])


def test_a_begin_around_midnight_names_both_days(client: Client, dark: Any) -> None:
    dark(15.5, earliest_at=NOW - 16 * HOUR, latest_at=NOW - 15 * HOUR, ended_at=NOW)
    assert shown(client)[0][0].endswith("between 9/23/2020 11:00:00 PM and 9/24/2020 12:00:00 AM")


def test_the_last_twenty_are_shown_the_newest_first(client: Client, dark: Any) -> None:
    for hours in range(25):
        dark(hours + 1, ended_at=NOW - hours * HOUR - HOUR / 2)
    found = shown(client)
    assert len(found) == 20
    assert all(row[2] == "30 min" for row in found)
    assert [row[0] for row in found[:2]] == ["9/24/2020 2:00:00 PM", "9/24/2020 1:00:00 PM"]


def test_without_any_there_is_no_table(client: Client, one: Concentrator) -> None:
    assert shown(client) == []


def test_who_may_not_see_incidents_gets_no_link(chile: Company, dark: Any) -> None:
    dark(1, incident=IncidentFactory.create(company=chile))
    assert shown(client_of(make_user("nobody", chile, permissions=("concentrators.view_concentrator",))))[0][-1] == "—"
