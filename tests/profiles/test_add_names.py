"""Names as they are typed into the dialog (PRO-3, PRO-4)."""

from __future__ import annotations

import unicodedata

import pytest
from django.test import Client
from django.urls import reverse

from profiles.models import SpontaneousProfile, SystemSettings
from tests.factories import SpontaneousProfileFactory
from tests.smmeplus.translation.markup import field, label, parse, text, with_class

pytestmark = pytest.mark.one_database

URL = reverse("profiles:add")
REST = {"wakeup_enabled": "on", "wakeup_period": "10"}


@pytest.mark.parametrize(
    ("typed", "stored"),
    [
        ("Wake up SMMePlus 10 min", "Wake up SMMePlus 10 min"),
        ("  profilo_wakeup\t", "profilo_wakeup"),
        ("x" * 50, "x" * 50),
        (f" {'x' * 50} ", "x" * 50),
        ("Ñuñoa", "Ñuñoa"),
        (unicodedata.normalize("NFD", "Ñuñoa"), "Ñuñoa"),
        ("Straße", "Straße"),
        ("Профиль", "Профиль"),
        ("हिन्दी", "हिन्दी"),
        ("Wake up\N{NO-BREAK SPACE}  10\tmin", "Wake up 10 min"),
    ],
)
def test_a_valid_name_is_stored(client: Client, configured: SystemSettings, typed: str, stored: str) -> None:
    assert client.post(URL, {"name": typed, **REST}).status_code == 302
    assert SpontaneousProfile.objects.get().name == stored


@pytest.mark.parametrize(
    ("typed", "error"),
    [
        ("", "Type a name."),
        ("   ", "Type a name."),
        ("x" * 51, "At most 50 characters; this name has 51."),
        ("_-.", "A name needs at least one letter or digit."),
        ("a#b", "Letters, digits, space, “_”, “-” and “.” only; not allowed here: #"),
        ("a\x07b", "Letters, digits, space, “_”, “-” and “.” only; not allowed here: U+0007"),
        ("a\x00b", "Null characters are not allowed."),
        ("<script>", "Letters, digits, space, “_”, “-” and “.” only; not allowed here: < >"),
    ],
)
def test_a_wrong_name_circles_its_label_and_says_what_is_right(
    client: Client, configured: SystemSettings, typed: str, error: str
) -> None:
    dialog = parse(client.post(URL, {"name": typed, **REST}))
    assert label(dialog, "name").get("class") == "wrong"
    assert [text(said) for said in with_class(dialog, "errorlist")] == [error]
    assert field(dialog, "name").get("value", "") == typed
    assert not SpontaneousProfile.objects.exists()


@pytest.mark.parametrize(
    ("there", "typed"),
    [
        ("profilo_wakeup", "profilo_wakeup"),
        ("profilo_wakeup", "  PROFILO_Wakeup "),
        ("ÑUÑOA", "ñuñoa"),
        ("Ñuñoa", unicodedata.normalize("NFD", "Ñuñoa")),
        ("ПРОФИЛЬ", "Профиль"),
        ("Straße", "STRASSE"),
    ],
)
def test_a_name_that_is_taken_is_refused_whatever_its_case(
    client: Client, configured: SystemSettings, there: str, typed: str
) -> None:
    SpontaneousProfileFactory.create(name=there)
    dialog = parse(client.post(URL, {"name": typed, **REST}))
    assert label(dialog, "name").get("class") == "wrong"
    assert [text(said) for said in with_class(dialog, "errorlist")] == [
        f"There is a profile “{there}” already. A name may be used only once; capitals do not count."
    ]
    assert SpontaneousProfile.objects.get().name == there


@pytest.mark.parametrize("typed", ["Wake up SMMePIus 10 min", "W\N{CYRILLIC SMALL LETTER A}ke up SMMePlus 1O rnin"])
def test_a_name_that_looks_like_another_is_refused_and_the_other_one_is_named(
    client: Client, configured: SystemSettings, typed: str
) -> None:
    SpontaneousProfileFactory.create(name="Wake up SMMePlus 10 min")
    dialog = parse(client.post(URL, {"name": typed, **REST}))
    assert label(dialog, "name").get("class") == "wrong"
    [said] = [text(said) for said in with_class(dialog, "errorlist")]
    assert said.startswith("There is a profile “Wake up SMMePlus 10 min” already, which looks the same.")
    assert field(dialog, "name").get("value") == typed
    assert SpontaneousProfile.objects.count() == 1


def test_names_that_differ_in_an_accent_are_both_stored(client: Client, configured: SystemSettings) -> None:
    for name in ("Nunoa", "Ñuñoa"):
        client.post(URL, {"name": name, **REST})
    assert SpontaneousProfile.objects.count() == 2


def test_an_error_names_what_was_typed_without_its_markup(client: Client, configured: SystemSettings) -> None:
    answer = client.post(URL, {"name": "<script>alert(1)</script>", **REST})
    assert "<script>alert" not in answer.content.decode()
