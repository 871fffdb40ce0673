"""Installing, modifying and removing through the API: all or none (CON-2, CON-4, ACC-3)."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.test.utils import CaptureQueriesContext

from concentrators.api.installations import ERRORS_NAMED, MOST_AT_ONCE
from concentrators.models import Company, Concentrator
from concentrators.procedures import actions, held
from profiles.models import ProcedureProfile, SpontaneousProfile
from smmeplus.common.audit import changes_of
from tests.factories import ConcentratorFactory, ProcedureProfileFactory, SpontaneousProfileFactory
from tests.smmeplus.api.asking import Api, errors, problem


@pytest.fixture
def store(chile: Company) -> list[str]:
    """Chile's available ones beside A3."""
    return [ConcentratorFactory.create(company=chile, serial_number=f"S{n}").serial_number for n in range(5)]


@pytest.fixture
def ten(chile: Company) -> SpontaneousProfile:
    return SpontaneousProfile.objects.get(name="Ten")


def asked(action: str, *serials: str, **more: Any) -> dict[str, Any]:
    return {"action": action, "concentrators": list(serials), **more}


def states() -> dict[str, tuple[str, str | None]]:
    return {
        serial: (state, name)
        for serial, state, name in Concentrator.objects.values_list("serial_number", "state", "profile__name")
    }


def done(api: Api, body: dict[str, Any]) -> dict[str, Any]:
    response = api.post(body)
    assert response.status_code == 200, response.content
    said: dict[str, Any] = response.json()
    return said


def test_many_are_installed_by_the_name_or_the_id_of_a_profile(api: Api, store: list[str], ten: Any) -> None:
    assert done(api, asked("install", "S0", "s1", profile="  TEN "))["changed"] == 2
    assert done(api, asked("install", "S2", "A3", profile=ten.pk))["changed"] == 2
    assert {states()[serial] for serial in ("S0", "S1", "S2", "A3")} == {("in field", "Ten")}
    assert states()["S3"] == ("available", None)


def test_those_in_field_get_another_profile_and_are_removed(api: Api) -> None:
    SpontaneousProfileFactory.create(name="Hundred")
    assert done(api, asked("modify", "A1", "A2", profile="Hundred"))["changed"] == 2
    assert done(api, asked("remove", "A2"))["changed"] == 1
    assert (states()["A1"], states()["A2"]) == (("in field", "Hundred"), ("removed", None))


def test_the_audit_id_is_that_of_each_ones_history(api: Api, store: list[str], operator: User) -> None:
    said = done(api, asked("install", "S0", "S1", profile="Ten"))
    assert said == {"action": "install", "changed": 2, "audit_id": said["audit_id"]}
    for serial in ("S0", "S1"):
        newest = changes_of(Concentrator.objects.get(serial_number=serial))[0]
        assert newest.action is not None
        assert (newest.action.id, newest.user) == (said["audit_id"], operator.username)


def test_what_changes_nothing_has_no_audit_id(api: Api) -> None:
    assert done(api, asked("modify", "A1", profile="Ten")) == {"action": "modify", "changed": 0, "audit_id": None}


@pytest.mark.parametrize(
    ("body", "named"),
    [
        (asked("install", "S0", "A1", profile="Ten"), "A1"),
        (asked("modify", "A1", "S0", profile="Ten"), "S0"),
        (asked("remove", "A1", "S0"), "S0"),
    ],
    ids=["install", "modify", "remove"],
)
def test_one_in_another_state_stops_them_all(api: Api, store: list[str], body: dict[str, Any], named: str) -> None:
    before = states()
    assert named in problem(api.post(body), 409)["detail"]
    assert states() == before


def test_a_repetition_is_a_conflict_and_does_no_harm(api: Api, store: list[str]) -> None:
    body = asked("install", "S0", profile="Ten")
    done(api, body)
    history = Concentrator.history.count()
    problem(api.post(body), 409)
    assert Concentrator.history.count() == history


def test_unknown_ones_are_named_by_their_places_and_stop_them_all(api: Api, store: list[str], peru: Company) -> None:
    before = states()
    said = errors(api.post(asked("install", "S0", "NONE", "P1", profile="Ten")))
    assert said == dict.fromkeys(["concentrators.1", "concentrators.2"], "There is no such concentrator.")
    assert states() == before


def test_not_more_errors_are_named_than_anybody_reads(api: Api) -> None:
    body = asked("remove", *(f"X{number}" for number in range(ERRORS_NAMED + 1)))
    assert len(errors(api.post(body))) == ERRORS_NAMED


