"""Who may do what with profiles (ACC-1)."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse

from concentrators.models import Company
from profiles.models import SpontaneousProfile
from tests.factories import SpontaneousProfileFactory
from tests.smmeplus.users import client_of, make_user

pytestmark = [pytest.mark.usefixtures("configured"), pytest.mark.one_database]

VALID = {"name": "New", "wakeup_enabled": "on", "wakeup_period": "20"}
#: Each action with the permission that it needs.
ACTIONS = {
    "add": "profiles.add_spontaneousprofile",
    "clone": "profiles.add_spontaneousprofile",
    "change": "profiles.change_spontaneousprofile",
    "delete": "profiles.delete_spontaneousprofile",
}


@pytest.fixture
def profile(chile: Company) -> SpontaneousProfile:
    return SpontaneousProfileFactory.create(name="Ten", company=chile)


def url(action: str, profile: SpontaneousProfile) -> str:
    return reverse(f"profiles:{action}", args=[] if action == "add" else [profile.pk])


@pytest.mark.parametrize("action", ACTIONS)
def test_a_viewer_may_not(viewer_client: Client, profile: SpontaneousProfile, action: str) -> None:
    assert viewer_client.get(url(action, profile)).status_code == 403
    assert viewer_client.post(url(action, profile), VALID).status_code == 403
    assert list(SpontaneousProfile.objects.values_list("name", "wakeup_period")) == [("Ten", 10)]


@pytest.mark.parametrize("action", ACTIONS)
def test_a_permission_opens_its_action_and_no_other(profile: SpontaneousProfile, chile: Company, action: str) -> None:
    client = client_of(make_user("one", chile, permissions=(ACTIONS[action],)))
    opened = {other for other in ACTIONS if client.get(url(other, profile)).status_code == 200}
    assert opened == {other for other, permission in ACTIONS.items() if permission == ACTIONS[action]}


@pytest.mark.parametrize("page", ["list", "show"])
def test_a_viewer_may_look(viewer_client: Client, profile: SpontaneousProfile, page: str) -> None:
    address = reverse(f"profiles:{page}", args=[profile.pk] if page == "show" else [])
    assert viewer_client.get(address).status_code == 200


@pytest.mark.parametrize("action", [*ACTIONS, "show", "list"])
def test_who_is_not_signed_in_may_nothing(profile: SpontaneousProfile, action: str) -> None:
    address = reverse("profiles:list") if action == "list" else url(action, profile)
    for response in (Client().get(address), Client().post(address, VALID)):
        assert (response.status_code, response["Location"]) == (302, f"{reverse('login')}?next={address}")
    assert list(SpontaneousProfile.objects.values_list("name", "wakeup_period")) == [("Ten", 10)]


def test_a_form_from_elsewhere_is_refused(operator: User, profile: SpontaneousProfile) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(operator)
    assert client.post(url("delete", profile)).status_code == 403
    assert SpontaneousProfile.objects.exists()
