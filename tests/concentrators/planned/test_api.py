"""Planned work is read, added, changed and cancelled by programs (STA-8)."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest
import time_machine
from django.contrib.auth.models import User
from rest_framework.throttling import SimpleRateThrottle

from concentrators.models import Company, PlannedWork
from tests.concentrators.planned.making import DAY, HOUR, NOW, added, local
from tests.factories import CompanyFactory, ConcentratorFactory
from tests.smmeplus.api.asking import ROOT, Api, errors, problem
from tests.smmeplus.users import make_viewer

pytestmark = pytest.mark.one_database


@pytest.fixture(autouse=True)
def _now() -> Any:
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def api(operator: User, monkeypatch: pytest.MonkeyPatch) -> Api:
    monkeypatch.setattr(SimpleRateThrottle, "THROTTLE_RATES", {"user": None, "refused": None})
    return Api(operator)


@pytest.fixture
def peru(db: None) -> Company:
    peru: Company = CompanyFactory.create(name="Peru")
    ConcentratorFactory.create(company=peru, serial_number="P1")
    return peru


def send(api: Api, path: str, body: Any = None, method: str = "post") -> Any:
    ask = getattr(api.client, method)
    return ask(f"{ROOT}planned-work/{path}", json.dumps(body), content_type="application/json")


def asked(of: Company, **values: Any) -> dict[str, Any]:
    times = {"begin": "2027-03-02T02:00", "end": "2027-03-02T06:00"}
    return {"company": of.pk, "scope": "feeder", "feeder": "F1", "title": "Transformer", **times, **values}


def test_work_is_added_by_the_clocks_of_its_company(api: Api, chile: Company) -> None:
    response = send(api, "", asked(chile, rule="freq=weekly"))
    assert response.status_code == 201
    said = response.json()
    wanted: dict[str, Any] = {
        "scope": "feeder",
        "feeder": "F1",
        "rule": "FREQ=WEEKLY",
        "source": "api",
        "state": "coming",
    }
    wanted |= {
        "begin": "2027-03-02T05:00:00.000000+00:00",
        "from_at": "2027-03-02T05:00:00.000000+00:00",
        "concentrator": None,
    }
    assert said | wanted == said
    work = PlannedWork.objects.get(pk=said["id"])
    assert (work.begin, work.set_by, work.windows.count()) == (
        local("2027-03-02 02:00"),
        work.history.get().history_user,
        62,
    )
    assert api.get(f"planned-work/{work.pk}/") == said


def test_a_time_with_an_offset_is_taken_as_it_is(api: Api, chile: Company) -> None:
    send(api, "", asked(chile, begin="2027-03-02T02:00:30+01:00", end="2027-03-02T06:00Z"))
    assert PlannedWork.objects.latest("pk").begin == datetime(2027, 3, 2, 1, 0, 30, tzinfo=UTC)


def test_the_same_key_again_changes_the_work(api: Api, chile: Company) -> None:
    first = send(api, "", asked(chile, uid="k1", rule="FREQ=DAILY", substation="North"))
    second = send(api, "", asked(chile, uid="k1", title="Other"))
    assert (first.status_code, second.status_code) == (201, 200)
    assert first.json()["id"] == second.json()["id"]
    assert (second.json()["title"], second.json()["rule"], second.json()["substation"]) == ("Other", "", "")
    send(api, f"{first.json()['id']}/cancel/")
    assert send(api, "", asked(chile, uid="k1")).json()["cancelled_at"] is None


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"company": 0}, "company"),
        ({"scope": "world"}, "scope"),
        ({"scope": "concentrator"}, "concentrator"),
        ({"scope": "concentrator", "concentrator": "P1"}, "concentrator"),
        ({"feeder": ""}, "feeder"),
        ({"scope": "substation"}, "substation"),
        ({"begin": 5}, "begin"),
        ({"begin": "tomorrow"}, "begin"),
        ({"begin": "0001-01-01T00:00:00+14:00"}, "begin"),
        ({"begin": "2027-09-05T00:30", "end": "2027-09-06T00:30"}, "begin"),
        ({"end": "2027-03-02T01:00"}, "end"),
        ({"rule": "FREQ=SECONDLY"}, "rule"),
        ({"title": "a\0"}, "title"),
        ({"titel": "a"}, "titel"),
        ({"zone": "Europe/Rome"}, "zone"),
    ],
)
def test_what_is_wrong_is_named(api: Api, chile: Company, peru: Company, values: dict[str, Any], field: str) -> None:
    before = PlannedWork.objects.count()
    assert field in errors(send(api, "", asked(chile, **values)))
    assert PlannedWork.objects.count() == before


def test_a_change_names_what_changes(api: Api, chile: Company) -> None:
    work = added(chile, begin=NOW - HOUR)
    response = send(api, f"{work.pk}/", {"end": "2027-03-01T20:00"}, "patch")
    assert response.status_code == 200
    work.refresh_from_db()
    assert (work.begin, work.end, work.title) == (NOW - HOUR, local("2027-03-01 20:00"), "Work")
    assert "company" in errors(send(api, f"{work.pk}/", {"company": chile.pk}, "patch"))


def test_it_is_cancelled_once_and_not_changed_then(api: Api, chile: Company) -> None:
    work = added(chile, begin=NOW - HOUR)
    assert send(api, f"{work.pk}/cancel/").json()["state"] == "cancelled"
    problem(send(api, f"{work.pk}/cancel/"), 409)
    problem(send(api, f"{work.pk}/", {"title": "x"}, "patch"), 409)
    assert [one.end for one in work.windows.all()] == [NOW]


def test_others_find_nothing_and_viewers_change_nothing(api: Api, chile: Company, peru: Company) -> None:
    work = added(chile)
    stranger, viewer = Api(make_viewer(peru, name="other")), Api(make_viewer(chile))
    problem(stranger.ask(f"planned-work/{work.pk}/"), 404)
    assert viewer.get(f"planned-work/{work.pk}/")["title"] == "Work"
    assert "company" in errors(send(api, "", asked(peru)))
    for path, body, method in (
        ("", asked(chile), "post"),
        (f"{work.pk}/", {}, "patch"),
        (f"{work.pk}/cancel/", {}, "post"),
    ):
        problem(send(viewer, path, body, method), 403)
    foreign = added(peru)
    for path, method in ((f"{foreign.pk}/", "patch"), (f"{foreign.pk}/cancel/", "post")):
        problem(send(api, path, {}, method), 404)


def test_its_times_end_with_its_rule(api: Api, chile: Company) -> None:
    work = added(chile, begin=NOW - 3 * DAY, now=NOW - 4 * DAY, rule="FREQ=DAILY;COUNT=2")
    assert api.get(f"planned-work/{work.pk}/")["state"] == "over"
