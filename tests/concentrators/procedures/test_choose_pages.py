"""Installation, modification, removal: what the pages show (CON-2 to CON-4)."""

from __future__ import annotations

from urllib.parse import parse_qs, urlsplit
from xml.etree.ElementTree import Element

import pytest
from django.test import Client
from django.urls import reverse

from concentrators.models import Company, State
from profiles.models import SpontaneousProfile
from tests.factories import CompanyFactory, ConcentratorFactory, SpontaneousProfileFactory
from tests.smmeplus.translation.markup import (
    alerts,
    headers,
    links,
    options,
    parse,
    rows,
    selected,
    text,
    texts,
    with_class,
)
from tests.smmeplus.users import make_operator, make_viewer

pytestmark = pytest.mark.one_database

PAGES = {
    "installation": ("Concentrator installation", "Add Concentrator installation", "Install"),
    "modification": ("Concentrator modification", "Give concentrators another profile", "Modify"),
    "removal": ("Concentrator removal", "Take concentrators out of the field", "Remove"),
}
CONCENTRATORS, PROFILES = "choose-concentrators", "choose-profile"


def url(view: str = "installation", query: str = "") -> str:
    return reverse(f"concentrators:{view}") + query


def part(client: Client, target: str, query: str = "", view: str = "installation") -> Element:
    """One of the two tables, as htmx asks for it."""
    return parse(client.get(url(view, query), headers={"HX-Request": "true", "HX-Target": target}))


def serials(table: Element) -> list[str]:
    return [row[0] for row in rows(table)]


def kept(table: Element, header: str) -> dict[str, str]:
    """What the address behind a column's header keeps and asks for."""
    return {name: values[-1] for name, values in parse_qs(urlsplit(links(table)[header]).query).items()}


@pytest.mark.parametrize("view", PAGES)
def test_title_heading_and_button(client: Client, view: str) -> None:
    title, heading, button = PAGES[view]
    found = parse(client.get(url(view)))
    assert texts(found, ".//main//h1") == [title]
    assert texts(found, ".//main//h2") == [heading]
    assert texts(found, ".//main/div[@class='dialog-foot']/button") == [button]


@pytest.mark.parametrize(
    ("view", "captions"),
    [
        ("installation", ["Select concentrator", "Select spontaneous profile"]),
        ("modification", ["Select concentrator", "Select spontaneous profile"]),
        ("removal", ["Select concentrator"]),
    ],
)
def test_the_tables_have_their_own_names_and_searches(client: Client, view: str, captions: list[str]) -> None:
    found = parse(client.get(url(view)))
    assert texts(found, ".//main//h3") == captions
    assert texts(found, ".//main//section//label") == [f"Search in: {caption}" for caption in captions]


def test_the_columns_are_those_of_the_reference(client: Client, profile: SpontaneousProfile) -> None:
    assert headers(part(client, CONCENTRATORS)) == ["Serial number", "Type", "Manufacturer", ""]
    assert headers(part(client, PROFILES)) == [
        "Name",
        "Wake up enabled",
        "Wakeup IP",
        "Wakeup period min",
        "",
    ]
    assert rows(part(client, PROFILES)) == [["Ten", "true", "10.132.20.228", "10", ""]]


@pytest.mark.parametrize("view", ["modification", "removal"])
def test_concentrators_in_field_are_listed_with_their_profile(
    client: Client, chile: Company, profile: SpontaneousProfile, view: str
) -> None:
    ConcentratorFactory.create(company=chile, serial_number="A1", in_field=True, profile=profile)
    table = part(client, CONCENTRATORS, view=view)
    assert headers(table) == ["Serial number", "Type", "Manufacturer", "Spontaneous profile", ""]
    assert rows(table) == [["A1", "CERCO1", "Ap System", "Ten", ""]]


@pytest.mark.parametrize(
    ("view", "offered"), [("installation", ["AVAILABLE"]), ("modification", ["FIELD"]), ("removal", ["FIELD"])]
)
def test_a_page_offers_the_companys_concentrators_in_its_state(
    client: Client, chile: Company, view: str, offered: list[str]
) -> None:
    ConcentratorFactory.create(company=chile, serial_number="AVAILABLE")
    ConcentratorFactory.create(company=chile, serial_number="FIELD", in_field=True)
    ConcentratorFactory.create(company=chile, serial_number="REMOVED", state=State.REMOVED)
    ConcentratorFactory.create(serial_number="OTHER1")
    ConcentratorFactory.create(serial_number="OTHER2", in_field=True)
    table = part(client, CONCENTRATORS, view=view)
    assert serials(table) == offered
    assert "Total items: 1" in text(table)


def test_boxes_choose_any_number_of_concentrators_and_one_profile(
    client: Client, chile: Company, profile: SpontaneousProfile
) -> None:
    one = ConcentratorFactory.create(company=chile)
    boxes = [part(client, target).find(".//tbody//input") for target in (CONCENTRATORS, PROFILES)]
    assert [(box.get("type"), box.get("value"), box.get("aria-label")) for box in boxes if box is not None] == [
        ("checkbox", str(one.pk), one.serial_number),
        ("radio", str(profile.pk), "Ten"),
    ]


