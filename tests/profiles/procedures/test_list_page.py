"""Technical area, Configuration, Procedure profile: the list (PRC-1)."""

from __future__ import annotations

from datetime import time

import pytest
from django.test import Client
from django.urls import reverse

from profiles.models import ProcedureProfile
from tests.factories import ProcedureProfileFactory
from tests.smmeplus.translation.markup import column, headers, links, parse, rows, text, with_class

pytestmark = pytest.mark.one_database

URL = reverse("procedures:list")


def test_the_list_says_how_each_is_carried_out_and_which_is_the_default(client: Client) -> None:
    ProcedureProfileFactory.create(
        name="Night",
        waves="10, 100, all",
        halt_percent=None,
        begin_hour=time(22),
        end_hour=time(5),
        verify_after_days=30,
    )
    page = parse(client.get(URL))
    assert text(page.find(".//main//h1")) == "Procedure profile"
    assert headers(page) == [
        "Name",
        "Waves",
        "Halts above",
        "Writes begin",
        "Read back again after days",
        "Roll-outs",
        "Actions",
    ]
    assert [row[:6] for row in rows(page)] == [
        ["At once default", "all", "10 %", "at any hour", "—", "0"],
        ["Night", "10, 100, all", "never", "22:00\N{EN DASH}05:00", "30", "0"],
    ]


def test_each_shows_its_uses_and_a_used_one_can_be_renamed_only(client: Client, used: ProcedureProfile) -> None:
    page = parse(client.get(URL))
    assert column(page, "Roll-outs") == ["0", "2"]
    assert column(page, "Actions")[1] == "Rename Clone Make default Delete"


def test_an_operator_has_each_action_and_the_default_is_not_offered_twice(client: Client) -> None:
    page = parse(client.get(URL))
    default = ProcedureProfile.objects.default()
    assert column(page, "Actions") == ["Change Clone Delete"]
    for action in ("Change", "Clone", "Delete"):
        assert links(page)[action] == reverse(f"procedures:{action.lower()}", args=[default.pk])
    assert links(page)["Add"] == reverse("procedures:add")


def test_a_viewer_sees_no_buttons(viewer_client: Client) -> None:
    page = parse(viewer_client.get(URL))
    assert column(page, "Actions") == [""]
    assert "Add" not in links(page)
    assert "At once" in links(page)


def test_the_search_finds_names_without_regard_to_case(client: Client) -> None:
    ProcedureProfileFactory.create(name="Ñuñoa")
    assert column(parse(client.get(URL, {"q": " ñUÑ "})), "Name") == ["Ñuñoa"]
    page = parse(client.get(URL, {"q": "x"}))
    assert [text(cell) for cell in with_class(page, "empty")] == [
        "No procedure profile matches. Change the search, or add one."
    ]
