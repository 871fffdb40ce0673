"""Many unknown senders at once: ignored, or made concentrators of (LIS-6, CON-3)."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse

from concentrators.models import Company, Concentrator, ConcentratorType, State
from tests.factories import CompanyFactory, ConcentratorFactory, ConcentratorTypeFactory
from tests.smmeplus.translation.markup import alerts, parse, text
from tests.smmeplus.users import client_of, make_user
from tests.wakeup.pages.strays import ADD, CHANGE, HTMX, URL, VIEW, make_stray
from wakeup.models import StrayFrame, StrayReason

pytestmark = pytest.mark.django_db

IGNORE, CREATE = reverse("wakeup:ignore-strays"), reverse("wakeup:create-from-strays")
LISTED = "reason=&ignored=no&q="


@pytest.fixture
def operator(chile: Company) -> User:
    return make_user("operator", chile, permissions=(VIEW, CHANGE, ADD))


@pytest.fixture
def client(operator: User) -> Client:
    return client_of(operator)


@pytest.fixture
def type_(db: None) -> ConcentratorType:
    return ConcentratorTypeFactory.create()


def ask(client: Client, url: str, **fields: Any) -> str:
    """The words of the dialog."""
    return text(parse(client.post(url, fields, headers=HTMX)))


def act(client: Client, url: str, **fields: Any) -> Any:
    return client.post(url, fields, headers=HTMX | {"HX-Current-URL": f"http://testserver{URL}?q=S"})


def listed() -> set[str]:
    return set(StrayFrame.objects.listed().values_list("sender", flat=True))


def test_all_that_match_are_ignored_after_a_question_that_states_the_number(client: Client) -> None:
    for number in range(30):
        make_stray(f"S{number:02}")
    make_stray("OTHER")
    every = {"all": "reason=unknown&ignored=no&q=S"}
    assert "Ignore 30 senders?" in ask(client, IGNORE, **every)
    assert len(listed()) == 31
    response = act(client, IGNORE, confirmed="30", **every)
    assert urlsplit(response["HX-Redirect"]).query == "q=S"  # the list as it was shown
    assert listed() == {"OTHER"}
    assert alerts(parse(client.get(URL))) == ["30 senders are ignored: they are counted, but not listed."]
    assert "None of these senders is listed any more." in ask(client, IGNORE, **every)


def test_if_more_match_than_was_said_nothing_is_done(client: Client) -> None:
    make_stray("S1")
    make_stray("S2")
    assert "nothing was done" in ask(client, IGNORE, all=LISTED, confirmed="1")
    assert listed() == {"S1", "S2"}
    act(client, IGNORE, all=LISTED, confirmed="2")
    assert listed() == set()


def test_one_by_one_only_what_is_chosen_is_ignored(client: Client) -> None:
    first, _second = make_stray("S1"), make_stray("S2")
    assert "Ignore 1 sender?" in ask(client, IGNORE, stray=[first.pk])
    act(client, IGNORE, stray=[first.pk], confirmed="1")
    assert listed() == {"S2"}


@pytest.mark.parametrize("fields", [{}, {"stray": ["x"]}, {"stray": ["9" * 19]}, {"all": "reason=nosuch"}])
@pytest.mark.parametrize("url", [IGNORE, CREATE])
def test_nothing_or_nonsense_chosen_is_said_and_changes_nothing(
    client: Client, url: str, fields: dict[str, Any]
) -> None:
    make_stray("S1")
    said = ask(client, url, confirmed="1", **fields)
    assert "Select" in said or "valid choice" in said
    assert listed() == {"S1"}


def test_what_a_user_may_not_see_they_cannot_ignore(client: Client) -> None:
    foreign = ConcentratorFactory.create(company=CompanyFactory.create(name="Peru"), state=State.AVAILABLE)
    for reason in (StrayReason.REMOVED, StrayReason.NETWORK, StrayReason.IDENTITY):
        hidden = make_stray(foreign.serial_number, reason)
        act(client, IGNORE, stray=[hidden.pk], confirmed="1")
        act(client, IGNORE, all=LISTED, confirmed="1")
    assert listed() == {foreign.serial_number}


def test_concentrators_are_created_of_unknown_serial_numbers_alone(
    client: Client, chile: Company, operator: User, type_: ConcentratorType
) -> None:
    for sender, reason in (
        ("S1", StrayReason.UNKNOWN),
        ("S2", StrayReason.UNKNOWN),
        ("10.0.0.1", StrayReason.MALFORMED),
        (StrayFrame.OTHERS, StrayReason.UNKNOWN),
        ("TAKEN", StrayReason.UNKNOWN),
    ):
        make_stray(sender, reason)
    ConcentratorFactory.create(serial_number="TAKEN", company=CompanyFactory.create(name="Peru"))
    asked = ask(client, CREATE, all=LISTED)
    assert "Create 2 concentrators?" in asked
    act(client, CREATE, all=LISTED, confirmed="2", company=chile.pk, type=type_.pk)
    made = Concentrator.objects.filter(company=chile)
    assert {(one.serial_number, one.state, one.type) for one in made} == {
        ("S1", State.AVAILABLE, type_),
        ("S2", State.AVAILABLE, type_),
    }
    assert listed() == {"10.0.0.1", "TAKEN"}
    rows = [one.history.get() for one in made]
    assert {(row.history_type, row.history_user) for row in rows} == {("+", operator)}
    assert len({row.history_change_reason for row in rows}) == 1


def test_company_and_type_are_needed_and_the_company_is_one_of_their_own(
    client: Client, type_: ConcentratorType
) -> None:
    make_stray("S1")
    foreign = CompanyFactory.create(name="Peru")
    for fields in ({}, {"company": foreign.pk, "type": type_.pk}):
        ask(client, CREATE, all=LISTED, confirmed="1", **fields)
    assert not Concentrator.objects.exists()
    assert listed() == {"S1"}


def test_who_may_not_is_refused(chile: Company) -> None:
    viewer = client_of(make_user("viewer", chile, permissions=(VIEW,)))
    assert viewer.post(IGNORE, {"all": LISTED, "confirmed": "1"}).status_code == 403
    assert viewer.post(CREATE, {"all": LISTED, "confirmed": "1"}).status_code == 403


@pytest.mark.parametrize(("number", "is_said"), [(2, False), (3, True)])
def test_a_full_inbox_says_so(client: Client, monkeypatch: pytest.MonkeyPatch, number: int, is_said: bool) -> None:
    monkeypatch.setattr("wakeup.pages.strays.views.MAX_STRAY_SENDERS", 3)
    for each in range(number):
        make_stray(f"S{each}")
    make_stray("IGNORED", ignored=True)
    make_stray(StrayFrame.OTHERS)
    said = "All 3 places are taken: newcomers displace what came only once. Ignore or create what you know."
    assert (said in alerts(parse(client.get(URL)))) is is_said
