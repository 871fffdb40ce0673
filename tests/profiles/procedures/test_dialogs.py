"""Procedure profiles that are added, changed, cloned, looked at and deleted (PRC-1, PRO-4, PRO-6)."""

from __future__ import annotations

from datetime import time
from xml.etree.ElementTree import Element

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse

from profiles.models import ProcedureProfile
from tests.factories import ProcedureProfileFactory
from tests.smmeplus.translation.markup import alerts, field, label, links, parse, text, texts, with_class

pytestmark = pytest.mark.one_database

HTMX = {"HX-Request": "true"}
LIST, ADD = reverse("procedures:list"), reverse("procedures:add")
VALID = {
    "name": "Careful",
    "waves": "10, 100, all",
    "halt_percent": "5",
    "tries": "12",
    "backoff_min": "20",
    "begin_hour": "22:00",
    "end_hour": "05:00",
    "first_wakeup_within_min": "45",
    "verify_after_days": "30",
    "disables_on_removal": "on",
}
STORED = {
    "waves": "10, 100, all",
    "halt_percent": 5,
    "tries": 12,
    "backoff_min": 20,
    "begin_hour": time(22),
    "end_hour": time(5),
    "first_wakeup_within_min": 45,
    "verify_after_days": 30,
    "disables_on_removal": True,
}
LABELS = [
    "Name *",
    "Waves *",
    "Halts above percent of failures",
    "Most tries *",
    "Minutes before the second try *",
    "Writes begin from",
    "Writes begin until",
    "Minutes to the first wake-up",
    "Read back again after days *",
    "A removal disables the wake-up inside the concentrator",
]


def url(action: str, profile: ProcedureProfile) -> str:
    return reverse(f"procedures:{action}", args=[profile.pk])


def wrong(dialog: Element) -> list[str]:
    """The fields whose labels are circled in red."""
    return [name for name in VALID if label(dialog, name).get("class") == "wrong"]


def test_the_dialog_has_its_fields_with_the_usual_values(client: Client) -> None:
    dialog = parse(client.get(ADD, headers=HTMX))
    assert texts(dialog, ".//h1") == ["Add procedure profile"]
    assert texts(dialog, ".//label") == LABELS
    shown = {name: field(dialog, name).get("value") for name in VALID if name not in ("name", "disables_on_removal")}
    assert shown == {
        "waves": "all",
        "halt_percent": "10",
        "tries": "24",
        "backoff_min": "10",
        "begin_hour": None,
        "end_hour": None,
        "first_wakeup_within_min": None,
        "verify_after_days": "0",
    }
    assert field(dialog, "begin_hour").get("type") == "time"
    assert texts(dialog, ".//footer/button") == ["Cancel", "Add"]


def test_one_is_stored_as_it_was_typed_with_who_did_it(client: Client, operator: User) -> None:
    response = client.post(ADD, VALID, headers=HTMX)
    assert response["HX-Redirect"] == LIST
    profile = ProcedureProfile.objects.get(name="Careful")
    assert profile.parameters() == STORED
    assert not profile.is_default
    assert (profile.history.get().history_type, profile.history.get().history_user) == ("+", operator)
    assert alerts(parse(client.get(LIST))) == ["Procedure profile “Careful” was added."]


def test_what_may_be_empty_is_stored_as_nothing(client: Client) -> None:
    empty = {"halt_percent": "", "begin_hour": "", "end_hour": "", "first_wakeup_within_min": ""}
    assert client.post(ADD, VALID | empty).status_code == 302
    profile = ProcedureProfile.objects.get(name="Careful")
    assert {getattr(profile, name) for name in empty} == {None}


