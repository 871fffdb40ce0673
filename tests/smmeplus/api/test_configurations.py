"""Configurations in the API: what each says, and trying again what matches (CFG-3, API-1)."""

from __future__ import annotations

from typing import Any

import pytest

from concentrators.models import Company, Concentrator, Configuration, ConfigurationValue
from tests.smmeplus.api.asking import ROOT, Api, errors, problem
from tests.smmeplus.api.conftest import AT
from wakeup.models import WakeupTotal

pytestmark = pytest.mark.one_database


def again(api: Api, query: str = "") -> Any:
    return api.client.post(f"{ROOT}configurations/try-again/{query}")


def of(serial: str) -> Configuration:
    return Configuration.objects.get(concentrator__serial_number=serial)


def test_a_configuration_says_how_far_it_has_got_and_its_values(api: Api, chile: Company) -> None:
    ConfigurationValue.objects.create(
        configuration=of("A1"),
        parameter="period",
        desired="10",
        written="10",
        written_at=AT,
        read_back="100",
        read_at=AT,
    )
    Configuration.objects.filter(pk=of("A1").pk).update(
        state="failed", failure="other device", detail="X1", other_serial="X1", other_at=AT, failures=2, tries=3
    )
    one = api.get("configurations/A1/")
    assert api.rows("configurations/")[0] == one
    profile, values = one.pop("profile"), one.pop("values")
    assert profile["name"] == "Ten"
    assert one == {
        "concentrator": "A1",
        "company": chile.pk,
        "state": "failed",
        "state_since": "2020-09-22T10:18:46.500000+00:00",
        "reason": "other device",
        "detail": "X1",
        "heard_not_reachable_since": None,
        "next_try_at": None,
        "last_try_at": None,
        "tries_day": None,
        "tries": 3,
        "failures_in_a_row": 2,
        "written_at": None,
        "confirmed_at": None,
        "checked_at": None,
        "other_device": "X1",
        "other_device_at": "2020-09-24T10:18:46.500000+00:00",
    }
    by_parameter = {value["parameter"]: value for value in values}
    at = "2020-09-24T10:18:46.500000+00:00"
    assert by_parameter["period"] == {
        "parameter": "period",
        "desired": "10",
        "written": "10",
        "written_at": at,
        "read_back": "100",
        "read_at": at,
        "differs": True,
    }
    assert (by_parameter["retries"]["read_at"], by_parameter["retries"]["differs"]) == (None, False)


def test_heard_and_not_reachable_says_since_when(api: Api) -> None:
    one = of("A1")
    WakeupTotal.objects.filter(concentrator=one.pk).update(last_wakeup_at=AT)
    since = AT.replace(hour=1)
    Configuration.objects.filter(pk=one.pk).update(unreachable_since=since)
    assert api.get("configurations/A1/")["heard_not_reachable_since"] == since.isoformat()
    assert [row["concentrator"] for row in api.rows("configurations/", state="heard not reachable")] == ["A1"]


def test_what_is_not_in_field_has_none(api: Api) -> None:
    problem(api.ask("configurations/A3/"), 404)
    Configuration.objects.update(profile=None)
    problem(api.ask("configurations/A1/"), 404)


def test_what_matches_is_tried_again_with_one_audit_id(api: Api) -> None:
    Configuration.objects.filter(pk=of("A1").pk).update(state="failed", failure="silent")
    said = again(api, "?state=failed&reason=silent").json()
    assert said["changed"] == 1
    (row,) = Concentrator.history.filter(history_change_reason__endswith=said["audit_id"])
    assert row.serial_number == "A1"
    assert (of("A1").state, of("A1").next_try_at is not None, of("A2").next_try_at) == ("pending", True, None)


def test_where_nothing_matches_nothing_is_changed(api: Api) -> None:
    assert again(api, "?concentrator=A3").json() == {"changed": 0, "audit_id": None}


@pytest.mark.parametrize(
    ("query", "field"),
    [("", "state"), ("?stat=failed", "stat"), ("?state=", "state"), ("?state=x", "state"), ("?limit=1", "limit")],
)
def test_without_a_right_filter_nothing_is_tried(api: Api, query: str, field: str) -> None:
    assert errors(again(api, query)).keys() == {field}
    assert not Configuration.objects.filter(next_try_at__isnull=False).exists()


def test_a_viewer_tries_nothing_and_a_stranger_nothing_of_others(viewer_api: Api, stranger_api: Api) -> None:
    problem(again(viewer_api, "?state=pending"), 403)
    assert again(stranger_api, "?state=pending").json() == {"changed": 0, "audit_id": None}
    assert not Configuration.objects.filter(next_try_at__isnull=False).exists()
