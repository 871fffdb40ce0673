"""What can match nothing is refused, and what is meant in another way of writing is understood (API-1)."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.test import Client
from pytest_django.fixtures import Settings

from tests.smmeplus.api.asking import LISTS, ROOT, Api, problem

pytestmark = pytest.mark.one_database

EARLY, LATE = "2020-09-24T10:00:00Z", "2020-09-25T10:00:00Z"
INTERVALS = {
    "messages": "received",
    "status-changes": "changed",
    "power-failures": "ended",
    "alarms": "raised",
    "deliveries": "made",
    "outages": "began",
    "incidents": "began",
}
OF_ONE = (
    *("messages", "status-changes", "power-failures", "outages", "configurations", "wakeup-totals", "daily-counts"),
    "events",
)


def codes(response: Any) -> dict[str, str]:
    return {error["field"]: error["code"] for error in problem(response, 400)["errors"]}


@pytest.mark.parametrize("name", INTERVALS)
def test_a_reversed_interval_is_refused(api: Api, name: str) -> None:
    begin, end = f"{INTERVALS[name]}_from", f"{INTERVALS[name]}_to"
    assert codes(api.ask(f"{name}/", **{begin: LATE, end: EARLY})) == {end: "reversed"}
    for good in ({begin: EARLY, end: LATE}, {begin: EARLY, end: EARLY}, {begin: LATE}, {end: EARLY}):
        api.get(f"{name}/", **good)


def test_the_same_instant_in_two_zones_is_not_reversed(api: Api) -> None:
    api.get("messages/", received_from="2020-09-24T10:00:00Z", received_to="2020-09-24T08:00:00-03:00")


def test_reversed_days_are_refused(api: Api) -> None:
    assert codes(api.ask("daily-counts/", from_day="2020-09-25", to_day="2020-09-24")) == {"to_day": "reversed"}
    api.get("daily-counts/", from_day="2020-09-24", to_day="2020-09-24")


@pytest.mark.parametrize("name", OF_ONE)
def test_a_serial_number_that_is_not_there_is_refused(api: Api, name: str) -> None:
    assert codes(api.ask(f"{name}/", concentrator="NOPE")) == {"concentrator": "does_not_exist"}
    assert api.rows(f"{name}/", concentrator="a1") == api.rows(f"{name}/", concentrator="A1") != []
    assert api.get(f"{name}/", concentrator="A3")["results"] == []


@pytest.mark.parametrize("name", ["concentrators", "configurations"])
def test_an_address_takes_a_serial_number_in_any_case(api: Api, name: str) -> None:
    assert api.get(f"{name}/a1/") == api.get(f"{name}/A1/")
    problem(api.ask(f"{name}/nope/"), 404)


@pytest.mark.parametrize("value", ["1.5", "1e1", "x", "0", "-1"])
def test_numbers_of_things_are_whole(api: Api, value: str) -> None:
    assert codes(api.ask("daily-counts/", missing=value)).keys() == {"missing"}
    api.get("daily-counts/", missing="1")


@pytest.mark.parametrize("debug", [False, True])
def test_without_the_last_slash_the_same_is_asked_again(api: Api, settings: Settings, debug: bool) -> None:
    settings.DEBUG = debug
    body = json.dumps({"action": "remove", "concentrators": ["A1"]})
    sent_on = api.client.post(f"{ROOT}installations?x=1", body, content_type="application/json")
    assert (sent_on.status_code, sent_on["Location"]) == (308, f"{ROOT}installations/?x=1")
    done = api.client.post(f"{ROOT}installations", body, content_type="application/json", follow=True)
    assert (done.status_code, done.json()["changed"]) == (200, 1)


@pytest.mark.parametrize("method", ["get", "head", "patch", "put", "delete"])
def test_every_method_is_kept(api: Api, method: str) -> None:
    for name in LISTS:
        assert getattr(api.client, method)(f"{ROOT}{name}").status_code == 308


def test_pages_and_what_is_not_there_are_as_before(api: Api) -> None:
    assert Client().get("/tokens").status_code == 301
    problem(api.client.post(f"{ROOT}nothing"), 404)