@pytest.mark.parametrize(
    ("name", "typed", "said"),
    [
        ("name", "", "Type a name."),
        ("name", "a/b", "Letters, digits, space"),
        ("name", "at ONCE", "There is a profile “At once” already"),
        ("waves", "", "This field is required."),
        ("waves", "10, 100", "The last wave is “all”: write the sizes like 10, 100, all."),
        ("waves", "ten, all", "“ten” is no size of a wave: write whole numbers from 1 to 1000000"),
        ("waves", "1, " * 100 + "all", "at most 180 characters"),
        ("waves", "1\0, all", "Null characters are not allowed."),
        ("halt_percent", "101", "less than or equal to 100"),
        ("halt_percent", "-1", "greater than or equal to 0"),
        ("halt_percent", "5.5", "Enter a whole number."),
        ("tries", "", "This field is required."),
        ("tries", "0", "greater than or equal to 1"),
        ("backoff_min", "721", "less than or equal to 720"),
        ("begin_hour", "25:00", "Write a time of the day like 22:00."),
        ("begin_hour", "22:00:30", "Write a time of the day like 22:00."),
        ("begin_hour", "", "Give both hours or none."),
        ("end_hour", "", "Give both hours or none."),
        ("end_hour", "22:00", "Choose another hour than the first; leave both empty for any hour."),
        ("first_wakeup_within_min", "0", "greater than or equal to 1"),
        ("verify_after_days", "366", "less than or equal to 365"),
        ("verify_after_days", "9" * 5000, "Enter a whole number."),
    ],
)
def test_a_wrong_value_is_circled_and_says_what_is_right(client: Client, name: str, typed: str, said: str) -> None:
    dialog = parse(client.post(ADD, VALID | {name: typed}))
    assert wrong(dialog) == [name]
    assert said in text(with_class(dialog, "errorlist")[0])
    if "\0" not in typed:
        assert field(dialog, name).get("value", "") == typed
    assert not ProcedureProfile.objects.filter(name="Careful").exists()


def test_all_wrong_values_are_told_at_once(client: Client) -> None:
    dialog = parse(client.post(ADD, VALID | {"waves": "x", "tries": "x", "begin_hour": "x", "end_hour": "05:00"}))
    assert wrong(dialog) == ["waves", "tries", "begin_hour"]


def test_the_dialog_of_an_unused_one_shows_and_changes_everything(client: Client, operator: User) -> None:
    profile = ProcedureProfileFactory.create(name="Night", begin_hour=time(1), end_hour=time(2), waves="5, all")
    dialog = parse(client.get(url("change", profile), headers=HTMX))
    shown = [field(dialog, name).get("value") for name in ("name", "waves", "begin_hour", "end_hour")]
    assert shown == ["Night", "5, all", "01:00", "02:00"]
    client.post(url("change", profile), VALID)
    profile.refresh_from_db()
    assert (profile.name, profile.parameters()) == ("Careful", STORED)
    assert profile.history.first().history_user == operator


def test_the_default_can_be_changed_and_stays_the_default(client: Client) -> None:
    client.post(url("change", ProcedureProfile.objects.default()), VALID)
    assert ProcedureProfile.objects.default().parameters() == STORED


def test_of_a_used_one_only_the_name_is_offered_and_changed(client: Client, used: ProcedureProfile) -> None:
    before = used.parameters()
    dialog = parse(client.get(url("change", used), headers=HTMX))
    assert texts(dialog, ".//label") == ["Name *"]
    assert "2 roll-outs use this profile, so only its name can change." in text(dialog)
    client.post(url("change", used), VALID | {"name": "Renamed"})
    used.refresh_from_db()
    assert (used.name, used.parameters()) == ("Renamed", before)


def test_a_clone_begins_as_its_original_and_is_no_default(client: Client, used: ProcedureProfile) -> None:
    original = ProcedureProfile.objects.default()
    client.post(url("change", original), VALID | {"name": "At once"})
    dialog = parse(client.get(url("clone", original), headers=HTMX))
    expected = {name: value for name, value in VALID.items() if name not in ("name", "disables_on_removal")}
    assert {name: field(dialog, name).get("value") for name in expected} == expected
    assert field(dialog, "name").get("value") == "At once copy"
    assert "checked" in field(dialog, "disables_on_removal").attrib
    client.post(url("clone", original), VALID | {"name": "At once copy"})
    assert not ProcedureProfile.objects.get(name="At once copy").is_default


