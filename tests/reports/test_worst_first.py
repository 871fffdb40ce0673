"""*Concentrators in field*: the worst first on all pages, at the price of one query (UI-8, UI-4)."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.test import Client

from concentrators.models import Company, Watch
from tests.factories import CompanyFactory, ConcentratorFactory
from tests.reports.arrivals import send, utc
from tests.smmeplus.translation.markup import column, parse, rows, texts
from wakeup.monitoring.status import finding

URL = "/reports/in-field/"
NAME, STATUS = "concentrator name", "status"
NOON = utc("2020-09-24 15:00")


def make(company: Company, serial: str, heard: datetime | None) -> None:
    one = ConcentratorFactory.create(
        company=company, serial_number=serial, in_field=True, installed_at=utc("2020-09-20 12:00")
    )
    if heard:
        send(one, heard.isoformat(sep=" ").removesuffix("+00:00"))


@pytest.fixture
def thirty(chile: Company) -> list[str]:
    """Of thirty G00…G29 all but every tenth are heard; those were heard the longer ago the higher their number."""
    serials = [f"G{number:02}" for number in range(30)]
    for number, serial in enumerate(serials):
        silent = timedelta(hours=number + 1) if number % 10 == 0 else timedelta(minutes=1)
        make(chile, serial, NOON - silent)
    return serials


def names(client: Client, **query: Any) -> list[str]:
    return column(parse(client.get(URL, query)), NAME)


@time_machine.travel(NOON, tick=False)
def test_pages_show_all_the_worst_and_then_the_others_by_name(client: Client, thirty: list[str]) -> None:
    worst = ["G20", "G10", "G00"]
    others = [serial for serial in thirty if serial not in worst]
    assert names(client, page=1) == [*worst, *others[:22]]
    assert names(client, page=2) == others[22:]
    assert names(client, per_page=50) == [*worst, *others]


@time_machine.travel(NOON, tick=False)
def test_a_page_of_nothing_but_the_worst(client: Client, chile: Company) -> None:
    for number in range(30):
        make(chile, f"G{number:02}", NOON - timedelta(minutes=30 + number))
    assert names(client) == [f"G{number:02}" for number in reversed(range(5, 30))]
    assert names(client, page=2) == ["G04", "G03", "G02", "G01", "G00"]


@time_machine.travel(NOON, tick=False)
def test_other_companies_and_filters_hold(client: Client, thirty: list[str]) -> None:
    make(CompanyFactory.create(name="Peru"), "PERU", None)
    assert "PERU" not in names(client, per_page=50)
    assert names(client, q="G1")[:2] == ["G10", "G11"]
    assert names(client, status="unreachable") == ["G00", "G10", "G20"]
    assert len(names(client, status="reachable", per_page=50)) == 27
    assert names(client, reason="silence") == ["G00", "G10", "G20"]


@time_machine.travel(NOON, tick=False)
def test_more_suspects_than_are_looked_at_are_all_listed_still(
    client: Client, thirty: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(finding, "FEW", 2)
    assert sorted(names(client, per_page=50)) == thirty


@time_machine.travel(NOON, tick=False)
def test_any_page_takes_fewer_than_ten_queries(
    client: Client, thirty: list[str], django_assert_max_num_queries: Any
) -> None:
    for query in ({}, {"page": 2}, {"status": "unreachable"}, {"reason": "message"}, {"sort": "-concentrator_name"}):
        with django_assert_max_num_queries(9):
            assert rows(parse(client.get(URL, query)))


@time_machine.travel(NOON, tick=False)
def test_the_row_says_for_how_long_it_has_been_silent(client: Client, chile: Company) -> None:
    make(chile, "A", NOON - timedelta(hours=2, minutes=10))
    make(chile, "B", None)
    page = parse(client.get(URL))
    assert dict(zip(column(page, NAME), column(page, "silent for"), strict=True)) == {
        "A": "2 h 10 min",
        "B": "never heard",
    }


@time_machine.travel(NOON, tick=False)
def test_a_reachable_one_has_no_reason_and_since_when_as_far_as_that_is_noted(client: Client, chile: Company) -> None:
    make(chile, "A", NOON - timedelta(minutes=5))
    Watch.objects.update(status="reachable", status_at=utc("2020-09-21 15:00"))
    page = parse(client.get(URL))
    assert (column(page, "reason"), column(page, "status since")) == (["—"], ["9/21/2020 12:00:00 PM"])


def test_each_report_says_under_its_title_what_it_shows(client: Client, chile: Company) -> None:
    for path in ("in-field", "wakeup", "wakeup-per-day", "wakeup-by-days"):
        (said,) = texts(parse(client.get(f"/reports/{path}/")), ".//main//p[@class='description']")
        assert said.startswith("This report shows "), path
        assert said.endswith("."), path


def test_days_that_end_before_they_begin_are_refused(client: Client, chile: Company) -> None:
    make(chile, "A", NOON)
    for last, count in (("2020-09-23", 0), ("2020-09-24", 1), ("2020-09-25", 1)):
        page = parse(client.get("/reports/wakeup-per-day/", {"from_day": "2020-09-24", "to_day": last}))
        assert len(rows(page)) == count, last
        assert bool(texts(page, ".//label[@class='wrong']")) == (not count), last


def test_another_company_in_the_address_is_said(client: Client, chile: Company) -> None:
    for company, is_said in (("999", True), ("x", True), ("", False), (str(chile.pk), False)):
        shown = client.get("/reports/wakeup/", {"company": company}).content.decode()
        assert ("does not exist, or you do not belong to it. This is Chile." in shown) == is_said, company
