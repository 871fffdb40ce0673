"""The dialog that changes a concentrator's facts (CON-6), and nothing else."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from concentrators.models import Concentrator, State
from concentrators.procedures import actions
from smmeplus.common.audit import changes_of
from tests.factories import ConcentratorTypeFactory, SpontaneousProfileFactory
from tests.smmeplus.translation.markup import alerts, field, label, options, parse, text, texts

pytestmark = pytest.mark.one_database

HTMX = {"HX-Request": "true"}
NAMES = [
    *("type", "manufacturer", "management_ip", "management_port", "substation", "feeder", "customers"),
    *("expected_networks", "management_address", "region", "carrier", "time_zone", "is_canary"),
]


def url(one: Concentrator) -> str:
    return reverse("concentrator:change", args=[one.serial_number])


def values(one: Concentrator) -> dict[str, Any]:
    """The facts as a form posts them."""
    return {name: one.type_id if name == "type" else getattr(one, name) or "" for name in NAMES} | {"customers": 0}


def seen(one: Concentrator) -> dict[str, Any]:
    """What a browser posts of a form in which nothing was typed: the facts, and beside them what they were."""
    facts = values(one)
    return facts | {f"initial-{name}": value for name, value in facts.items()}


def last_change(one: Concentrator) -> str:
    change = changes_of(one)[0]
    return f"{change.user}: {change.what}"


def test_the_dialog_shows_the_facts_in_the_order_of_the_page(client: Client, in_field: Concentrator) -> None:
    ConcentratorTypeFactory.create(name="CERCO2")
    dialog = parse(client.get(url(in_field), headers=HTMX))
    assert texts(dialog, ".//h1") == ["Change concentrator"]
    assert texts(dialog, ".//label") == [
        "Type *",
        "Manufacturer",
        "Management IP",
        "Management port *",
        "Management address *",
        "Substation",
        "Feeder",
        "Customers served *",
        "Expected networks",
        "Region",
        "Carrier",
        "Time zone",
        "Canary",
    ]
    assert list(options(dialog, "type").values())[1:] == ["CERCO1", "CERCO2"]
    assert field(dialog, "manufacturer").get("value") == "Ap System"
    assert field(dialog, "management_port").get("value") == "4059"
    assert texts(dialog, ".//footer/button") == ["Cancel", "Save"]


def test_without_scripts_it_is_a_page_that_leads_back(client: Client, in_field: Concentrator) -> None:
    page = parse(client.get(url(in_field)))
    back = reverse("concentrator:page", args=[in_field.serial_number])
    assert [(text(link), link.get("href")) for link in page.findall(".//footer/a")] == [("Cancel", back)]
    assert client.post(url(in_field), values(in_field))["Location"] == back


def test_every_fact_can_change(client: Client, in_field: Concentrator) -> None:
    other = ConcentratorTypeFactory.create(name="CERCO2")
    facts = {
        "type": other.pk,
        "manufacturer": "Other",
        "management_ip": "10.1.1.1",
        "management_port": 4060,
        "substation": "Ñuñoa",
        "feeder": "Seven",
        "customers": 12,
        "expected_networks": "10.60.0.0/16 10.61.7.8/32",
        "management_address": "as last heard",
        "region": "Maule",
        "carrier": "Entel",
        "time_zone": "Pacific/Easter",
        "is_canary": True,
    }
    as_typed = {"expected_networks": " 10.60.0.0/16,10.61.7.8 ", "time_zone": "pacific/easter"}
    response = client.post(url(in_field), seen(in_field) | facts | as_typed, headers=HTMX)
    assert response["HX-Redirect"] == reverse("concentrator:page", args=[in_field.serial_number])
    in_field.refresh_from_db()
    assert values(in_field) | {"customers": in_field.customers} == facts
    assert last_change(in_field) == (
        "operator: type: CERCO1 → CERCO2, manufacturer: Ap System → Other, management IP: — → 10.1.1.1, "
        "management port: 4059 → 4060, substation: — → Ñuñoa, feeder: — → Seven, region: — → Maule, "
        "customers served: 0 → 12, carrier: — → Entel, time zone: — → Pacific/Easter, "
        "canary: false → true, "
        "expected networks: — → 10.60.0.0/16 10.61.7.8/32, management address: fixed → as last heard"
    )
    assert alerts(parse(client.get(response["HX-Redirect"]))) == ["Concentrator 16CEC50610036665 was changed."]


def test_a_fact_can_be_emptied(client: Client, in_field: Concentrator) -> None:
    Concentrator.objects.update(management_ip="10.1.1.1", feeder="Seven")
    in_field.refresh_from_db()
    client.post(url(in_field), seen(in_field) | {"management_ip": "", "feeder": ""})
    in_field.refresh_from_db()
    assert (in_field.management_ip, in_field.feeder) == (None, "")


def test_what_stays_the_same_leaves_no_trace(client: Client, in_field: Concentrator) -> None:
    for facts in (seen(in_field), values(in_field)):
        assert client.post(url(in_field), facts).status_code == 302
    assert in_field.history.count() == 1


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("type", "999"),
        ("type", ""),
        ("management_ip", "10.1.1"),
        ("management_ip", "::1"),
        ("management_port", "0"),
        ("management_port", "65536"),
        ("management_port", ""),
        ("customers", "-1"),
        ("customers", "1.5"),
        ("customers", ""),
        ("substation", "x" * 101),
        ("feeder", "a\0b"),
        ("expected_networks", "10.60.0.1/16"),
        ("expected_networks", "10.60.0.0/33"),
        ("expected_networks", "10.60.x"),
        ("management_address", ""),
        ("management_address", "somewhere"),
        ("expected_networks", "10.60.0.0/16 " * 16),
    ],
)
def test_a_wrong_value_gets_its_label_circled_and_nothing_is_stored(
    client: Client, in_field: Concentrator, name: str, value: str
) -> None:
    typed = seen(in_field) | {"manufacturer": "Typed", name: value}
    dialog = parse(client.post(url(in_field), typed, headers=HTMX))
    assert label(dialog, name).get("class") == "wrong"
    assert field(dialog, "manufacturer").get("value") == "Typed"
    assert field(dialog, "initial-manufacturer").get("value") == "Ap System"
    in_field.refresh_from_db()
    assert (in_field.manufacturer, in_field.history.count()) == ("Ap System", 1)


def test_what_was_left_alone_keeps_what_somebody_else_wrote_meanwhile(client: Client, in_field: Concentrator) -> None:
    typed = seen(in_field) | {"feeder": "Seven"}
    Concentrator.objects.update(manufacturer="Other", customers=7, management_ip="10.1.1.1")
    client.post(url(in_field), typed)
    in_field.refresh_from_db()
    assert (in_field.feeder, in_field.manufacturer, in_field.customers, in_field.management_ip) == (
        "Seven",
        "Other",
        7,
        "10.1.1.1",
    )


def test_what_somebody_else_has_changed_alike_leaves_no_second_trace(client: Client, in_field: Concentrator) -> None:
    typed = seen(in_field) | {"feeder": "Seven"}
    Concentrator.objects.update(feeder="Seven")
    client.post(url(in_field), typed)
    assert in_field.history.count() == 1


def test_nothing_but_the_changed_columns_is_written(client: Client, in_field: Concentrator) -> None:
    with CaptureQueriesContext(connection) as captured:
        client.post(url(in_field), seen(in_field) | {"feeder": "Seven"})
    (update,) = (query["sql"] for query in captured if query["sql"].startswith('UPDATE "concentrators_concentrator"'))
    assert update.partition(" SET ")[2].partition(" WHERE ")[0] == "\"feeder\" = 'Seven'"


def test_an_installation_in_between_is_neither_undone_nor_told_as_undone(
    client: Client, in_field: Concentrator, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = SpontaneousProfileFactory.create(name="Other")

    def modified_meanwhile(one: Concentrator, **_kwargs: object) -> None:
        actions.modify(Concentrator.objects.filter(pk=one.pk), other, user=None, now=timezone.now())

    monkeypatch.setattr(Concentrator, "full_clean", modified_meanwhile)  # by when the form has read its concentrator
    client.post(url(in_field), seen(in_field) | {"feeder": "Seven"})
    in_field.refresh_from_db()
    assert (in_field.feeder, in_field.profile, in_field.state) == ("Seven", other, State.IN_FIELD)
    assert last_change(in_field) == "operator: feeder: — → Seven"


@pytest.mark.parametrize(
    "forged",
    [
        {"state": "removed"},
        {"profile": ""},
        {"serial_number": "OTHER1"},
        {"company": "999"},
        {"installed_at": "2020-01-01 00:00"},
    ],
)
def test_a_forged_post_changes_nothing_else(client: Client, in_field: Concentrator, forged: dict[str, str]) -> None:
    before = Concentrator.objects.values().get()
    client.post(url(in_field), seen(in_field) | forged)
    assert Concentrator.objects.values().get() == before
