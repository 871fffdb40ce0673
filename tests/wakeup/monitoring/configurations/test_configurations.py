"""The list of configurations, its files, and trying again what it shows (CFG-3, REP-6)."""

from __future__ import annotations

import csv
import io
import json
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse

from concentrators.models import Company, Concentrator, Configuration
from concentrators.procedures.actions import install, remove
from tests.factories import ConcentratorFactory, SpontaneousProfileFactory
from tests.smmeplus.translation.markup import alerts, column, parse, text, with_class
from tests.smmeplus.users import client_of, make_viewer
from tests.wakeup.at_noon import NOW
from wakeup.models import WakeupTotal

pytestmark = [pytest.mark.usefixtures("noon"), pytest.mark.one_database]

URL = reverse("configurations:list")
AGAIN = reverse("configurations:try-again")
SERIAL = "Serial number"


@pytest.fixture
def fleet(chile: Company) -> None:
    """One that was confirmed, one that drifted, one that is heard and not reachable, one that is silent."""
    states: dict[str, dict[str, Any]] = {
        "CONFIRMED": {"state": "confirmed", "next_try_at": None},
        "DRIFTED": {"state": "drifted", "detail": "retries, wakeup period min", "next_try_at": None},
        "HEARD": {
            "state": "failed",
            "failure": "unreachable",
            "detail": "refused",
            "unreachable_since": NOW,
            "tries": 7,
        },
        "SILENT": {"state": "failed", "failure": "silent"},
    }
    for serial in states:
        ConcentratorFactory.create(serial_number=serial, company=chile)
    profile = SpontaneousProfileFactory.create()
    install(Concentrator.objects.all(), profile, user=None, now=NOW - timedelta(days=1))
    for serial, columns in states.items():
        Configuration.objects.filter(concentrator__serial_number=serial).update(**columns)
    heard = Concentrator.objects.get(serial_number="HEARD")
    WakeupTotal.objects.create(concentrator=heard, last_wakeup_at=NOW + timedelta(seconds=1))


@pytest.fixture
def client(noon: Any, operator: User) -> Client:
    return client_of(operator)


def due() -> list[str]:
    rows = Configuration.objects.filter(next_try_at=NOW).order_by("concentrator__serial_number")
    return list(rows.values_list("concentrator__serial_number", flat=True))


def test_it_says_state_reason_and_what_has_drifted(client: Client, fleet: None) -> None:
    page = parse(client.get(URL))
    assert column(page, SERIAL) == ["CONFIRMED", "DRIFTED", "HEARD", "SILENT"]
    assert column(page, "State") == ["confirmed", "drifted", "failed heard, not reachable", "failed"]
    assert column(page, "Reason") == ["—", "—", "it cannot be connected to (refused)", "it did not answer in time"]
    assert column(page, "Drifted parameters") == ["—", "retries, wakeup period min", "—", "—"]
    assert column(page, "Tries on that day") == ["0", "0", "7", "0"]


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ({"state": "drifted"}, ["DRIFTED"]),
        ({"state": "failed"}, ["HEARD", "SILENT"]),
        ({"state": "heard not reachable"}, ["HEARD"]),
        ({"reason": "silent"}, ["SILENT"]),
        ({"q": "conf"}, ["CONFIRMED"]),
    ],
)
def test_filters_find(client: Client, fleet: None, query: dict[str, str], found: list[str]) -> None:
    assert column(parse(client.get(URL, query)), SERIAL) == found


def test_what_is_not_in_field_is_not_listed(client: Client, fleet: None) -> None:
    remove(Concentrator.objects.filter(serial_number="SILENT"), user=None, now=NOW)
    assert "SILENT" not in column(parse(client.get(URL)), SERIAL)


def test_a_file_says_all_by_names_for_programs(client: Client, fleet: None) -> None:
    content = client.get(URL, {"export": "csv", "state": "failed"}).getvalue().decode("utf-8-sig")
    first, second = csv.DictReader(io.StringIO(content))
    assert (first["serial_number"], first["state"], first["reason"], first["tries"]) == (
        *("HEARD", "failed", "unreachable"),
        "7",
    )
    assert (first["heard_not_reachable_since"], second["heard_not_reachable_since"]) == (
        NOW.isoformat(timespec="microseconds"),
        "",
    )
    rows = json.loads(client.get(URL, {"export": "json"}).getvalue())
    assert [row["state"] for row in rows] == ["confirmed", "drifted", "failed", "failed"]


def test_all_failed_are_tried_again_with_their_number_first(client: Client, fleet: None) -> None:
    page = parse(client.get(f"{AGAIN}?state=failed"))
    assert "configurations of 2 concentrators" in text(with_class(page, "question")[0])
    response = client.post(f"{AGAIN}?state=failed", {"confirmed": "2"}, follow=True)
    assert response.redirect_chain == [(URL, 302)]
    assert "The configurations of 2 concentrators are due now." in alerts(parse(response))
    assert due() == ["HEARD", "SILENT"]


def test_viewers_read_and_try_nothing(chile: Company, fleet: None) -> None:
    viewer = client_of(make_viewer(chile))
    page = viewer.get(URL)
    assert len(column(parse(page), SERIAL)) == 4
    assert AGAIN not in page.content.decode()
    assert viewer.post(f"{AGAIN}?state=failed", {"confirmed": "2"}).status_code == 403


def test_what_other_companies_have_is_neither_seen_nor_tried(client: Client, fleet: None) -> None:
    other = ConcentratorFactory.create(serial_number="OTHER")
    install(Concentrator.objects.filter(pk=other.pk), SpontaneousProfileFactory.create(), user=None, now=NOW)
    Configuration.objects.filter(pk=other.pk).update(state="failed", next_try_at=None)
    assert "OTHER" not in client.get(URL).content.decode()
    client.post(f"{AGAIN}?state=failed", {"confirmed": "2"})
    assert due() == ["HEARD", "SILENT"]
