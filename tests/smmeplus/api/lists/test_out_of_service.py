"""Times out of service through the API: what the page does, by the same rules (STA-1, API-1)."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest
import time_machine

from concentrators.models import Company, Concentrator, OutOfService
from tests.smmeplus.api.asking import Api, errors, problem
from tests.smmeplus.api.conftest import AT

pytestmark = pytest.mark.one_database("postgresql")

NOW = AT + timedelta(days=1)
PATH = "/api/v1/out-of-service/"


@pytest.fixture(autouse=True)
def _a_day_later() -> Any:
    with time_machine.travel(NOW, tick=False):
        yield


def post(api: Api, path: str = PATH, **body: Any) -> Any:
    return api.client.post(path, json.dumps(body), content_type="application/json")


def wanted(**changed: Any) -> dict[str, Any]:
    return {"concentrator": "a1", "end": "2020-09-26T12:00:00+00:00", "reason": "Transformer is renewed"} | changed


def test_a_concentrator_is_set_out_of_service_and_back(api: Api) -> None:
    response = post(api, **wanted())
    assert response.status_code == 201
    row = response.json()
    assert row == {
        **row,
        "concentrator": "A1",
        "begin": NOW.isoformat(timespec="microseconds"),
        "end": "2020-09-26T12:00:00.000000+00:00",
        "reason": "Transformer is renewed",
        "set_by": "operator",
    }
    assert [one["id"] for one in api.rows("out-of-service/", state="present")] == [row["id"]]
    shown = api.get("concentrators/A1/")
    assert (shown["status"], shown["status_reason"]) == ("out of service", "operator")
    with time_machine.travel(NOW + timedelta(hours=1), tick=False):
        ended = post(api, f"{PATH}{row['id']}/end/")
        assert ended.status_code == 200
        assert ended.json()["end"] == (NOW + timedelta(hours=1)).isoformat(timespec="microseconds")
        assert problem(post(api, f"{PATH}{row['id']}/end/"), 409)["code"] == "ended"
    out = OutOfService.objects.get(pk=row["id"])
    assert [line.history_user.get_username() for line in out.history.all()] == ["operator"] * 2


def test_what_has_not_begun_is_cancelled(api: Api) -> None:
    row = post(api, **wanted(begin="2020-09-26T00:00:00Z")).json()
    assert [one["id"] for one in api.rows("out-of-service/", state="coming")] == [row["id"]]
    ended = post(api, f"{PATH}{row['id']}/end/").json()
    assert ended["begin"] == ended["end"]
    assert [one["id"] for one in api.rows("out-of-service/", state="cancelled")] == [row["id"]]
    assert len(api.rows("out-of-service/", state="coming,cancelled,over")) == 3


def test_a_time_without_an_offset_is_by_the_clocks_of_the_company(api: Api, chile: Company) -> None:
    row = post(api, **wanted(end="2020-09-26T12:00")).json()
    at = OutOfService.objects.get(pk=row["id"]).end
    assert at.astimezone(chile.zone).replace(tzinfo=None).isoformat() == "2020-09-26T12:00:00"


def test_what_the_state_does_not_allow_is_a_conflict(api: Api) -> None:
    assert problem(post(api, **wanted(concentrator="A3")), 409)["code"] == "not_in_field"
    assert post(api, **wanted()).status_code == 201
    assert problem(post(api, **wanted()), 409)["code"] == "out_of_service"
    assert post(api, **wanted(begin="2020-09-26T12:00:00Z", end="2020-09-27T12:00:00Z")).status_code == 201


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"concentrator": "NOPE"}, "concentrator"),
        ({"concentrator": "P1"}, "concentrator"),
        ({"concentrator": None}, "concentrator"),
        ({"end": "2020-09-24T12:00:00Z"}, "end"),
        ({"end": "2031-09-24T12:00:00Z"}, "end"),
        ({"end": "9999-12-31T23:59:59-23:00"}, "end"),
        ({"end": "tomorrow"}, "end"),
        ({"end": 5}, "end"),
        ({"begin": "2019-01-01T00:00:00Z"}, "begin"),
        ({"reason": ""}, "reason"),
        ({"reason": "  "}, "reason"),
        ({"reason": "x" * 201}, "reason"),
        ({"reason": "a\0b"}, "reason"),
        ({"untill": "2020-09-26T12:00:00Z"}, "untill"),
    ],
    ids=str,
)
def test_each_wrong_value_is_named_and_nothing_is_stored(
    api: Api, peru: Company, changed: dict[str, Any], field: str
) -> None:
    before = OutOfService.objects.count()
    assert errors(post(api, **wanted(**changed))).keys() == {field}
    assert OutOfService.objects.count() == before


def test_it_takes_the_rights_of_the_page(viewer_api: Api, roleless_api: Api, stranger_api: Api, chile: Company) -> None:
    out = OutOfService.objects.filter(concentrator__company=chile)[0]
    assert len(viewer_api.rows("out-of-service/")) == 2
    for api, status in ((viewer_api, 403), (roleless_api, 403), (Api(), 401)):
        problem(post(api, **wanted()), status)
        problem(post(api, f"{PATH}{out.pk}/end/"), status)
    assert errors(post(stranger_api, **wanted())).keys() == {"concentrator"}
    problem(post(stranger_api, f"{PATH}{out.pk}/end/"), 404)
    problem(stranger_api.ask(f"out-of-service/{out.pk}/"), 404)
    assert stranger_api.rows("out-of-service/") == []
    assert Concentrator.objects.filter(outs_of_service__end__gt=NOW).count() == 0
