"""Report, Monitoring, Reliability: the page, and the month as files (STA-6)."""

from __future__ import annotations

import io
import json
from datetime import datetime
from typing import Any

import pytest
import time_machine
from django.contrib.auth.models import User
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from openpyxl import load_workbook

from concentrators.models import Company
from tests.factories import CompanyFactory
from tests.reports.arrivals import file_of
from tests.reports.reliability.outages import in_field, local, outage, planned
from tests.smmeplus.translation.markup import alerts, field, parse, text, texts, with_class
from tests.smmeplus.users import make_user

pytestmark = [pytest.mark.django_db, pytest.mark.one_database]
URL, PDF, WORKBOOK = (reverse(f"reports:reliability{end}") for end in ("", "-pdf", "-workbook"))


@pytest.fixture(autouse=True)
def may() -> Any:
    """The last hour of May in Chile, when it is June in Greenwich."""
    with time_machine.travel(local("2027-05-31 23:30"), tick=False) as moment:
        yield moment


@pytest.fixture
def fleet(chile: Company) -> None:
    """Two concentrators with 100 and 300 customers: one dark for two hours of May, one of April for a day."""
    a = in_field(chile, "A", local("2027-01-01 00:00"), customers=100, substation="Ñuñoa", feeder="=1+1")
    b = in_field(chile, "B", local("2027-01-01 00:00"), customers=300)
    outage(a, local("2027-05-10 10:00"), local("2027-05-10 12:00"))
    works = planned(chile, local("2027-05-11 00:00"), local("2027-05-12 00:00"))
    outage(b, local("2027-05-11 10:00"), local("2027-05-11 11:00"), planned=works, quality="restored")
    outage(b, local("2027-04-10 00:00"), local("2027-04-11 00:00"), cause="undecided", quality="inferred")


def matrix(page: Any) -> dict[str, list[str]]:
    """The figures of each index, in the order of the columns."""
    table = next(one for one in page.iter("table") if "month-table" in str(one.get("class")))
    found = {}
    for row in table.findall(".//tbody/tr"):
        (head,) = row.findall("th")
        found[text(head).split()[0]] = [" ".join(text(cell).split()) for cell in row.findall("td")]
    return found


def test_the_page_shows_the_month_of_the_company_that_it_is_there(client: Client, fleet: None) -> None:
    page = parse(client.get(URL))
    assert field(page, "month").get("value") == "2027-05"
    # Unplanned 100 x 120 / 400, planned 300 x 60 / 400; all 75 min, of it 30 measured and 45 restored.
    assert matrix(page) == {
        "SAIDI": ["30.000 100 / 0 / 0 %", "45.000 0 / 100 / 0 %", "75.000 40 / 60 / 0 %", "0.000"],
        "SAIFI": ["0.250 100 / 0 / 0 %", "0.750 0 / 100 / 0 %", "1.000 25 / 75 / 0 %", "0.000"],
        "CAIDI": ["120.000 100 / 0 / 0 %", "60.000 0 / 100 / 0 %", "75.000 40 / 60 / 0 %", "—"],
        "MAIFI": ["0.000", "0.000", "0.000", "0.000"],
    }
    assert "This month is not over: the figures are those so far." in texts(page, ".//p")


def test_an_undecided_cause_stands_apart(client: Client, fleet: None) -> None:
    found = matrix(parse(client.get(URL, {"month": "2027-04"})))
    assert found["SAIDI"] == ["0.000", "0.000", "0.000", "1,080.000 0 / 0 / 100 %"]


def test_a_month_to_come_has_no_figures(client: Client, fleet: None) -> None:
    page = parse(client.get(URL, {"month": "2027-06"}))
    assert "This month has not begun yet." in alerts(page)
    assert matrix(page)["SAIDI"] == ["—", "—", "—", "—"]
    assert "Choose another month" in text(with_class(page, "empty")[0])


def test_the_list_shows_the_worst_first_and_is_exported_so(client: Client, fleet: None) -> None:
    rows = json.loads(file_of(client.get(URL, {"export": "json"})))
    assert [(row["concentrator_name"], row["outages"], row["outage_s"], row["planned_s"]) for row in rows] == [
        ("A", 1, 7200, 0),
        ("B", 0, 0, 3600),
    ]
    assert rows[0]["availability_percent"] == pytest.approx(100 * (1 - 2 / 743.5))
    page = parse(client.get(URL, headers={"HX-Request": "true", "HX-Target": "list"}))
    (table,) = page.iter("table")
    assert [text(row.findall("td")[0]) for row in table.findall(".//tbody/tr")] == ["99.731 %", "100.000 %"]


