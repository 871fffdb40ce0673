"""Incidents and outages are read by programs, which act on incidents as operators do (STA-5, API-1)."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User

from concentrators.models import Company
from tests.factories import CompanyFactory, IncidentFactory, OutageFactory
from tests.smmeplus.api.asking import ROOT, Api, errors, problem
from tests.smmeplus.api.conftest import AT
from tests.smmeplus.users import make_operator
from wakeup.models import Incident, Outage

pytestmark = pytest.mark.one_database
MINUTE = timedelta(minutes=1)
WORDS = ("acknowledge", "comment", "owner", "reclass", "merge", "split")


@pytest.fixture
def one(chile: Company) -> Incident:
    """Of B1 and B2, one of which is back."""
    evidence = [{"sign": "canaries arrive", "names": ["secret"], "number": 2, "of": 2}, {"sign": "new"}]
    one: Incident = IncidentFactory.create(
        company=chile, began_at=AT - MINUTE, size=5, members=2, dark=1, customers=200, evidence=evidence
    )
    for serial in ("B1", "B2"):
        place = {"company": chile, "concentrator__serial_number": serial, "began_at": AT - MINUTE}
        OutageFactory.create(incident=one, **place)
    Outage.objects.filter(concentrator__serial_number="B2").update(
        ended_at=AT, ended_by="boot", quality="measured", cause="power"
    )
    return one


def do(api: Api, one: Incident, word: str, body: Any = None) -> Any:
    return api.client.post(f"{ROOT}incidents/{one.pk}/{word}/", json.dumps(body or {}), "application/json")


def test_an_incident_says_what_its_page_says(api: Api, one: Incident) -> None:
    said = api.get(f"incidents/{one.pk}/")
    wanted: dict[str, Any] = {
        "state": "open",
        "scope": "feeder",
        "substation": "Pudahuel",
        "feeder": "12",
        "cause": "power",
        "began_at": "2020-09-24T10:17:46.500000+00:00",
        "ended_at": None,
        "dark": 1,
        "members": 2,
        "size": 5,
        "customers": 200,
        "customers_source": "inventory",
        "owner": None,
        "part_of": None,
        "planned_work": None,
        "against": [],
        "notes": [],
    }
    assert said | wanted == said
    assert said["evidence"] == [
        {"sign": "canaries arrive", "names": [], "number": 2, "of": 2},
        {"sign": "new", "names": [], "number": 0, "of": 0},
    ]
    assert "evidence" not in api.rows("incidents/")[0]


def test_who_sees_all_companies_sees_the_names_of_the_evidence(administrator: User, one: Incident) -> None:
    assert Api(administrator).get(f"incidents/{one.pk}/")["evidence"][0]["names"] == ["secret"]


def test_an_outage_says_how_well_its_times_are_known(api: Api, one: Incident) -> None:
    found = {row["concentrator"]: row for row in api.rows("outages/", incident=one.pk)}
    wanted = {
        "ended_at": None,
        "ended_by": "",
        "quality": "inferred",
        "incident": one.pk,
        "is_announced": True,
    }
    assert found["B1"] | wanted == found["B1"]
    wanted = {"ended_at": "2020-09-24T10:18:46.500000+00:00", "ended_by": "boot", "quality": "measured"}
    assert found["B2"] | wanted == found["B2"]
    assert api.get(f"outages/{found['B1']['id']}/") == found["B1"]


def test_the_latest_are_first(api: Api, one: Incident) -> None:
    began = [row["began_at"] for row in api.rows("incidents/", limit=1)]
    assert (len(began), began) == (3, sorted(began, reverse=True))


def test_each_command_answers_with_the_incident_as_it_is_then(
    api: Api, chile: Company, operator: User, one: Incident
) -> None:
    make_operator(chile, name="other")
    assert do(api, one, "acknowledge").json()["owner"] == "operator"
    assert do(api, one, "owner", {"owner": "other"}).json()["owner"] == "other"
    said = do(api, one, "reclass", {"cause": "our side", "reason": "A switch of ours"}).json()
    assert (said["cause"], said["is_cause_said"]) == ("our side", True)
    notes = do(api, one, "comment", {"text": "Told"}).json()["notes"]
    assert [(note["kind"], note["user"], note["text"]) for note in notes] == [
        ("acknowledged", "operator", ""),
        ("owner", "operator", ""),
        ("cause", "operator", "A switch of ours"),
        ("comment", "operator", "Told"),
    ]
    assert notes[1]["facts"] == {"from": "operator", "to": "other"}
    made = do(api, one, "split", {"concentrators": ["b1"]}).json()
    assert (made["members"], made["dark"], made["owner"], made["state"]) == (1, 1, "operator", "acknowledged")
    wide = IncidentFactory.create(company=chile, feeder="13")
    other = Incident.objects.get(pk=made["id"])
    merged = do(api, other, "merge", {"into": wide.pk}).json()
    assert (merged["id"], merged["members"], merged["state"]) == (wide.pk, 1, "open")
    part = api.get(f"incidents/{other.pk}/")
    assert (part["state"], part["part_of"]) == ("merged", wide.pk)
    assert other.pk not in [row["id"] for row in api.rows("incidents/")]
    assert [row["id"] for row in api.rows("incidents/", state="merged")] == [other.pk]


def test_what_its_state_does_not_allow_is_a_conflict(api: Api, chile: Company, one: Incident) -> None:
    do(api, one, "acknowledge")
    assert "its owner is operator" in problem(do(api, one, "acknowledge"), 409)["detail"]
    problem(do(api, one, "merge", {"into": one.pk}), 409)
    refused = problem(do(api, one, "split", {"concentrators": ["B1", "b2"]}), 409)
    assert refused["code"] == "all_of_incident"
    assert [(error["field"], error["code"]) for error in refused["errors"]] == [
        ("concentrators.0", "all_of_incident"),
        ("concentrators.1", "all_of_incident"),
    ]
    (other,) = problem(do(api, one, "split", {"concentrators": ["B1", "A3"]}), 400)["errors"]
    assert (other["field"], other["code"]) == ("concentrators.1", "not_in_incident")
    ended = IncidentFactory.create(company=chile, ended_at=AT)
    assert "has ended meanwhile" in problem(do(api, one, "merge", {"into": ended.pk}), 409)["detail"]


@pytest.mark.parametrize(
    ("word", "body"),
    [
        ("acknowledge", {"owner": "me"}),
        ("comment", {}),
        ("comment", {"text": "  "}),
        ("comment", {"text": "x" * 2001}),
        ("comment", {"text": "a\0b"}),
        ("comment", {"text": "x", "more": 1}),
        ("owner", {"owner": "stranger"}),
        ("owner", {"owner": None}),
        ("reclass", {"cause": "power"}),
        ("reclass", {"cause": "magic", "reason": "x"}),
        ("merge", {"into": 0}),
        ("merge", {"into": 2**63}),
        ("merge", {"into": 2**63 - 1}),
        ("merge", {"into": "x"}),
        ("split", {"concentrators": []}),
        ("split", {"concentrators": ["A1"]}),
        ("split", {"concentrators": ["B1", "no serial"]}),
    ],
)
def test_anything_else_is_refused(api: Api, stranger_api: Api, one: Incident, word: str, body: Any) -> None:
    errors(do(api, one, word, body))
    assert not one.notes.exists()
    assert Incident.objects.get(pk=one.pk).cause == "power"


def test_only_those_who_may_change_incidents_of_the_company_act(
    viewer_api: Api, stranger_api: Api, api: Api, one: Incident
) -> None:
    body = {"text": "x", "owner": "operator", "cause": "power", "reason": "x", "into": 1, "concentrators": ["B1"]}
    fields = {"comment": ["text"], "owner": ["owner"], "reclass": ["cause", "reason"], "merge": ["into"]}
    fields |= {"split": ["concentrators"]}
    for word in WORDS:
        said = {name: body[name] for name in fields.get(word, [])}
        problem(do(viewer_api, one, word, said), 403)
        problem(do(stranger_api, one, word, said), 404)
    foreign = IncidentFactory.create(company=CompanyFactory.create())
    assert errors(do(api, one, "merge", {"into": foreign.pk})) == {"into": "There is no such incident."}
    assert not one.notes.exists()


def test_our_side_is_everybodys_to_read(stranger_api: Api, db: None) -> None:
    ours = IncidentFactory.create(company=None, scope="our side", feeder="", substation="")
    said = stranger_api.get(f"incidents/{ours.pk}/")
    assert (said["company"], said["scope"]) == (None, "our side")
