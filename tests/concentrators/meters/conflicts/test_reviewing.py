"""What time alone changes is noticed (MET-5)."""

from __future__ import annotations

from datetime import timedelta

import pytest

from concentrators.meters.conflicts.reviewing import let_go_of_removed, review
from concentrators.meters.conflicts.rules import WINDOW
from concentrators.models import Concentrator, ConflictKind, MeterConflict, State
from tests.concentrators.meters.conflicts.held import NOW, ago
from tests.concentrators.meters.conflicts.making import Place
from wakeup.monitoring.desk import STEPS

pytestmark = pytest.mark.django_db


@pytest.fixture
def place() -> Place:
    place = Place()
    place.listed(1, last=1, listed=1)
    place.listed(2, last=0)
    place.settle()
    return place


def test_a_conflict_is_looked_at_when_its_time_has_come_and_not_before(place: Place) -> None:
    due = ago(1) + WINDOW
    assert review(due - timedelta(microseconds=1)) == 0
    assert place.the_conflict().kind == ConflictKind.LIVE
    assert review(due) == 1
    assert place.the_conflict().kind == ConflictKind.STALE
    assert review(due) == 0


def test_what_was_missed_for_weeks_is_made_up_at_once(place: Place) -> None:
    assert review(NOW + 10 * WINDOW) == 1
    assert (place.the_conflict().kind, place.the_conflict().review_at) == (ConflictKind.STALE, None)


def test_any_number_is_done_in_one_pass(monkeypatch: pytest.MonkeyPatch, place: Place) -> None:
    monkeypatch.setattr("concentrators.meters.conflicts.reviewing._AT_ONCE", 2)
    for number in range(4):
        other = Place(place.company, f"CIR{number}", place.concentrators)
        other.listed(1, last=1, listed=1)
        other.listed(2, last=0)
        other.settle()
    assert review(ago(1) + WINDOW) == 5
    assert set(MeterConflict.objects.values_list("kind", flat=True)) == {ConflictKind.STALE}


def test_what_is_over_is_looked_at_no_more(place: Place) -> None:
    place.gone(1)
    place.settle()
    assert review(NOW + 10 * WINDOW) == 0


def test_the_watcher_reviews() -> None:
    assert review in STEPS


def test_a_removed_concentrator_lets_go_of_its_meters(place: Place) -> None:
    assert let_go_of_removed(NOW) == 0
    Concentrator.objects.filter(pk=place.at(2).pk).update(state=State.REMOVED, profile=None)
    assert let_go_of_removed(NOW) == 1
    assert place.conflict() is None
    assert place.chosen() == 1
    assert let_go_of_removed(NOW) == 0
