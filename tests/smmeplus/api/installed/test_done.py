"""What an action has done is asked by its audit id (ACC-3, API-1)."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import pytest
from django.contrib.auth.models import User
from django.utils import timezone
from knox.models import AuthToken

from concentrators.api import done
from concentrators.models import Company, Concentrator, Configuration, ConfigurationState
from concentrators.procedures.actions import make_available, modify, remove
from smmeplus.models import TokenDetails
from tests.factories import SpontaneousProfileFactory
from tests.smmeplus.api.asking import Api, problem


def of(api: Api, audit_id: object) -> dict[str, Any]:
    said: dict[str, Any] = api.get(f"installations/{audit_id}/")
    return said


def test_each_action_of_the_api_is_found_by_the_id_of_its_answer(api: Api, operator: User) -> None:
    SpontaneousProfileFactory.create(name="Hundred")
    bodies: list[dict[str, Any]] = [
        {"action": "modify", "concentrators": ["A2", "A1"], "profile": "Hundred"},
        {"action": "install", "concentrators": ["A3"], "profile": "Ten"},
        {"action": "remove", "concentrators": ["A1"]},
    ]
    answers = [api.post(body).json() for body in bodies]
    for body, answer in zip(bodies, answers, strict=True):
        said = of(api, answer["audit_id"])
        assert said.pop("done_at")
        assert said == answer | {
            "user": operator.username,
            "concentrators": sorted(body["concentrators"]),
        }


def test_it_is_found_though_a_token_with_a_name_did_it(api: Api, operator: User) -> None:
    acting = Api(operator)
    TokenDetails.objects.create(token=AuthToken.objects.filter(user=operator).order_by("created").last(), name="n" * 40)
    said = acting.post({"action": "remove", "concentrators": ["A1"]}).json()
    assert of(api, said["audit_id"])["concentrators"] == ["A1"]


def test_what_others_did_elsewhere_is_told_too(api: Api, chile: Company) -> None:
    Configuration.objects.update(state=ConfigurationState.FAILED)
    again = api.client.post("/api/v1/configurations/try-again/?state=failed").json()
    assert of(api, again["audit_id"])["action"] == "new try to write"
    chosen = Concentrator.objects.filter(serial_number="A1")
    remove(chosen, user=None, now=timezone.now())
    back = make_available(chosen, user=None, now=timezone.now())
    said = of(api, back.audit_id)
    assert (said["action"], said["user"], said["changed"]) == ("return to store", None, 1)


def test_two_actions_of_one_moment_are_told_apart(api: Api) -> None:
    now, fleet = timezone.now(), Concentrator.objects.filter(company__name="Chile")
    first = remove(fleet.filter(serial_number="A1"), user=None, now=now)
    second = remove(fleet.filter(serial_number="A2"), user=None, now=now)
    assert [of(api, one.audit_id)["concentrators"] for one in (first, second)] == [["A1"], ["A2"]]


def test_only_a_part_of_it_is_seen_by_who_sees_a_part(api: Api, peru: Company, administrator: User) -> None:
    hundred = SpontaneousProfileFactory.create(name="Hundred")
    in_field = Concentrator.objects.filter(serial_number__in=["A1", "P1"])
    whole = modify(in_field, hundred, user=administrator, now=timezone.now())
    theirs = modify(
        in_field.filter(serial_number="P1"), SpontaneousProfileFactory.create(), user=None, now=timezone.now()
    )
    assert of(api, whole.audit_id)["concentrators"] == ["A1"]
    assert of(Api(administrator), whole.audit_id)["changed"] == 2
    assert problem(api.ask(f"installations/{theirs.audit_id}/"), 404)["code"] == "not_found"


def test_what_never_was_is_not_there(api: Api) -> None:
    assert problem(api.ask(f"installations/{uuid4()}/"), 404)["code"] == "not_found"
    assert problem(api.ask("installations/7/"), 404)["code"] == "not_found"


def test_a_large_one_names_the_first(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    said = api.post({"action": "remove", "concentrators": ["A2", "A1"]}).json()
    monkeypatch.setattr(done, "MOST_AT_ONCE", 1)
    told = of(api, said["audit_id"])
    assert (told["changed"], told["concentrators"]) == (2, ["A1"])
