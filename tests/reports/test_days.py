"""The heat map of days (REP-7)."""

from __future__ import annotations

import csv
import io
import json

import openpyxl
import pytest
import time_machine
from django.test import Client
from django.urls import reverse

from concentrators.models import Assignment, Company, Concentrator, OutOfService
from reports import day_files
from tests.factories import CompanyFactory, ConcentratorFactory
from tests.reports.arrivals import send, utc
from tests.smmeplus.translation.markup import column, headers, parse, rows, texts, with_class
from wakeup.monitoring.expected.cells import Cell, Level

URL = reverse("reports:days")
NOON = utc("2020-09-24 15:00")  # in Chile
NAME = "concentrator name"

pytestmark = pytest.mark.usefixtures("at_noon")


@pytest.fixture
def at_noon() -> object:
    with time_machine.travel(NOON, tick=False) as moment:
        yield moment


def make(company: Company, serial: str, begin: str, end: str | None = None) -> Concentrator:
    one: Concentrator = ConcentratorFactory.create(company=company, serial_number=serial, in_field=True)
    Assignment.objects.create(concentrator=one, begin=utc(begin), end=utc(end) if end else None, period_min=360)
    return one


@pytest.mark.parametrize(
    ("received", "expected", "is_in_field", "level", "figures"),
    [
        (4, 4, True, Level.FULL, "4"),
        (5, 4, True, Level.FULL, "5"),
        (3, 4, True, Level.PARTIAL, "3/4"),
        (0, 4, True, Level.MISSED, "0/4"),
        (2, 0, True, Level.RECEIVED, "2"),
        (2, 0, False, Level.RECEIVED, "2"),
        (0, 0, True, Level.IDLE, "0"),
        (0, 0, False, Level.NO_DATA, "—"),
    ],
)
def test_a_day_goes_one_of_six_ways(
    received: int, expected: int, is_in_field: bool, level: Level, figures: str
) -> None:
    cell = Cell(received, expected, Level.of(received, expected, is_in_field=is_in_field))
    assert (cell.level, cell.figures) == (level, figures)
    assert cell.drawn("today").share == (0.75 if level is Level.PARTIAL else 1.0)


def test_the_page_shows_31_days_of_each_concentrator(client: Client, chile: Company) -> None:
    one = make(chile, "A", "2020-09-21 12:00")
    send(one, "2020-09-22 02:59:59", "2020-09-22 03:00", "2020-09-23 12:00", "2020-09-24 04:00", "2020-09-24 10:00")
    OutOfService.objects.create(concentrator=one, begin=utc("2020-09-23 03:00"), end=utc("2020-09-24 03:00"))
    page = parse(client.get(URL))
    assert texts(page, ".//main//h1") == ["Wake-up heat map of days"]
    assert headers(page)[:5] == [NAME, "substation", "feeder", "share", "25 Aug"]
    assert headers(page)[-1] == "24 Sep"
    ((name, _substation, _feeder, share, *days),) = rows(page)
    # Installed at 9 o'clock on the 21st: two whole periods. Out of service on the 23rd. Two until noon of the 24th.
    assert (name, days) == ("A", ["—"] * 27 + ["1/2", "1/4", "1", "2"])
    assert share == "50 %"


def test_the_picture_says_the_same(client: Client, chile: Company) -> None:
    send(make(chile, "16CEC50610036665", "2020-09-23 03:00"), "2020-09-23 12:00")
    page = parse(client.get(URL))
    (svg,) = page.iterfind(".//svg[@class='heat-map']")
    titles = texts(svg, ".//g/title")
    assert titles[0] == "8/25/2020 · no data"
    assert titles[-2:] == ["9/23/2020 · 1 of 4", "9/24/2020 · 0 of 2"]
    assert "none: 1" in texts(svg, "desc")[0]
    assert "16CEC50610036665" in texts(svg, ".//text")


