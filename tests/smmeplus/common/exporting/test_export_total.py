"""How many rows an export will have, said before the first of them (REP-6)."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from concentrators.models import Company
from smmeplus.common.paging import CappedPaginator
from tests.factories import ConcentratorFactory
from tests.smmeplus.translation.markup import parse

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def inventory(chile: Company, monkeypatch: pytest.MonkeyPatch) -> None:
    """40 concentrators of Chile, 10 of them removed, and one of somebody else; pages are counted to 30."""
    monkeypatch.setattr(CappedPaginator, "CAP", 30)
    ConcentratorFactory.create_batch(30, company=chile)
    ConcentratorFactory.create_batch(10, company=chile, state="removed")
    ConcentratorFactory.create()


@pytest.mark.parametrize("file_format", ["csv", "xlsx", "json"])
@pytest.mark.parametrize(
    ("query", "total"),
    [("", "40"), ("state=available&page=2&per_page=25", "30"), ("state=removed", "10"), ("q=x", "0")],
)
def test_an_export_says_how_many_rows_it_has_on_all_pages(
    client: Client, file_format: str, query: str, total: str
) -> None:
    response = client.get(f"/concentrators/?export={file_format}&{query}")
    response.close()
    assert response["X-Total-Rows"] == total


def test_an_export_of_a_list_that_was_counted_needs_no_query_for_it(
    client: Client, django_assert_max_num_queries: Any
) -> None:
    with django_assert_max_num_queries(20) as counted:
        b"".join(client.get("/concentrators/?export=csv&state=removed"))
    with django_assert_max_num_queries(len(counted) + 1) as longer:
        b"".join(client.get("/concentrators/?export=csv"))
    assert len(longer) == len(counted) + 1


def test_a_page_says_nothing_of_it_and_has_the_words_of_its_exports(client: Client) -> None:
    response = client.get("/concentrators/")
    assert "X-Total-Rows" not in response
    page = parse(response)
    assert [link.get("data-export") for link in page.iter("a") if link.get("download") is not None] == [
        "csv",
        "xlsx",
        "json",
    ]
    (template,) = page.iter("template")
    assert template.get("data-below") == "#list"


def test_a_list_that_is_not_exported_has_no_words_for_it(client: Client) -> None:
    assert "export-progress" not in client.get("/concentrators/installation/").content.decode()
