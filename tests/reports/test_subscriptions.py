"""Report, Monitoring, E-mail, Daily report: each user chooses for himself."""

from __future__ import annotations

from datetime import date
from xml.etree.ElementTree import Element

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse

from concentrators.models import Company
from reports.models import Subscription
from tests.factories import CompanyFactory
from tests.smmeplus.translation.markup import alerts, parse, text, texts
from tests.smmeplus.users import make_viewer

pytestmark = pytest.mark.one_database

URL = reverse("reports:subscriptions")


@pytest.fixture
def viewer(client: Client) -> User:
    """The one who is signed in, with an e-mail address."""
    user = User.objects.get(username="viewer")
    user.email = "viewer@chile.example"
    user.save()
    return user


@pytest.fixture
def peru(viewer: User) -> Company:
    """A second company of the same user."""
    company: Company = CompanyFactory.create(name="Peru")
    company.users.add(viewer)
    return company


def boxes(page: Element) -> dict[str, bool]:
    """Whether the box of each company is ticked."""
    ids = {label.get("for"): text(label) for label in page.iter("label")}
    found = (field for field in page.iter("input") if field.get("type") == "checkbox")
    return {ids[field.get("id")]: "checked" in field.attrib for field in found}


def subscribed() -> list[tuple[str, str, str]]:
    return sorted(Subscription.objects.values_list("user__username", "company__name", "language"))


def test_the_page_offers_the_users_companies_and_says_where_mails_go(
    client: Client, viewer: User, chile: Company, peru: Company
) -> None:
    CompanyFactory.create(name="Elsewhere")
    Subscription.objects.create(user=viewer, company=peru, language="en")
    Subscription.objects.create(user=make_viewer(chile, name="other"), company=chile, language="en")
    page = parse(client.get(URL))
    assert boxes(page) == {"Chile": False, "Peru": True}
    assert "Mails go to viewer@chile.example. An administrator sets the address." in texts(page, ".//main/p")


def test_what_is_ticked_is_mailed_in_the_language_of_the_page_and_nothing_else_is(
    client: Client, viewer: User, chile: Company, peru: Company
) -> None:
    Subscription.objects.create(user=viewer, company=chile, language="en")
    Subscription.objects.create(user=make_viewer(chile, name="other"), company=chile, language="it")
    spanish = {"Accept-Language": "es"}
    page = parse(client.post(URL, {"company": [peru.pk]}, headers=spanish, follow=True))
    assert subscribed() == [("other", "Chile", "it"), ("viewer", "Peru", "es")]
    assert boxes(page) == {"Chile": False, "Peru": True}


def test_it_says_what_was_saved(client: Client, viewer: User, chile: Company, peru: Company) -> None:
    said = alerts(parse(client.post(URL, {"company": [chile.pk, peru.pk]}, follow=True)))
    assert said == ["You get the daily report by e-mail for: Chile, Peru."]
    assert alerts(parse(client.post(URL, follow=True))) == ["No daily report is mailed to you any more."]
    assert subscribed() == []


def test_to_save_again_does_not_send_again(client: Client, viewer: User, chile: Company) -> None:
    Subscription.objects.create(user=viewer, company=chile, language="es", sent_day=date(2020, 9, 23))
    client.post(URL, {"company": [chile.pk]})
    saved = Subscription.objects.get()
    assert (saved.sent_day, saved.language) == (date(2020, 9, 23), "en")


@pytest.mark.parametrize("wanted", ["stranger", "0", "x", "9" * 30])
def test_a_strangers_company_cannot_be_chosen(client: Client, viewer: User, chile: Company, wanted: str) -> None:
    stranger = CompanyFactory.create(name="Elsewhere")
    key = str(stranger.pk) if wanted == "stranger" else wanted
    response = client.post(URL, {"company": [chile.pk, key]})
    assert subscribed() == []
    assert "This is not one of your companies." in text(parse(response))
    assert "Elsewhere" not in response.content.decode()


def test_without_an_address_nothing_can_be_chosen_and_the_page_says_why(client: Client, chile: Company) -> None:
    page = parse(client.get(URL))
    assert alerts(page) == [
        "You have no e-mail address, so nothing can be mailed to you. An administrator sets it.",
    ]
    assert ["disabled" in box.attrib for box in page.iter("input") if box.get("type") == "checkbox"] == [True]
    assert not [button for button in page.iter("button") if text(button) == "Save"]
    refused = parse(client.post(URL, {"company": [chile.pk]}))
    assert any("before an administrator has set your e-mail address" in said for said in alerts(refused))
    assert subscribed() == []


def test_who_belongs_to_no_company_is_told_so(client: Client, viewer: User, chile: Company) -> None:
    chile.users.clear()
    page = parse(client.get(URL))
    assert boxes(page) == {}
    assert alerts(page)[0].startswith("You belong to no company yet.")


def test_nobody_chooses_without_signing_in(db: None) -> None:
    assert Client().post(URL)["Location"].startswith(reverse("login"))