def test_a_filter_brings_the_figures_anew_and_a_page_of_the_list_does_not(client: Client, fleet: None) -> None:
    month = client.get(URL, {"month": "2027-04"}, headers={"HX-Request": "true", "HX-Target": "month"})
    page = parse(month)
    assert matrix(page)["CAIDI"][3] == "1,440.000 0 / 0 / 100 %"
    assert page.find(".//h1") is None
    with CaptureQueriesContext(connection) as captured:
        client.get(URL, {"page": 2}, headers={"HX-Request": "true", "HX-Target": "list"})
    assert len(captured) <= 7


@pytest.mark.parametrize("url", [URL, PDF, WORKBOOK])
def test_it_takes_the_right_to_see_outages(chile: Company, url: str) -> None:
    client = Client()
    client.force_login(make_user("roleless", chile))
    assert client.get(url).status_code == 403


def test_a_file_of_what_there_is_not_is_not_found(client: Client, fleet: None) -> None:
    elsewhere = CompanyFactory.create(name="Elsewhere")
    for asked in ({"month": "2027-13"}, {"month": "\0"}, {"company": elsewhere.pk}, {"company": "x"}):
        assert [client.get(url, asked).status_code for url in (PDF, WORKBOOK)] == [404, 404], asked


def test_the_workbook_has_a_sheet_for_each_table_with_numbers_as_numbers(client: Client, fleet: None) -> None:
    response = client.get(WORKBOOK, {"month": "2027-05"})
    assert response["Content-Disposition"] == 'attachment; filename="reliability-chile-2027-05.xlsx"'
    book = load_workbook(io.BytesIO(response.content))
    assert book.sheetnames == [
        "Indices (indicative)",
        "Outages by cause",
        "Worst places",
        "Worst concentrators",
        "About",
    ]
    indices, _causes, places, concentrators, about = ([*sheet.iter_rows(values_only=True)] for sheet in book)
    assert indices[:2] == [
        ("Index", "Interruptions", "Figure", "measured %", "restored %", "inferred %"),
        ("SAIDI", "unplanned", 30, 100, 0, 0),
    ]
    assert places[1][:4] == ("Ñuñoa", "'=1+1", 1, 100)
    assert [row[0] for row in concentrators] == ["concentrator_name", "A", "B"]
    assert ("Company", "Chile") in about
    for sheet in book:
        assert (sheet.freeze_panes, sheet["A1"].font.bold, bool(sheet.auto_filter.ref)) == ("A2", True, True)


NAMES = ["Chilquinta Energía S.A. · Ñuñoa", "A <b>&amp; B", "Łódź Ελλάς 東京", "\t\x01", "x" * 100]


@pytest.mark.parametrize(("name", "language"), [*zip(NAMES, ["es", "it", "en", "en", "es"], strict=True)])
def test_the_pdf_is_made_for_any_name_in_each_language(
    client: Client, fleet: None, chile: Company, name: str, language: str
) -> None:
    Company.objects.filter(pk=chile.pk).update(name=name)
    chile.concentrators.update(substation=name, feeder=name)
    response = client.get(PDF, headers={"Accept-Language": language})
    assert (response["Content-Type"], response.content[:5]) == ("application/pdf", b"%PDF-")


@pytest.mark.parametrize("url", [URL, PDF, WORKBOOK])
def test_a_month_takes_under_ten_queries_with_any_number_of_outages(client: Client, chile: Company, url: str) -> None:
    for n in range(30):
        one = in_field(chile, f"A{n}", local("2027-01-01 00:00"), customers=n, feeder=f"F{n}")
        outage(one, local(f"2027-05-{n + 1:02} 10:00"), None)
    with CaptureQueriesContext(connection) as captured:
        assert client.get(url).status_code == 200
    assert len(captured) < 10


@pytest.mark.parametrize("at", ["2027-04-03 23:30", "2027-09-05 01:00", "2027-12-31 23:59", "2028-01-01 00:00"])
def test_any_time_has_its_month(client: Client, fleet: None, may: Any, at: str) -> None:
    moment: datetime = local(at)
    may.move_to(moment)
    client.force_login(User.objects.get(username="viewer"))  # for the session of May is over
    assert field(parse(client.get(URL)), "month").get("value") == at[:7]


def test_who_belongs_to_no_company_is_told_so(client: Client, chile: Company) -> None:
    chile.users.clear()
    page = parse(client.get(URL))
    assert alerts(page)[0].startswith("You belong to no company yet.")
    assert client.get(PDF).status_code == 404
