"""Lists too long to be counted for every page (UI-4)."""

from __future__ import annotations

import pytest
from django.test import Client

from smmeplus.common.paging import CappedPaginator
from tests.factories import CompanyFactory, ConcentratorFactory
from tests.smmeplus.users import client_of, make_viewer

pytestmark = [pytest.mark.django_db, pytest.mark.one_database]


@pytest.fixture
def client(monkeypatch: pytest.MonkeyPatch) -> Client:
    monkeypatch.setattr(CappedPaginator, "CAP", 30)
    company = CompanyFactory.create()
    ConcentratorFactory.create_batch(31, company=company)
    return client_of(make_viewer(company))


def test_beyond_the_cap_the_page_says_more_than_and_asks_for_the_number_afterwards(client: Client) -> None:
    page = client.get("/concentrators/").content.decode()
    assert "more than 30" in page
    assert 'hx-get="/concentrators/?count=exact"' in page
    assert client.get("/concentrators/?count=exact").content == b"31"


def test_the_number_asked_for_is_that_of_the_filter(client: Client) -> None:
    assert client.get("/concentrators/?count=exact&state=removed").content == b"0"


def test_up_to_the_cap_the_number_is_on_the_page(client: Client) -> None:
    page = client.get("/concentrators/?state=available&q=16CEC5060").content.decode()
    assert "Total items" in page
    first = client.get("/concentrators/?sort=serial_number&per_page=50").context["table"].page
    one = first.object_list[0].record.serial_number
    assert "Total items: 1" in client.get(f"/concentrators/?q={one}").content.decode()


def test_pages_end_at_the_cap(client: Client) -> None:
    table = client.get("/concentrators/?page=99").context["table"]
    assert (table.page.number, table.paginator.num_pages) == (2, 2)