def test_to_choose_all_its_number_is_offered(client: Client, chile: Company) -> None:
    assert "Select all" not in text(part(client, CONCENTRATORS))
    ConcentratorFactory.create_batch(26, company=chile)
    assert "Select all 26 that match" in text(part(client, CONCENTRATORS))
    assert "Select all" not in text(part(client, PROFILES))


def test_each_table_has_its_own_search(client: Client, chile: Company, profile: SpontaneousProfile) -> None:
    for serial in ("ABC1", "ABD2"):
        ConcentratorFactory.create(company=chile, serial_number=serial)
    SpontaneousProfileFactory.create(name="Ñuñoa")
    query = "?c-q=+abd+&p-q=ñUÑ"
    assert serials(part(client, CONCENTRATORS, query)) == ["ABD2"]
    assert serials(part(client, PROFILES, query)) == ["Ñuñoa"]


@pytest.mark.parametrize("typed", ["cerco9", "MANU", "substation 7", "Feeder 7", "7a"])
def test_the_search_looks_at_everything_that_names_a_concentrator(client: Client, chile: Company, typed: str) -> None:
    ConcentratorFactory.create(company=chile, serial_number="OTHER", substation="Six")
    ConcentratorFactory.create(
        company=chile,
        serial_number="F7A",
        type__name="CERCO9",
        manufacturer="Manu",
        substation="Substation 7",
        feeder="feeder 7",
    )
    assert serials(part(client, CONCENTRATORS, f"?c-q={typed}")) == ["F7A"]


def test_each_table_has_its_own_order_and_page(client: Client, chile: Company) -> None:
    for number in range(27):
        ConcentratorFactory.create(company=chile, serial_number=f"C{number:02}")
        SpontaneousProfileFactory.create(name=f"P{number:02}")
    query = "?c-sort=-serial_number&c-page=2&p-page=2"
    assert serials(part(client, CONCENTRATORS, query)) == ["C01", "C00"]
    assert serials(part(client, PROFILES, query)) == ["P25", "P26"]


def test_the_links_of_a_table_keep_company_and_search(client: Client, chile: Company) -> None:
    ConcentratorFactory.create_batch(26, company=chile, manufacturer="Manu")
    query = f"?company={chile.pk}&c-q=manu&c-page=2&c-per_page=25"
    asked = kept(part(client, CONCENTRATORS, query), "Manufacturer")
    assert asked == {"company": str(chile.pk), "c-q": "manu", "c-per_page": "25", "c-sort": "manufacturer"}


def test_htmx_gets_the_one_table_that_it_asks_for(client: Client, profile: SpontaneousProfile) -> None:
    assert part(client, CONCENTRATORS).find(".//h1") is None
    assert "Ten" not in text(part(client, CONCENTRATORS))
    assert "Ten" in text(part(client, PROFILES))
    assert part(client, "anything-else").find(".//h1") is not None


def test_an_empty_table_says_what_to_do_next(client: Client) -> None:
    assert "Upload an installation file" in text(with_class(part(client, CONCENTRATORS), "empty")[0])


def test_the_drop_down_offers_the_users_companies_and_shows_the_one_asked_for(chile: Company) -> None:
    peru, _brazil = CompanyFactory.create(name="Peru"), CompanyFactory.create(name="Brazil")
    ConcentratorFactory.create(company=peru, serial_number="PERU1")
    client = Client()
    client.force_login(make_operator(peru, chile))
    page = parse(client.get(url(query=f"?company={peru.pk}")))
    assert options(page, "company") == {str(chile.pk): "Chile", str(peru.pk): "Peru"}
    assert selected(page, "company") == str(peru.pk)
    assert "PERU1" in text(page)
    assert selected(parse(client.get(url())), "company") == str(chile.pk)


@pytest.mark.parametrize("view", PAGES)
def test_a_strangers_company_is_not_shown(client: Client, chile: Company, view: str) -> None:
    strange = ConcentratorFactory.create(in_field=view != "installation")
    found = parse(client.get(url(view, f"?company={strange.company_id}")))
    assert selected(found, "company") == str(chile.pk)
    assert strange.serial_number not in text(found)


@pytest.mark.parametrize("view", PAGES)
def test_who_belongs_to_no_company_is_told_so(chile: Company, view: str) -> None:
    ConcentratorFactory.create(company=chile, in_field=view != "installation")
    client = Client()
    client.force_login(make_operator(name="new"))
    found = parse(client.get(url(view)))
    assert alerts(found) == ["You belong to no company yet. An administrator adds you to one in the admin site."]
    assert found.find(".//table") is None


@pytest.mark.parametrize("view", PAGES)
def test_a_viewer_may_not(chile: Company, view: str) -> None:
    client = Client()
    client.force_login(make_viewer(chile))
    assert client.get(url(view)).status_code == 403
    assert client.post(url(view)).status_code == 403


@pytest.mark.parametrize("view", PAGES)
def test_a_page_costs_a_few_queries_however_much_there_is(
    client: Client, chile: Company, view: str, django_assert_max_num_queries: object
) -> None:
    ConcentratorFactory.create_batch(30, company=chile, in_field=view != "installation")
    with django_assert_max_num_queries(9):  # type: ignore[operator]
        client.get(url(view))
