"""Senders that an operator ignores (LIS-6)."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse

from concentrators.models import Company, State
from tests.factories import ConcentratorFactory
from tests.smmeplus.translation.markup import alerts, parse, text
from tests.smmeplus.users import client_of, make_user
from tests.wakeup.pages.strays import CHANGE, GONE, HTMX, SERIAL, URL, VIEW, make_stray, send
from wakeup.models import StrayFrame, StrayReason

pytestmark = pytest.mark.one_database


@pytest.fixture
def operator(chile: Company) -> User:
    return make_user("operator", chile, permissions=(VIEW, CHANGE))


@pytest.fixture
def client(operator: User) -> Client:
    return client_of(operator)


@pytest.fixture
def stray(db: None) -> StrayFrame:
    return make_stray()


def ignore_url(stray: StrayFrame) -> str:
    return reverse("wakeup:ignore-stray", args=[stray.pk])


def is_ignored(stray: StrayFrame) -> bool:
    return StrayFrame.objects.get(pk=stray.pk).ignored


def test_ignoring_takes_a_sender_off_the_list_and_says_so(client: Client, stray: StrayFrame) -> None:
    response = client.post(ignore_url(stray), {"ignore": "yes"})
    assert (response.status_code, response["Location"]) == (302, URL)
    page = parse(client.get(URL))
    assert alerts(page) == [f"“{SERIAL}” is ignored: it is counted, but not listed."]
    assert SERIAL not in text(page.find(".//table"))


def test_ignoring_changes_nothing_else_and_the_sender_is_counted_all_the_same(
    client: Client, stray: StrayFrame
) -> None:
    before = StrayFrame.objects.values().get()
    client.post(ignore_url(stray), {"ignore": "yes"})
    assert StrayFrame.objects.values().get() == before | {"ignored": True}
    send()
    after = StrayFrame.objects.get()
    assert (after.count, after.ignored) == (2, True)


def test_what_is_ignored_comes_back(client: Client) -> None:
    stray = make_stray(ignored=True)
    client.post(ignore_url(stray), {"ignore": "no"})
    page = parse(client.get(URL))
    assert alerts(page) == [f"“{SERIAL}” is listed."]
    assert SERIAL in text(page.find(".//table"))


def test_without_a_word_which_it_is_the_other_way_round(client: Client, stray: StrayFrame) -> None:
    seen = []
    for _ in range(2):
        client.post(ignore_url(stray))
        seen.append(is_ignored(stray))
    assert seen == [True, False]


@pytest.mark.parametrize(("was", "button", "value"), [(False, "Ignore", "yes"), (True, "Do not ignore", "no")])
def test_the_button_says_what_it_does_and_does_it_once_however_often_it_is_pressed(
    client: Client, was: bool, button: str, value: str
) -> None:
    stray = make_stray(ignored=was)
    form = parse(client.get(URL + "?ignored=")).find(f".//td//form[@action='{ignore_url(stray)}']")
    assert form is not None
    (found,) = form.iter("button")
    assert (text(found), found.get("name"), found.get("value")) == (button, "ignore", value)
    for _ in range(2):
        client.post(ignore_url(stray), {"ignore": value})
    assert is_ignored(stray) is not was


def test_the_way_back_is_the_list_as_it_was_filtered(client: Client, stray: StrayFrame) -> None:
    shown = HTMX | {"HX-Current-URL": f"http://testserver{URL}?q=16C&page=2#content"}
    assert client.post(ignore_url(stray), headers=shown)["HX-Redirect"] == f"{URL}?q=16C&page=2"


@pytest.mark.parametrize("shown", ["https://elsewhere.example/?q=a%0d%0ab", "http://[", "?", "", "//x?a&b=é"])
def test_the_way_back_never_leaves_the_list_whatever_the_browser_says_that_it_shows(
    client: Client, stray: StrayFrame, shown: str
) -> None:
    back = client.post(ignore_url(stray), headers=HTMX | {"HX-Current-URL": shown})["HX-Redirect"]
    assert back.partition("?")[0] == URL
    assert not set(back) & set("\r\n")


def test_ignoring_is_not_a_link(client: Client, stray: StrayFrame) -> None:
    assert client.get(ignore_url(stray)).status_code == 405
    assert not is_ignored(stray)


def test_a_form_from_elsewhere_is_refused(operator: User, stray: StrayFrame) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(operator)
    assert client.post(ignore_url(stray)).status_code == 403
    assert not is_ignored(stray)


def test_a_removed_concentrator_of_another_company_is_not_ignored(client: Client) -> None:
    stranger = ConcentratorFactory.create(state=State.REMOVED)
    stray = make_stray(stranger.serial_number, StrayReason.REMOVED)
    assert client.post(ignore_url(stray)).status_code == 404
    assert client.get(reverse("wakeup:stray", args=[stray.pk])).status_code == 404
    assert not is_ignored(stray)


@pytest.mark.parametrize("headers", [{}, HTMX])
def test_a_sender_that_somebody_else_dealt_with_is_said_to_be_gone(
    client: Client, stray: StrayFrame, headers: dict[str, str]
) -> None:
    address = ignore_url(stray)
    stray.delete()
    response = client.post(address, headers=headers)
    assert (response.get("Location") or response["HX-Redirect"]) == URL
    assert alerts(parse(client.get(URL))) == [GONE]
