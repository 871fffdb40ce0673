"""The operator's first page (UI-2, UI-8)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
import time_machine
from django.test import Client
from django.urls import reverse

from concentrators.models import Company, Concentrator, RollOut, Watch
from profiles.models import ProcedureProfile
from tests.factories import CompanyFactory, ConcentratorFactory, OutageFactory
from tests.smmeplus.translation.markup import parse, rows, text, texts
from tests.smmeplus.users import client_of, make_user
from tests.wakeup.monitoring.incidents.pages.incidents import incident_of
from tests.wakeup.monitoring.verdicts.listeners import listener_until
from wakeup.models import ChangeReason, StatusChange, VerdictSpan, WakeupTotal
from wakeup.models.verdicts import Cause

pytestmark = [pytest.mark.one_database, pytest.mark.time, pytest.mark.django_db]

NOON = datetime(2026, 2, 25, 12, 0, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
URL = reverse("overview:page")


def make(company: Company, serial: str, heard: float | None = None, *, is_canary: bool = False) -> Concentrator:
    """One that calls every ten minutes since a day, last heard so many minutes before noon."""
    one: Concentrator = ConcentratorFactory.create(
        company=company, serial_number=serial, in_field=True, substation="Maipu", is_canary=is_canary
    )
    day_ago = NOON - 1440 * MINUTE
    Watch.objects.filter(pk=one.pk).update(since=day_ago, silent_from=day_ago, period_min=10, look_at=day_ago)
    if heard is not None:
        at = NOON - heard * MINUTE
        WakeupTotal.objects.create(concentrator=one, first_wakeup_at=at, last_wakeup_at=at, wakeup_count=1)
        if heard > 14:
            Watch.objects.filter(pk=one.pk).update(status="unreachable", status_at=at + 14 * MINUTE)
            StatusChange.objects.create(
                concentrator=one,
                at=at + 14 * MINUTE,
                from_status="late",
                to_status="unreachable",
                reason=ChangeReason.SILENCE,
            )
    return one


def page_at_noon(client: Client) -> Any:
    with time_machine.travel(NOON, tick=False):
        return parse(client.get(URL))


def test_it_is_the_first_page(client: Client) -> None:
    assert client.get("/", follow=True).redirect_chain[-1][0] == URL


def test_counts_by_status_lead_to_their_lists_the_worst_first(client: Client, chile: Company) -> None:
    for serial, heard in {"A1": 5.0, "A2": 6.0, "B1": 12.0, "C1": 30.0}.items():
        make(chile, serial, heard)
    make(chile, "CANARY1", 90, is_canary=True)
    page = page_at_noon(client)
    found = texts(page, ".//ul[@id='overview-counts']/li")
    assert found == ["1 unreachable", "1 late", "0 never called", "0 out of service", "0 disabled", "2 reachable"]
    links = [link.get("href") for link in page.iterfind(".//ul[@id='overview-counts']//a")]
    with time_machine.travel(NOON, tick=False):
        assert "C1" in client.get(links[0]).content.decode()
        assert "A2" in client.get(links[-1]).content.decode()
    assert text(page.find(".//title")).startswith("1 unreachable")


def test_who_is_unreachable_the_newest_and_the_longest_first(client: Client, chile: Company) -> None:
    for serial, heard in {"A1": 20.0, "A2": 300.0, "A3": 40.0}.items():
        make(chile, serial, heard)
    page = page_at_noon(client)
    newest = rows(page.find(".//div[@id='overview-newest']"))
    assert [row[0] for row in newest] == ["A1", "A3", "A2"]
    assert newest[0] == ["A1", "Maipu", "20 min"]
    longest = rows(page.find(".//div[@id='overview-longest']"))
    assert [row[0] for row in longest] == ["A2", "A3", "A1"]
    changes = rows(page.find(".//div[@id='overview-changes']"))
    assert changes[0] == ["A1", "2/25/2026 11:54:00 AM", "late", "unreachable", "silence"]


def test_the_verdict_and_the_listeners(client: Client, chile: Company) -> None:
    for carrier in ("Entel", "WOM"):
        ConcentratorFactory.create(company=chile, carrier=carrier)
    ConcentratorFactory.create(company=CompanyFactory.create(), carrier="Foreign")
    for carrier, cause in {
        "": Cause.FIELD,
        "Entel": Cause.CARRIER,
        "WOM": Cause.FIELD,
        "Foreign": Cause.CARRIER,
    }.items():
        VerdictSpan.objects.create(carrier=carrier, cause=cause, began_at=NOON - 12 * MINUTE, judged_at=NOON)
    listener_until(NOON)
    said = text(page_at_noon(client).find(".//section[@id='overview-verdict']"))
    assert said.startswith("Field since 2/25/2026 11:48:00 AM UTC, 12")
    assert "Entel: carrier" in said
    assert "WOM" not in said, "it is the same"
    assert "Foreign" not in said
    assert "1 listener, 0.0 messages/s" in said


def test_roll_outs_that_are_not_over(client: Client, chile: Company) -> None:
    for company, state in ((chile, "halted"), (chile, "running"), (chile, "done"), (CompanyFactory.create(), "paused")):
        RollOut.objects.create(
            company=company,
            action="modification",
            procedure=ProcedureProfile.objects.default(),
            began_at=NOON,
            since=NOON,
            audit_id=uuid4(),
            state=state,
        )
    said = text(page_at_noon(client).find(".//section[@id='overview-verdict']"))
    assert said.endswith("Roll-outs: 1 halted, 1 running")


def test_open_incidents_are_first_the_worst_of_them_and_lead_to_their_lists(client: Client, chile: Company) -> None:
    for number in range(7):
        incident_of(chile, feeder=str(number), members=number, dark=number)
    incident_of(chile, feeder="acknowledged", acknowledged_at=NOON, members=9, dark=9)
    incident_of(chile, feeder="over", ended_at=NOON, members=9)
    incident_of(CompanyFactory.create(), feeder="foreign", members=9, dark=9)
    OutageFactory.create(company=chile, began_at=NOON - MINUTE)
    page = page_at_noon(client)
    section = page.find(".//section[@id='overview-incidents']")
    assert [row[0].split()[1] for row in rows(section)] == ["6", "5", "4", "3", "2"]
    assert rows(section)[0][1:] == ["open", "power", "10 min", "6 of 6", "0", "—"]
    assert texts(section, ".//h2/a") == ["7 open", "1 acknowledged"]
    assert "Work list: 1 single concentrator is silent" in text(section)
    (acknowledged,) = [one.get("href") for one in section.iterfind(".//h2/a")][1:]
    assert "Feeder acknowledged" in client.get(acknowledged).content.decode()
    main = page.find(".//main")
    ids = [one.get("id") for one in main.iter() if (one.get("id") or "").startswith("overview-")]
    assert ids[0] == "overview-incidents"


def test_who_may_not_see_incidents_sees_none(chile: Company) -> None:
    incident_of(chile, feeder="12")
    page = page_at_noon(client_of(make_user("nobody", chile)))
    assert page.find(".//section[@id='overview-incidents']") is None


def test_another_companys_fleet_is_not_there(client: Client, chile: Company) -> None:
    make(CompanyFactory.create(), "FOREIGN1", 40.0)
    page = page_at_noon(client)
    assert texts(page, ".//ul[@id='overview-counts']/li")[0] == "0 unreachable"
    assert "FOREIGN1" not in text(page)


def test_nothing_at_all_is_a_page_too(client: Client) -> None:
    page = page_at_noon(client)
    assert "None is unreachable." in text(page)
    assert "No incident is open." in text(page)
    assert "No verdict yet" in text(page)


def test_the_queries_do_not_grow(client: Client, chile: Company, django_assert_max_num_queries: Any) -> None:
    for number in range(30):
        make(chile, f"A{number}", 20.0 + number)
        incident_of(chile, f"B{number}", feeder=str(number))
    with time_machine.travel(NOON, tick=False), django_assert_max_num_queries(25):
        client.get(URL)
