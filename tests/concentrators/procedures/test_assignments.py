"""When a concentrator was in field, and with which period (REP-7)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from concentrators.models import Assignment, Concentrator, State
from concentrators.procedures.assignments import sync_assignments
from profiles.models import SpontaneousProfile
from tests.factories import ConcentratorFactory, SpontaneousProfileFactory

pytestmark = pytest.mark.django_db

MORNING = datetime(2026, 4, 1, 8, tzinfo=UTC)
NOON = MORNING + timedelta(hours=4)
EVENING = NOON + timedelta(hours=8)

Stretch = tuple[datetime, datetime | None, int | None]


def change(concentrator: Concentrator, profile: SpontaneousProfile | None, now: datetime) -> None:
    """Put the concentrator into the field with ``profile``, or take it out of it."""
    state = State.IN_FIELD if profile else State.REMOVED
    chosen = Concentrator.objects.filter(pk=concentrator.pk)
    chosen.update(state=state, profile=profile, installed_at=now)
    sync_assignments(chosen, now)


def stretches(concentrator: Concentrator) -> list[Stretch]:
    return list(concentrator.assignments.values_list("begin", "end", "period_min"))


def disabled() -> SpontaneousProfile:
    return SpontaneousProfileFactory.create(wakeup_enabled=False)


def test_a_stretch_begins_with_the_installation_and_ends_with_the_removal() -> None:
    concentrator = ConcentratorFactory.create()
    change(concentrator, SpontaneousProfileFactory.create(wakeup_period=10), MORNING)
    assert stretches(concentrator) == [(MORNING, None, 10)]
    change(concentrator, None, NOON)
    change(concentrator, None, EVENING)
    assert stretches(concentrator) == [(MORNING, NOON, 10)]
    change(concentrator, SpontaneousProfileFactory.create(wakeup_period=10), EVENING)
    assert stretches(concentrator) == [(MORNING, NOON, 10), (EVENING, None, 10)]


def test_another_period_begins_another_stretch_and_the_same_one_goes_on() -> None:
    concentrator = ConcentratorFactory.create()
    for period, now in ((10, MORNING), (10, NOON), (100, EVENING)):
        change(concentrator, SpontaneousProfileFactory.create(wakeup_period=period), now)
    assert stretches(concentrator) == [(MORNING, EVENING, 10), (EVENING, None, 100)]


def test_a_profile_with_wakeup_disabled_is_a_stretch_without_a_period() -> None:
    concentrator = ConcentratorFactory.create()
    change(concentrator, disabled(), MORNING)
    change(concentrator, disabled(), NOON)
    assert stretches(concentrator) == [(MORNING, None, None)]
    change(concentrator, SpontaneousProfileFactory.create(wakeup_period=10), NOON)
    change(concentrator, disabled(), EVENING)
    assert stretches(concentrator) == [(MORNING, NOON, None), (NOON, EVENING, 10), (EVENING, None, None)]


def test_what_was_never_in_field_has_no_stretch_and_others_are_left_alone() -> None:
    available, other = ConcentratorFactory.create(), ConcentratorFactory.create(in_field=True)
    sync_assignments(Concentrator.objects.filter(pk=available.pk), MORNING)
    assert not Assignment.objects.exists()
    sync_assignments(Concentrator.objects.all(), NOON)
    assert stretches(other) == [(NOON, None, 10)]


def test_a_host_whose_clock_is_behind_can_still_remove() -> None:
    concentrator = ConcentratorFactory.create()
    change(concentrator, SpontaneousProfileFactory.create(wakeup_period=10), NOON)
    change(concentrator, None, MORNING)
    assert stretches(concentrator) == [(NOON, NOON, 10)]
