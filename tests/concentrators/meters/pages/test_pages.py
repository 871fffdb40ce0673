"""The pages of meters, and what the page of a concentrator says of its own (MET-6, CON-6)."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from concentrators.meters.pages.facts import sightings_of_meter, why_it_counts
from concentrators.meters.pages.words import change_in_words, state_badge
from concentrators.models import (
    Company,
    Concentrator,
    Meter,
    MeterAvailability,
    MeterConflict,
    Sighting,
    SightingChange,
)
from smmeplus.common.lists import ListTable
from tests.concentrators.meters.pages.listing import AT, count, grow, sight
from tests.factories import CompanyFactory, ConcentratorFactory
from tests.smmeplus.users import client_of, make_operator, make_user

pytestmark = [pytest.mark.django_db, pytest.mark.one_database]


@pytest.fixture
def one(chile: Company) -> Concentrator:
    return ConcentratorFactory.create(company=chile, in_field=True, serial_number="A1", customers=9)


@pytest.fixture
def two(chile: Company) -> Concentrator:
    return ConcentratorFactory.create(company=chile, in_field=True, serial_number="A2")


@pytest.fixture
def client(operator: User) -> Client:
    return client_of(operator)


def page_of(client: Client, view: str, *args: Any, **query: Any) -> str:
    response = client.get(reverse(view, args=args), query)
    assert response.status_code == 200
    return " ".join(response.content.decode().split())


def exported(client: Client, url: str, **query: Any) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(client.get(url, {"export": "json", **query}).getvalue())
    return found


def table_of(client: Client, url: str, **query: Any) -> ListTable:
    made: ListTable = client.get(url, query).context["table"]
    return made


def names(client: Client, **query: Any) -> list[str]:
    """Of the meters in the list of A1 that the filters find."""
    table = table_of(client, reverse("concentrator:meters", args=["A1"]), **query)
    return [row.record.meter.name for row in table.paginated_rows]


def test_the_page_of_a_concentrator_tells_its_meters(client: Client, one: Concentrator) -> None:
    for number in range(12):
        sight(one, f"BAD{number:02}", state=number % 2, state_since=AT)
    sight(one, "GOOD")
    sight(one, "LEFT", state=0, in_list=False, gone_at=AT)
    count(one, meters=14, active=1, temporary=6, permanent=6, supervisors=1, availability=98.256, in_conflict=2)
    page = page_of(client, "concentrator:page", "A1")
    assert "5 more than the 9 customers served" in page
    assert "<dt>State unknown</dt><dd>1</dd>" in page
    Concentrator.objects.update(customers=20)
    assert "6 fewer than the 20 customers served" in page_of(client, "concentrator:page", "A1")
    assert "<dd>98.26 %</dd>" in page
    assert page.count(">BAD") == 10
    assert page.index(">BAD10<") < page.index(">BAD01<")  # permanent failures first
    assert ">GOOD<" not in page
    assert ">LEFT<" not in page
    assert "All its meters, and all in trouble" in page


def test_a_concentrator_without_a_list_says_so_and_counts_nothing(client: Client, one: Concentrator) -> None:
    page = page_of(client, "concentrator:page", "A1")
    assert "No list yet: this concentrator has not handed over its meters." in page
    assert "Meters in its list" not in page


def test_the_list_of_a_concentrator_is_searched_and_filtered(client: Client, one: Concentrator) -> None:
    sight(one, "ZIV1", state=0, meter={"mac": "40402200A1B2", "supply_point": "Casa Ñuñoa"})
    sight(one, "ZIV2", repeater="ZIV1", meter={"mac": "40402200A1B3"})
    sight(one, "CIR3", meter={"kind": "supervisor"}, in_list=False, gone_at=AT, state=None)
    assert [name for name in names(client) if name != "CIR3"] == ["ZIV1", "ZIV2"]  # who has failed first
    for query, found in {
        "ziv": {"ZIV1", "ZIV2"},
        "40:40:22:00:a1:b2": {"ZIV1"},
        "0x40402200A1B3": {"ZIV2"},
        "Ñuñoa": {"ZIV1"},
        "Casa": {"ZIV1"},
        "ZIV1, CIR3": {"ZIV1", "CIR3"},
        "ziv1;404022-00a1b3": {"ZIV1", "ZIV2"},
        "": {"ZIV1", "ZIV2", "CIR3"},
        "%": set(),
        "NOBODY1": set(),
    }.items():
        assert set(names(client, q=query)) == found, query
    assert set(names(client, in_list="true")) == {"ZIV1", "ZIV2"}
    assert set(names(client, in_list="false")) == {"CIR3"}
    assert set(names(client, state="0")) == {"ZIV1"}
    assert set(names(client, kind="supervisor")) == {"CIR3"}
    page = page_of(client, "concentrator:meters", "A1", q="ZIV1, ZIV9, 404022-00A1B3")
    assert "1 of the 3 that you search for is not in this list: ZIV9." in page


def test_a_repeater_is_named_even_if_it_is_not_there(client: Client, one: Concentrator) -> None:
    sight(one, "ZIV1", level=0, meter={"mac": "40402200A1B2"})
    sight(one, "ZIV2", repeater="40402200A1B2")
    sight(one, "ZIV3", repeater="40402200FFFF")
    count(one, meters=3)
    table = table_of(client, reverse("concentrator:meters", args=["A1"]))
    assert {row.record.meter.name: row.get_cell("through") for row in table.rows} == {
        "ZIV1": "—",
        "ZIV2": "ZIV1",
        "ZIV3": "40402200FFFF",
    }


@pytest.mark.parametrize("view", ["concentrator:meters", "meters:list", "meters:page"])
def test_pages_cost_the_same_few_queries(
    client: Client, one: Concentrator, django_assert_max_num_queries: DjangoAssertNumQueries, view: str
) -> None:
    grow(one, 300)
    arguments: dict[str, list[object]] = {
        "concentrator:meters": ["A1"],
        "meters:page": [Meter.objects.earliest("pk").pk],
    }
    args = arguments.get(view, [])
    with django_assert_max_num_queries(9):
        page_of(client, view, *args)


def test_a_list_is_exported_as_it_is_filtered(client: Client, one: Concentrator) -> None:
    sight(one, "ZIV1", state=0, level=0)
    sight(one, "ZIV2", repeater="ZIV1")
    count(one, meters=2)
    rows = exported(client, reverse("concentrator:meters", args=["A1"]), state=2)
    assert [(row["meter_name"], row["repeater"], row["counts_here"]) for row in rows] == [("ZIV2", "ZIV1", True)]
    rows = exported(client, reverse("meters:list"), q="ZIV1")
    assert [(row["meter_name"], row["concentrator_name"], row["state"]) for row in rows] == [("ZIV1", "A1", 0)]


def test_all_meters_are_listed_also_those_of_no_list(client: Client, one: Concentrator, two: Concentrator) -> None:
    both = sight(one, "ZIV1").meter
    sight(two, "ZIV1", chosen=False, state=0)
    Meter.objects.filter(pk=both.pk).update(in_master_since=AT)
    sight(one, "ZIV2")
    Meter.objects.create(company=one.company, name="ZIV3", in_master_since=AT, created_at=AT)
    table = table_of(client, reverse("meters:list"))
    shown = [(row.get_cell_value("name"), row.get_cell_value("concentrator")) for row in table.rows]
    assert shown == [("ZIV1", "A1"), ("ZIV2", "A1"), ("ZIV3", None)]
    for known, found in {"master": "ZIV3", "list": "ZIV2", "both": "ZIV1"}.items():
        rows = table_of(client, reverse("meters:list"), known=known).rows
        assert [row.record.name for row in rows] == [found]


def test_a_meter_is_told_with_all_that_is_known_of_it(client: Client, one: Concentrator, two: Concentrator) -> None:
    sighting = sight(one, "ZIV1", availability=99.5, level=0, meter={"type": "5CTM", "expected_concentrator": two})
    sight(two, "ZIV1", chosen=False, state=0, in_list=False, gone_at=AT, last_seen=None)
    meter = sighting.meter
    SightingChange.objects.create(sighting=sighting, at=AT, what="state", old="2", new="1")
    today = datetime.now(UTC).date()
    for days in (0, 13, 14):
        MeterAvailability.objects.create(
            concentrator=one, meter_name="ZIV1", day=today - timedelta(days=days), percent=99 - days, changes=days
        )
    page = page_of(client, "meters:page", meter.pk)
    assert "It counts at A1, the only one that has it in its current list." in page
    assert "A1: state: active → temporary failure" in page
    assert "gone since 9/25/2020 3:00:00 AM UTC" in page
    assert "99.00 %" in page
    assert "86.00 %" in page
    assert "85.00 %" not in page
    sightings = page[page.index(">Sightings<") : page.index(">What has changed<")]
    assert sightings.index(">A1<") < sightings.index(">counts here<") < sightings.index(">A2<")


def test_where_it_counts_says_why(one: Concentrator, two: Concentrator) -> None:
    meter = Meter.objects.create(company=one.company, name="ZIV1", created_at=AT)

    def why(**conflict: Any) -> str:
        found = MeterConflict(**conflict) if conflict else None
        return why_it_counts(sightings_of_meter(meter), found)

    assert why() == "It counts nowhere: it is in no current list."
    first = sight(one, "ZIV1", in_list=False, gone_at=AT)
    assert why() == "It counts at A1, which had it last: it is in no current list."
    Sighting.objects.filter(pk=first.pk).update(in_list=True, gone_at=None)
    assert why() == "It counts at A1, the only one that has it in its current list."
    sight(two, "ZIV1", chosen=False)
    assert why() == "It counts at A1: of several it is active there, or was heard there last."
    assert why(preferred=one, reason="level") == "It counts at A1: fewer repeaters."
    assert why(preferred=two, reason="level").endswith("heard there last.")
    decided = {"decision": "keep", "keep_at": one, "preferred": two, "reason": "level"}
    assert why(**decided) == "It counts at A1: an operator decided so."


def test_a_meter_in_conflict_says_so(client: Client, one: Concentrator, two: Concentrator) -> None:
    meter = sight(one, "ZIV1").meter
    facts = {"company": one.company, "meter": meter, "lists": 2, "opened_at": AT}
    MeterConflict.objects.create(**facts, kind=1, closed_at=AT)
    assert "have this meter in their lists" not in page_of(client, "meters:page", meter.pk)
    MeterConflict.objects.create(**facts, kind=2, decision="keep", keep_at=two)
    page = page_of(client, "meters:page", meter.pk)
    assert "2 concentrators have this meter in their lists since 9/25/2020 3:00:00 AM UTC: moved." in page
    assert "Decision: keep at one A2." in page
    assert ">in conflict<" in page_of(client, "concentrator:meters", "A1")
    sight(one, "ZIV2")
    assert names(client, conflict="open") == ["ZIV1"]


@pytest.mark.parametrize(
    ("what", "old", "new", "words"),
    [
        ("first", "", "", "seen for the first time"),
        ("gone", "", "", "gone from the list"),
        ("back", "", "", "back in the list"),
        ("state", "2", "0", "state: active → permanent failure"),
        ("state", "", "1", "state: — → temporary failure"),
        ("state", "7", "x", "state: 7 → x"),
        ("level", "0", "2", "level: 0 → 2"),
        ("repeater", "ZIV1", "", "repeater: ZIV1 → —"),
    ],
)
def test_changes_are_told_in_words(what: str, old: str, new: str, words: str) -> None:
    assert change_in_words(SightingChange(what=what, old=old, new=new)) == words


def test_a_state_is_never_a_colour_alone() -> None:
    assert state_badge(2) == '<span class="badge text-bg-secondary">active</span>'
    for state, marked in ((0, "▲</span> permanent failure"), (1, "◆</span> temporary failure")):
        assert marked in state_badge(state)
    assert state_badge(None) == "—"


def test_another_company_sees_nothing_of_it(one: Concentrator) -> None:
    meter = sight(one, "ZIV1").meter
    stranger = client_of(make_operator(CompanyFactory.create(), name="stranger"))
    addresses = [reverse(f"concentrator:{name}", args=["A1"]) for name in ("meters", "tree")]
    for url in [*addresses, reverse("meters:page", args=[meter.pk])]:
        assert stranger.get(url).status_code == 404
    assert "ZIV1" not in stranger.get(reverse("meters:list")).content.decode()


def test_who_may_not_see_meters_is_refused(one: Concentrator, chile: Company) -> None:
    meter = sight(one, "ZIV1").meter
    count(one, meters=1)
    nobody = client_of(make_user("nobody", chile))
    for url in (reverse("meters:list"), reverse("meters:page", args=[meter.pk]), "/concentrators/A1/tree/"):
        assert nobody.get(url).status_code == 403
