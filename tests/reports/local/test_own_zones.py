"""A company may span several time zones: local times are by the clock of the concentrator's own place (REP-4)."""

from __future__ import annotations

import io
import json

import pytest
from django.test import Client
from django.urls import reverse
from openpyxl import load_workbook

from concentrators.models import Company
from tests.factories import ConcentratorFactory
from tests.reports.arrivals import file_of, send
from tests.smmeplus.api.asking import Api
from tests.smmeplus.translation.markup import column, parse, texts
from tests.smmeplus.users import make_operator, make_viewer

#: At that moment it was 7:18 in Santiago, 8:18 in Coyhaique and 5:18 on Easter Island.
MOMENT = "2025-07-24 11:18:46"
LOCAL = {
    "S1": "2025-07-24T07:18:46.000000-04:00",
    "S2": "2025-07-24T08:18:46.000000-03:00",
    "S3": "2025-07-24T05:18:46.000000-06:00",
}


@pytest.fixture(autouse=True)
def three(chile: Company) -> None:
    for serial, zone in (("S1", ""), ("S2", "America/Coyhaique"), ("S3", "Pacific/Easter")):
        send(ConcentratorFactory.create(company=chile, serial_number=serial, in_field=True, time_zone=zone), MOMENT)


def exported(client: Client, file_format: str) -> bytes:
    return file_of(client.get(reverse("reports:wakeup"), {"export": file_format, "sort": "concentrator_name"}))


def test_a_page_names_the_zone_of_a_time_that_is_not_the_companys(client: Client) -> None:
    page = parse(client.get(reverse("reports:wakeup"), {"sort": "concentrator_name"}))
    assert column(page, "last wake up date local") == [
        "7/24/2025 7:18:46 AM",
        "7/24/2025 8:18:46 AM America/Coyhaique",
        "7/24/2025 5:18:46 AM Pacific/Easter",
    ]
    assert column(page, "last wake up date utc") == ["7/24/2025 11:18:46 AM"] * 3
    assert any("Local times are those of America/Santiago" in note for note in texts(page, ".//p[@class='note']"))


def test_all_exported_files_have_each_time_in_its_own_zone(client: Client) -> None:
    lines = exported(client, "csv").decode("utf-8-sig").splitlines()[1:]
    assert {line.split(",")[0]: line.split(",")[5] for line in lines} == LOCAL
    rows = json.loads(exported(client, "json"))
    assert {row["concentrator_name"]: row["last_wake_up_date_local"] for row in rows} == LOCAL
    sheet = load_workbook(io.BytesIO(exported(client, "xlsx"))).worksheets[0]
    assert {row[0]: f"{row[5]:%H:%M}" for row in sheet.iter_rows(min_row=2, values_only=True)} == {
        "S1": "07:18",
        "S2": "08:18",
        "S3": "05:18",
    }


def test_a_concentrator_that_never_called_has_no_local_time(client: Client, chile: Company) -> None:
    ConcentratorFactory.create(company=chile, serial_number="S4", in_field=True, time_zone="Pacific/Easter")
    content = file_of(client.get(reverse("reports:in-field"), {"export": "csv", "sort": "concentrator_name"})).decode()
    (line,) = (line for line in content.splitlines() if line.startswith("S4,"))
    assert line.endswith(",")


def test_the_api_says_which_zone_a_local_time_is_in(chile: Company) -> None:
    rows = Api(make_viewer(chile)).rows("wakeup-totals/")
    assert {row["concentrator"]: row["last_wakeup_at_local"] for row in rows} == LOCAL
    assert [row["time_zone"] for row in rows] == ["America/Santiago", "America/Coyhaique", "Pacific/Easter"]


def test_the_concentrators_page_and_its_api_tell_its_zone(chile: Company) -> None:
    operator = Client()
    operator.force_login(make_operator(chile))
    page = parse(operator.get(reverse("concentrator:page", args=["S3"])))
    assert "Pacific/Easter" in texts(page, ".//th")
    assert Api(make_viewer(chile, name="program")).get("concentrators/S3/")["time_zone"] == "Pacific/Easter"
