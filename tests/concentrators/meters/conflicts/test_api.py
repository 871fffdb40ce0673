"""Conflicts of meters are read and decided by programs (MET-5, API-1)."""

from __future__ import annotations

import json
from typing import Any

import pytest
import time_machine
from django.contrib.auth.models import User
from rest_framework.throttling import SimpleRateThrottle

from concentrators.models import Company, Decision
from tests.concentrators.meters.conflicts.held import NOW, PERMANENT
from tests.concentrators.meters.conflicts.making import Place
from tests.smmeplus.api.asking import ROOT, Api, errors
from tests.smmeplus.users import make_operator, make_viewer

pytestmark = pytest.mark.one_database


@pytest.fixture(autouse=True)
def _now() -> Any:
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture(autouse=True)
def _unlimited(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(SimpleRateThrottle, "THROTTLE_RATES", {"user": None, "refused": None})


@pytest.fixture
def api(operator: User) -> Api:
    return Api(operator)


@pytest.fixture
def place(chile: Company) -> Place:
    place = Place(chile)
    place.listed(1, 30, 13, state=PERMANENT)
    place.listed(2)
    place.settle()
    return place


def send(api: Api, place: Place, command: str, body: Any = None) -> Any:
    path = f"{ROOT}meter-conflicts/{place.the_conflict().pk}/{command}/"
    return api.client.post(path, json.dumps(body), content_type="application/json")


def test_a_conflict_says_who_lists_the_meter_and_what_is_preferred(api: Api, place: Place) -> None:
    (row,) = api.rows("meter-conflicts/")
    one, other = (place.at(number).serial_number for number in (1, 2))
    wanted: dict[str, Any] = {
        "meter": "CIR0000000001",
        "kind": 2,
        "concentrators": sorted([one, other]),
        "opened_at": "2027-03-04T12:00:00.000000+00:00",
        "closed_at": None,
        "preferred": other,
        "reason": "state",
        "expected": None,
        "decision": "",
        "keep_at": None,
        "decided_by": None,
        "reopened": "",
    }
    assert {name: row[name] for name in wanted} == wanted
    assert row["to_do"].startswith(f"Remove it at {one} (order B06).")
    assert api.get(f"meter-conflicts/{row['id']}/") == row


def test_filters_narrow_the_list(api: Api, place: Place) -> None:
    live = Place(place.company, "ZIV1", place.concentrators)
    for number in (1, 2):
        live.listed(number)
    live.settle()
    over = Place(place.company, "ZIV2", place.concentrators)
    for number in (1, 2):
        over.listed(number)
    over.settle()
    over.gone(1)
    over.settle()
    send(api, live, "decide", {"decision": "none"})

    def found(**query: Any) -> list[str]:
        return [row["meter"] for row in api.rows("meter-conflicts/", **query)]

    assert found() == ["CIR0000000001", "ZIV1", "ZIV2"]
    assert found(kind=2) == ["CIR0000000001"]
    assert found(state="waiting") == ["CIR0000000001"]
    assert found(state="decided") == ["ZIV1"]
    assert found(state="over") == ["ZIV2"]
    assert found(meter=" ziv1 ") == ["ZIV1"]
    assert found(company=place.company.pk, meter="ZIV") == []
    assert api.ask("meter-conflicts/", state="open").status_code == 400


def test_a_meter_is_kept_at_one_by_its_serial_number_in_any_case(api: Api, place: Place) -> None:
    serial = place.at(2).serial_number
    response = send(api, place, "decide", {"decision": "keep", "concentrator": serial.lower(), "note": "Seen."})
    assert response.status_code == 200
    said = response.json()
    assert (said["decision"], said["keep_at"], said["decided_by"], said["note"]) == (
        "keep",
        serial,
        "operator",
        "Seen.",
    )
    assert place.the_conflict().keep_at == place.at(2)
    withdrawn = send(api, place, "withdraw")
    assert (withdrawn.status_code, withdrawn.json()["decision"]) == (200, "")
    assert send(api, place, "withdraw").status_code == 409


def test_both_are_allowed_until_a_moment(api: Api, place: Place) -> None:
    response = send(api, place, "decide", {"decision": "allowed", "until": "2027-12-31T00:00:00-03:00"})
    assert response.json()["allowed_until"] == "2027-12-31T03:00:00.000000+00:00"


WRONG: dict[str, Any] = {
    "nothing": {},
    "no object": [],
    "another decision": {"decision": "merge"},
    "nowhere": {"decision": "keep"},
    "where nobody is": {"decision": "keep", "concentrator": "NOBODY"},
    "not until when": {"decision": "allowed"},
    "until before": {"decision": "allowed", "until": "2027-03-04T11:59:59Z"},
    "until far away": {"decision": "allowed", "until": "3027-03-04T12:00:00Z"},
    "no time": {"decision": "allowed", "until": "soon"},
    "of another decision": {"decision": "none", "until": "2027-12-31T00:00:00Z"},
    "a misspelled field": {"decision": "none", "notes": "x"},
    "a note too long": {"decision": "none", "note": "x" * 401},
    "a note with a zero": {"decision": "none", "note": "a\x00b"},
}


@pytest.mark.parametrize("body", WRONG.values(), ids=list(WRONG))
def test_what_is_wrong_is_refused(body: Any, api: Api, place: Place) -> None:
    assert send(api, place, "decide", body).status_code == 400
    assert place.the_conflict().decision == ""


def test_a_refusal_names_the_field_as_it_was_sent(api: Api, place: Place) -> None:
    serial = place.at(1).serial_number
    failed = send(api, place, "decide", {"decision": "keep", "concentrator": serial})
    assert "permanent failure" in json.dumps(errors(failed)["concentrator"])


def test_a_conflict_that_is_over_takes_no_decision(api: Api, place: Place) -> None:
    path = f"{ROOT}meter-conflicts/{place.the_conflict().pk}/decide/"
    place.gone(1)
    place.settle()
    response = api.client.post(path, json.dumps({"decision": "none"}), content_type="application/json")
    assert response.status_code == 409
    assert "over" in response.json()["detail"]


def test_a_viewer_may_not_decide_and_a_stranger_sees_nothing(place: Place) -> None:
    viewer, stranger = Api(make_viewer(place.company)), Api(make_operator(name="stranger"))
    for command in ("decide", "withdraw"):
        assert send(viewer, place, command, {"decision": "none"}).status_code == 403
        assert send(stranger, place, command, {"decision": "none"}).status_code == 404
    assert len(viewer.rows("meter-conflicts/")) == 1
    assert stranger.rows("meter-conflicts/") == []
    assert place.the_conflict().decision != Decision.NONE
