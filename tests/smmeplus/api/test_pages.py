"""Cursor pages: neither repeated nor skipped, whatever comes in meanwhile (API-1)."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import time_machine
from django.contrib.auth.models import User
from django.core import signing
from django.utils import timezone

from concentrators.models import Company
from smmeplus.common.api.pagination import DEFAULT_LIMIT, MAX_LIMIT
from tests.factories import CompanyFactory, ConcentratorFactory
from tests.smmeplus.api.asking import LISTS, Api, errors
from tests.smmeplus.api.conftest import AT, arrival
from tests.smmeplus.populated import ALL, populate
from wakeup.models import DailyCount, Message
from wakeup.recording.recorder import record

pytestmark = pytest.mark.one_database


@pytest.fixture
def full(chile: Company) -> Company:
    """Beside Chile a company with thirty of everything, and thirty messages of which many have one time."""
    full: Company = CompanyFactory.create(name="Full")
    populate(full, "F", ALL)
    record([arrival(f"FF{number:03}", AT + timedelta(seconds=number // 12)) for number in range(ALL)])
    return full


@pytest.fixture
def everything(administrator: User) -> Api:
    return Api(administrator)


@pytest.mark.parametrize("limit", [13, 30])
def test_pages_of_any_size_give_every_row_once_and_in_order(everything: Api, full: Company, limit: int) -> None:
    with time_machine.travel(timezone.now(), tick=False):  # what lasts would be a second longer on the next page
        for name in LISTS:
            whole = everything.get(f"{name}/", limit=MAX_LIMIT)
            assert whole["next"] is None, name
            assert everything.rows(f"{name}/", limit=limit) == whole["results"], name


def test_pages_of_a_single_row_give_every_row_once_and_in_order(everything: Api, chile: Company) -> None:
    assert everything.rows("messages/", limit=1) == everything.get("messages/")["results"]


def test_pages_are_of_the_size_asked_for(everything: Api, full: Company) -> None:
    for name in ("concentrators", "messages", "wakeup-totals", "daily-counts"):
        assert len(everything.get(f"{name}/", limit=7)["results"]) == 7, name


def test_without_a_limit_a_page_has_100_rows(everything: Api, full: Company) -> None:
    populate(CompanyFactory.create(), "G", 60)
    page = everything.get("concentrators/")
    assert len(page["results"]) == DEFAULT_LIMIT == 100
    assert page["next"]


def test_a_page_that_ends_with_the_last_row_has_no_next(everything: Api, chile: Company) -> None:
    assert everything.get("messages/", limit=6)["next"] is None
    assert everything.get("messages/", limit=5)["next"]


def test_messages_that_come_in_between_two_pages_neither_repeat_nor_skip_a_row(everything: Api, full: Company) -> None:
    before = [row["id"] for row in everything.rows("messages/", limit=MAX_LIMIT)]
    seen: list[int] = []
    page: dict[str, Any] = everything.get("messages/", limit=5)
    while True:
        seen += [row["id"] for row in page["results"]]
        if not page["next"]:
            break
        later = AT + timedelta(hours=1 + len(seen))
        # New ones, one at the very time where the page ended, and one that came late from another listener.
        edge = Message.objects.get(pk=seen[-1]).received_at
        record([arrival("A1", later), arrival("A2", edge), arrival("A1", AT - timedelta(days=9, seconds=len(seen)))])
        page = everything.get(page["next"])
    assert len(seen) == len(set(seen))
    assert [one for one in seen if one in before] == before


def test_rows_that_go_between_two_pages_take_no_other_with_them(everything: Api, full: Company) -> None:
    first = everything.get("messages/", limit=5)
    whole = [row["id"] for row in everything.rows("messages/", limit=MAX_LIMIT)]
    Message.objects.filter(pk__in=whole[:5]).delete()
    assert [row["id"] for row in everything.get(first["next"])["results"]] == whole[5:10]


def test_days_of_many_concentrators_page_in_the_order_of_the_days(everything: Api, full: Company) -> None:
    days = [row["day"] for row in everything.rows("daily-counts/", limit=7)]
    assert days == sorted(days, reverse=True)
    assert len(days) == DailyCount.objects.count()


def test_the_next_page_keeps_the_filters(everything: Api, full: Company) -> None:
    following = everything.get("concentrators/", state="available", limit=7, company=full.pk)["next"]
    query = parse_qs(urlsplit(following).query)
    assert query.pop("cursor")
    assert query == {"state": ["available"], "limit": ["7"], "company": [str(full.pk)]}
    assert {row["state"] for row in everything.get(following)["results"]} == {"available"}


def test_a_limit_that_is_none_says_what_is_right(api: Api) -> None:
    for limit in ("0", "-1", "1001", "1e2", "x", "9" * 5000, "٣", " 5", "5 "):
        assert errors(api.ask("messages/", limit=limit)) == {"limit": "A whole number from 1 to 1000."}, limit


def test_a_cursor_that_is_none_says_where_one_comes_from(api: Api) -> None:
    for cursor in ("x", "\0", "MQ:1:x", "=" * 5000, signing.dumps(["2020-09-24", 1])):
        said = errors(api.ask("messages/", cursor=cursor))
        assert said == {"cursor": "Not a cursor of this list; take it from “next”."}, cursor


def test_the_cursor_of_another_list_is_none_here(everything: Api, full: Company) -> None:
    query = parse_qs(urlsplit(everything.get("messages/", limit=5)["next"]).query)
    assert errors(everything.ask("daily-counts/", cursor=query["cursor"][0])).keys() == {"cursor"}


def test_a_cursor_shows_nobody_what_is_not_his(everything: Api, full: Company, stranger_api: Api) -> None:
    following = everything.get("concentrators/", limit=1)["next"]
    assert stranger_api.get(following) == {"next": None, "results": []}


def test_companies_page_together(everything: Api, chile: Company) -> None:
    ConcentratorFactory.create(serial_number="Z9")
    assert [row["serial_number"] for row in everything.rows("concentrators/", limit=2)] == ["A1", "A2", "A3", "Z9"]
