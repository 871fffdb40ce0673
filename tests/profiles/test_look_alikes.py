"""Names that look alike (PRO-3)."""

from __future__ import annotations

from importlib import import_module
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, connection, transaction
from django.db.migrations.loader import MigrationLoader
from hypothesis import given
from hypothesis import strategies as st

from profiles.changing import save_profile
from profiles.environments import ENVIRONMENTS, load_environment
from profiles.look_alikes import look_alike_key
from profiles.models import ProcedureProfile, SpontaneousProfile
from profiles.names import MAX_NAME_LENGTH, clean_profile_name, fold_name, normalised_name
from tests.factories import SpontaneousProfileFactory

KEY_LENGTH = SpontaneousProfile._meta.get_field("name_looks").max_length


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Wake up SMMePlus 10 min", "Wake up SMMePIus 10 min"),  # a capital i
        ("Wake up SMMePlus 10 min", "WAKE UP SMMEPIUS 1O MIN"),
        ("Wake up", "W\N{CYRILLIC SMALL LETTER A}ke up"),
        ("ABC", "\N{GREEK CAPITAL LETTER ALPHA}\N{CYRILLIC CAPITAL LETTER VE}C"),
        ("Zona 1", "Zona l"),
        ("modem", "rnodern"),
        ("Straße", "Stra\N{GREEK SMALL LETTER BETA}e"),
        ("min", "m\N{LATIN SMALL LETTER DOTLESS I}n"),
    ],
)
def test_names_that_look_alike_have_the_same_key(one: str, other: str) -> None:
    assert look_alike_key(one) == look_alike_key(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Wake up SMMePlus 10 min", "Wake up SMMePlus 100 min"),
        ("Ñuñoa", "Nunoa"),
        ("a b", "a_b"),
        ("a-b", "a.b"),
        ("vn", "nv"),
        ("uno", "due"),
        ("Zona 2", "Zona Z"),
        ("名前", "名"),
    ],
)
def test_names_that_look_different_have_different_keys(one: str, other: str) -> None:
    assert look_alike_key(one) != look_alike_key(other)


def test_numbered_names_all_differ() -> None:
    assert len({look_alike_key(f"Profile {number}") for number in range(2_000)}) == 2_000


@given(st.text(min_size=1, max_size=MAX_NAME_LENGTH))
def test_the_key_of_every_name_fits_its_column(name: str) -> None:
    try:
        clean = clean_profile_name(name)
    except ValidationError:
        return
    assert 0 < len(look_alike_key(clean)) <= (KEY_LENGTH or 0)


@pytest.mark.parametrize("kind", [SpontaneousProfile, ProcedureProfile])
def test_the_database_refuses_a_look_alike_that_nobody_checked(db: None, kind: type[SpontaneousProfile]) -> None:
    facts = {"wakeup_ip": "10.0.0.1", "wakeup_period": 10} if kind is SpontaneousProfile else {}
    kind.objects.create(name="Plus", **facts)
    with pytest.raises(IntegrityError), transaction.atomic():
        kind.objects.create(name="PIus", **facts)


@given(st.text(max_size=MAX_NAME_LENGTH))
def test_the_migration_makes_the_keys_of_today(name: str) -> None:
    """Its copy may differ only with a migration that makes all keys anew."""
    migration = import_module("profiles.migrations.0008_look_alikes")
    assert migration.normalised_name(name) == normalised_name(name)
    assert migration.fold_name(name) == fold_name(name)
    assert migration.look_alike_key(name) == look_alike_key(name)


def test_a_renaming_to_a_look_alike_of_its_own_old_name_is_no_clash(db: None) -> None:
    profile = SpontaneousProfileFactory.create(name="Plus")
    profile.name = "PIus"
    profile.full_clean()
    save_profile(profile)
    assert SpontaneousProfile.objects.get().name == "PIus"


def test_an_environment_takes_a_look_alike_for_its_own_profile(db: None) -> None:
    SpontaneousProfileFactory.create(name="smmepIus uat")
    assert load_environment(ENVIRONMENTS["uat"])[1] == "Profile “smmeplus uat”: there already"


def at_the_migration() -> Any:
    return MigrationLoader(connection).project_state(("profiles", "0008_look_alikes")).apps


@pytest.fixture
def of_old(db: None) -> list[SpontaneousProfile]:
    """Profiles as they could be stored before look-alikes were refused, after the migration."""
    names = ["Plus 10", "PIus 10", "Plus  10", "Wake\N{NO-BREAK SPACE}up", "\N{FULLWIDTH LATIN CAPITAL LETTER Z}one"]
    SpontaneousProfile.objects.bulk_create(
        SpontaneousProfile(name=name, name_folded=name.casefold(), wakeup_ip="10.0.0.1", wakeup_period=10)
        for name in names
    )
    import_module("profiles.migrations.0008_look_alikes").fill_in(at_the_migration(), None)
    return list(SpontaneousProfile.objects.order_by("pk"))


def test_look_alikes_of_old_keep_their_names_and_the_first_one_the_key(of_old: list[SpontaneousProfile]) -> None:
    assert [one.name for one in of_old] == ["Plus 10", "PIus 10", "Plus  10", "Wake up", "Zone"]
    assert [one.name_folded for one in of_old] == ["plus 10", "pius 10", "plus  10", "wake up", "zone"]
    assert [one.name_looks is None for one in of_old] == [False, True, True, False, False]


def test_a_look_alike_of_old_can_be_changed_without_another_name(of_old: list[SpontaneousProfile]) -> None:
    of_old[1].wakeup_period = 20
    of_old[1].full_clean()
    save_profile(of_old[1])
    stored = SpontaneousProfile.objects.get(pk=of_old[1].pk)
    assert (stored.name, stored.wakeup_period, stored.name_looks) == ("PIus 10", 20, None)


def test_a_look_alike_of_old_gets_no_other_name_that_looks_alike(of_old: list[SpontaneousProfile]) -> None:
    of_old[1].name = "PLUS I0"
    with pytest.raises(ValidationError, match="which looks the same"):
        of_old[1].full_clean()


def test_a_look_alike_of_old_that_is_renamed_is_like_every_other(of_old: list[SpontaneousProfile]) -> None:
    of_old[1].name = "Minus"
    of_old[1].full_clean()
    save_profile(of_old[1])
    assert SpontaneousProfile.objects.get(pk=of_old[1].pk).name_looks == look_alike_key("Minus")
    with pytest.raises(ValidationError, match="“Minus” already, which looks the same"):
        SpontaneousProfile(name="rninus", wakeup_ip="10.0.0.1", wakeup_period=10).full_clean()
