"""Two operators at the same moment: an error in the form, never a page of errors (PRO-3, PRO-6)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.test import Client
from django.urls import reverse

from profiles import views
from profiles.changing import save_profile
from profiles.models import SpontaneousProfile
from tests.factories import ConcentratorFactory, SpontaneousProfileFactory
from tests.smmeplus.translation.markup import alerts, label, links, parse, text, with_class

pytestmark = pytest.mark.usefixtures("configured")

VALID = {"name": "Ten", "wakeup_enabled": "on", "wakeup_period": "20"}
TAKEN = "Somebody has just taken this name; choose another one."


@pytest.fixture
def meanwhile(monkeypatch: pytest.MonkeyPatch) -> Callable[[str, Callable[[], object]], None]:
    """Lets somebody else act after everything was checked and just before ``function`` of the views stores it."""

    def meanwhile(function: str, act: Callable[[], object]) -> None:
        real = getattr(views, function)

        def after(*args: Any) -> None:
            act()
            real(*args)

        monkeypatch.setattr(views, function, after)

    return meanwhile


@pytest.mark.parametrize("name", ["Ten", "TEN"])
def test_a_name_taken_since_it_was_checked_is_an_error_in_the_form(
    client: Client, meanwhile: Callable[..., None], name: str
) -> None:
    meanwhile("save_profile", lambda: SpontaneousProfileFactory.create(name=name))
    response = client.post(reverse("profiles:add"), VALID)
    dialog = parse(response)
    assert (response.status_code, label(dialog, "name").get("class")) == (200, "wrong")
    assert [text(said) for said in with_class(dialog, "errorlist")] == [TAKEN]
    assert SpontaneousProfile.objects.get().wakeup_period == 10


def test_a_renaming_to_a_name_taken_meanwhile_is_an_error_in_the_form(
    client: Client, meanwhile: Callable[..., None]
) -> None:
    used = SpontaneousProfileFactory.create(name="Old")
    ConcentratorFactory.create(in_field=True, profile=used)
    meanwhile("save_profile", lambda: SpontaneousProfileFactory.create(name="New"))
    dialog = parse(client.post(reverse("profiles:change", args=[used.pk]), {"name": "new"}))
    assert [text(said) for said in with_class(dialog, "errorlist")] == [TAKEN]
    assert SpontaneousProfile.objects.get(pk=used.pk).name == "Old"


def test_a_new_profile_with_a_taken_name_leaves_the_transaction_usable(db: None) -> None:
    SpontaneousProfileFactory.create(name="ten")
    with pytest.raises(ValidationError, match="Somebody has just taken"):
        save_profile(SpontaneousProfile(name="Ten", wakeup_ip="10.1.1.1", wakeup_period=10))
    assert SpontaneousProfile.objects.count() == 1


def test_a_profile_that_came_into_use_meanwhile_keeps_its_parameters(
    client: Client, meanwhile: Callable[..., None]
) -> None:
    profile = SpontaneousProfileFactory.create(name="Ten")
    meanwhile("save_profile", lambda: ConcentratorFactory.create(in_field=True, profile=profile))
    dialog = parse(client.post(reverse("profiles:change", args=[profile.pk]), VALID))
    assert alerts(dialog) == ["“Ten” is used by 1 concentrator: its parameters cannot change and it cannot be deleted."]
    assert links(dialog)["Show them"].endswith(f"?profile={profile.pk}")
    profile.refresh_from_db()
    assert profile.wakeup_period == 10


def test_a_profile_that_came_into_use_meanwhile_is_not_deleted(client: Client, meanwhile: Callable[..., None]) -> None:
    profile = SpontaneousProfileFactory.create(name="Ten")
    meanwhile("delete_profile", lambda: ConcentratorFactory.create(in_field=True, profile=profile))
    dialog = parse(client.post(reverse("profiles:delete", args=[profile.pk])))
    assert alerts(dialog) == [
        "“Ten” is used by 1 concentrator: its parameters cannot change and it cannot be deleted. Show them"
    ]
    assert links(dialog)["Show them"].endswith(f"?profile={profile.pk}")
    assert SpontaneousProfile.objects.filter(pk=profile.pk).exists()


def test_a_profile_that_somebody_deleted_meanwhile_is_not_stored_again(
    client: Client, meanwhile: Callable[..., None]
) -> None:
    profile = SpontaneousProfileFactory.create(name="Ten")
    meanwhile("save_profile", lambda: SpontaneousProfile.objects.all().delete())
    dialog = parse(client.post(reverse("profiles:change", args=[profile.pk]), VALID))
    [said] = alerts(dialog)
    assert said.startswith("“Ten” was deleted by operator at ")
    assert not SpontaneousProfile.objects.exists()


def test_a_profile_that_two_delete_is_deleted(client: Client, meanwhile: Callable[..., None]) -> None:
    profile = SpontaneousProfileFactory.create(name="Ten")
    meanwhile("delete_profile", lambda: SpontaneousProfile.objects.all().delete())
    response = client.post(reverse("profiles:delete", args=[profile.pk]))
    assert response["Location"] == reverse("profiles:list")
    assert not SpontaneousProfile.objects.exists()
