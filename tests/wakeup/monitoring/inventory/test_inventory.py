"""The inventory tells the status of what is in field (CON-1, STA-1)."""

from __future__ import annotations

import csv
import io
from datetime import timedelta
from typing import Any
from xml.etree.ElementTree import Element

import pytest
import time_machine
from django.test import Client, RequestFactory
from django.urls import resolve, reverse

from concentrators.models import Assignment, Company, Concentrator, Configuration
from profiles.models import SystemSettings
from smmeplus.common.request import now_of
from smmeplus.dlms.kinds import Kind
from tests.factories import ConcentratorFactory, OutOfServiceFactory, SpontaneousProfileFactory
from tests.reports.arrivals import file_of, send, utc
from tests.smmeplus.translation.markup import column, field, options, parse, text, with_class
from tests.smmeplus.users import make_viewer
from tests.wakeup.at_noon import NOW
from wakeup.models import WakeupTotal

URL = reverse("concentrators:list")
BEGIN = utc("2020-09-20 12:00")
SERIAL = "Serial number"

pytestmark = pytest.mark.usefixtures("noon")


def make(company: Company, serial: str, **facts: Any) -> Concentrator:
    one: Concentrator = ConcentratorFactory.create(
        company=company, serial_number=serial, in_field=True, installed_at=BEGIN, **facts
    )
    Assignment.objects.create(concentrator=one, begin=BEGIN, period_min=10)
    return one


@pytest.fixture
def fleet(chile: Company) -> None:
    """One of each status, named by it, and one that has none."""
    send(make(chile, "REACHABLE"), "2020-09-24 14:55")
    send(make(chile, "LATE"), "2020-09-24 14:48")
    send(make(chile, "SILENT"), "2020-09-23 12:00")
    send(make(chile, "GASPED"), "2020-09-24 14:56", kind=Kind.LASTGASP)
    ConcentratorFactory.create(company=chile, serial_number="NEW", in_field=True, installed_at=NOW)
    OutOfServiceFactory.create(concentrator=make(chile, "OUT"), begin=NOW, end=NOW + timedelta(days=1))
    make(chile, "OFF", profile=SpontaneousProfileFactory.create(wakeup_enabled=False))
    ConcentratorFactory.create(company=chile, serial_number="AVAILABLE")


def badges(page: Element) -> dict[str, tuple[str, str | None]]:
    """The status and what it says to who points at it, by its colour's class."""
    return {text(badge): (badge.get("class", ""), badge.get("title")) for badge in with_class(page, "badge")}


def test_a_status_is_a_badge_that_tells_its_reason(client: Client, fleet: None) -> None:
    page = parse(client.get(URL))
    assert dict(zip(column(page, SERIAL), column(page, "Status"), strict=True)) == {
        "AVAILABLE": "—",
        "GASPED": "unreachable",
        "LATE": "late",
        "NEW": "never called",
        "OFF": "disabled",
        "OUT": "out of service",
        "REACHABLE": "reachable",
        "SILENT": "unreachable",
    }
    for status, colour, reason in (("late", "warning", "silence"), ("out of service", "secondary", "operator")):
        look, title = badges(page)[status]
        assert (look, (title or "").split(":")[0]) == (f"badge text-bg-{colour}", reason)


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ({"status": "reachable"}, ["REACHABLE"]),
        ({"status": "late"}, ["LATE"]),
        ({"status": "unreachable"}, ["GASPED", "SILENT"]),
        ({"status": "unreachable", "reason": "power"}, ["GASPED"]),
        ({"status": "unreachable", "q": "sil"}, ["SILENT"]),
        ({"status": "unreachable", "state": "available"}, []),
        ({"status": "never called"}, ["NEW"]),
        ({"status": "out of service"}, ["OUT"]),
        ({"status": "disabled"}, ["OFF"]),
        ({"reason": "silence", "sort": "-status"}, ["LATE", "SILENT"]),
    ],
)
def test_it_is_filtered_by_status_and_reason(
    client: Client, fleet: None, query: dict[str, str], found: list[str]
) -> None:
    page = parse(client.get(URL, query))
    assert column(page, SERIAL) == found
    assert list(options(page, "status").values())[:3] == ["All", "never called", "reachable"]


