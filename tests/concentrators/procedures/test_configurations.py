"""Each change of a profile notes that the concentrator is to be written, in its own transaction (CFG-1)."""

from __future__ import annotations

from datetime import timedelta
from io import BytesIO

import pytest
from django.db import transaction
from django.utils import timezone

from concentrators import importing
from concentrators.models import Company, Concentrator, Configuration
from concentrators.procedures.actions import install, modify, remove
from concentrators.procedures.configurations import try_again
from profiles.models import SpontaneousProfile
from tests.factories import ConcentratorFactory, SpontaneousProfileFactory

pytestmark = pytest.mark.django_db

NOW = timezone.now()
ALL = Concentrator.objects.all()


@pytest.fixture
def one() -> Concentrator:
    return ConcentratorFactory.create()


@pytest.fixture
def profile() -> SpontaneousProfile:
    return SpontaneousProfileFactory.create()


def state(one: Concentrator) -> tuple[object, ...]:
    found = Configuration.objects.get(concentrator=one)
    return found.profile, found.state, found.generation, found.next_try_at


def test_nothing_is_to_be_written_into_what_is_in_store(one: Concentrator) -> None:
    assert not Configuration.objects.exists()


def test_an_installation_is_due_at_once(one: Concentrator, profile: SpontaneousProfile) -> None:
    install(ALL, profile, user=None, now=NOW)
    assert state(one) == (profile, "pending", 1, NOW)


def test_another_profile_is_written_anew_and_keeps_who_holds_the_device(
    one: Concentrator, profile: SpontaneousProfile
) -> None:
    install(ALL, profile, user=None, now=NOW)
    Configuration.objects.update(
        state="writing", held_by="a", held_until=NOW, next_try_at=None, failures=3, written_at=NOW, confirmed_at=NOW
    )
    other, later = SpontaneousProfileFactory.create(), NOW + timedelta(hours=1)
    modify(ALL, other, user=None, now=later)
    found = Configuration.objects.get()
    assert state(one) == (other, "pending", 2, later)
    assert (found.held_by, found.failures, found.written_at, found.confirmed_at) == ("a", 0, None, None)


def test_a_removal_leaves_nothing_to_write_and_a_new_installation_does(
    one: Concentrator, profile: SpontaneousProfile
) -> None:
    install(ALL, profile, user=None, now=NOW)
    remove(ALL, user=None, now=NOW)
    assert state(one) == (None, "pending", 2, None)
    install(ALL, profile, user=None, now=NOW)
    assert state(one) == (profile, "pending", 3, NOW)


def test_an_action_that_is_rolled_back_leaves_nothing_to_write(one: Concentrator, profile: SpontaneousProfile) -> None:
    with transaction.atomic():
        install(ALL, profile, user=None, now=NOW)
        transaction.set_rollback(True)
    assert not Configuration.objects.exists()


def test_an_installation_file_goes_the_same_way_and_one_that_changes_a_fact_alone_does_not(
    chile: Company, profile: SpontaneousProfile
) -> None:
    for substation in ("First", "Second"):
        text = f"serial_number,profile,substation\nA1,{profile.name},{substation}\n"
        plan = importing.check(BytesIO(text.encode()), chile)
        importing.write(plan, company=chile, user=None, now=NOW)
    assert state(Concentrator.objects.get(substation="Second")) == (profile, "pending", 1, NOW)


def test_what_is_being_written_or_not_in_field_is_not_tried_again(
    one: Concentrator, profile: SpontaneousProfile
) -> None:
    install(ALL, profile, user=None, now=NOW)
    Configuration.objects.update(state="writing")
    assert try_again(Configuration.objects.all(), NOW) == 0
    Configuration.objects.update(state="failed", tries=24, failures=5)
    assert try_again(Configuration.objects.all(), NOW) == 1
    assert Configuration.objects.get().tries == 23
    remove(ALL, user=None, now=NOW)
    assert try_again(Configuration.objects.all(), NOW) == 0
