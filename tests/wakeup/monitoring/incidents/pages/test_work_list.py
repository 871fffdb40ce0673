"""The work list: single silent concentrators, the longest first, with what to do (STA-9)."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.test import Client
from django.urls import reverse

from concentrators.models import Company, Concentrator
from tests.factories import CompanyFactory, OutageFactory, OutOfServiceFactory
from tests.smmeplus.translation.markup import parse, rows
from tests.smmeplus.users import client_of, make_user
from tests.wakeup.monitoring.incidents.pages.incidents import MINUTE, NOON, incident_of
from tests.wakeup.monitoring.incidents.pages.planned import window_of
from wakeup.models import Outage, WakeupTotal

pytestmark = [pytest.mark.django_db, pytest.mark.one_database, pytest.mark.time]
URL = reverse("incidents:work-list")


def silent(company: Company, serial: str, minutes: float = 60, **values: Any) -> Outage:
    place = {"concentrator__serial_number": serial, "company": company, "began_at": NOON - minutes * MINUTE}
    made: Outage = OutageFactory.create(**place, is_announced=False, **values)
    return made


def shown(client: Client, **query: str) -> list[list[str]]:
    with time_machine.travel(NOON, tick=False):
        return rows(parse(client.get(URL, query)))


def test_the_longest_silent_is_first_with_what_to_do(client: Client, chile: Company) -> None:
    for serial, minutes in (("A1", 20), ("A2", 300)):
        one = silent(chile, serial, minutes, cause="undecided")
        WakeupTotal.objects.create(concentrator=one.concentrator, wakeup_count=5)
    silent(chile, "A3", 10)
    Outage.objects.filter(concentrator__serial_number="A1").update(is_announced=True, cause="power")
    found = shown(client)
    assert [row[:3] for row in found] == [
        ["A2", "2/25/2026 7:00:00 AM", "5 h"],
        ["A1", "2/25/2026 11:40:00 AM", "20 min"],
        ["A3", "2/25/2026 11:50:00 AM", "10 min"],
    ]
    assert [row[3].split()[0] for row in found] == ["See", "It", "Check"]


def test_who_belongs_to_an_incident_or_is_expected_to_be_dark_is_not_there(client: Client, chile: Company) -> None:
    incident_of(chile, "INCIDENT1")
    silent(chile, "BACK1", ended_at=NOON)
    silent(chile, "WORKS1", planned=window_of(chile))
    silent(chile, "REMOVED1")
    Concentrator.objects.filter(serial_number="REMOVED1").update(state="removed", profile=None)
    silent(chile, "CANARY1", concentrator__is_canary=True)
    out = silent(chile, "OUT1").concentrator
    OutOfServiceFactory.create(concentrator=out, begin=NOON - MINUTE, end=NOON + MINUTE)
    assert shown(client) == []


def test_who_did_not_come_back_after_works_or_out_of_service_is_there(client: Client, chile: Company) -> None:
    silent(chile, "WORKS1", planned=window_of(chile, end=NOON))
    out = silent(chile, "OUT1").concentrator
    OutOfServiceFactory.create(concentrator=out, begin=NOON - timedelta(hours=1), end=NOON)
    assert sorted(row[0] for row in shown(client)) == ["OUT1", "WORKS1"]


def test_another_companys_are_not_there_and_a_permission_is_needed(client: Client, chile: Company) -> None:
    silent(CompanyFactory.create(), "FOREIGN1")
    assert shown(client) == []
    assert client_of(make_user("nobody", chile)).get(URL).status_code == 403


def test_it_is_filtered_by_cause_and_search(client: Client, chile: Company) -> None:
    silent(chile, "A1", cause="power")
    silent(chile, "A2", cause="communication")
    assert [row[0] for row in shown(client, cause="power")] == ["A1"]
    assert [row[0] for row in shown(client, q="a2")] == ["A2"]
