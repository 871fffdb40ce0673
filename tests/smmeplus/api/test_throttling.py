"""Who asks too often is told when to ask again (API-1)."""

from __future__ import annotations

import pytest
import time_machine
from django.conf import settings
from django.contrib.auth.models import User
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.utils import timezone
from rest_framework.throttling import SimpleRateThrottle

from smmeplus.models import RequestCount
from tests.smmeplus.api.asking import ROOT, Api, problem
from tests.smmeplus.users import make_viewer

pytestmark = pytest.mark.one_database


@pytest.fixture
def _three_a_minute(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    cache.clear()
    RequestCount.objects.all().delete()
    monkeypatch.setattr(SimpleRateThrottle, "THROTTLE_RATES", {"user": "3/min", "refused": "3/min"})


def test_users_and_refusals_are_bounded_by_default() -> None:
    assert settings.REST_FRAMEWORK["DEFAULT_THROTTLE_RATES"] == {"user": "600/min", "refused": "60/min"}


@pytest.mark.usefixtures("_three_a_minute")
def test_a_user_who_asks_too_often_waits(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    now = [1_000.0]
    monkeypatch.setattr(SimpleRateThrottle, "timer", lambda _self: now[0])
    for second in (0, 10, 20):
        now[0] = 1_000.0 + second
        api.get("settings/")
    refused = api.ask("settings/")
    problem(refused, 429)
    assert refused["Retry-After"] == "40"
    now[0] = 1_059.5
    assert api.ask("settings/")["Retry-After"] == "1"
    now[0] = 1_060.0
    api.get("settings/")


@pytest.mark.one_database("postgresql")
@pytest.mark.usefixtures("_three_a_minute")
def test_all_processes_and_hosts_count_together(api: Api) -> None:
    """What one of them keeps for itself decides nothing."""
    for _ in range(3):
        api.get("settings/")
        cache.clear()
    refused = api.ask("settings/")
    if connection.vendor == "postgresql":
        problem(refused, 429)
        assert RequestCount.objects.get().number == 4
    else:  # one process serves
        assert refused.status_code == 200


@pytest.mark.usefixtures("_three_a_minute")
def test_all_tokens_of_a_user_count_together_and_those_of_others_apart(api: Api, operator: User) -> None:
    other_token, other_user = Api(operator), Api(make_viewer())
    for one in (api, other_token, api):
        one.get("settings/")
    problem(other_token.ask("settings/"), 429)
    other_user.get("settings/")


@pytest.mark.usefixtures("_three_a_minute")
def test_an_address_that_guesses_waits_while_good_tokens_from_there_do_not(api: Api) -> None:
    guesser = Api(token="smm_" + "0" * 64)
    for _ in range(3):
        problem(guesser.ask("settings/"), 401)
    refused = guesser.ask("settings/")
    problem(refused, 429)
    assert int(refused["Retry-After"]) in range(1, 61)
    problem(Client().get(f"{ROOT}settings/"), 429)
    problem(Client(REMOTE_ADDR="10.9.9.9").get(f"{ROOT}settings/"), 401)
    api.get("settings/")


@pytest.mark.usefixtures("_three_a_minute")
def test_nobody_escapes_by_an_address_that_he_made_up(api: Api) -> None:
    for number in range(3):
        problem(Client(headers={"X-Forwarded-For": f"10.0.0.{number}"}).get(f"{ROOT}settings/"), 401)
    problem(Client(headers={"X-Forwarded-For": "10.0.0.9"}).get(f"{ROOT}settings/"), 429)


@pytest.mark.usefixtures("_three_a_minute")
def test_a_request_that_was_refused_writes_nothing(api: Api) -> None:
    with time_machine.travel(timezone.now(), tick=False):
        for _ in range(3):
            api.get("settings/")
        problem(api.post({"action": "remove", "concentrators": ["A1"]}), 429)
    assert Client().get("/tokens/").status_code == 302
