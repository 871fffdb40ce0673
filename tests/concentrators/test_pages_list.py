"""Technical area, Configuration, Concentrators: the inventory (CON-1, ACC-1)."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse

from concentrators.models import Company, State
from profiles.models import SpontaneousProfile
from tests.factories import CompanyFactory, ConcentratorFactory
from tests.smmeplus.translation.markup import column, headers, options, parse, rows, text, texts, with_class
from tests.smmeplus.users import make_user, make_viewer

pytestmark = [pytest.mark.one_database, pytest.mark.time]

URL = reverse("concentrators:list")
IP = "10.60.0.7"
SERIAL = "Serial number"
COLUMNS = [
    "Status",
    SERIAL,
    "State",
    "Substation",
    "Feeder",
    "Customers",
    "Spontaneous profile",
    "Company",
    "Region",
    "Carrier",
    "Management IP",
    "Type",
    "Manufacturer",
]


def test_every_fact_has_its_column(client: Client, chile: Company, profile: SpontaneousProfile) -> None:
    ConcentratorFactory.create(
        serial_number="16CEC50610036665",
        company=chile,
        in_field=True,
        profile=profile,
        substation="Puente Alto",
        feeder="F7",
        region="Maule",
        carrier="Entel",
        customers=120,
        management_ip=IP,
    )
    ConcentratorFactory.create(serial_number="16CEC50610036666", company=chile)
    page = parse(client.get(URL))
    assert texts(page, ".//main//h1") == ["Concentrators"]
    assert headers(page) == COLUMNS
    kind = ["CERCO1", "Ap System"]
    assert rows(page) == [
        [
            "never called",
            "16CEC50610036665",
            "in field",
            "Puente Alto",
            "F7",
            "120",
            "Ten",
            *("Chile", "Maule", "Entel"),
            "10.60.0.7",
            *kind,
        ],
        ["—", "16CEC50610036666", "available", "—", "—", "0", "—", "Chile", "—", "—", "—", *kind],
    ]


def test_each_filter_narrows_the_list(client: Client, chile: Company, profile: SpontaneousProfile) -> None:
    ConcentratorFactory.create(serial_number="FIELD2", company=chile, in_field=True)
    ConcentratorFactory.create(serial_number="FIELD1", company=chile, in_field=True, profile=profile)
    ConcentratorFactory.create(serial_number="STORE", company=chile)
    ConcentratorFactory.create(serial_number="GONE", company=chile, state=State.REMOVED)
    shown = {
        query: column(parse(client.get(URL + query)), SERIAL)
        for query in ("?state=in+field", "?state=removed", f"?profile={profile.pk}", "?q=fiel", "?state=in+field&q=2")
    }
    assert list(shown.values()) == [["FIELD1", "FIELD2"], ["GONE"], ["FIELD1"], ["FIELD1", "FIELD2"], ["FIELD2"]]


def test_the_company_filter_offers_and_shows_the_users_companies_only(chile: Company) -> None:
    peru = CompanyFactory.create(name="Peru")
    strange = ConcentratorFactory.create(serial_number="STRANGE")
    ConcentratorFactory.create(serial_number="CHILE1", company=chile)
    ConcentratorFactory.create(serial_number="PERU1", company=peru)
    client = Client()
    client.force_login(make_viewer(chile, peru))
    page = parse(client.get(URL))
    assert column(page, SERIAL) == ["CHILE1", "PERU1"]
    assert options(page, "company") == {"": "All", str(chile.pk): "Chile", str(peru.pk): "Peru"}
    assert column(parse(client.get(URL, {"company": peru.pk})), SERIAL) == ["PERU1"]
    assert "STRANGE" not in text(parse(client.get(URL, {"company": strange.company_id})))


@pytest.mark.parametrize("query", ["?company=0", "?company=x", "?state=lost", "?profile=0"])
def test_a_wrong_filter_is_said_beside_its_field(client: Client, query: str) -> None:
    page = parse(client.get(URL + query))
    assert [text(label) for label in with_class(page, "wrong")]
    assert "Select a valid choice." in text(with_class(page, "errorlist")[0])


def test_who_belongs_to_no_company_sees_none(chile: Company) -> None:
    ConcentratorFactory.create(company=chile)
    client = Client()
    client.force_login(make_user("nobody"))
    assert rows(parse(client.get(URL))) == []


def test_an_empty_list_says_what_to_do_next(client: Client) -> None:
    (said,) = with_class(parse(client.get(URL)), "empty")
    assert text(said) == "No concentrator matches. Change the search or the company."
