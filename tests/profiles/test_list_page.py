"""Technical area, Configuration, Spontaneous profile: the list (PRO-1)."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse

from profiles.models import SpontaneousProfile, SystemSettings
from tests.factories import ConcentratorFactory, SpontaneousProfileFactory
from tests.smmeplus.translation.markup import alerts, column, headers, links, parse, rows, text, with_class

pytestmark = pytest.mark.one_database

URL = reverse("profiles:list")
COLUMNS = ["Name", "Wake up enabled", "Wakeup IP", "Wakeup period min", "Concentrators", "Actions"]


def make(name: str, **values: object) -> SpontaneousProfile:
    defaults = {"wakeup_ip": "10.132.20.228", "wakeup_port": 58692, "wakeup_period": 10}
    return SpontaneousProfileFactory.create(name=name, **defaults | values)


def test_the_columns_are_those_of_the_reference_and_the_number_of_users(
    client: Client, configured: SystemSettings
) -> None:
    make("Slow", wakeup_period=100)
    make("Off", wakeup_enabled=False, wakeup_period=None)
    page = parse(client.get(URL))
    assert text(page.find(".//main//h1")) == "Spontaneous profile"
    assert headers(page) == COLUMNS
    assert [row[:5] for row in rows(page)] == [
        ["Off", "false", "10.132.20.228", "—", "0"],
        ["Slow", "true", "10.132.20.228", "100", "0"],
    ]
    assert "Total items: 2" in text(page)


def test_each_profile_shows_how_many_concentrators_use_it(client: Client, configured: SystemSettings) -> None:
    used, _unused = make("Used"), make("Unused")
    ConcentratorFactory.create_batch(3, in_field=True, profile=used)
    ConcentratorFactory.create()
    assert column(parse(client.get(URL)), "Concentrators") == ["0", "3"]


def test_names_sort_without_regard_to_case(client: Client, configured: SystemSettings) -> None:
    for name in ("b", "A", "C"):
        make(name)
    assert column(parse(client.get(URL)), "Name") == ["A", "b", "C"]
    assert column(parse(client.get(URL, {"sort": "-name"})), "Name") == ["C", "b", "A"]


@pytest.mark.parametrize("typed", ["ñuñ", "ÑUÑ", " Ñuñ ", "n\N{COMBINING TILDE}u"])
def test_the_search_ignores_case_composition_and_spaces_around(
    client: Client, configured: SystemSettings, typed: str
) -> None:
    make("Wake up Ñuñoa")
    make("Wake up Nunoa")
    assert column(parse(client.get(URL, {"q": typed})), "Name") == ["Wake up Ñuñoa"]


@pytest.mark.parametrize("typed", ["%", "_", "\\", "'"])
def test_signs_that_mean_something_to_a_database_are_plain_text(
    client: Client, configured: SystemSettings, typed: str
) -> None:
    make("Ten")
    make("under_score")
    expected = ["under_score"] if typed == "_" else []
    assert column(parse(client.get(URL, {"q": typed})), "Name") == expected


def test_an_empty_list_says_what_to_do_next(client: Client, configured: SystemSettings) -> None:
    page = parse(client.get(URL))
    assert rows(page) == []
    assert [text(cell) for cell in with_class(page, "empty")] == [
        "No profile matches. Change the search, or add a profile."
    ]


@pytest.mark.parametrize("older", [{"wakeup_ip": "10.132.20.229"}, {"wakeup_port": 58693}])
def test_a_profile_of_older_settings_keeps_its_values_and_is_marked(
    client: Client, configured: SystemSettings, older: dict[str, object]
) -> None:
    make("New")
    make("Old", **older)
    assert column(parse(client.get(URL)), "Name") == ["New", "Old older settings"]


def test_a_change_of_the_settings_marks_the_profiles_made_before(client: Client, configured: SystemSettings) -> None:
    make("Old")
    assert column(parse(client.get(URL)), "Name") == ["Old"]
    configured.wakeup_ip = "10.132.20.240"
    configured.save()
    page = parse(client.get(URL))
    assert column(page, "Name") == ["Old older settings"]
    assert column(page, "Wakeup IP") == ["10.132.20.228"]


def test_an_operator_can_add_change_clone_and_delete(client: Client, configured: SystemSettings) -> None:
    profile = make("Ten")
    found = links(parse(client.get(URL)))
    assert found["Add"] == reverse("profiles:add")
    for action in ("Change", "Clone", "Delete"):
        assert found[action] == reverse(f"profiles:{action.lower()}", args=[profile.pk])


def test_a_used_profile_can_be_renamed_only(client: Client, configured: SystemSettings) -> None:
    ConcentratorFactory.create(in_field=True, profile=make("Ten"))
    assert column(parse(client.get(URL)), "Actions") == ["Rename Clone Delete"]


def test_a_viewer_sees_no_buttons(viewer_client: Client, configured: SystemSettings) -> None:
    profile = make("Ten")
    page = parse(viewer_client.get(URL))
    assert column(page, "Actions") == [""]
    assert "Add" not in links(page)
    assert links(page)["Ten"] == reverse("profiles:show", args=[profile.pk])


def test_while_no_address_is_configured_the_list_says_so(client: Client) -> None:
    (said,) = alerts(parse(client.get(URL)))
    assert said.startswith("The wake-up IP address is not configured: an administrator sets it in System settings.")
