"""Another filter, company or search keeps the order and the page size that were chosen (REP-6, CON-3)."""

from __future__ import annotations

from urllib.parse import parse_qs, urlsplit
from xml.etree.ElementTree import Element

import pytest
from django.test import Client
from django.urls import reverse

from concentrators.models import Company
from tests.factories import ConcentratorFactory
from tests.smmeplus.common.all_lists import LISTS, List
from tests.smmeplus.translation.markup import parse

pytestmark = pytest.mark.one_database

LIST, INSTALLATION = reverse("concentrators:list"), reverse("concentrators:installation")


def sent(page: Element) -> list[tuple[str, str]]:
    """What the form of the filters sends along: the fields outside of it that belong to it."""
    assert [form.get("method") for form in page.iter("form") if form.get("id") == "filters"] == ["get"]
    return kept(page)


def kept(page: Element) -> list[tuple[str, str]]:
    return [(one.get("name", ""), one.get("value", "")) for one in page.iter("input") if one.get("form") == "filters"]


def test_order_and_size_that_were_chosen_are_sent_along_and_the_page_is_not(client: Client, chile: Company) -> None:
    ConcentratorFactory.create_batch(51, company=chile)
    page = parse(client.get(f"{LIST}?sort=-type&sort=serial_number&per_page=50&page=2&q=16"))
    assert sent(page) == [("sort", "-type"), ("sort", "serial_number"), ("per_page", "50")]


def test_what_nobody_chose_is_not_sent(client: Client) -> None:
    assert sent(parse(client.get(f"{LIST}?q=1&page=2"))) == []


@pytest.mark.parametrize("query", ["sort=;drop", "sort=%00", "sort="])
def test_an_order_that_there_is_not_is_not_sent(client: Client, query: str) -> None:
    assert sent(parse(client.get(f"{LIST}?{query}"))) == []


def test_a_size_that_there_is_not_becomes_the_one_that_is_shown(client: Client) -> None:
    assert sent(parse(client.get(f"{LIST}?per_page=100000"))) == [("per_page", "25")]


@pytest.mark.parametrize("listed", LISTS, ids=str)
def test_every_list_keeps_them_under_its_own_names(client: Client, chile: Company, listed: List) -> None:
    shown = [name for name in listed.orderable if name != "company"]  # which is there for who has several
    alias = f"-{shown[-1]}"
    page = listed.get(client, sort=alias, per_page=50)
    assert kept(page) == [(f"{listed.prefix}sort", alias), (f"{listed.prefix}per_page", "50")]


def test_a_search_among_those_to_choose_sends_them_once_and_keeps_the_rest(client: Client, chile: Company) -> None:
    query = f"?company={chile.pk}&c-q=a&c-sort=-type&c-per_page=50&c-page=2&p-q=ten"
    page = parse(client.get(INSTALLATION + query))
    assert sent(page) == [("c-sort", "-type"), ("c-per_page", "50")]
    search = next(one for one in page.iter("input") if one.get("id") == "c-q")
    address = urlsplit(search.get("hx-get", ""))
    assert parse_qs(address.query) == {"company": [str(chile.pk)], "p-q": ["ten"]}
    assert (search.get("hx-include"), search.get("hx-params")) == ("#filters", "c-q,c-sort,c-per_page")
