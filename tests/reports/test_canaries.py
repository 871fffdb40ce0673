"""Canaries are in the inventory and in no report of the field (STA-4)."""

from __future__ import annotations

import pytest
import time_machine
from django.test import Client
from django.urls import reverse

from concentrators.models import Assignment, Company, Concentrator
from tests.factories import ConcentratorFactory
from tests.reports.arrivals import send, utc

pytestmark = [pytest.mark.one_database, pytest.mark.time]
SENT = "2020-09-24 10:18:46"


def make(company: Company, serial: str, *, is_canary: bool) -> Concentrator:
    one: Concentrator = ConcentratorFactory.create(
        company=company, serial_number=serial, in_field=True, is_canary=is_canary
    )
    Assignment.objects.create(concentrator=one, begin=utc("2020-09-23 12:00"), period_min=1)
    send(one, SENT)
    return one


@pytest.mark.parametrize("name", ["in-field", "wakeup", "wakeup-per-day", "days"])
def test_no_report_of_the_field_has_them(client: Client, chile: Company, name: str) -> None:
    make(chile, "COMMON1", is_canary=False)
    make(chile, "CANARY1", is_canary=True)
    with time_machine.travel(utc("2020-09-24 15:00"), tick=False):
        page = client.get(reverse(f"reports:{name}"))
    shown = page.content.decode()
    assert "COMMON1" in shown
    assert "CANARY1" not in shown


def test_the_inventory_has_them(client: Client, chile: Company) -> None:
    make(chile, "CANARY1", is_canary=True)
    assert "CANARY1" in client.get(reverse("concentrators:list")).content.decode()
    assert "it sends once a minute" in client.get(reverse("concentrator:page", args=["CANARY1"])).content.decode()
