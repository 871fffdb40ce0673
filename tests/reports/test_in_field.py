"""Report, Monitoring, Devices, Concentrators in field (REP-1, REP-7, STA-1)."""

from __future__ import annotations

import csv
import io
from typing import Any

import pytest
import time_machine
from django.test import Client
from django.urls import reverse

from concentrators.models import Assignment, Company, Concentrator
from profiles.models import SystemSettings
from smmeplus.dlms.kinds import Kind
from tests.factories import ConcentratorFactory, OutOfServiceFactory, SpontaneousProfileFactory
from tests.reports.arrivals import file_of, send, utc
from tests.smmeplus.translation.markup import column, field, headers, links, parse, rows, texts, with_class

pytestmark = pytest.mark.one_database

URL = reverse("reports:in-field")
NAME = "concentrator name"
COLUMNS = [
    "status",
    NAME,
    "silent for",
    "reason",
    "status since",
    "last wake up date local",
    "substation",
    "feeder",
    "customers",
    "spontaneous profile",
    "wakeup period min",
    "installed at",
    "type",
    "manufacturer",
]
NOON = utc("2020-09-24 15:00")  # in Chile


def make(company: Company, serial: str, installed_at: str = "2020-09-20 12:00", **facts: Any) -> Concentrator:
    """A concentrator in field with a period of 10 minutes."""
    one: Concentrator = ConcentratorFactory.create(
        company=company, serial_number=serial, in_field=True, installed_at=utc(installed_at), **facts
    )
    Assignment.objects.create(concentrator=one, begin=utc(installed_at), period_min=10)
    return one


@pytest.fixture
def fleet(chile: Company) -> list[Concentrator]:
    """One of each status but *disabled*, named by it."""
    send(make(chile, "REACHABLE"), "2020-09-23 03:00", "2020-09-24 14:55")
    send(make(chile, "LATE"), "2020-09-24 14:48")
    send(make(chile, "SILENT"), "2020-09-23 12:00")
    gasping = make(chile, "GASPING")
    send(gasping, "2020-09-24 14:55")
    send(gasping, "2020-09-24 14:56", kind=Kind.LASTGASP)
    make(chile, "NEVER")
    make(chile, "NEW", "2020-09-24 14:55")
    out = make(chile, "OUT")
    OutOfServiceFactory.create(concentrator=out, begin=utc("2020-09-23 03:00"), end=utc("2020-09-25 03:00"))
    ConcentratorFactory.create(company=chile, serial_number="AVAILABLE")
    return list(Concentrator.objects.all())


@time_machine.travel(NOON, tick=False)
def test_columns_and_values(client: Client, chile: Company) -> None:
    profile = SpontaneousProfileFactory.create(name="Ten", wakeup_period=10)
    facts: dict[str, Any] = {"substation": "Six", "feeder": "F1", "customers": 7, "profile": profile}
    send(make(chile, "16CEC50610036665", **facts), "2020-09-24 10:18:46")
    page = parse(client.get(URL))
    assert texts(page, ".//main//h1") == ["Concentrators in field"]
    assert headers(page) == COLUMNS
    assert rows(page) == [
        [
            "unreachable",
            "16CEC50610036665",
            "4 h 41 min",
            "silence",
            "9/24/2020 7:32:46 AM",
            "9/24/2020 7:18:46 AM",
            "Six",
            "F1",
            "7",
            "Ten",
            "10",
            "9/20/2020 9:00:00 AM",
            "CERCO1",
            "Ap System",
        ]
    ]


@time_machine.travel(NOON, tick=False)
@pytest.mark.parametrize(
    ("query", "found"),
    [
        ({}, ["NEVER", "SILENT", "GASPING", "LATE", "NEW", "OUT", "REACHABLE"]),
        ({"sort": "concentrator_name"}, ["GASPING", "LATE", "NEVER", "NEW", "OUT", "REACHABLE", "SILENT"]),
        ({"status": "reachable"}, ["REACHABLE"]),
        ({"status": "late"}, ["LATE"]),
        ({"status": "unreachable"}, ["GASPING", "NEVER", "SILENT"]),
        ({"status": "never called"}, ["NEW"]),
        ({"status": "out of service"}, ["OUT"]),
        ({"status": "disabled"}, []),
        ({"status": "unreachable", "reason": "power"}, ["GASPING"]),
        ({"reason": "never called"}, ["NEVER", "NEW"]),
        ({"silent_on": "2020-09-24"}, ["NEVER", "SILENT"]),
        ({"silent_on": "2020-09-23"}, ["NEVER", "GASPING", "LATE"]),
        ({"silent_on": "2020-09-19"}, []),
        ({"silent_on": "2020-09-25"}, []),
        ({"silent_on": "9999-12-31"}, []),
        ({"status": "wrong"}, []),
    ],
)
def test_filters_and_views(client: Client, fleet: list[Concentrator], query: dict[str, str], found: list[str]) -> None:
    assert column(parse(client.get(URL, query)), NAME) == found


@time_machine.travel(NOON, tick=False)
def test_the_ready_made_views_open_from_the_page(client: Client, fleet: list[Concentrator]) -> None:
    found = links(with_class(parse(client.get(URL)), "views")[0])
    assert column(parse(client.get(found["Never called"])), NAME) == ["NEVER", "NEW"]
    silent = parse(client.get(found["Silent today"]))
    assert column(silent, NAME) == ["NEVER", "SILENT"]
    assert field(silent, "silent_on").get("value") == "2020-09-24"
    assert len(column(parse(client.get(found["All in field"])), NAME)) == 7


@time_machine.travel(NOON, tick=False)
def test_how_long_a_wakeup_may_be_late_is_a_setting(client: Client, fleet: list[Concentrator]) -> None:
    SystemSettings.objects.create(margin_s=121)
    assert column(parse(client.get(URL, {"status": "reachable"})), NAME) == ["LATE", "REACHABLE"]


@time_machine.travel(NOON, tick=False)
def test_the_export_says_what_the_page_says(client: Client, fleet: list[Concentrator]) -> None:
    response = client.get(URL, {"export": "csv", "status": "unreachable", "reason": "silence"})
    (row,) = csv.DictReader(io.StringIO(file_of(response).decode("utf-8-sig")))
    assert (row["concentrator_name"], row["status"], row["reason"]) == ("SILENT", "unreachable", "silence")
    assert row["status_since"] == "2020-09-23T09:14:00.000000-03:00"
    assert row["last_wake_up_date_local"] == "2020-09-23T09:00:00.000000-03:00"


@time_machine.travel(NOON, tick=False)
def test_the_wake_up_report_is_filtered_by_status_too(client: Client, fleet: list[Concentrator]) -> None:
    for status, found in {"late": ["LATE"], "unreachable": ["GASPING", "SILENT"], "never called": []}.items():
        assert column(parse(client.get(reverse("reports:wakeup"), {"status": status})), NAME) == found
