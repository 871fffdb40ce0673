"""A POST that is sent again with its Idempotency-Key is answered again, and not done again (API-1)."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.contrib.auth.models import User
from django.core.management import call_command
from django.utils import timezone

from concentrators.models import Company, Concentrator, PlannedWork
from smmeplus.api.urls import v1
from smmeplus.common.api import once
from smmeplus.models import KeptAnswer
from tests.factories import ConcentratorFactory
from tests.smmeplus.api.asking import ROOT, Api, errors, problem
from tests.smmeplus.users import make_operator
from wakeup.models import Incident, IncidentNote

DAY = timedelta(hours=24)
INSTALL = {"action": "install", "concentrators": ["S0"], "profile": "Ten"}
WORK = {"scope": "company", "title": "Work", "begin": "2030-01-01T00:00:00Z", "end": "2030-01-01T01:00:00Z"}


@pytest.fixture(autouse=True)
def _store(chile: Company) -> None:
    ConcentratorFactory.create(company=chile, serial_number="S0")


def send(api: Api, body: Any = INSTALL, *, key: str = "k1", path: str = "installations/") -> Any:
    data = body if isinstance(body, str) else json.dumps(body)
    return api.client.post(f"{ROOT}{path}", data, content_type="application/json", headers={once.KEY: key})


def test_a_repetition_gets_the_same_answer_and_changes_nothing(api: Api) -> None:
    first = send(api)
    history = Concentrator.history.count()
    again = send(api)
    assert (again.status_code, again.content) == (first.status_code, first.content) == (200, first.content)
    assert first.json()["changed"] == 1
    assert Concentrator.history.count() == history
    assert (once.SAID_AGAIN in first, again[once.SAID_AGAIN]) == (False, "true")


def test_without_a_key_or_with_another_one_it_is_tried_again(api: Api) -> None:
    send(api)
    assert problem(api.post(INSTALL), 409)["code"] == "in_field"
    assert problem(send(api, key="k2"), 409)["code"] == "in_field"


@pytest.mark.parametrize(
    ("body", "path"),
    [
        (INSTALL | {"concentrators": ["S0", "A3"]}, "installations/"),
        (INSTALL | {"action": "remove"}, "installations/"),
        (INSTALL, "configurations/try-again/?state=failed"),
    ],
    ids=["another list", "another action", "another address"],
)
def test_another_request_with_the_same_key_is_refused_and_not_done(api: Api, body: Any, path: str) -> None:
    send(api)
    history = Concentrator.history.count()
    assert problem(send(api, body, path=path), 409)["code"] == "key_reused"
    assert Concentrator.history.count() == history


def test_the_order_of_fields_and_blanks_make_no_other_request(api: Api) -> None:
    first = send(api)
    again = send(api, json.dumps(dict(reversed(INSTALL.items())), indent=3))
    assert again.content == first.content


def test_a_refusal_is_not_kept_for_nothing_was_done(api: Api) -> None:
    Concentrator.objects.filter(serial_number="S0").update(serial_number="T0")
    problem(send(api), 400)
    Concentrator.objects.filter(serial_number="T0").update(serial_number="S0")
    assert send(api).json()["changed"] == 1


def test_a_key_belongs_to_one_user_and_one_token(api: Api, chile: Company, operator: User) -> None:
    send(api)
    other = Api(make_operator(chile, name="other"))
    for stranger in (other, Api(operator)):
        assert problem(send(stranger), 409)["code"] == "in_field"


def test_who_may_not_any_more_is_told_that(api: Api, operator: User) -> None:
    send(api)
    operator.groups.clear()
    assert problem(send(api), 403)["code"] == "permission_denied"


def test_an_answer_is_kept_for_a_day_and_then_forgotten(api: Api, settings: Any) -> None:
    settings.SITE_URL = "https://smmeplus.example"
    first, now = send(api), timezone.now()
    with time_machine.travel(now + DAY - timedelta(minutes=1)):
        assert send(api).content == first.content
        call_command("pruneaccess", verbosity=0)
        assert KeptAnswer.objects.count() == 1
    with time_machine.travel(now + DAY + timedelta(minutes=1)):
        problem(send(api), 409)
        call_command("pruneaccess", verbosity=0)
    assert not KeptAnswer.objects.exists()


def test_an_old_key_may_be_used_anew(api: Api) -> None:
    send(api)
    body = {"action": "remove", "concentrators": ["S0"]}
    with time_machine.travel(timezone.now() + DAY + timedelta(minutes=1)):
        first = send(api, body)
        assert (first.json()["changed"], send(api, body).content) == (1, first.content)
    assert KeptAnswer.objects.count() == 1


@pytest.mark.parametrize("key", ["", " ", "a b", "é", "k" * 256, "a\tb"])
def test_what_is_no_key_is_refused(api: Api, key: str) -> None:
    assert list(errors(send(api, key=key))) == [once.KEY]
    assert Concentrator.objects.get(serial_number="S0").state == "available"


@pytest.mark.parametrize("key", ["k", '"8e03978e-40d5-43dd-bc93-6894a57f9324"', "~" * 255, "a,b"])
def test_any_word_is_a_key(api: Api, key: str) -> None:
    assert send(api, key=key).content == send(api, key=key).content


def test_a_body_that_cannot_be_read_is_refused_with_a_key_too(api: Api) -> None:
    assert problem(send(api, "{"), 400)["code"] == "parse_error"
    assert problem(send(api, "[" * 100_000), 400)["code"] == "parse_error"
    assert send(api, '{"action": "\\ud83d"}').status_code == 400


@pytest.mark.usefixtures("peru")
def test_other_actions_take_a_key_too(administrator: User, chile: Company) -> None:
    api = Api(administrator)
    incident = Incident.objects.filter(company=chile)[0]
    told = [send(api, {"text": "Ticket 4711"}, path=f"incidents/{incident.pk}/comment/") for _ in range(2)]
    planned = [send(api, WORK | {"company": chile.pk}, key="k2", path="planned-work/") for _ in range(2)]
    assert [one.status_code for one in (*told, *planned)] == [200, 200, 201, 201]
    assert planned[0].content == planned[1].content
    assert IncidentNote.objects.filter(incident=incident).count() == 1
    assert PlannedWork.objects.filter(title="Work").count() == 1


def test_what_fails_is_not_half_done(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_args: object, **_facts: object) -> None:
        raise ConnectionError

    with monkeypatch.context() as broken:
        broken.setattr(once, "_keep", fail)
        with pytest.raises(ConnectionError):
            send(api)
    assert Concentrator.objects.get(serial_number="S0").state == "available"
    assert send(api).json()["changed"] == 1


def test_each_post_takes_a_key() -> None:
    callbacks = {pattern.name: pattern.callback for pattern in v1}
    posting = {
        name: callback.cls
        for name, callback in callbacks.items()
        if hasattr(callback.cls, "post") or "post" in (getattr(callback, "actions", None) or ())
    }
    assert posting.keys() >= {"installations", "plannedwork-list", "plannedwork-cancel", "meterconflict-decide"}
    assert not {name for name, view in posting.items() if not issubclass(view, once.OnceMixin)}
