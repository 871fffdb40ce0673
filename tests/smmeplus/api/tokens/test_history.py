"""What came by the API says so, with the token's name and how it begins (ACC-3)."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import User
from django.test import Client
from knox.models import AuthToken

from concentrators.models import Concentrator
from smmeplus.common.acting import Acting
from smmeplus.common.audit import changes_of
from smmeplus.models import TokenDetails
from tests.smmeplus.api.asking import ROOT, Api
from tests.smmeplus.users import client_of
from wakeup.models import Alarm

pytestmark = pytest.mark.one_database

REMOVAL = {"action": "remove", "concentrators": ["A1", "A2"]}


@pytest.fixture
def pump(operator: User) -> Api:
    row, token = AuthToken.objects.create(operator)
    TokenDetails.objects.create(token=row, name="Pump")
    return Api(token=token)


def test_a_bulk_change_names_the_token_and_stays_one_action(pump: Api, operator: User) -> None:
    audit_id = pump.post(REMOVAL).json()["audit_id"]
    change = changes_of(Concentrator.objects.get(serial_number="A1"))[0]
    assert (change.user, change.token) == ("operator", f"{pump.token[:15]}… Pump")
    assert change.action is not None
    assert (change.action.word, change.action.id, change.action.others) == ("removal", audit_id, 1)
    page = client_of(operator).get("/concentrators/A1/").content.decode()
    assert f"by the API token {pump.token[:15]}… Pump" in page


def test_a_single_change_names_it_too(pump: Api) -> None:
    alarm = f"{ROOT}alarms/{pump.rows('alarms/')[0]['id']}/command/"
    assert pump.client.post(alarm, {"command": "acknowledge"}, content_type="application/json").status_code == 200
    [row] = Alarm.history.filter(history_change_reason__contains="by token")
    assert row.history_change_reason == f"by token {pump.token[:15]}… Pump"


def test_a_browser_names_none(operator: User) -> None:
    client = client_of(operator)
    assert client.post(f"{ROOT}installations/", REMOVAL, content_type="application/json").status_code == 200
    change = changes_of(Concentrator.objects.get(serial_number="A1"))[0]
    assert (change.who, change.token) == ("operator", "")


def test_what_comes_next_in_the_process_is_not_taken_for_the_token(pump: Api, operator: User) -> None:
    pump.get("companies/")
    client_of(operator).post(f"{ROOT}installations/", REMOVAL, content_type="application/json")
    assert not Concentrator.history.filter(history_change_reason__contains="by token").exists()


def test_a_token_of_before_is_named_by_its_beginning(operator: User) -> None:
    api = Api(operator)
    for body in (REMOVAL, {"action": "install", "concentrators": ["A1"], "profile": "Ten"}):
        assert api.post(body).status_code == 200
        change = changes_of(Concentrator.objects.get(serial_number="A1"))[0]
        assert change.who == f"operator, by the API token {api.token[:15]}…"


@pytest.mark.parametrize("name", ["", "Pump", "x" * 40])
def test_a_long_name_is_cut_and_the_beginning_of_the_token_is_not(name: str) -> None:
    reason = Acting("smm_0123456789a…", name).reason("installation file 00000000-0000-4000-8000-000000000000", 100)
    assert len(reason) <= 100
    assert "smm_0123456789a…" in reason
    assert reason.endswith("\tinstallation file 00000000-0000-4000-8000-000000000000")


def test_me_says_who_asks(pump: Api, operator: User) -> None:
    me = pump.get("me/")
    company = operator.companies.get()
    assert (me["user"], me["role"]) == ("operator", "Operator")
    assert me["companies"] == [{"id": company.pk, "name": "Chile"}]
    assert "concentrators.change_concentrator" in me["rights"]
    assert (me["token"]["name"], me["token"]["scope"], me["token"]["networks"]) == ("Pump", "write", "")
    assert me["token"]["begins"] == f"{pump.token[:15]}…"
    assert me["token"]["ends_at"] == AuthToken.objects.get().expiry.isoformat()


def test_me_of_a_session_has_no_token(operator: User) -> None:
    assert client_of(operator).get(f"{ROOT}me/").json()["token"] is None
    assert Client().get(f"{ROOT}me/").status_code == 401


def test_me_takes_no_parameters(pump: Api) -> None:
    assert pump.ask("me/", company=1).status_code == 400
