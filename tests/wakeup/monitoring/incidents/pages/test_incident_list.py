"""The list of incidents: the worst first, filtered, and of the user's companies alone (STA-5)."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse

from concentrators.models import Company
from tests.factories import CompanyFactory
from tests.smmeplus.translation.markup import parse, rows
from tests.smmeplus.users import client_of, make_user, make_viewer
from tests.wakeup.monitoring.incidents.pages.incidents import MINUTE, NOON, incident_of
from tests.wakeup.monitoring.incidents.pages.planned import window_of
from wakeup.models import Incident

pytestmark = [pytest.mark.django_db, pytest.mark.one_database, pytest.mark.time]
URL = reverse("incidents:list")


def shown(client: Client, **query: str) -> list[list[str]]:
    with time_machine.travel(NOON, tick=False):
        return rows(parse(client.get(URL, query)))


def places(client: Client, **query: str) -> list[str]:
    return [row[0] for row in shown(client, **query)]


def make(company: Company, feeder: str, **values: Any) -> Incident:
    return incident_of(company, feeder=feeder, substation="", **values)


def test_a_row_says_where_what_since_when_how_many_and_who(client: Client, chile: Company, operator: User) -> None:
    one = incident_of(chile, "A1", "A2", back=1, owner=operator, acknowledged_at=NOON, size=40)
    assert shown(client) == [
        [
            "Feeder 12 of Pudahuel",
            "acknowledged",
            "power",
            "2/25/2026 11:50:00 AM",
            "10 min",
            *("1", "2", "40", "200 (inventory)"),
            "operator",
            "Chile",
        ]
    ]
    assert one.pk


def test_places_are_told_in_words(client: Client, chile: Company) -> None:
    empty: dict[str, Any] = {"feeder": "", "substation": "", "company": chile}
    for values in (
        {"scope": "feeder", "feeder": "7"},
        {"scope": "substation", "substation": "Maipú"},
        {"scope": "carrier", "carrier": "Entel"},
        {"scope": "company"},
        {"scope": "our side", "company": None},
    ):
        incident_of(**(empty | values))
    assert sorted(places(client)) == ["All of Chile", "Carrier Entel", "Feeder 7", "Our side", "Substation Maipú"]


def test_the_worst_are_first(client: Client, chile: Company, operator: User) -> None:
    begin = NOON - timedelta(hours=1)
    make(chile, "ended", ended_at=NOON, members=9, dark=0)
    make(chile, "planned", planned=window_of(chile), members=9, dark=9, began_at=begin)
    make(chile, "acknowledged", acknowledged_at=NOON, owner=operator, members=9, dark=9)
    make(chile, "many members", members=8, dark=8)
    make(chile, "younger", members=3, dark=3, began_at=NOON)
    make(chile, "older", members=3, dark=3, began_at=begin)
    some = make(chile, "half back", members=4, dark=2)
    Incident.objects.filter(pk=some.pk).update(customers=1000)
    few = make(chile, "fewer customers", members=300, dark=300)
    Incident.objects.filter(pk=few.pk).update(customers=499)
    assert [place.removeprefix("Feeder ") for place in places(client)] == [
        "half back",
        "fewer customers",
        "many members",
        "younger",
        "older",
        "acknowledged",
        "planned",
        "ended",
    ]


def test_a_blackout_of_millions_of_customers_sorts(client: Client, chile: Company) -> None:
    whole = make(chile, "whole", members=400_000, dark=400_000)
    Incident.objects.filter(pk=whole.pk).update(customers=2_000_000_000)
    make(chile, "other", members=3, dark=3)
    assert places(client) == ["Feeder whole", "Feeder other"]


def test_what_is_part_of_another_is_shown_only_if_asked_for(client: Client, chile: Company) -> None:
    whole = make(chile, "1")
    make(chile, "2", merged_into=whole)
    assert places(client) == places(client, state="") == ["Feeder 1"]
    assert places(client, state="merged") == ["Feeder 2"]
    assert places(client, q="2") == [f"Feeder {1}"] * (str(whole.pk) == "2")


def test_filters_narrow(client: Client, chile: Company, operator: User) -> None:
    make(chile, "open")
    make(chile, "mine", owner=operator, acknowledged_at=NOON, cause="communication")
    make(chile, "over", ended_at=NOON, began_at=NOON - timedelta(days=1))
    make(chile, "works", planned=window_of(chile))
    found = {
        ("state", "lasting"): {"open", "mine", "works"},
        ("state", "open"): {"open"},
        ("state", "acknowledged"): {"mine"},
        ("state", "planned"): {"works"},
        ("state", "ended"): {"over"},
        ("cause", "communication"): {"mine"},
        ("planned", "yes"): {"works"},
        ("planned", "no"): {"open", "mine", "over"},
        ("owner", "mine"): {"mine"},
        ("owner", "nobody"): {"open", "over", "works"},
        ("from_day", "2026-02-25"): {"open", "mine", "works"},
        ("to_day", "2026-02-24"): {"over"},
        ("q", "OVE"): {"over"},
    }
    for (name, value), expected in found.items():
        assert {place.removeprefix("Feeder ") for place in places(client, **{name: value})} == expected, (name, value)


def test_a_day_is_whole_whichever_end_it_is(client: Client, chile: Company) -> None:
    midnight = NOON.replace(hour=0)
    for name, at in (("first", midnight), ("last", midnight + timedelta(days=1, microseconds=-1))):
        make(chile, name, began_at=at)
    make(chile, "before", began_at=midnight - timedelta(microseconds=1))
    make(chile, "after", began_at=midnight + timedelta(days=1))
    day = {"from_day": "2026-02-25", "to_day": "2026-02-25"}
    assert sorted(places(client, **day)) == ["Feeder first", "Feeder last"]


def test_the_number_of_an_incident_is_found(client: Client, chile: Company) -> None:
    one = make(chile, "A")
    make(chile, "B")
    assert places(client, q=f"#{one.pk}") == places(client, q=f" {one.pk} ") == ["Feeder A"]


def test_hostile_names_are_only_text(client: Client, chile: Company) -> None:
    make(chile, "<script>alert(1)</script>")
    with time_machine.travel(NOON, tick=False):
        assert b"<script>alert(1)" not in client.get(URL).content


def test_a_viewer_looks_another_company_sees_our_side_alone_and_without_permission_nobody(chile: Company) -> None:
    make(chile, "A")
    incident_of(None, scope="our side", feeder="", substation="")
    assert places(client_of(make_viewer(chile))) == ["Feeder A", "Our side"]
    assert places(client_of(make_viewer(CompanyFactory.create(), name="other"))) == ["Our side"]
    assert client_of(make_user("nobody", chile)).get(URL).status_code == 403


def test_it_is_exported_with_what_programs_need(client: Client, chile: Company) -> None:
    one = make(chile, "A", began_at=NOON - 10 * MINUTE)
    exported = b"".join(client.get(URL, {"export": "csv"}).streaming_content).decode()  # type: ignore[attr-defined]
    head, row = exported.lstrip("\ufeff").splitlines()[:2]
    assert head.split(",")[:4] == ["incident", "company", "place", "substation"]
    assert row.startswith(f"{one.pk},Chile,feeder,,A,,power,2026-02-25T11:50:00.000000+00:00,")
