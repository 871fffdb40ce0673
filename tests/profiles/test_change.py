"""Profiles that are changed, renamed, cloned and looked at (PRO-6)."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.test import Client
from django.urls import reverse

from concentrators.models import Concentrator
from profiles.changing import save_profile
from profiles.models import SpontaneousProfile, SystemSettings
from tests.factories import ConcentratorFactory, SpontaneousProfileFactory
from tests.smmeplus.translation.markup import alerts, field, label, links, parse, selected, text, texts, with_class

pytestmark = [pytest.mark.usefixtures("configured"), pytest.mark.one_database]

HTMX = {"HX-Request": "true"}
CHANGED = {"name": "Ten", "wakeup_enabled": "on", "wakeup_period": "20"}


@pytest.fixture
def profile() -> SpontaneousProfile:
    return SpontaneousProfileFactory.create(name="Ten")


@pytest.fixture
def used(profile: SpontaneousProfile) -> SpontaneousProfile:
    """The profile, which two concentrators use."""
    ConcentratorFactory.create_batch(2, in_field=True, profile=profile)
    return profile


def url(action: str, profile: SpontaneousProfile) -> str:
    return reverse(f"profiles:{action}", args=[profile.pk])


def test_every_parameter_of_an_unused_profile_can_change(
    client: Client, profile: SpontaneousProfile, operator: User
) -> None:
    response = client.post(url("change", profile), CHANGED | {"name": "Twenty"}, headers=HTMX)
    assert response["HX-Redirect"] == reverse("profiles:list")
    profile.refresh_from_db()
    assert (profile.name, profile.wakeup_period, profile.history.first().history_user) == ("Twenty", 20, operator)
    assert alerts(parse(client.get(reverse("profiles:list")))) == ["Profile “Twenty” was changed."]


def test_the_dialog_shows_what_is_stored(client: Client) -> None:
    profile = SpontaneousProfileFactory.create(name="Off", wakeup_enabled=False, wakeup_period=300)
    dialog = parse(client.get(url("change", profile), headers=HTMX))
    assert texts(dialog, ".//h1") == ["Change spontaneous profile"]
    assert field(dialog, "name").get("value") == "Off"
    assert "checked" not in field(dialog, "wakeup_enabled").attrib
    assert selected(dialog, "wakeup_period") == "300"


def test_a_profile_keeps_the_address_and_port_it_was_made_with(client: Client) -> None:
    old = SpontaneousProfileFactory.create(name="Ten", wakeup_ip="10.1.1.1", wakeup_port=1)
    dialog = parse(client.get(url("change", old), headers=HTMX))
    assert (field(dialog, "wakeup_ip").get("value"), field(dialog, "wakeup_port").get("value")) == ("10.1.1.1", "1")
    client.post(url("change", old), CHANGED | {"wakeup_ip": "10.132.20.228", "wakeup_port": "58692"})
    old.refresh_from_db()
    assert (old.wakeup_ip, old.wakeup_port, old.wakeup_period) == ("10.1.1.1", 1, 20)


def test_a_profile_with_last_gasp_keeps_its_fields_where_it_is_no_longer_configurable(client: Client) -> None:
    profile = SpontaneousProfileFactory.create(name="Ten", last_gasp_enabled=True, last_gasp_ip="10.1.1.2")
    dialog = parse(client.get(url("change", profile), headers=HTMX))
    assert field(dialog, "last_gasp_ip").get("value") == "10.1.1.2"
    client.post(url("change", profile), CHANGED | {"last_gasp_enabled": "on", "last_gasp_ip": "10.1.1.2"})
    profile.refresh_from_db()
    assert (profile.wakeup_period, profile.last_gasp_enabled, profile.last_gasp_ip) == (20, True, "10.1.1.2")


def test_a_wrong_change_stores_nothing(client: Client, profile: SpontaneousProfile) -> None:
    SpontaneousProfileFactory.create(name="Other")
    for changes in ({"name": "OTHER"}, {"wakeup_period": "7"}, {"wakeup_period": ""}):
        dialog = parse(client.post(url("change", profile), CHANGED | changes))
        assert label(dialog, next(iter(changes))).get("class") == "wrong"
    profile.refresh_from_db()
    assert (profile.name, profile.wakeup_period) == ("Ten", 10)


def test_the_case_of_a_name_can_change(client: Client, profile: SpontaneousProfile) -> None:
    client.post(url("change", profile), CHANGED | {"name": "TEN"})
    profile.refresh_from_db()
    assert profile.name == "TEN"


def test_of_a_used_profile_only_the_name_is_offered_and_who_uses_it(client: Client, used: SpontaneousProfile) -> None:
    dialog = parse(client.get(url("change", used), headers=HTMX))
    assert texts(dialog, ".//label") == ["Name *"]
    assert "2 concentrators use this profile, so only its name can change." in text(dialog)
    assert links(dialog)["Show them"] == f"{reverse('concentrators:list')}?profile={used.pk}"
    assert with_class(dialog, "note") == []


def test_a_used_profile_can_be_renamed(client: Client, used: SpontaneousProfile) -> None:
    client.post(url("change", used), {"name": "Renamed"})
    used.refresh_from_db()
    assert used.name == "Renamed"


@pytest.mark.parametrize(
    "forged",
    [
        {"wakeup_period": "20"},
        {"wakeup_enabled": ""},
        {"wakeup_ip": "10.1.1.1", "wakeup_port": "1"},
        {"last_gasp_enabled": "on", "last_gasp_ip": "10.1.1.1"},
    ],
)
def test_a_forged_post_changes_no_parameter_of_a_used_profile(
    client: Client, used: SpontaneousProfile, forged: dict[str, str]
) -> None:
    before = used.parameters()
    client.post(url("change", used), {"name": "Ten"} | forged)
    used.refresh_from_db()
    assert used.parameters() == before


@pytest.mark.parametrize(
    ("parameter", "value"),
    [
        ("wakeup_enabled", False),
        ("wakeup_ip", "10.1.1.1"),
        ("wakeup_port", 1),
        ("wakeup_period", 20),
        ("last_gasp_enabled", True),
        ("last_gasp_ip", "10.1.1.1"),
    ],
)
def test_no_way_of_storing_changes_a_parameter_of_a_used_profile(
    used: SpontaneousProfile, parameter: str, value: object
) -> None:
    before = used.parameters()
    setattr(used, parameter, value)
    with pytest.raises(ValidationError, match="“Ten” is used by 2 concentrators: its parameters cannot change"):
        save_profile(used)
    used.refresh_from_db()
    assert used.parameters() == before


def test_once_nothing_uses_a_profile_it_can_change_again(client: Client, used: SpontaneousProfile) -> None:
    Concentrator.objects.update(state="removed", profile=None)
    client.post(url("change", used), CHANGED)
    used.refresh_from_db()
    assert used.wakeup_period == 20


def test_a_clone_begins_as_its_original_and_is_another_profile(client: Client, used: SpontaneousProfile) -> None:
    dialog = parse(client.get(url("clone", used), headers=HTMX))
    assert field(dialog, "name").get("value") == "Ten copy"
    assert selected(dialog, "wakeup_period") == "10"
    assert texts(dialog, ".//footer/button") == ["Cancel", "Add"]
    client.post(url("clone", used), CHANGED | {"name": "Ten copy"})
    assert list(SpontaneousProfile.objects.values_list("name", "wakeup_period")) == [("Ten", 10), ("Ten copy", 20)]


def test_a_clone_gets_the_address_of_the_settings_in_force(client: Client) -> None:
    old = SpontaneousProfileFactory.create(name="Old", wakeup_ip="10.1.1.1", wakeup_port=1)
    client.post(url("clone", old), CHANGED | {"name": "New"})
    new = SpontaneousProfile.objects.get(name="New")
    assert (new.wakeup_ip, new.wakeup_port) == ("10.132.20.228", 58692)


def test_the_name_that_a_clone_begins_with_is_never_too_long(client: Client) -> None:
    long = SpontaneousProfileFactory.create(name="x" * 50)
    name = field(parse(client.get(url("clone", long), headers=HTMX)), "name").get("value", "")
    assert name == "x" * 45 + " copy"
    assert client.post(url("clone", long), CHANGED | {"name": name}).status_code == 302


def test_a_clone_offers_the_last_gasp_address_of_its_original_or_of_the_settings(
    client: Client, with_last_gasp: SystemSettings, profile: SpontaneousProfile
) -> None:
    other = SpontaneousProfileFactory.create(name="Other", last_gasp_enabled=True, last_gasp_ip="10.1.1.2")
    offered = [
        field(parse(client.get(url("clone", one), headers=HTMX)), "last_gasp_ip").get("value")
        for one in (profile, other)
    ]
    assert offered == ["10.132.20.230", "10.1.1.2"]


def test_a_used_profile_can_be_looked_at_with_its_history(
    viewer_client: Client, client: Client, used: SpontaneousProfile
) -> None:
    client.post(url("change", used), {"name": "Renamed"})
    dialog = parse(viewer_client.get(url("show", used), headers=HTMX))
    facts = dict(zip(texts(dialog, ".//dt"), texts(dialog, ".//dd"), strict=True))
    assert facts == {
        "Name": "Renamed",
        "Spontaneous messages IP address": "10.132.20.228",
        "Wakeup enabled": "true",
        "Wakeup port": "58692",
        "Wakeup period min": "10",
        "Last Gasp enabled": "false",
        "Concentrators": "0",  # of the viewer's companies
    }
    newest, oldest = texts(dialog, ".//li")
    assert newest.endswith("operator: name: Ten → Renamed")
    assert oldest.endswith("the system: added")


@pytest.mark.parametrize("action", ["show", "change", "clone", "delete"])
@pytest.mark.parametrize("number", ["0", "999", "99999999999999999999"])
def test_a_profile_that_is_not_there_is_not_found(client: Client, action: str, number: str) -> None:
    address = reverse(f"profiles:{action}", args=[number])
    assert client.get(address).status_code == 404
    answers: list[Any] = [client.post(address, CHANGED)] if action != "show" else []
    assert [answer.status_code for answer in answers if answer.status_code != 404] == []
