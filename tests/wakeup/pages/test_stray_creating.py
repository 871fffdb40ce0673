"""Concentrators that an operator creates of unknown senders (LIS-6)."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any
from xml.etree.ElementTree import Element

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.db.models import Model, QuerySet
from django.test import Client
from django.urls import reverse

from concentrators.models import Company, Concentrator, State
from tests.factories import CompanyFactory, ConcentratorFactory, ConcentratorTypeFactory
from tests.smmeplus.translation.markup import (
    alerts,
    field,
    label,
    links,
    options,
    parse,
    selected,
    text,
    texts,
    with_class,
)
from tests.smmeplus.users import client_of, make_user
from tests.wakeup.pages.strays import ADD, CHANGE, GONE, HTMX, SERIAL, URL, VIEW, make_stray, send
from wakeup.models import Message, StrayFrame, StrayReason

pytestmark = [pytest.mark.one_database, pytest.mark.time]

TAKEN = "A concentrator with this serial number has been created in the meantime."


@pytest.fixture
def operator(chile: Company) -> User:
    return make_user("operator", chile, permissions=(VIEW, CHANGE, ADD, "concentrators.change_concentrator"))


@pytest.fixture
def client(operator: User) -> Client:
    return client_of(operator)


@pytest.fixture
def stray(db: None) -> StrayFrame:
    return make_stray()


@pytest.fixture
def url(stray: StrayFrame) -> str:
    return reverse("wakeup:create-from-stray", args=[stray.pk])


@pytest.fixture
def typed(chile: Company) -> dict[str, Any]:
    """A filled-in form."""
    return {
        "company": chile.pk,
        "type": ConcentratorTypeFactory.create().pk,
        "manufacturer": "Ap System",
        "management_ip": "10.20.30.40",
        "management_port": "4059",
        "management_address": "fixed",
        "substation": "Ñuñoa",
        "feeder": "F7",
        "customers": "120",
    }


def test_the_form_has_the_inventorys_facts_and_the_serial_number_is_read_only(
    client: Client, chile: Company, url: str
) -> None:
    dialog = parse(client.get(url, headers=HTMX))
    assert texts(dialog, ".//h1") == ["Create concentrator"]
    assert texts(dialog, ".//form//label") == [
        *["Company *", "Serial number *", "Type *", "Manufacturer", "Management IP", "Management port *"],
        *["Management address *", "Substation", "Feeder", "Customers served *", "Expected networks"],
        *["Region", "Carrier", "Time zone", "Canary"],
    ]
    serial = field(dialog, "serial_number")
    assert (serial.get("value"), "disabled" in serial.attrib) == (SERIAL, True)
    assert texts(dialog, ".//div[@class='form-text']")[0] == "The last frame came from 10.20.30.40."
    assert texts(dialog, ".//footer/button") == ["Cancel", "Create"]


def test_what_has_one_answer_or_a_usual_one_is_filled_in(client: Client, chile: Company, url: str) -> None:
    usual = ConcentratorTypeFactory.create(name="CERCO1")
    ConcentratorTypeFactory.create(name="CERCO2")
    dialog = parse(client.get(url))
    assert (selected(dialog, "company"), selected(dialog, "type")) == (str(chile.pk), str(usual.pk))
    proposed = {name: field(dialog, name).get("value") for name in ("manufacturer", "management_port", "customers")}
    assert proposed == {"manufacturer": "Ap System", "management_port": "4059", "customers": "0"}


def test_only_the_users_companies_are_offered_and_with_two_none_is_chosen(
    operator: User, client: Client, chile: Company, url: str
) -> None:
    CompanyFactory.create(name="Brazil")
    peru = CompanyFactory.create(name="Peru")
    peru.users.add(operator)
    offered = options(parse(client.get(url)), "company")
    assert offered == {"": "---------", str(chile.pk): "Chile", str(peru.pk): "Peru"}


def test_a_concentrator_is_created_available_and_the_sender_is_known_from_then_on(
    client: Client, operator: User, chile: Company, url: str, typed: dict[str, Any]
) -> None:
    assert client.post(url, typed, headers=HTMX)["HX-Redirect"] == URL
    made = Concentrator.objects.get()
    assert (made.serial_number, made.company, made.state, made.profile) == (SERIAL, chile, State.AVAILABLE, None)
    facts = (made.manufacturer, made.management_ip, made.management_port, made.substation, made.feeder, made.customers)
    assert facts == ("Ap System", "10.20.30.40", 4059, "Ñuñoa", "F7", 120)
    (change,) = made.history.all()
    assert (change.history_type, change.history_user) == ("+", operator)
    assert not StrayFrame.objects.exists()
    send()
    assert (Message.objects.get().concentrator, StrayFrame.objects.count()) == (made, 0)


def test_afterwards_the_list_says_so_and_links_to_its_installation(
    client: Client, chile: Company, url: str, typed: dict[str, Any]
) -> None:
    page = parse(client.post(url, typed, follow=True))
    assert alerts(page) == [f"Concentrator {SERIAL} was created and can be installed. Install it"]
    install = links(page)["Install it"]
    assert install == f"{reverse('concentrators:installation')}?company={chile.pk}&c-q={SERIAL}"
    assert SERIAL in text(parse(client.get(install)).find(".//table"))


def test_a_posted_serial_number_state_or_profile_is_ignored(client: Client, url: str, typed: dict[str, Any]) -> None:
    client.post(url, typed | {"serial_number": "OTHER", "state": "in field", "profile": "1"})
    made = Concentrator.objects.get()
    assert (made.serial_number, made.state) == (SERIAL, State.AVAILABLE)


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("company", "", "Choose a company."),
        ("type", "", "Choose a type."),
        ("type", "999999999999999999999", "Select a valid choice. That choice is not one of the available choices."),
        ("management_ip", "10.20.30.400", "Enter a valid IPv4 address."),
        ("management_ip", "fe80::1", "Enter a valid IPv4 address."),
        ("management_port", "65536", "Ensure this value is less than or equal to 65535."),
        ("management_port", "", "This field is required."),
        ("customers", "-1", "Ensure this value is greater than or equal to 0."),
        ("customers", "9" * 30, None),
        ("substation", "x" * 101, "Ensure this value has at most 100 characters (it has 101)."),
        ("feeder", "a\0b", "Null characters are not allowed."),
    ],
)
def test_a_wrong_value_is_circled_kept_and_nothing_is_stored(
    client: Client, stray: StrayFrame, url: str, typed: dict[str, Any], name: str, value: str, said: str | None
) -> None:
    dialog = parse(client.post(url, typed | {name: value}, headers=HTMX))
    assert label(dialog, name).get("class") == "wrong"
    (error,) = (text(one) for one in with_class(dialog, "errorlist"))
    assert said in (error, None)
    assert field(dialog, "substation").get("value") == (value if name == "substation" else "Ñuñoa")
    assert (Concentrator.objects.count(), StrayFrame.objects.count()) == (0, 1)


def test_a_strangers_company_is_refused(client: Client, url: str, typed: dict[str, Any]) -> None:
    dialog = parse(client.post(url, typed | {"company": CompanyFactory.create().pk}))
    assert [text(one) for one in with_class(dialog, "errorlist")] == ["Choose one of your companies."]
    assert not Concentrator.objects.exists()


def test_who_belongs_to_no_company_is_told_so(chile: Company, url: str, typed: dict[str, Any]) -> None:
    client = client_of(make_user("new", permissions=(ADD,)))
    for response in (client.get(url), client.post(url, typed)):
        page = parse(response)
        assert "You belong to no company yet. An administrator adds you to one in the admin site." in alerts(page)
        assert ["disabled" in one.attrib for one in page.findall(".//footer/button")] == [True]
    assert not Concentrator.objects.exists()


@pytest.mark.parametrize("race", [False, True])
def test_a_serial_number_that_was_taken_meanwhile_is_an_error_in_the_form(
    client: Client, url: str, typed: dict[str, Any], race: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    taken = ConcentratorFactory.create(serial_number=SERIAL)
    if race:  # taken after the form was checked
        monkeypatch.setattr(Concentrator, "validate_unique", lambda *_args, **_kwargs: None)
        monkeypatch.setattr(Concentrator, "validate_constraints", lambda *_args, **_kwargs: None)
    response = client.post(url, typed, headers=HTMX)
    dialog = parse(response)
    assert response.status_code == 200
    assert label(dialog, "serial_number").get("class") == "wrong"
    assert [text(one) for one in with_class(dialog, "errorlist")] == [TAKEN]
    assert field(dialog, "substation").get("value") == "Ñuñoa"
    assert Concentrator.objects.get() == taken
    assert Concentrator.history.count() == 1
    assert StrayFrame.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_of_two_operators_at_once_one_creates_it_and_the_other_is_told(
    operator: User, url: str, typed: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    both, check = Barrier(2, timeout=30), Concentrator.validate_unique

    def check_and_wait(concentrator: Concentrator, exclude: Any = None) -> None:
        check(concentrator, exclude)
        both.wait()

    def submit(client: Client) -> Element:
        try:
            return parse(client.post(url, typed, headers=HTMX))
        finally:
            connection.close()

    monkeypatch.setattr(Concentrator, "validate_unique", check_and_wait)
    with ThreadPoolExecutor(2) as pool:
        answers = list(pool.map(submit, [client_of(operator), client_of(operator)]))
    errors = [[text(one) for one in with_class(answer, "errorlist")] for answer in answers]
    assert sorted(errors) == [[], [TAKEN]]
    assert (Concentrator.objects.count(), Concentrator.history.count(), StrayFrame.objects.count()) == (1, 1, 0)


def test_a_concentrator_is_not_stored_unless_the_senders_row_goes_too(
    client: Client, url: str, typed: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(_strays: QuerySet[Model]) -> None:
        raise RuntimeError

    monkeypatch.setattr(QuerySet, "delete", fail)
    with pytest.raises(RuntimeError):
        client.post(url, typed)
    assert not Concentrator.objects.exists()
    assert not Concentrator.history.exists()


@pytest.mark.parametrize(
    ("sender", "reason"),
    [
        ("REMOVED1", StrayReason.REMOVED),
        ("10.20.30.40", StrayReason.MALFORMED),
        (StrayFrame.OTHERS, StrayReason.UNKNOWN),
    ],
)
def test_no_concentrator_is_made_of_anything_but_an_unknown_serial_number(
    client: Client, removed: Concentrator, typed: dict[str, Any], sender: str, reason: StrayReason
) -> None:
    url = reverse("wakeup:create-from-stray", args=[make_stray(sender, reason).pk])
    assert (client.get(url).status_code, client.post(url, typed).status_code) == (404, 404)
    assert Concentrator.objects.get() == removed


def test_a_sender_that_is_no_serial_number_is_refused_by_the_inventorys_rule(
    client: Client, typed: dict[str, Any]
) -> None:
    url = reverse("wakeup:create-from-stray", args=[make_stray("no serial").pk])
    dialog = parse(client.post(url, typed))
    assert label(dialog, "serial_number").get("class") == "wrong"
    assert not Concentrator.objects.exists()


def test_a_form_from_elsewhere_is_refused(operator: User, url: str, typed: dict[str, Any]) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(operator)
    assert client.post(url, typed).status_code == 403
    assert not Concentrator.objects.exists()


@pytest.mark.parametrize("headers", [{}, HTMX])
def test_a_sender_that_somebody_else_dealt_with_is_said_to_be_gone(
    client: Client, stray: StrayFrame, url: str, typed: dict[str, Any], headers: dict[str, str]
) -> None:
    stray.delete()
    response = client.post(url, typed, headers=headers)
    assert (response.get("Location") or response["HX-Redirect"]) == URL
    assert alerts(parse(client.get(URL))) == [GONE]
    assert not Concentrator.objects.exists()
