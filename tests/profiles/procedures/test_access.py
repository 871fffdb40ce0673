"""Who may do what with procedure profiles (ACC-1)."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse

from concentrators.models import Company
from profiles.models import ProcedureProfile
from tests.factories import ProcedureProfileFactory
from tests.profiles.procedures.test_dialogs import VALID
from tests.smmeplus.users import client_of, make_user

pytestmark = pytest.mark.one_database

#: Each action with the permission that it needs.
ACTIONS = {
    "add": "profiles.add_procedureprofile",
    "clone": "profiles.add_procedureprofile",
    "change": "profiles.change_procedureprofile",
    "default": "profiles.change_procedureprofile",
    "delete": "profiles.delete_procedureprofile",
}


@pytest.fixture
def profile(chile: Company) -> ProcedureProfile:
    return ProcedureProfileFactory.create(name="Night", company=chile)


def url(action: str, profile: ProcedureProfile) -> str:
    return reverse(f"procedures:{action}", args=[] if action in ("add", "list") else [profile.pk])


def stored() -> list[tuple[object, ...]]:
    return list(ProcedureProfile.objects.values_list("name", "waves", "is_default"))


@pytest.mark.parametrize("action", ACTIONS)
def test_a_viewer_may_not(viewer_client: Client, profile: ProcedureProfile, action: str) -> None:
    before = stored()
    assert viewer_client.get(url(action, profile)).status_code == 403
    assert viewer_client.post(url(action, profile), VALID).status_code == 403
    assert stored() == before


@pytest.mark.parametrize("action", ACTIONS)
def test_a_permission_opens_its_actions_and_no_others(profile: ProcedureProfile, chile: Company, action: str) -> None:
    client = client_of(make_user("one", chile, permissions=(ACTIONS[action],)))
    opened = {other for other in ACTIONS if client.get(url(other, profile)).status_code == 200}
    assert opened == {other for other, permission in ACTIONS.items() if permission == ACTIONS[action]}


@pytest.mark.parametrize("page", ["list", "show"])
def test_a_viewer_may_look(viewer_client: Client, profile: ProcedureProfile, page: str) -> None:
    assert viewer_client.get(url(page, profile)).status_code == 200


def test_an_operator_may_everything(client: Client, profile: ProcedureProfile) -> None:
    assert {client.get(url(action, profile)).status_code for action in ACTIONS} == {200}


@pytest.mark.parametrize("action", ["show", "change", "clone", "default", "delete"])
@pytest.mark.parametrize("number", ["0", "999999", "99999999999999999999"])
def test_one_that_is_not_there_is_not_found(client: Client, action: str, number: str) -> None:
    address = reverse(f"procedures:{action}", args=[number])
    assert client.get(address).status_code == 404
    if action not in ("show", "clone"):
        assert client.post(address, VALID).status_code == 404