def test_days_end_where_asked_and_show_who_was_in_field_then(client: Client, chile: Company) -> None:
    make(chile, "BEFORE", "2020-01-01 00:00", "2020-06-10 12:00")
    make(chile, "SINCE", "2020-09-20 00:00")
    page = parse(client.get(URL, {"to_day": "2020-06-30"}))
    assert (headers(page)[4], headers(page)[-1]) == ("31 May", "30 Jun")
    assert column(page, NAME) == ["BEFORE"]
    assert column(parse(client.get(URL)), NAME) == ["SINCE"]


def test_the_part_for_htmx_has_the_picture_and_the_table(client: Client, chile: Company) -> None:
    make(chile, "A", "2020-09-20 00:00")
    part = parse(client.get(URL, headers={"HX-Request": "true"}))
    assert part.find(".//h1") is None
    assert part.find(".//svg[@class='heat-map']") is not None
    assert column(part, NAME) == ["A"]


def test_the_days_of_a_company_begin_at_its_midnight(client: Client, chile: Company) -> None:
    make(chile, "A", "2020-09-20 00:00")
    assert "America/Santiago" in texts(parse(client.get(URL)), ".//p[@class='note']")[0]
    assert with_class(parse(client.get(URL)), "legend")


def test_no_stranger_is_shown(client: Client, chile: Company) -> None:
    make(CompanyFactory.create(), "STRANGE", "2020-09-20 00:00")
    page = parse(client.get(URL))
    assert rows(page) == []
    assert page.find(".//svg[@class='heat-map']") is None


def test_its_files_have_numbers_and_no_text_that_a_spreadsheet_would_take_for_a_day(
    client: Client, chile: Company
) -> None:
    one = make(chile, "=A", "2020-09-21 12:00")
    send(one, "2020-09-22 02:59:59", "2020-09-22 03:00", "2020-09-23 12:00", "2020-09-24 04:00", "2020-09-24 10:00")
    (row,) = json.loads(exported(client, "json"))
    assert len(row) == 6 + 2 * 31
    assert (row["concentrator_name"], row["company"], row["state"], row["share_percent"]) == (
        "=A", "Chile", "in field", 41,
    )  # fmt: skip
    assert row["2020-08-25_received"] is row["2020-09-20_expected"] is None
    days = [(row[f"2020-09-{day}_received"], row[f"2020-09-{day}_expected"]) for day in range(21, 25)]
    assert days == [(1, 2), (1, 4), (1, 4), (2, 2)]
    ((_head, *cells),) = list(csv.reader(io.StringIO(exported(client, "csv").decode("utf-8-sig"))))[1:]
    assert (_head, cells[-2:], cells[5:7]) == ("'=A", ["2", "2"], ["", ""])
    sheet = openpyxl.load_workbook(io.BytesIO(exported(client, "xlsx"))).worksheets[0]
    assert sheet.title == "Wake-up heat map of days"
    assert [cell.value for cell in sheet[2]][-2:] == [2, 2]


@pytest.mark.parametrize("count", [0, 1, 3, 4, 7])
def test_its_files_have_all_that_the_table_has_some_at_a_time(
    client: Client, chile: Company, monkeypatch: pytest.MonkeyPatch, count: int
) -> None:
    monkeypatch.setattr(day_files, "AT_ONCE", 3)
    for number in range(count):
        make(chile, f"A{number:04}", "2020-09-21 12:00")
    make(CompanyFactory.create(), "THEIRS", "2020-09-21 12:00")
    rows_of_file = json.loads(exported(client, "json", q="A"))
    assert [row["concentrator_name"] for row in rows_of_file] == [f"A{number:04}" for number in range(count)]


def exported(client: Client, wish: str, **filters: str) -> bytes:
    response = client.get(URL, {"export": wish, **filters})
    assert response.status_code == 200
    return b"".join(response.streaming_content)  # type: ignore[attr-defined]
