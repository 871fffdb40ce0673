"""What each resource says (API-1)."""

from __future__ import annotations

from datetime import time

import pytest
from django.contrib.auth.models import User

from concentrators.models import Company, Concentrator
from profiles.models import SystemSettings
from smmeplus.dlms.kinds import Kind
from tests.factories import ProcedureProfileFactory
from tests.smmeplus.api.asking import Api, errors, problem
from wakeup.models import Message

pytestmark = pytest.mark.one_database


def test_companies_are_those_of_the_user(api: Api, chile: Company, peru: Company) -> None:
    mine = {"id": chile.pk, "name": "Chile", "time_zone": "America/Santiago"}
    assert api.rows("companies/") == [mine]
    assert api.get(f"companies/{chile.pk}/") == mine


def test_a_profile_says_its_parameters_and_how_many_use_it(api: Api) -> None:
    [profile] = api.rows("profiles/")
    assert profile == api.get(f"profiles/{profile['id']}/")
    del profile["id"]
    assert profile == {
        "name": "Ten",
        "wakeup_enabled": True,
        "wakeup_ip": "10.132.20.228",
        "wakeup_port": 58692,
        "wakeup_period": 10,
        "last_gasp_enabled": False,
        "last_gasp_ip": None,
        "company": None,
        "concentrator_count": 2,
    }


def test_a_procedure_profile_says_how_it_is_carried_out(api: Api) -> None:
    ProcedureProfileFactory.create(name="Night", waves="10, all", begin_hour=time(22), end_hour=time(5))
    at_once, night = api.rows("procedure-profiles/")
    assert night == api.get(f"procedure-profiles/{night['id']}/")
    assert at_once | {"id": 0} == {
        "id": 0,
        "name": "At once",
        "is_default": True,
        "company": None,
        "waves": [None],
        "halt_percent": 10,
        "tries": 24,
        "backoff_min": 10,
        "begin_hour": None,
        "end_hour": None,
        "first_wakeup_within_min": None,
        "verify_after_days": 0,
        "disables_on_removal": False,
        "use_count": 1,
    }
    shown = (night["waves"], night["begin_hour"], night["end_hour"], night["is_default"])
    assert shown == ([10, None], "22:00:00", "05:00:00", False)


def test_a_concentrator_says_that_it_has_keys_to_those_who_may_know(api: Api, viewer_api: Api) -> None:
    names = ("has_keys", "system_title", "ciphered_only")
    said = {"A1": (False, None, False), "A2": (True, "4170530000000002", True)}
    for serial, values in said.items():
        assert tuple(api.get(f"concentrators/{serial}/")[name] for name in names) == values
        assert [viewer_api.get(f"concentrators/{serial}/")[name] for name in names] == [None] * 3
    assert len(api.rows("concentrators/", keys="any")) == 1
    assert not api.rows("concentrators/", keys="also plain")
    assert errors(viewer_api.ask("concentrators/", keys="any")).keys() == {"keys"}
    assert not any("key" in name and name != "has_keys" for name in api.get("concentrators/A2/"))


def test_a_concentrator_says_its_facts_and_wakeups(api: Api, chile: Company) -> None:
    one = api.get("concentrators/A1/")
    profile = Concentrator.objects.get(serial_number="A1").profile
    assert profile is not None
    assert (
        one.items()
        >= {
            "serial_number": "A1",
            "company": chile.pk,
            "type": "CERCO1",
            "manufacturer": "Ap System",
            "management_ip": None,
            "management_port": 4059,
            "substation": "",
            "feeder": "",
            "region": "",
            "carrier": "",
            "customers": 0,
            "state": "in field",
            "profile": {"id": profile.pk, "name": "Ten"},
            "installed_at": "2020-09-22T10:18:46.500000+00:00",
            "first_wakeup_at": "2020-09-23T10:18:46.500000+00:00",
            "last_wakeup_at": "2020-09-24T10:18:46.500000+00:00",
            "wakeup_count": 2,
            "last_gasp_at": "2020-09-24T10:18:47.500000+00:00",
            "source_ip": "10.60.0.7",
        }.items()
    )
    assert api.rows("concentrators/")[0] == one


