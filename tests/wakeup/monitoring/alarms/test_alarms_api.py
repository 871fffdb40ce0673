"""Alarms are read and dealt with by programs, and the load that they are is read (STA-9)."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.utils import timezone
from rest_framework.throttling import SimpleRateThrottle

from concentrators.models import Company
from tests.factories import CompanyFactory
from tests.smmeplus.api.asking import ROOT, Api, errors, problem
from tests.smmeplus.users import make_viewer
from tests.wakeup.monitoring.alarms.stored import make_alarm
from wakeup.models import Alarm
from wakeup.monitoring.alarms.measures import MEASURES

pytestmark = pytest.mark.one_database


@pytest.fixture
def api(operator: User, monkeypatch: pytest.MonkeyPatch) -> Api:
    """The operator of Chile's, who may ask as often as they like."""
    monkeypatch.setattr(SimpleRateThrottle, "THROTTLE_RATES", {"user": None, "refused": None})
    return Api(operator)


@pytest.fixture
def one(chile: Company) -> Alarm:
    return make_alarm(chile, timezone.now(), facts={"dark": 3})


def command(api: Api, one: Alarm, body: Any) -> Any:
    return api.client.post(f"{ROOT}alarms/{one.pk}/command/", json.dumps(body), content_type="application/json")


def soon(**span: float) -> str:
    return (timezone.now() + timedelta(**span)).isoformat()


def test_an_alarm_says_what_it_means_and_what_to_do(api: Api, one: Alarm) -> None:
    said = api.get(f"alarms/{one.pk}/")
    wanted = {"priority": 1, "kind": "power", "place": "S1 · F1", "title": "Power outage: S1 · F1", "is_false": None}
    wanted |= {"facts": {"dark": 3}, "incident": None, "ended_at": None, "acknowledged_by": None, "raised_in_day": 1}
    assert said | wanted == said
    assert said["to_do"].startswith("Ask the grid's control room")


def test_it_is_acknowledged_shelved_unshelved_and_judged(api: Api, one: Alarm) -> None:
    assert command(api, one, {"command": "acknowledge"}).json()["acknowledged_by"] == "operator"
    until = soon(hours=2)
    shelved = command(api, one, {"command": "shelve", "until": until, "reason": "Known"}).json()
    assert (shelved["shelved_by"], shelved["shelved_reason"]) == ("operator", "Known")
    assert api.rows("alarms/", state="shelved")[0]["id"] == one.pk
    assert command(api, one, {"command": "unshelve"}).json()["shelved_until"] is None
    assert command(api, one, {"command": "false"}).json()["is_false"] is True
    assert command(api, one, {"command": "real"}).json()["is_false"] is False


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "command"),
        ({"command": "delete"}, "command"),
        ({"command": ["acknowledge"]}, "command"),
        ({"command": "shelve"}, "until"),
        ({"command": "shelve", "until": "2026-01-01T00:00:00Z"}, "reason"),
        ({"command": "shelve", "until": "tomorrow", "reason": "Known"}, "until"),
        ({"command": "shelve", "until": "2026-01-01T00:00:00Z", "reason": ""}, "reason"),
        ({"command": "acknowledge", "reason": "Known"}, "reason"),
        ({"command": "acknowledge", "who": "me"}, ""),
        ([], ""),
    ],
)
def test_a_command_that_is_none_is_refused(api: Api, one: Alarm, body: Any, field: str) -> None:
    assert field in errors(command(api, one, body))
    assert Alarm.history.filter(id=one.pk).count() == 1


@pytest.mark.parametrize("hours", [-1, 0, 24.1, 24 * 365])
def test_nothing_is_shelved_into_the_past_or_for_longer_than_a_day(api: Api, one: Alarm, hours: float) -> None:
    body = {"command": "shelve", "until": soon(hours=hours), "reason": "Known"}
    assert "24 hours" in problem(command(api, one, body), 409)["detail"]


def test_what_cannot_be_done_any_more_is_a_conflict(api: Api, one: Alarm) -> None:
    command(api, one, {"command": "acknowledge"})
    problem(command(api, one, {"command": "acknowledge"}), 409)
    problem(command(api, one, {"command": "unshelve"}), 409)
    Alarm.objects.update(ended_at=timezone.now())
    problem(command(api, one, {"command": "shelve", "until": soon(hours=1), "reason": "Known"}), 409)


def test_who_may_not_change_alarms_or_see_them_is_refused(chile: Company, api: Api, one: Alarm) -> None:
    problem(command(Api(make_viewer(chile)), one, {"command": "acknowledge"}), 403)
    foreign = make_alarm(CompanyFactory.create(), timezone.now())
    problem(command(api, foreign, {"command": "acknowledge"}), 404)
    assert not Alarm.objects.exclude(acknowledged_at=None).exists()


def test_the_load_is_told_for_three_times_with_limits(api: Api, one: Alarm, administrator: User) -> None:
    make_alarm(CompanyFactory.create(), timezone.now())
    periods = api.get("alarm-load/")["periods"]
    assert [period["hours"] for period in periods] == [24, 168, 720]
    figures = {figure["figure"]: figure for figure in periods[0]["figures"]}
    assert figures.keys() == {measure.name for measure in MEASURES}
    assert (figures["raised"]["value"], figures["raised"]["is_kept"]) == (1, None)
    assert (figures["chattering"]["value"], figures["chattering"]["is_kept"]) == (0, True)
    assert figures["false_percent"]["value"] is None
    everything = Api(administrator).get("alarm-load/")["periods"][0]["figures"][0]
    assert everything["value"] == 2