def test_one_is_shown_in_words_with_its_history(viewer_client: Client, client: Client) -> None:
    client.post(ADD, VALID)
    profile = ProcedureProfile.objects.get(name="Careful")
    client.post(url("change", profile), VALID | {"waves": "5,all"})
    dialog = parse(viewer_client.get(url("show", profile), headers=HTMX))
    assert dict(zip(texts(dialog, ".//dt"), texts(dialog, ".//dd"), strict=True)) == {
        "Name": "Careful",
        "Waves": "5, all",
        "Halts above": "5 %",
        "Most tries": "12, the second after 20 min",
        "Writes begin": "22:00\N{EN DASH}05:00",
        "First wake-up within": "45 min",
        "Read back": "at once, and again after 30 days",
        "A removal disables the wake-up inside the concentrator": "true",
        "Roll-outs": "0",
    }
    newest, oldest = texts(dialog, ".//li")
    assert newest.endswith("operator: waves: 10, 100, all → 5, all")
    assert oldest.endswith("operator: added")


def test_the_default_is_shown_in_words(viewer_client: Client) -> None:
    dialog = parse(viewer_client.get(url("show", ProcedureProfile.objects.default()), headers=HTMX))
    assert texts(dialog, ".//dd") == [
        "At once default",
        "all",
        "10 %",
        "24, the second after 10 min",
        "at any hour",
        "the period and 30 min",
        "at once",
        "false",
        "0",
    ]


def test_an_unused_one_is_deleted_after_a_question(client: Client, operator: User) -> None:
    profile = ProcedureProfileFactory.create(name="Night")
    dialog = parse(client.get(url("delete", profile), headers=HTMX))
    assert texts(dialog, ".//p") == ["Delete the procedure profile “Night”? No roll-out uses it."]
    assert client.post(url("delete", profile), headers=HTMX)["HX-Redirect"] == LIST
    assert not ProcedureProfile.objects.filter(pk=profile.pk).exists()
    newest = ProcedureProfile.history.filter(id=profile.pk).first()
    assert (newest.history_type, newest.history_user) == ("-", operator)
    assert alerts(parse(client.get(LIST))) == ["Procedure profile “Night” was deleted."]


@pytest.mark.parametrize("method", ["get", "post"])
def test_a_used_one_stays_and_the_refusal_counts_its_users(client: Client, used: ProcedureProfile, method: str) -> None:
    dialog = parse(getattr(client, method)(url("delete", used), headers=HTMX))
    assert alerts(dialog) == [
        "“Careful” is used by 2 roll-outs: its parameters cannot change and it cannot be deleted."
    ]
    assert texts(dialog, ".//footer/button") == ["Close"]
    assert ProcedureProfile.objects.filter(pk=used.pk).exists()


@pytest.mark.urls("tests.profiles.procedures.with_roll_outs")
@pytest.mark.parametrize("action", ["delete", "change"])
def test_what_uses_it_is_one_click_away(client: Client, used: ProcedureProfile, action: str) -> None:
    ProcedureProfile.objects.filter(pk=used.pk).update(name="Slow & safe")
    dialog = parse(client.get(url(action, used), headers=HTMX))
    assert links(dialog)["Show them"].endswith("/?q=Slow%20%26%20safe")


@pytest.mark.parametrize("method", ["get", "post"])
def test_the_default_stays_and_the_refusal_says_what_to_do(client: Client, method: str) -> None:
    default = ProcedureProfile.objects.default()
    dialog = parse(getattr(client, method)(url("delete", default), headers=HTMX))
    assert alerts(dialog) == ["“At once” is the default: make another one the default before you delete it."]
    assert ProcedureProfile.objects.default() == default