def test_a_concentrator_that_never_called_has_no_times(api: Api) -> None:
    one = api.get("concentrators/A3/")
    assert (one["first_wakeup_at"], one["last_wakeup_at"], one["source_ip"], one["profile"]) == (None,) * 4
    assert one["wakeup_count"] == 0


def test_messages_come_newest_first(api: Api) -> None:
    rows = api.rows("messages/", concentrator="A1")
    assert [row["kind"] for row in rows] == ["lastgasp", "boot", "keepalive"]
    del rows[1]["id"]
    assert rows[1] == {
        "concentrator": "A1",
        "kind": "boot",
        "received_at": "2020-09-24T10:18:46.500000+00:00",
        "device_time": None,
        "source_ip": "10.60.0.7",
        "port": 58692,
        "format": "push",
        "elsewhere": False,
    }


def test_messages_may_be_those_from_elsewhere_alone(api: Api) -> None:
    assert len(api.rows("messages/", concentrator="A1", elsewhere="false")) == 3
    assert api.rows("messages/", concentrator="A1", elsewhere="true") == []
    Message.objects.filter(kind=Kind.BOOT).update(elsewhere=True)
    assert [row["kind"] for row in api.rows("messages/", concentrator="A1", elsewhere="true")] == ["boot"]


def test_power_failures_say_both_clocks_and_the_duration(api: Api, chile: Company) -> None:
    (row,) = api.rows("power-failures/", concentrator="A2")
    assert row | {"id": 0} == {
        "id": 0,
        "concentrator": "A2",
        "company": chile.pk,
        "ended_at": "2020-09-24T10:18:46.500000+00:00",
        "duration_s": 60,
        "device_at": "2020-09-23T10:18:46.500000+00:00",
        "read_at": "2020-09-24T10:18:46.500000+00:00",
    }
    assert [one["concentrator"] for one in api.rows("power-failures/")] == ["A2", "A1"], "the latest read first"


def test_totals_say_first_last_and_number(api: Api, chile: Company) -> None:
    assert api.rows("wakeup-totals/", concentrator="a2") == [
        {
            "concentrator": "A2",
            "company": chile.pk,
            "source_ip": "10.60.0.7",
            "port": 58692,
            "first_wakeup_at": "2020-09-23T10:18:46.500000+00:00",
            "last_wakeup_at": "2020-09-24T10:18:46.500000+00:00",
            "last_wakeup_at_local": "2020-09-24T07:18:46.500000-03:00",
            "time_zone": "America/Santiago",
            "wakeup_count": 2,
        }
    ]


def test_days_say_their_own_and_the_total_number(api: Api, chile: Company) -> None:
    rows = api.rows("daily-counts/", concentrator="A1")
    common = {"concentrator": "A1", "company": chile.pk, "source_ip": "10.60.0.7", "wakeup_count": 1}
    assert [row | common for row in rows] == rows
    said = [(row["day"], row["total_count"], row["expected"], row["missing"]) for row in rows]
    assert said == [("2020-09-24", 2, 138, 137), ("2020-09-23", 1, 144, 143)]  # an hour out of service on the last


def test_settings_are_to_read(api: Api) -> None:
    said = api.get("settings/")
    assert (said["environment_name"], said["wakeup_ip"], said["wakeup_port"]) == ("Production", "10.132.20.228", 58692)
    SystemSettings.objects.all().delete()
    assert api.get("settings/")["wakeup_ip"] is None


def test_what_is_not_there_is_a_problem(api: Api, peru: Company) -> None:
    for path in ("concentrators/NONE/", "concentrators/P1/", f"companies/{peru.pk}/"):
        assert "errors" not in problem(api.ask(path), 404)
    problem(api.ask(f"profiles/{10**40}/"), 404)


def test_messages_are_the_same_in_any_language(operator: User, chile: Company) -> None:
    api = Api(operator)
    spanish = api.client.get("/api/v1/concentrators/A1/", headers={"Accept-Language": "es"}).json()
    assert spanish == api.get("concentrators/A1/")
