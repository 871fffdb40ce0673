"""Technical area, Monitoring, Listeners: who listens (LIS-7)."""

from __future__ import annotations

import uuid
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.test import Client
from django.urls import reverse

from concentrators.models import Company
from tests.smmeplus.translation.markup import column, headers, parse, rows, text, with_class
from tests.smmeplus.users import client_of, make_user, make_viewer
from wakeup.models import ListenerRun
from wakeup.models.listeners import WaitsFor

NOW = datetime(2026, 3, 14, 7, 15, tzinfo=UTC)
URL = reverse("listeners:list")
HTMX = {"HX-Request": "true"}
#: Shown times are of the minute in which the tests take place.
pytestmark = [pytest.mark.django_db, pytest.mark.one_database]


@pytest.fixture(autouse=True)
def now() -> Any:
    with time_machine.travel(NOW, tick=False):
        yield


def a_run(host: str, silent_s: float = 0, **facts: Any) -> ListenerRun:
    """One that was seen ``silent_s`` ago and that has run since an hour before."""
    seen_at = NOW - timedelta(seconds=silent_s)
    usual = {"process_id": 7, "address": "0.0.0.0", "port": 58_692, "started_at": seen_at - timedelta(hours=1)}
    return ListenerRun.objects.create(host=host, seen_at=seen_at, **usual | facts)


def said(client: Client, query: str = "") -> str:
    page = parse(client.get(URL + query))
    (found,) = [element for element in page.iter("div") if element.get("id") == "listeners-said"]
    return text(found)


def test_a_running_one_shows_all_that_its_heartbeat_says(client: Client) -> None:
    a_run(
        "lis1",
        id=uuid.UUID(int=0xABCD << 112),
        messages_per_s=666.66,
        queue=3,
        connections=40,
        message_count=5,
        dropped=2,
    )
    page = parse(client.get(URL))
    assert headers(page) == [
        *["Instance", "Host", "Address", "Port", "Since (UTC)", "Last seen (UTC)", "State"],
        *["Messages/s", "Queue", "Connections", "Messages", "Dropped datagrams"],
    ]
    assert rows(page) == [
        [
            *["abcd0000", "lis1", "0.0.0.0", "58692", "3/14/2026 6:15:00 AM", "3/14/2026 7:15:00 AM", "running"],
            *["666.7", "3", "40", "5", "2"],
        ]
    ]


@pytest.mark.parametrize(
    ("silent_s", "ended", "state"),
    [
        (14.9, False, "running"),
        (15, False, "silent since 3/14/2026 7:14:45 AM"),
        (86_400, False, "silent since 3/13/2026 7:15:00 AM"),
        (0, True, "ended 3/14/2026 7:15:00 AM"),
    ],
)
def test_a_listener_is_silent_after_three_beats_and_ended_when_it_said_so(
    client: Client, silent_s: float, ended: bool, state: str
) -> None:
    a_run("lis1", silent_s, queue=3, **({"ended_at": NOW} if ended else {}))
    page = parse(client.get(URL))
    assert column(page, "State") == [state]
    assert column(page, "Queue") == ["3" if state == "running" else "—"], "what was true then says nothing now"


@pytest.mark.parametrize(
    ("waits_for", "state"),
    [
        (WaitsFor.NOTHING, "running"),
        (WaitsFor.STANDBY, "running waits for a standby"),
        (WaitsFor.DATABASE, "running waits for the database"),
    ],
)
def test_one_that_runs_says_what_it_waits_for(client: Client, waits_for: WaitsFor, state: str) -> None:
    a_run("lis1", waits_for=waits_for)
    a_run("lis2", ended_at=NOW, waits_for=waits_for)
    assert column(parse(client.get(URL)), "State") == [state, "ended 3/14/2026 7:15:00 AM"]


@pytest.mark.parametrize(
    ("in_days", "state"),
    [
        (31, "running"),
        (29, "running certificate ends 4/12/2026"),
        (-1, "running certificate has ended 3/13/2026"),
    ],
)
def test_one_with_tls_says_its_port_and_that_its_certificate_is_about_to_end(
    client: Client, in_days: int, state: str
) -> None:
    a_run("lis1", tls_port=58_693, certificate_ends_at=NOW + timedelta(days=in_days))
    a_run("lis2", tls_port=58_693, certificate_ends_at=NOW + timedelta(days=in_days), ended_at=NOW)
    page = parse(client.get(URL))
    assert column(page, "Port") == ["58692, TLS 58693"] * 2
    assert column(page, "State") == [state, "ended 3/14/2026 7:15:00 AM"]


def test_those_that_run_come_first_and_the_youngest_of_them(client: Client) -> None:
    a_run("ended", 60, ended_at=NOW)
    a_run("silent", 60)
    a_run("old", 4, started_at=NOW - timedelta(days=1))
    a_run("young", 5)
    assert column(parse(client.get(URL)), "Host") == ["young", "old", "silent", "ended"]


@pytest.mark.parametrize(("query", "found"), [("state=0", ["a1"]), ("state=1", ["b2"]), ("state=2", ["c3"])])
def test_the_state_filters(client: Client, query: str, found: list[str]) -> None:
    a_run("a1")
    a_run("b2", 60)
    a_run("c3", ended_at=NOW)
    assert column(parse(client.get(f"{URL}?{query}")), "Host") == found


@pytest.mark.parametrize(("typed", "found"), [("A1", ["a1"]), ("10.0", ["b2"]), ("x", [])])
def test_the_search_finds_a_part_of_host_or_address(client: Client, typed: str, found: list[str]) -> None:
    a_run("a1")
    a_run("b2", address="10.0.0.1")
    assert column(parse(client.get(f"{URL}?q={typed}")), "Host") == found


def test_the_page_says_how_many_run_whatever_the_filters_show(client: Client) -> None:
    a_run("a1")
    assert said(client, "?q=nothing") == "1 listener is running."
    a_run("b2", 10)
    a_run("c3", 60)
    assert said(client) == "2 listeners are running."


def test_without_any_it_says_so_and_what_to_do(client: Client) -> None:
    a_run("dead", 60)
    words = said(client)
    assert words.startswith("No listener is running: no wake-up message can come in.")
    assert "systemctl status smmeplus-listener" in words
    assert "manage.py runlistener" in words
    assert with_class(parse(client.get(URL)), "alert-danger")


def test_it_refreshes_its_rows_alone_with_the_filters_order_and_page_in_the_address(client: Client) -> None:
    a_run("a1")
    query = "?state=0&sort=-host&page=1"
    for response in (client.get(URL + query), client.get(URL + query, headers=HTMX)):
        page = parse(response)
        (poll,) = [element for element in page.iter() if element.get("hx-trigger") == "every 5s"]
        assert (poll.get("hx-get"), poll.get("hx-target")) == (URL + query, "#list tbody")
        assert poll.get("hx-select") == "tbody"
        assert poll.get("hx-push-url") == "false"
        assert page.find(".//tbody") is not None
    part = parse(client.get(URL, headers=HTMX))
    assert part.find(".//h1") is None


def test_only_who_may_look_at_listeners_does(chile: Company) -> None:
    assert client_of(make_viewer(chile)).get(URL).status_code == 200
    assert client_of(make_user("nobody", chile)).get(URL).status_code == 403
    assert Client().get(URL).status_code == 302
