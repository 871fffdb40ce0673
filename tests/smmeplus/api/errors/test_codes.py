"""Programs tell errors by words that are English, and stay, whatever language the sentences are in (RFC 9457)."""

from __future__ import annotations

import ast
from typing import Any

import pytest
from django.test import Client

from concentrators.models import Company, Concentrator
from smmeplus.common.api.codes import FIELDS, PROBLEMS, field_code, problem_code
from tests import ROOT as TREE
from tests.factories import ConcentratorFactory
from tests.smmeplus.api.asking import ROOT, Api, problem
from wakeup.models import Alarm

pytestmark = pytest.mark.one_database

REFUSED: list[tuple[dict[str, Any], int, str]] = [
    ({"path": f"{ROOT}nothing/"}, 404, "not_found"),
    ({"path": f"{ROOT}concentrators/NONE/"}, 404, "not_found"),
    ({"path": f"{ROOT}installations/"}, 405, "method_not_allowed"),
    ({"path": f"{ROOT}messages/", "headers": {"Accept": "image/png"}}, 406, "not_acceptable"),
    ({"path": f"{ROOT}messages/", "headers": {"Host": "evil.example"}}, 400, "bad_request"),
    ({"path": f"{ROOT}messages/?limit=0"}, 400, "invalid"),
]
WRONG_PARAMETERS = {
    "compnay=1": ("compnay", "unknown_parameter"),
    "company=": ("company", "empty"),
    "limit=1&limit=2": ("limit", "repeated"),
    "company=999999": ("company", "invalid_choice"),
    "limit=x": ("limit", "invalid"),
    "cursor=x": ("cursor", "invalid"),
    "received_from=x": ("received_from", "invalid"),
}
WRONG_BODIES: list[tuple[dict[str, Any], str, str]] = [
    ({"concentrators": ["A1"]}, "action", "required"),
    ({"action": "x", "concentrators": ["A1"]}, "action", "invalid_choice"),
    ({"action": None, "concentrators": ["A1"]}, "action", "null"),
    ({"action": "remove", "concentrators": []}, "concentrators", "min_length"),
    ({"action": "remove", "concentrators": "A1"}, "concentrators", "not_a_list"),
    ({"action": "remove", "concentrators": ["A-1"]}, "concentrators.0", "invalid"),
    ({"action": "remove", "concentrators": ["A1", "NONE"]}, "concentrators.1", "does_not_exist"),
    ({"action": "remove", "concentrators": ["A1"], "compnay": 1}, "compnay", "unknown_field"),
    ({"action": "remove", "concentrators": ["A1"], "company": 10**6}, "company", "does_not_exist"),
    ({"action": "install", "concentrators": ["A3"], "profile": "x"}, "profile", "does_not_exist"),
]


@pytest.mark.parametrize(("asked", "status", "code"), REFUSED, ids=lambda value: str(value))
def test_each_refusal_has_its_code_in_every_language(api: Api, asked: dict[str, Any], status: int, code: str) -> None:
    for language in ("en", "es", "it", "xx"):
        headers = {**asked.get("headers", {}), "Accept-Language": language}
        assert problem(api.client.get(asked["path"], headers=headers), status)["code"] == code


def test_a_body_has_codes_too(api: Api) -> None:
    assert problem(api.post("{"), 400)["code"] == "parse_error"
    assert problem(api.post("x", content_type="text/plain"), 415)["code"] == "unsupported_media_type"
    assert problem(Client().get(f"{ROOT}companies/"), 401)["code"] == "not_authenticated"
    bare = Client(headers={"Authorization": "Bearer"})
    assert problem(bare.get(f"{ROOT}companies/"), 401)["code"] == "authentication_failed"


@pytest.mark.parametrize(
    "body", ['{"action": "\\ud83d"}', '{"\\ud83d": 1, "action": "remove", "concentrators": ["A1"]}']
)
def test_half_a_character_is_said_again_as_far_as_it_can_be(api: Api, body: str) -> None:
    said = problem(api.post(body), 400)
    assert "?" in str(said["errors"])


def test_who_may_not_is_told_so(viewer_api: Api) -> None:
    assert problem(viewer_api.post({"action": "remove", "concentrators": ["A1"]}), 403)["code"] == "permission_denied"


