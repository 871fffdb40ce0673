"""Roll-outs are read and commanded by programs (CFG-4)."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.utils import timezone

from concentrators.models import Company, Concentrator, Configuration, RollOut
from concentrators.procedures.actions import modify
from tests.factories import SpontaneousProfileFactory
from tests.smmeplus.api.asking import ROOT, Api, errors, problem

pytestmark = pytest.mark.one_database


@pytest.fixture
def one(chile: Company) -> RollOut:
    """A1 and A2 get another profile."""
    now, profile = timezone.now(), SpontaneousProfileFactory.create(name="Other")
    modify(Concentrator.objects.filter(state="in field"), profile, user=None, now=now)
    return RollOut.objects.latest("pk")


def command(api: Api, one: RollOut, body: Any) -> Any:
    return api.client.post(f"{ROOT}roll-outs/{one.pk}/command/", json.dumps(body), content_type="application/json")


def test_a_roll_out_says_how_far_it_is(api: Api, one: RollOut) -> None:
    said = api.get(f"roll-outs/{one.pk}/")
    wanted = {"action": "modification", "profile": "Other", "procedure": "At once", "state": "running", "size": 2}
    wanted |= {"open_count": 2, "confirmed_count": 0, "failed_count": 0, "dropped_count": 0, "started_by": None}
    assert said | wanted == said
    assert said["audit_id"] == str(one.audit_id)


def test_its_concentrators_say_how_far_each_is(api: Api, one: RollOut) -> None:
    Configuration.objects.filter(concentrator__serial_number="A1").update(state="failed", failure="silent", detail="x")
    first, second = api.rows("roll-out-members/", roll_out=one.pk)
    wanted = {"roll_out": one.pk, "concentrator": "A1", "wave": 1, "outcome": "released", "former_profile": "Ten"}
    wanted |= {"configuration": "failed", "failure": "silent", "detail": "x"}
    assert first | wanted == first
    assert (second["concentrator"], second["configuration"], second["failure"]) == ("A2", "pending", "")


def test_a_later_change_takes_the_configuration_away_from_the_former_one(api: Api, one: RollOut) -> None:
    modify(
        Concentrator.objects.filter(state="in field"), SpontaneousProfileFactory.create(), user=None, now=timezone.now()
    )
    assert {row["configuration"] for row in api.rows("roll-out-members/", roll_out=one.pk)} == {""}


def test_it_is_paused_resumed_and_cancelled(api: Api, one: RollOut) -> None:
    for word, state in (("pause", "paused"), ("resume", "running"), ("cancel", "cancelled")):
        response = command(api, one, {"command": word})
        assert (response.status_code, response.json()["state"]) == (200, state)
    assert response.json()["dropped_count"] == 2
    assert {str(found.profile) for found in Concentrator.objects.filter(state="in field")} == {"Ten"}


def test_what_its_state_does_not_allow_is_a_conflict(api: Api, one: RollOut) -> None:
    assert "is running" in problem(command(api, one, {"command": "resume"}), 409)["detail"]
    problem(command(api, one, {"command": "retry"}), 409)


@pytest.mark.parametrize("body", [{}, {"command": "stop"}, {"command": "pause", "more": 1}, {"command": None}, []])
def test_anything_else_is_refused(api: Api, one: RollOut, body: Any) -> None:
    errors(command(api, one, body))
    assert RollOut.objects.get(pk=one.pk).state == "running"


def test_neither_viewers_nor_strangers_command_it(viewer_api: Api, stranger_api: Api, one: RollOut) -> None:
    problem(command(viewer_api, one, {"command": "pause"}), 403)
    problem(command(stranger_api, one, {"command": "pause"}), 404)
    assert RollOut.objects.get(pk=one.pk).state == "running"