def test_it_is_sorted_by_status_the_worst_first(client: Client, fleet: None) -> None:
    shown = column(parse(client.get(URL, {"sort": "status", "state": "in field"})), "Status")
    assert shown == ["unreachable", "unreachable", "late", "never called", "out of service", "disabled", "reachable"]
    assert column(parse(client.get(URL, {"sort": "-status", "state": "in field"})), "Status") == shown[::-1]


def test_a_wrong_status_is_said_beside_its_field(client: Client, fleet: None) -> None:
    page = parse(client.get(URL, {"status": "lost"}))
    assert field(page, "status").get("aria-invalid") == "true"
    assert column(page, SERIAL) == []


def test_how_long_a_wakeup_may_be_late_is_a_setting(client: Client, fleet: None) -> None:
    SystemSettings.objects.create(margin_s=121)
    page = parse(client.get(URL, {"status": "reachable"}))
    assert (column(page, SERIAL), column(page, "Status")) == (["LATE", "REACHABLE"], ["reachable"] * 2)


def test_what_is_asked_of_the_status_costs_no_more_queries(
    client: Client, fleet: None, django_assert_max_num_queries: Any
) -> None:
    SystemSettings.objects.create(environment_name="Production")
    for query in ({}, {"status": "unreachable"}, {"reason": "silence", "sort": "-status"}):
        with django_assert_max_num_queries(9):
            assert column(parse(client.get(URL, query)), SERIAL)


def test_filters_and_rows_of_a_request_are_of_one_moment() -> None:
    request, later = RequestFactory().get(URL), RequestFactory().get(URL)
    assert now_of(request) == NOW
    with time_machine.travel(NOW + timedelta(minutes=1), tick=False):
        assert now_of(request) == NOW
        assert now_of(later) == now_of(None) == NOW + timedelta(minutes=1)


def test_its_export_stays_an_installation_file(client: Client, fleet: None) -> None:
    response = client.get(URL, {"status": "late", "sort": "status", "export": "csv"})
    (row,) = csv.DictReader(io.StringIO(file_of(response).decode("utf-8-sig")))
    assert row["serial_number"] == "LATE"
    assert "status" not in row


def test_nobody_sees_the_status_of_a_strange_company(chile: Company, fleet: None) -> None:
    client = Client()
    client.force_login(make_viewer(name="stranger"))
    assert column(parse(client.get(URL, {"status": "late"})), SERIAL) == []


def test_the_room_of_concentrators_answers_for_the_other_addresses() -> None:
    assert resolve(URL).func.__module__ == "wakeup.monitoring.inventory.views"
    for name in ("installation", "modification", "removal", "upload", "upload-template"):
        assert resolve(reverse(f"concentrators:{name}")).func.__module__.startswith("concentrators."), name


def test_heard_and_not_reachable_is_found_beside_the_states(client: Client, chile: Company) -> None:
    for serial, heard_at, since in (
        ("HEARD", NOW, NOW - timedelta(hours=1)),
        ("SILENT", NOW - timedelta(hours=2), NOW - timedelta(hours=1)),
        ("NEVER", None, NOW - timedelta(hours=1)),
        ("REACHABLE", NOW, None),
    ):
        one = make(chile, serial)
        WakeupTotal.objects.create(concentrator=one, last_wakeup_at=heard_at)
        Configuration.objects.create(
            concentrator=one, profile=one.profile, state="failed", since=NOW, unreachable_since=since
        )
    page = parse(client.get(URL, {"configuration": "heard not reachable"}))
    assert column(page, SERIAL) == ["HEARD"]
    assert options(page, "configuration")["heard not reachable"] == "heard, not reachable"
    found = client.get(reverse("api:concentrator-list"), {"configuration": "heard not reachable"}).json()
    assert [row["serial_number"] for row in found["results"]] == ["HEARD"]
    Configuration.objects.update(profile=None)  # not in field any more
    assert column(parse(client.get(URL, {"configuration": "heard not reachable"})), SERIAL) == []
