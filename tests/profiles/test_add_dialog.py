"""The dialog "Add concentrator spontaneous" (PRO-1, PRO-2, PRO-5, SET-2)."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse

from profiles.models import PERIODS_MIN, SpontaneousProfile, SystemSettings
from tests.smmeplus.translation.markup import alerts, field, label, options, parse, selected, text, texts, with_class

pytestmark = pytest.mark.one_database

URL = reverse("profiles:add")
HTMX = {"HX-Request": "true"}
VALID = {"name": "profilo_wakeup", "wakeup_enabled": "on", "wakeup_period": "10"}
PERIODS = [1, 2, 5, 10, 15, 20, 30, 60, 100, 120, 180, 240, 300, 360, 480, 720, 1440]
NOTE = "Last Gasp not configurable"
COMMON_LABELS = [
    "Name *",
    "Spontaneous messages IP address *",
    "Wakeup enabled",
    "Wakeup port *",
    "Wakeup period min *",
]


def add(client: Client, **changes: Any) -> SpontaneousProfile:
    response = client.post(URL, VALID | changes)
    assert response.status_code == 302, parse(response)
    return SpontaneousProfile.objects.get()


def test_title_fields_marks_note_and_button_are_those_of_the_reference(
    client: Client, configured: SystemSettings
) -> None:
    dialog = parse(client.get(URL, headers=HTMX))
    assert texts(dialog, ".//h1") == ["Add concentrator spontaneous"]
    assert texts(dialog, ".//label") == COMMON_LABELS
    assert [text(note) for note in with_class(dialog, "note")] == [NOTE]
    assert texts(dialog, ".//footer/button") == ["Cancel", "Add"]
    assert "btn-primary" in dialog.findall(".//footer/button")[-1].get("class", "")


def test_where_last_gasp_is_configurable_its_two_fields_are_there(
    client: Client, with_last_gasp: SystemSettings
) -> None:
    dialog = parse(client.get(URL, headers=HTMX))
    assert texts(dialog, ".//label") == [*COMMON_LABELS, "Last Gasp enabled", "Last Gasp IP"]
    assert with_class(dialog, "note") == []
    assert field(dialog, "last_gasp_ip").get("value") == "10.132.20.230"


def test_address_and_port_are_those_of_the_settings_and_read_only(client: Client, configured: SystemSettings) -> None:
    dialog = parse(client.get(URL, headers=HTMX))
    shown = {name: field(dialog, name) for name in ("wakeup_ip", "wakeup_port")}
    assert {name: one.get("value") for name, one in shown.items()} == {
        "wakeup_ip": "10.132.20.228",
        "wakeup_port": "58692",
    }
    assert all("disabled" in one.attrib for one in shown.values())


def test_wakeup_is_enabled_at_first_and_the_periods_are_a_drop_down(client: Client, configured: SystemSettings) -> None:
    dialog = parse(client.get(URL, headers=HTMX))
    assert "checked" in field(dialog, "wakeup_enabled").attrib
    assert field(dialog, "wakeup_period").tag == "select"
    assert [value for value in options(dialog, "wakeup_period") if value] == [str(minutes) for minutes in PERIODS]


def test_for_htmx_the_dialog_comes_alone_and_else_as_a_page(client: Client, configured: SystemSettings) -> None:
    assert parse(client.get(URL, headers=HTMX)).find(".//header[@class='frame-header']") is None
    page = parse(client.get(URL))
    assert page.find(".//header[@class='frame-header']") is not None
    assert texts(page, ".//main//h1") == ["Add concentrator spontaneous"]


@pytest.mark.parametrize("minutes", PERIODS_MIN)
def test_a_profile_is_stored_as_it_was_typed(client: Client, configured: SystemSettings, minutes: int) -> None:
    profile = add(client, wakeup_period=str(minutes))
    assert (profile.name, profile.parameters()) == (
        "profilo_wakeup",
        {
            "wakeup_enabled": True,
            "wakeup_ip": "10.132.20.228",
            "wakeup_port": 58692,
            "wakeup_period": minutes,
            "last_gasp_enabled": False,
            "last_gasp_ip": None,
        },
    )


def test_a_profile_gets_the_port_of_the_settings(client: Client, configured: SystemSettings) -> None:
    configured.wakeup_port = 58693
    configured.save()
    assert field(parse(client.get(URL)), "wakeup_port").get("value") == "58693"
    assert add(client).wakeup_port == 58693


def test_htmx_is_sent_to_the_list_and_the_list_says_what_was_done(client: Client, configured: SystemSettings) -> None:
    response = client.post(URL, VALID, headers=HTMX)
    assert response["HX-Redirect"] == reverse("profiles:list")
    assert alerts(parse(client.get(response["HX-Redirect"]))) == ["Profile “profilo_wakeup” was added."]


def test_who_added_it_is_in_its_history(client: Client, configured: SystemSettings, operator: User) -> None:
    row = add(client).history.get()
    assert (row.history_type, row.history_user) == ("+", operator)


@pytest.mark.parametrize(
    "forged",
    [{"wakeup_ip": "10.0.0.1"}, {"wakeup_port": "1"}, {"wakeup_ip": "", "wakeup_port": ""}, {"wakeup_ip": "x"}],
)
def test_what_a_tampered_form_posts_for_address_and_port_is_ignored(
    client: Client, configured: SystemSettings, forged: dict[str, str]
) -> None:
    profile = add(client, **forged)
    assert (profile.wakeup_ip, profile.wakeup_port) == ("10.132.20.228", 58692)


def test_a_tampered_form_that_is_wrong_elsewhere_shows_the_settings_values(
    client: Client, configured: SystemSettings
) -> None:
    dialog = parse(client.post(URL, {"name": "", "wakeup_ip": "10.0.0.1", "wakeup_port": "1"}))
    assert field(dialog, "wakeup_ip").get("value") == "10.132.20.228"
    assert field(dialog, "wakeup_port").get("value") == "58692"


def test_last_gasp_cannot_be_forged_where_it_is_not_configurable(client: Client, configured: SystemSettings) -> None:
    profile = add(client, last_gasp_enabled="on", last_gasp_ip="10.0.0.1")
    assert (profile.last_gasp_enabled, profile.last_gasp_ip) == (False, None)


def test_last_gasp_is_stored_where_it_is_configurable(client: Client, with_last_gasp: SystemSettings) -> None:
    profile = add(client, last_gasp_enabled="on", last_gasp_ip="10.132.20.231")
    assert (profile.last_gasp_enabled, profile.last_gasp_ip) == (True, "10.132.20.231")


@pytest.mark.parametrize(
    ("typed", "error"),
    [
        ("", "Type an IP address: it is mandatory while last gasp is enabled."),
        ("10.132.20.256", "Enter a valid IPv4 address."),
        ("2001:db8::1", "Enter a valid IPv4 address."),
    ],
)
def test_an_enabled_last_gasp_needs_an_address(
    client: Client, with_last_gasp: SystemSettings, typed: str, error: str
) -> None:
    dialog = parse(client.post(URL, VALID | {"last_gasp_enabled": "on", "last_gasp_ip": typed}))
    assert label(dialog, "last_gasp_ip").get("class") == "wrong"
    assert [text(said) for said in with_class(dialog, "errorlist")] == [error]
    assert field(dialog, "last_gasp_ip").get("value", "") == typed
    assert not SpontaneousProfile.objects.exists()


@pytest.mark.parametrize("typed", ["3", "0", "-10", "10.5", "ten", "1441", "99999999999999999999"])
def test_a_period_that_is_not_in_the_list_is_refused(client: Client, configured: SystemSettings, typed: str) -> None:
    dialog = parse(client.post(URL, VALID | {"wakeup_period": typed}))
    assert label(dialog, "wakeup_period").get("class") == "wrong"
    assert [text(said) for said in with_class(dialog, "errorlist")] == [
        f"“{typed}” is not a period: choose one of the list."
    ]
    assert not SpontaneousProfile.objects.exists()


def test_a_period_is_mandatory_while_wakeup_is_enabled(client: Client, configured: SystemSettings) -> None:
    dialog = parse(client.post(URL, VALID | {"wakeup_period": ""}))
    assert label(dialog, "wakeup_period").get("class") == "wrong"
    assert [text(said) for said in with_class(dialog, "errorlist")] == [
        "Choose a period: it is mandatory while wake-up is enabled."
    ]
    assert not SpontaneousProfile.objects.exists()


def test_without_wakeup_a_period_may_be_missing(client: Client, configured: SystemSettings) -> None:
    client.post(URL, {"name": "Off", "wakeup_period": ""})
    profile = SpontaneousProfile.objects.get()
    assert (profile.wakeup_enabled, profile.wakeup_period) == (False, None)


def test_what_was_typed_stays_beside_the_error(client: Client, configured: SystemSettings) -> None:
    dialog = parse(client.post(URL, {"name": "a/b", "wakeup_period": "100"}))
    assert field(dialog, "name").get("value") == "a/b"
    assert "checked" not in field(dialog, "wakeup_enabled").attrib
    assert selected(dialog, "wakeup_period") == "100"
    wrong = [name for name in ("name", "wakeup_enabled", "wakeup_period") if label(dialog, name).get("class")]
    assert wrong == ["name"]
    assert field(dialog, "name").get("aria-invalid") == "true"


@pytest.mark.parametrize("headers", [{}, HTMX])
def test_while_no_address_is_configured_the_form_says_so_and_its_button_is_off(
    db: None, client: Client, headers: dict[str, str]
) -> None:
    page = parse(client.get(URL, headers=headers))
    assert any("The wake-up IP address is not configured" in said for said in alerts(page))
    button = page.findall(".//footer/button")[-1]
    assert (text(button), "disabled" in button.attrib) == ("Add", True)
    assert field(page, "wakeup_ip").get("value", "") == ""


@pytest.mark.parametrize("forged", [{}, {"wakeup_ip": "10.132.20.228", "wakeup_port": "58692"}])
def test_while_no_address_is_configured_nothing_is_stored_whatever_is_posted(
    db: None, client: Client, forged: dict[str, str]
) -> None:
    page = parse(client.post(URL, VALID | forged))
    assert any("The wake-up IP address is not configured" in said for said in alerts(page))
    assert field(page, "name").get("value") == "profilo_wakeup"
    assert not SpontaneousProfile.objects.exists()
