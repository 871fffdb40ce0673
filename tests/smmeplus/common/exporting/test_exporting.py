"""Exports of what a list shows (REP-6, CON-5)."""

from __future__ import annotations

import csv
import io
import json
from datetime import UTC, datetime
from typing import Any

import openpyxl
import pytest
import time_machine
from django.test import Client
from openpyxl.worksheet.worksheet import Worksheet

from concentrators.importing import COLUMN_NAMES, check
from concentrators.models import Company, Concentrator
from smmeplus.dlms.kinds import Kind
from tests.factories import ConcentratorFactory
from tests.smmeplus.users import client_of, make_viewer
from wakeup.models import Format
from wakeup.recording.arrivals import Arrival
from wakeup.recording.recorder import record

pytestmark = pytest.mark.django_db

EXPORTED = list(dict.fromkeys((*COLUMN_NAMES, "company", "state")))
NOON = datetime(2020, 9, 23, 12, tzinfo=UTC)


@pytest.fixture
def client(chile: Company) -> Client:
    return client_of(make_viewer(chile))


def body(client: Client, url: str) -> bytes:
    response = client.get(url)
    assert response.status_code == 200
    return b"".join(response.streaming_content)  # type: ignore[attr-defined]


def rows_of(content: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(content.decode("utf-8-sig"))))


def settable(content: bytes) -> bytes:
    """The columns of an export that an upload sets."""
    file = io.StringIO()
    writer = csv.DictWriter(file, COLUMN_NAMES, extrasaction="ignore")
    writer.writeheader()
    writer.writerows(rows_of(content))
    return file.getvalue().encode()


def wake_up(*concentrators: Concentrator, at: datetime = NOON) -> None:
    record([Arrival(one.serial_number, Kind.BOOT, Format.PUSH, at, "10.60.0.10", 58_692) for one in concentrators])


def test_the_inventory_uploads_again_unchanged(client: Client, chile: Company) -> None:
    ConcentratorFactory.create(
        company=chile, in_field=True, manufacturer="=1+1", substation='Ñuñoa; "A", B', feeder="-F1", customers=3
    )
    ConcentratorFactory.create(company=chile, management_ip="10.60.0.10", manufacturer="@x", substation="'quoted")
    content = body(client, "/concentrators/?export=csv")
    assert content.decode("utf-8-sig").splitlines()[0] == ",".join(EXPORTED)
    plan = check(io.BytesIO(settable(content)), chile)
    assert (plan.errors, plan.counts.unchanged, plan.counts.changed) == ([], 2, 0)


def sheet_of(client: Client, url: str) -> Worksheet:
    return openpyxl.load_workbook(io.BytesIO(body(client, url))).worksheets[0]


def test_the_workbook_of_wake_ups_is_made_to_be_handed_on(client: Client, chile: Company) -> None:
    wake_up(ConcentratorFactory.create(company=chile, serial_number="0012345678"))
    sheet = sheet_of(client, "/reports/wakeup/?export=xlsx")
    head, row = sheet[1], sheet[2]
    assert sheet.title == "Wake up messages"
    assert {cell.value: shown.value for cell, shown in zip(head, row, strict=True)} == {
        "concentrator_name": "0012345678",
        "ipaddress": "10.60.0.10",
        "port": 58_692,
        "first_wake_up_date_utc": datetime.fromisoformat("2020-09-23 12:00:00"),
        "last_wake_up_date_utc": datetime.fromisoformat("2020-09-23 12:00:00"),
        "last_wake_up_date_local": datetime.fromisoformat("2020-09-23 09:00:00"),
        "wake_up_count": 1,
        "company": "Chile",
        "state": "available",
    }
    assert all(cell.font.b for cell in head)
    assert (sheet.freeze_panes, sheet.auto_filter.ref) == ("A2", "A1:I2")
    assert row[3].number_format.endswith("hh:mm:ss")


def test_the_inventory_says_company_and_state_in_every_format(client: Client, chile: Company) -> None:
    ConcentratorFactory.create(company=chile, in_field=True)
    (row,) = rows_of(body(client, "/concentrators/?export=csv"))
    assert (row["company"], row["state"]) == ("Chile", "in field")
    (row,) = json.loads(body(client, "/concentrators/?export=json"))
    assert (row["company"], row["state"]) == ("Chile", "in field")
    sheet = sheet_of(client, "/concentrators/?export=xlsx")
    assert [cell.value for cell in sheet[1]] == EXPORTED