def test_a_company_bounds_what_is_meant(api: Api, chile: Company, peru: Company, operator: User) -> None:
    peru.users.add(operator)
    assert errors(api.post(asked("remove", "A1", "P1", company=chile.pk))).keys() == {"concentrators.1"}
    assert done(api, asked("remove", "A1", company=chile.pk))["changed"] == 1


def test_one_named_twice_counts_once(api: Api) -> None:
    assert done(api, asked("remove", "A1", "a1", " A1 "))["changed"] == 1


WRONG: list[tuple[dict[str, Any], str]] = [
    ({}, "action"),
    (asked("erase", "A1"), "action"),
    ({"action": "remove"}, "concentrators"),
    (asked("remove"), "concentrators"),
    ({"action": "remove", "concentrators": "A1"}, "concentrators"),
    ({"action": "remove", "concentrators": None}, "concentrators"),
    (asked("remove", "A1", ""), "concentrators.1"),
    (asked("remove", "A1", "-A1"), "concentrators.1"),
    (asked("remove", "A\0"), "concentrators.0"),
    (asked("remove", "9" * 33), "concentrators.0"),
    (asked("install", "A3"), "profile"),
    (asked("modify", "A1"), "profile"),
    (asked("remove", "A1", profile="Ten"), "profile"),
    (asked("install", "A3", profile="Eleven"), "profile"),
    (asked("install", "A3", profile=10**30), "profile"),
    (asked("install", "A3", profile=-1), "profile"),
    (asked("install", "A3", profile=True), "profile"),
    (asked("install", "A3", profile=None), "profile"),
    (asked("install", "A3", profile=["Ten"]), "profile"),
    (asked("install", "A3", profile=""), "profile"),
    (asked("install", "A3", profile="T\0n"), "profile"),
    (asked("install", "A3", profile="\ud800"), "profile"),
    (asked("install", "A3", profile="x" * 51), "profile"),
    (asked("remove", "A1", procedure="Carefree"), "procedure"),
    (asked("remove", "A1", procedure=10**30), "procedure"),
    (asked("remove", "A1", procedure=True), "procedure"),
    (asked("remove", "A1", procedure=None), "procedure"),
    (asked("install", "A3", profile="Ten", procedure="Ten"), "procedure"),
    (asked("install", "A3", profile="At once"), "profile"),
    (asked("remove", "A1", company="x"), "company"),
    (asked("remove", "A1", company=10**30), "company"),
    (asked("remove", "A1", compnay=1), "compnay"),
]


def test_what_is_wrong_is_named_and_nothing_is_done(api: Api) -> None:
    before = states()
    for body, field in WRONG:
        assert field in errors(api.post(body)), body
    assert states() == before


def test_ten_thousand_at_once_and_no_more(api: Api) -> None:
    serials = [f"M{number:05}" for number in range(MOST_AT_ONCE)]
    assert "concentrators.0" in errors(api.post(asked("remove", *serials)))
    assert errors(api.post(asked("remove", *serials, "A1"))).keys() == {"concentrators"}


def test_ten_take_no_more_queries_than_one(api: Api, store: list[str]) -> None:
    counts = []
    api.get("companies/")  # the first request of a day notes that the token is used
    for serials in (store[:1], store[1:]):
        with CaptureQueriesContext(connection) as queries:
            done(api, asked("install", *serials, profile="Ten"))
        counts.append(len(queries))
    assert counts[0] == counts[1]


def test_each_action_is_carried_out_by_the_procedure_profile_that_is_named(
    api: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    carried_out: list[ProcedureProfile | None] = []
    monkeypatch.setattr(actions, "hold_procedure", carried_out.append)
    careful = ProcedureProfileFactory.create(name="Careful")
    done(api, asked("install", "A3", profile="Ten", procedure=" CAREFUL"))
    done(api, asked("modify", "A1", profile="Ten", procedure=careful.pk))
    done(api, asked("remove", "A1"))
    assert carried_out == [careful, careful, None]


def test_one_that_is_deleted_at_the_last_moment_is_a_conflict(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    careful, real = ProcedureProfileFactory.create(name="Careful"), held.hold_procedure

    def after_a_deletion(procedure: ProcedureProfile | None) -> ProcedureProfile:
        ProcedureProfile.objects.filter(pk=careful.pk).delete()
        return real(procedure)

    monkeypatch.setattr(actions, "hold_procedure", after_a_deletion)
    said = problem(api.post(asked("remove", "A1", procedure="Careful")), 409)
    assert said["detail"] == "The procedure profile has been deleted meanwhile; choose another one."
    assert states()["A1"][0] == "in field"
