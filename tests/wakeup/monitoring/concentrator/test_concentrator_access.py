"""Who may see and change a concentrator by its page (ACC-1), and at which addresses."""

from __future__ import annotations

import re
from xml.etree.ElementTree import Element

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse

from concentrators.models import Company, Concentrator
from tests.factories import CompanyFactory, ConcentratorFactory
from tests.smmeplus.translation.markup import links, parse, texts
from tests.smmeplus.users import client_of, make_operator, make_viewer

pytestmark = pytest.mark.one_database

FACTS = {"type": "1", "manufacturer": "Changed", "management_port": "4059", "customers": "0"}


def url(action: str, serial: object) -> str:
    return reverse(f"concentrator:{action}", args=[serial])


def page_of(client: Client, serial: object) -> Element:
    return parse(client.get(url("page", serial)))


def test_an_operator_may_look_and_is_offered_the_change(client: Client, in_field: Concentrator) -> None:
    page = page_of(client, in_field)
    assert texts(page, ".//h1") == [f"never called {in_field} in field"]
    assert links(page)["Edit"] == url("change", in_field)


def test_a_viewer_may_look_and_not_change(chile: Company, in_field: Concentrator) -> None:
    client = client_of(make_viewer(chile))
    page = page_of(client, in_field)
    assert texts(page, ".//h1") == [f"never called {in_field} in field"]
    assert "Edit" not in links(page)
    assert client.get(url("change", in_field)).status_code == 403
    assert client.post(url("change", in_field), FACTS).status_code == 403
    in_field.refresh_from_db()
    assert in_field.manufacturer == "Ap System"


def test_an_administrator_sees_every_companys(administrator: User, in_field: Concentrator) -> None:
    assert texts(page_of(client_of(administrator), in_field), ".//h1") == [f"never called {in_field} in field"]


@pytest.mark.parametrize("action", ["page", "change"])
def test_of_a_strangers_concentrator_there_is_no_hint(client: Client, action: str) -> None:
    strange = ConcentratorFactory.create(company=CompanyFactory.create(), serial_number="STRANGE1")
    answers = [client.get(url(action, serial)) for serial in (strange, "NOTHING1")]
    assert [answer.status_code for answer in answers] == [404, 404]
    # The frame's forms hold a token against forgery that is another one each time.
    there, nowhere = (re.sub(r"\b\w{64}\b", "token", answer.content.decode()) for answer in answers)
    assert there.replace("STRANGE1", "NOTHING1") == nowhere


def test_a_strangers_concentrator_cannot_be_changed(client: Client) -> None:
    strange = ConcentratorFactory.create(company=CompanyFactory.create())
    assert client.post(url("change", strange), FACTS | {"type": strange.type_id}).status_code == 404
    strange.refresh_from_db()
    assert strange.manufacturer == "Ap System"


@pytest.mark.parametrize("action", ["page", "change"])
def test_who_is_not_signed_in_is_sent_to_the_sign_in(in_field: Concentrator, action: str) -> None:
    address = url(action, in_field)
    for response in (Client().get(address), Client().post(address, FACTS)):
        assert response["Location"] == f"{reverse('login')}?next={address}"


def test_a_form_from_elsewhere_is_refused(chile: Company, in_field: Concentrator) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(make_operator(chile))
    assert client.post(url("change", in_field), FACTS | {"type": in_field.type_id}).status_code == 403


@pytest.mark.parametrize("serial", ["16cec50610036665", "installation2", "A%00B", "%F0%9F%98%80", "A%0A", "x" * 300])
def test_what_is_no_serial_number_is_not_found(client: Client, in_field: Concentrator, serial: str) -> None:
    assert client.get(f"/concentrators/{serial}/").status_code == 404
    assert client.post(f"/concentrators/{serial}/change/", FACTS).status_code == 404


@pytest.mark.parametrize("word", ["installation", "modification", "removal"])
def test_the_fixed_words_keep_their_pages_beside_serial_numbers_like_them(
    client: Client, chile: Company, word: str
) -> None:
    ConcentratorFactory.create(company=chile, serial_number=word.upper())
    assert texts(parse(client.get(reverse(f"concentrators:{word}"))), ".//h1") == [f"Concentrator {word}"]
    assert texts(page_of(client, word.upper()), ".//h1") == [f"{word.upper()} available"]