@pytest.mark.parametrize("query", WRONG_PARAMETERS)
def test_a_wrong_parameter_has_its_code(api: Api, query: str) -> None:
    said = problem(api.client.get(f"{ROOT}messages/?{query}"), 400)
    field, code = WRONG_PARAMETERS[query]
    assert said["code"] == "invalid"
    assert (field, code) in {(error["field"], error["code"]) for error in said["errors"]}


@pytest.mark.parametrize(("body", "field", "code"), WRONG_BODIES, ids=lambda value: str(value))
def test_a_wrong_field_has_its_code(api: Api, body: dict[str, Any], field: str, code: str) -> None:
    [error] = problem(api.post(body), 400)["errors"]
    assert (error["field"], error["code"]) == (field, code)


def test_a_conflict_names_the_concentrators_by_their_places(api: Api) -> None:
    said = problem(api.post({"action": "install", "concentrators": ["a2", "A3", "A1"], "profile": "Ten"}), 409)
    assert said["code"] == "in_field"
    assert [(one["field"], one["code"]) for one in said["errors"]] == [
        ("concentrators.0", "in_field"),
        ("concentrators.2", "in_field"),
    ]
    assert "A2" in said["errors"][0]["detail"]
    assert "A1" not in said["errors"][0]["detail"]


@pytest.mark.parametrize("action", ["modify", "remove"])
def test_a_conflict_of_those_not_in_field_says_so(api: Api, action: str) -> None:
    body = {"action": action, "concentrators": ["A1", "A3"]} | ({"profile": "Ten"} if action == "modify" else {})
    said = problem(api.post(body), 409)
    assert (said["code"], [one["field"] for one in said["errors"]]) == ("not_in_field", ["concentrators.1"])


def test_a_large_conflict_names_a_hundred(api: Api, chile: Company) -> None:
    serials = [f"L{number:03}" for number in range(101)]
    for serial in serials:
        ConcentratorFactory.create(company=chile, serial_number=serial)
    said = problem(api.post({"action": "remove", "concentrators": ["A1", *serials]}), 409)
    assert [one["field"] for one in said["errors"]] == [f"concentrators.{place}" for place in range(1, 101)]
    assert Concentrator.objects.get(serial_number="A1").state == "in field"


def test_each_conflict_of_an_alarm_has_a_code(api: Api) -> None:
    alarm = Alarm.objects.order_by("pk")[0]

    def command(word: str) -> Any:
        return api.client.post(f"{ROOT}alarms/{alarm.pk}/command/", {"command": word}, content_type="application/json")

    assert command("acknowledge").status_code == 200
    assert problem(command("acknowledge"), 409)["code"] == "acknowledged"
    assert problem(command("unshelve"), 409)["code"] == "not_shelved"
    Alarm.objects.update(ended_at=alarm.raised_at)
    assert problem(command("acknowledge"), 409)["code"] == "ended"


def test_what_has_no_word_is_told_by_its_status() -> None:
    assert problem_code("made-up", 400) == "bad_request"
    assert problem_code("", 418) == "invalid"
    assert problem_code(None, 404) == "not_found"
    assert field_code("made-up") == field_code(None) == "invalid"


def test_every_code_is_in_the_docs() -> None:
    text = (TREE / "docs" / "api.md").read_text()
    for code, meaning in (*PROBLEMS.items(), *FIELDS.items()):
        assert f"| `{code}` | {meaning} |" in text


def test_every_code_that_is_written_is_a_known_one() -> None:
    """A refusal with a new word must say here what it means."""
    raised = {"AlarmError", "IncidentError", "RollOutError", "InstallationError", "DecisionError", "PlannedError"}
    found = set()
    for room in ("concentrators", "wakeup"):
        for file in (TREE / room).rglob("*.py"):
            for node in ast.walk(ast.parse(file.read_text())):
                if isinstance(node, ast.Call) and getattr(node.func, "id", "") in raised and len(node.args) > 1:
                    found |= {one.value for one in ast.walk(node.args[1]) if isinstance(one, ast.Constant)}
    assert len(found) > 10
    assert found <= PROBLEMS.keys()
