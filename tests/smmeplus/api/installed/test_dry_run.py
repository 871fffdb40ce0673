"""A dry run says what an installation would do, or why it would be refused, and does nothing (API-1, CON-2)."""

from __future__ import annotations

from typing import Any

import pytest

from concentrators.models import AuditedAction, Concentrator, Configuration, RollOut
from tests.factories import ProcedureProfileFactory, SpontaneousProfileFactory
from tests.smmeplus.api.asking import Api, problem

BODIES = {
    "install": {"action": "install", "concentrators": ["A3"], "profile": "Ten"},
    "modify": {"action": "modify", "concentrators": ["A1", "A2"], "profile": "Hundred"},
    "modify nothing": {"action": "modify", "concentrators": ["A1"], "profile": "Ten"},
    "remove": {"action": "remove", "concentrators": ["A1"]},
    "in field": {"action": "install", "concentrators": ["A3", "A1"], "profile": "Ten"},
    "not in field": {"action": "remove", "concentrators": ["A1", "A3"]},
    "unknown": {"action": "remove", "concentrators": ["A1", "NONE"]},
    "no profile": {"action": "install", "concentrators": ["A3"]},
}
PROBLEM = ("code", "detail", "errors")


def everything() -> list[Any]:
    models: tuple[Any, ...] = (Concentrator, Concentrator.history.model, Configuration, RollOut, AuditedAction)
    return [list(model._default_manager.order_by("pk").values_list()) for model in models]


@pytest.mark.parametrize("name", BODIES)
def test_it_says_what_happens_and_changes_nothing(api: Api, name: str) -> None:
    SpontaneousProfileFactory.create(name="Hundred")
    before = everything()
    tried = api.post(BODIES[name] | {"dry_run": True})
    assert everything() == before
    done = api.post(BODIES[name] | {"dry_run": False})
    assert tried.status_code == done.status_code
    if done.status_code == 200:
        assert tried.json() == done.json() | {"audit_id": None}
    else:  # but for the id of the request
        said, wanted = tried.json(), done.json()
        assert [said.get(name) for name in PROBLEM] == [wanted.get(name) for name in PROBLEM]


def test_one_that_would_begin_a_roll_out_begins_none(api: Api) -> None:
    ProcedureProfileFactory.create(name="Waves", waves="1, all")
    before = everything()
    assert api.post(BODIES["install"] | {"procedure": "Waves", "dry_run": True}).json()["changed"] == 1
    assert everything() == before


@pytest.mark.parametrize("said", ["maybe", 7, None, []])
def test_it_is_yes_or_no(api: Api, said: object) -> None:
    (error,) = problem(api.post(BODIES["remove"] | {"dry_run": said}), 400)["errors"]
    assert error["field"] == "dry_run"
    assert Concentrator.objects.get(serial_number="A1").state == "in field"
