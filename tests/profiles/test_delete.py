"""Profiles that are deleted, or not (PRO-6)."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.db.models import ProtectedError
from django.test import Client
from django.urls import reverse

from profiles.changing import delete_profile
from profiles.models import SpontaneousProfile
from tests.factories import ConcentratorFactory, SpontaneousProfileFactory
from tests.smmeplus.translation.markup import alerts, links, parse, text, texts

pytestmark = [pytest.mark.usefixtures("configured"), pytest.mark.one_database]

HTMX = {"HX-Request": "true"}


@pytest.fixture
def profile() -> SpontaneousProfile:
    return SpontaneousProfileFactory.create(name="Ten")


@pytest.fixture
def url(profile: SpontaneousProfile) -> str:
    return reverse("profiles:delete", args=[profile.pk])


def test_it_asks_before_it_deletes(client: Client, profile: SpontaneousProfile, url: str) -> None:
    dialog = parse(client.get(url, headers=HTMX))
    assert texts(dialog, ".//h1") == ["Delete spontaneous profile"]
    assert texts(dialog, ".//p") == ["Delete the profile “Ten”? No concentrator uses it."]
    assert SpontaneousProfile.objects.get() == profile


def test_an_unused_profile_is_deleted_and_its_history_stays(
    client: Client, profile: SpontaneousProfile, url: str, operator: User
) -> None:
    response = client.post(url, headers=HTMX)
    assert response["HX-Redirect"] == reverse("profiles:list")
    assert not SpontaneousProfile.objects.exists()
    newest = SpontaneousProfile.history.first()
    assert (newest.history_type, newest.history_user, newest.name) == ("-", operator, "Ten")
    assert alerts(parse(client.get(reverse("profiles:list")))) == ["Profile “Ten” was deleted."]


@pytest.mark.parametrize(("users", "words"), [(1, "1 concentrator:"), (2, "2 concentrators:")])
@pytest.mark.parametrize("method", ["get", "post"])
def test_a_used_profile_stays_and_the_refusal_counts_and_links_its_users(
    client: Client, profile: SpontaneousProfile, url: str, users: int, words: str, method: str
) -> None:
    ConcentratorFactory.create_batch(users, in_field=True, profile=profile)
    dialog = parse(getattr(client, method)(url, headers=HTMX))
    assert alerts(dialog) == [
        f"“Ten” is used by {words} its parameters cannot change and it cannot be deleted. Show them"
    ]
    assert links(dialog)["Show them"] == f"{reverse('concentrators:list')}?profile={profile.pk}"
    assert texts(dialog, ".//footer/button") == ["Close"]
    assert SpontaneousProfile.objects.exists()


def test_the_link_leads_to_the_concentrators_that_use_it(administrator: User, profile: SpontaneousProfile) -> None:
    user = ConcentratorFactory.create(in_field=True, profile=profile)
    ConcentratorFactory.create(in_field=True)
    client = Client()
    client.force_login(administrator)
    page = parse(client.get(f"{reverse('concentrators:list')}?profile={profile.pk}"))
    assert user.serial_number in text(page)
    assert "Total items: 1" in text(page)


def test_no_way_of_deleting_takes_a_used_profile(profile: SpontaneousProfile) -> None:
    ConcentratorFactory.create(in_field=True, profile=profile)
    with pytest.raises(ValidationError, match="used by 1 concentrator"):
        delete_profile(profile)
    with pytest.raises(ProtectedError):
        profile.delete()
    assert SpontaneousProfile.objects.exists()


def test_a_name_is_free_again_once_its_profile_is_deleted(client: Client, url: str) -> None:
    client.post(url)
    client.post(reverse("profiles:add"), {"name": "TEN", "wakeup_enabled": "on", "wakeup_period": "10"})
    assert SpontaneousProfile.objects.get().name == "TEN"
