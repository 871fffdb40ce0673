"""Company first, and one's own only (REP-1, ACC-1); counters only (REP-8)."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from concentrators.models import Company, Concentrator
from tests.factories import CompanyFactory, ConcentratorFactory
from tests.reports.arrivals import send
from tests.smmeplus.translation.markup import alerts, column, options, parse, rows, selected, text
from tests.smmeplus.users import client_of, make_viewer

pytestmark = [pytest.mark.one_database, pytest.mark.time]

URLS = [reverse("reports:wakeup"), reverse("reports:wakeup-per-day") + "?from_day=&to_day="]
NAME = "concentrator name"


def client_in(*companies: Company) -> Client:
    return client_of(make_viewer(*companies, name="somebody"))


def send_of(company: Company, serial: str) -> Concentrator:
    concentrator = ConcentratorFactory.create(company=company, serial_number=serial, in_field=True)
    send(concentrator, "2020-09-24 01:00:00")
    return concentrator


def with_company(url: str, company: object) -> str:
    return f"{url}{'&' if '?' in url else '?'}company={company}"


@pytest.mark.parametrize("url", URLS)
def test_the_first_filter_is_the_company_and_shows_the_users_first_one(url: str, chile: Company) -> None:
    peru, _brazil = CompanyFactory.create(name="Peru"), CompanyFactory.create(name="Brazil")
    send_of(peru, "PERU1")
    send_of(chile, "CHILE1")
    page = parse(client_in(peru, chile).get(url))
    assert next(page.iterfind(".//form[@class='filters']//select")).get("name") == "company"
    assert options(page, "company") == {str(chile.pk): "Chile", str(peru.pk): "Peru"}
    assert selected(page, "company") == str(chile.pk)
    assert column(page, NAME) == ["CHILE1"]


@pytest.mark.parametrize("url", URLS)
def test_a_report_shows_the_company_that_is_asked_for(url: str, chile: Company) -> None:
    peru = CompanyFactory.create(name="Peru")
    send_of(peru, "PERU1")
    send_of(chile, "CHILE1")
    page = parse(client_in(peru, chile).get(with_company(url, peru.pk)))
    assert (selected(page, "company"), column(page, NAME)) == (str(peru.pk), ["PERU1"])


def test_local_is_the_zone_of_the_company_that_is_asked_for(chile: Company) -> None:
    peru = CompanyFactory.create(name="Peru", time_zone="America/Lima")
    send_of(peru, "PERU1")
    page = parse(client_in(peru, chile).get(with_company(URLS[0], peru.pk)))
    assert column(page, "last wake up date local") == ["9/23/2020 8:00:00 PM"]


@pytest.mark.parametrize("url", URLS)
@pytest.mark.parametrize("asked", ["stranger", "", "0", "x", "-1", "9" * 30, "%00", "1 OR 1=1"])
def test_any_other_company_in_the_url_shows_ones_own_first_one(url: str, asked: str, chile: Company) -> None:
    stranger, peru = CompanyFactory.create(name="Stranger"), CompanyFactory.create(name="Peru")
    send_of(stranger, "STRANGE1")
    send_of(peru, "PERU1")
    send_of(chile, "CHILE1")
    page = parse(client_in(peru, chile).get(with_company(url, stranger.pk if asked == "stranger" else asked)))
    assert column(page, NAME) == ["CHILE1"]
    assert selected(page, "company") == str(chile.pk)
    assert "Stranger" not in text(page)


@pytest.mark.parametrize("url", URLS)
def test_who_belongs_to_no_company_sees_nothing_and_is_told_why(url: str, concentrator: Concentrator) -> None:
    send(concentrator, "2020-09-24 01:00:00")
    client = client_in()
    for address in (url, with_company(url, concentrator.company_id)):
        page = parse(client.get(address))
        assert rows(page) == []
        assert alerts(page) == ["You belong to no company yet. An administrator adds you to one in the admin site."]


@pytest.mark.parametrize("url", URLS)
def test_a_search_finds_none_of_a_strangers(url: str, chile: Company, client: Client) -> None:
    send_of(CompanyFactory.create(), "STRANGE1")
    assert rows(parse(client.get(f"{url}{'&' if '?' in url else '?'}q=STRANGE1"))) == []


@pytest.mark.parametrize("url", URLS)
@pytest.mark.parametrize("query", ["", "q=16", "sort=-concentrator_name", "sort=total_count", "per_page=50"])
def test_a_report_never_reads_the_messages(url: str, query: str, client: Client, concentrator: Concentrator) -> None:
    send(concentrator, "2020-09-24 01:00:00", "2020-09-25 01:00:00")
    with CaptureQueriesContext(connection) as queries:
        page = parse(client.get(f"{url}{'&' if '?' in url else '?'}{query}"))
    assert rows(page)
    assert any("wakeup_" in query["sql"] for query in queries)
    assert not [query["sql"] for query in queries if "wakeup_message" in query["sql"]]