def test_no_text_is_a_formula_for_a_spreadsheet(client: Client, chile: Company) -> None:
    ConcentratorFactory.create(company=chile, manufacturer="=HYPERLINK(1)", feeder="+1", substation="@A")
    (row,) = rows_of(body(client, "/concentrators/?export=csv"))
    assert (row["manufacturer"], row["feeder"], row["substation"]) == ("'=HYPERLINK(1)", "'+1", "'@A")
    book = openpyxl.load_workbook(io.BytesIO(body(client, "/concentrators/?export=xlsx")))
    kinds = {cell.data_type for line in book.worksheets[0].iter_rows() for cell in line}
    assert "f" not in kinds


def test_what_is_filtered_is_exported_in_the_order_of_the_screen(client: Client, chile: Company) -> None:
    for number in range(60):
        ConcentratorFactory.create(company=chile, serial_number=f"A{number:02}", feeder="F1" if number % 2 else "F2")
    rows = rows_of(body(client, "/concentrators/?export=csv&q=F1&sort=-serial_number&page=2"))
    assert [row["serial_number"] for row in rows] == [f"A{number:02}" for number in range(59, 0, -2)]


def test_nothing_of_another_company_is_exported(client: Client, chile: Company) -> None:
    stranger = ConcentratorFactory.create(serial_number="THEIRS1", in_field=True)
    wake_up(stranger)
    for path in ("/concentrators/", "/reports/wakeup/", "/reports/wakeup-per-day/"):
        for wish in ("csv", "json"):
            content = body(client, f"{path}?export={wish}&company={stranger.company.pk}&from_day=2020-01-01")
            assert b"THEIRS1" not in content


def test_the_wake_up_report_has_times_with_their_offset(client: Client, chile: Company) -> None:
    wake_up(ConcentratorFactory.create(company=chile, serial_number="A1"))
    (row,) = rows_of(body(client, "/reports/wakeup/?export=csv"))
    assert row == {
        "concentrator_name": "A1",
        "ipaddress": "10.60.0.10",
        "port": "58692",
        "first_wake_up_date_utc": "2020-09-23T12:00:00.000000+00:00",
        "last_wake_up_date_utc": "2020-09-23T12:00:00.000000+00:00",
        "last_wake_up_date_local": "2020-09-23T09:00:00.000000-03:00",
        "wake_up_count": "1",
    }
    assert json.loads(body(client, "/reports/wakeup/?export=json")) == [{**row, "port": 58692, "wake_up_count": 1}]


@time_machine.travel(datetime(2020, 9, 24, 12, tzinfo=UTC), tick=False)
def test_the_per_day_report_has_counts_and_totals(client: Client, chile: Company) -> None:
    concentrator = ConcentratorFactory.create(company=chile, serial_number="A1")
    wake_up(concentrator)
    wake_up(concentrator, at=datetime(2020, 9, 24, 11, tzinfo=UTC))
    expected = {"concentrator_name": "A1", "ipaddress": "10.60.0.10", "daily_msg_count": 1}
    assert json.loads(body(client, "/reports/wakeup-per-day/?export=json")) == [
        {**expected, "date": "2020-09-24", "total_msg_count": 2, "expected": 0, "missing": 0}
    ]
    both = json.loads(body(client, "/reports/wakeup-per-day/?export=json&from_day=2020-09-23"))
    assert [(row["date"], row["total_msg_count"]) for row in both] == [("2020-09-24", 2), ("2020-09-23", 1)]


@time_machine.travel(NOON, tick=False)
def test_a_file_is_named_after_report_company_and_day(client: Client, chile: Company) -> None:
    names = [
        client.get(f"/reports/wakeup/?export={wish}")["Content-Disposition"].split("filename=")[1].strip('"')
        for wish in ("csv", "xlsx", "json")
    ]
    assert names == [f"wake-up-messages-chile-2020-09-23.{wish}" for wish in ("csv", "xlsx", "json")]


def test_an_empty_list_is_an_empty_file(client: Client) -> None:
    assert json.loads(body(client, "/concentrators/?export=json")) == []
    assert rows_of(body(client, "/concentrators/?export=csv")) == []


def test_an_unknown_format_shows_the_page(client: Client) -> None:
    response = client.get("/concentrators/?export=exe")
    assert response.status_code == 200
    assert "text/html" in response["Content-Type"]


def test_the_queries_of_an_export_do_not_grow_with_its_rows(
    client: Client, chile: Company, django_assert_max_num_queries: Any
) -> None:
    ConcentratorFactory.create_batch(50, company=chile, in_field=True)
    with django_assert_max_num_queries(11):  # on PostgreSQL two of them count the exports of the user
        assert len(rows_of(body(client, "/concentrators/?export=csv"))) == 50
