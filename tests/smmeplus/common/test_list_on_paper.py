"""Lists on paper: all rows up to a bound, and a word on those that are missing (REP-7)."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from smmeplus.common.lists import ListTable
from smmeplus.common.paging import CappedPaginator
from tests.smmeplus.common.all_lists import LISTS, List
from tests.smmeplus.translation.markup import links, parse, rows, text, with_class

pytestmark = [pytest.mark.django_db, pytest.mark.one_database(in_ci=True)]
PRINTED = [listed for listed in LISTS if not listed.part]


@pytest.fixture
def operator(filled: User) -> User:
    """Who sees all of the lists, made once for this file: its tests only read."""
    return filled


@pytest.mark.parametrize("listed", PRINTED, ids=str)
def test_a_list_of_several_pages_has_a_link_that_shows_all_rows(client: Client, listed: List) -> None:
    page = parse(client.get(listed.url(per_page=25)))
    assert "25" in text(with_class(page, "on-paper")[0])
    printed = parse(client.get(links(page)["Print"]))
    assert len(rows(printed)) == listed.rows
    assert text(with_class(printed, "printed")[0]) == f"{listed.rows} rows, which are all."
    assert not with_class(printed, "exports")
    assert not with_class(printed, "pagination")


def test_it_says_how_many_rows_are_missing(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ListTable, "most_printed", 20)
    monkeypatch.setattr(CappedPaginator, "CAP", 22)
    page = parse(client.get("/reports/in-field/?print=1&page=2"))
    assert len(rows(page)) == 20
    assert "The first 20 rows. 10 rows are missing." in text(with_class(page, "printed")[0])


def test_filters_order_and_rights_hold_on_paper(client: Client) -> None:
    shown = [row[0] for row in rows(parse(client.get("/concentrators/?print=1&sort=-serial_number&status=disabled")))]
    assert set(shown) == {"disabled"}


def test_it_costs_no_more_queries(client: Client) -> None:
    for listed in PRINTED:
        with CaptureQueriesContext(connection) as captured:
            client.get(listed.url(print=1))
        assert len(captured) < 10, listed.view


def test_a_table_to_choose_from_is_never_printed_whole(client: Client) -> None:
    page = parse(client.get("/concentrators/installation/?print=1"))
    assert len(rows(page)) == 50
    assert "Print" not in links(page)
