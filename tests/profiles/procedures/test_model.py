"""Procedure profiles as they are stored (PRC-1, PRO-3, PRO-6)."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from profiles.changing import delete_profile, save_profile
from profiles.models import ProcedureProfile
from tests.factories import ProcedureProfileFactory

SANTIAGO = ZoneInfo("America/Santiago")
CHANGES: dict[str, Any] = {
    "waves": "10, all",
    "halt_percent": None,
    "tries": 3,
    "backoff_min": 1,
    "begin_hour": time(1),
    "end_hour": time(6),
    "first_wakeup_within_min": 5,
    "verify_after_days": 30,
    "disables_on_removal": True,
}


@pytest.fixture
def default(db: None) -> ProcedureProfile:
    return ProcedureProfile.objects.default()


def test_the_one_that_is_there_is_the_default_and_does_everything_at_once(default: ProcedureProfile) -> None:
    assert ProcedureProfile.objects.get() == default
    assert (default.name, default.name_folded, default.wave_sizes) == ("At once", "at once", [None])
    assert default.may_begin(datetime(2026, 12, 31, 23, 30, tzinfo=UTC), SANTIAGO)
    assert (default.tries, default.backoff_min, default.halt_percent) == (24, 10, 10)
    assert (default.verify_after_days, default.disables_on_removal) == (0, False)
    default.full_clean()


def test_there_is_no_second_default(default: ProcedureProfile) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        ProcedureProfileFactory.create(is_default=True)


@pytest.mark.parametrize(
    "hours", [{"begin_hour": time(1)}, {"end_hour": time(1)}, {"begin_hour": time(1), "end_hour": time(1)}]
)
def test_the_database_keeps_no_half_hours(db: None, hours: dict[str, time]) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        ProcedureProfileFactory.create(**hours)
    with pytest.raises(ValidationError, match="Give both hours"):
        ProcedureProfile(name="Half", **hours).full_clean()


@pytest.mark.one_database
@pytest.mark.parametrize(
    ("field", "wrong"),
    [
        ("name", "a/b"),
        ("name", "AT ONCE"),
        ("waves", "10"),
        ("halt_percent", 101),
        ("halt_percent", -1),
        ("tries", 0),
        ("tries", 1001),
        ("backoff_min", 0),
        ("backoff_min", 721),
        ("first_wakeup_within_min", 0),
        ("first_wakeup_within_min", 20161),
        ("verify_after_days", 366),
    ],
)
def test_a_wrong_value_is_an_error_of_its_field(default: ProcedureProfile, field: str, wrong: object) -> None:
    with pytest.raises(ValidationError) as error:
        ProcedureProfile(**{"name": "New", field: wrong}).full_clean()
    assert list(error.value.message_dict) == [field]


@pytest.mark.one_database
def test_waves_are_stored_in_one_form(db: None) -> None:
    profile = ProcedureProfile(name="Three", waves="10;100 ALL")
    profile.full_clean()
    assert (profile.waves, profile.wave_sizes) == ("10, 100, all", [10, 100, None])


@pytest.mark.one_database
def test_the_first_wakeup_has_the_period_and_half_an_hour_unless_the_profile_says_otherwise() -> None:
    assert ProcedureProfile().first_wakeup_within(10) == timedelta(minutes=40)
    assert ProcedureProfile().first_wakeup_within(1440) == timedelta(minutes=1470)
    assert ProcedureProfile(first_wakeup_within_min=5).first_wakeup_within(1440) == timedelta(minutes=5)


@pytest.mark.one_database
def test_hours_are_those_of_the_companys_zone() -> None:
    night = ProcedureProfile(begin_hour=time(22), end_hour=time(5))
    noon = datetime(2026, 12, 31, 15, tzinfo=UTC)
    assert not night.may_begin(noon, SANTIAGO)
    assert night.next_begin(noon, SANTIAGO) == datetime(2027, 1, 1, 1, tzinfo=UTC)


def test_uses_are_counted_once_for_each_row_that_refers_to_it(used: ProcedureProfile, administrator: User) -> None:
    other = ProcedureProfileFactory.create(name="Other")
    profiles: Any = ProcedureProfile.objects.with_usage(administrator)
    uses = {one.name: one.use_count for one in profiles}
    assert uses == {"At once": 0, "Careful": 2, "Other": 1}
    assert (used.users(), other.users()) == (2, 1)


def test_what_nobody_refers_to_is_used_by_nobody(default: ProcedureProfile) -> None:
    profile = ProcedureProfileFactory.create()
    assert profile.users() == 0
    assert set(CHANGES) == set(profile.parameters())


@pytest.mark.parametrize("parameter", CHANGES)
def test_no_way_of_storing_changes_a_parameter_of_a_used_profile(used: ProcedureProfile, parameter: str) -> None:
    before = used.parameters()
    setattr(used, parameter, CHANGES[parameter])
    with pytest.raises(ValidationError, match="“Careful” is used by 2 roll-outs: its parameters cannot change"):
        save_profile(used)
    used.refresh_from_db()
    assert used.parameters() == before


def test_a_used_profile_is_renamed_but_not_deleted(used: ProcedureProfile) -> None:
    used.name = "Renamed"
    save_profile(used)
    with pytest.raises(ValidationError, match="it cannot be deleted"):
        delete_profile(used)
    assert ProcedureProfile.objects.get(pk=used.pk).name == "Renamed"
