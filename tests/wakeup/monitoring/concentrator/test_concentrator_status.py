"""A concentrator's page tells its status, since when and why (CON-6, STA-1)."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from concentrators.models import Company, Concentrator, Watch
from profiles.models import SystemSettings
from smmeplus.dlms.kinds import Kind
from tests.factories import ConcentratorFactory, OutOfServiceFactory
from tests.reports.arrivals import send
from tests.smmeplus.translation.markup import links, parse, text
from tests.smmeplus.users import client_of, make_operator
from tests.wakeup.at_noon import HOUR, NOW, SERIAL

URL = reverse("concentrator:page", args=[SERIAL])


@pytest.fixture
def client(noon: Any, chile: Company) -> Client:
    return client_of(make_operator(chile))


def status(client: Client) -> tuple[str, str, list[list[str]]]:
    """The class of the badge's colour, badge and reason, and the table of times."""
    (card,) = (one for one in parse(client.get(URL)).iter("section") if one.get("aria-labelledby") == "status-head")
    badge = card.find(".//p/span")
    assert badge is not None
    return (
        badge.get("class", "").removeprefix("badge text-bg-"),
        text(card.find(".//p")),
        [[text(cell) for cell in row] for row in card.findall(".//tbody/tr")],
    )


def test_one_that_calls_is_reachable_and_says_when_it_is_due(client: Client, one: Concentrator) -> None:
    send(one, "2020-09-24 14:55")
    assert status(client) == (
        "success",
        "reachable last wake-up at 9/24/2020 2:55:00 PM UTC",
        [["Wake-up due at", "9/24/2020 3:05:00 PM", "9/24/2020 12:05:00 PM"]],
    )


def test_a_silent_one_says_since_when(client: Client, one: Concentrator) -> None:
    send(one, "2020-09-24 14:30")
    assert status(client) == (
        "danger",
        "unreachable silent since 9/24/2020 2:30:00 PM UTC",
        [
            ["Since", "9/24/2020 2:44:00 PM", "9/24/2020 11:44:00 AM"],
            ["Wake-up due at", "9/24/2020 2:40:00 PM", "9/24/2020 11:40:00 AM"],
        ],
    )


def test_one_that_is_past_due_is_late(client: Client, one: Concentrator) -> None:
    send(one, "2020-09-24 14:48")
    assert status(client)[:2] == ("warning", "late silent since 9/24/2020 2:48:00 PM UTC")


def test_one_that_lost_its_supply_says_so(client: Client, one: Concentrator) -> None:
    send(one, "2020-09-24 14:55")
    send(one, "2020-09-24 14:58", kind=Kind.LASTGASP)
    assert status(client)[:2] == ("danger", "unreachable last gasp at 9/24/2020 2:58:00 PM UTC")


def test_one_that_never_called_says_since_when_it_might_have(client: Client, one: Concentrator) -> None:
    said = "unreachable no wake-up since it was installed at 9/24/2020 1:00:00 PM UTC"
    assert status(client)[:2] == ("danger", said)


def test_one_with_wakeup_disabled_says_that_its_profile_does_it(client: Client, one: Concentrator) -> None:
    Watch.objects.update(period_min=None)
    assert status(client)[:2] == ("secondary", "disabled its profile has wake-up disabled")


def test_one_out_of_service_says_until_when_and_why(client: Client, one: Concentrator) -> None:
    OutOfServiceFactory.create(concentrator=one, begin=NOW - HOUR, end=NOW + HOUR, reason="Works")
    assert status(client) == (
        "secondary",
        "out of service until 9/24/2020 4:00:00 PM UTC: Works",
        [["Since", "9/24/2020 2:00:00 PM", "9/24/2020 11:00:00 AM"]],
    )


def test_the_timing_is_that_of_the_settings(client: Client, one: Concentrator) -> None:
    SystemSettings.objects.update(margin_s=3600)
    send(one, "2020-09-24 14:30")
    assert status(client)[0] == "success"


def test_what_is_not_in_field_has_no_status(client: Client, chile: Company) -> None:
    ConcentratorFactory.create(company=chile, serial_number=SERIAL)
    page = parse(client.get(URL))
    assert not [one for one in page.iter("section") if one.get("aria-labelledby") == "status-head"]
    assert "Out of service" not in links(page)
