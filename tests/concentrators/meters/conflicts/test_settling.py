"""Conflicts follow from the stored sightings (MET-5)."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from concentrators.meters.conflicts.rules import WINDOW
from concentrators.meters.conflicts.settling import settle
from concentrators.models import ConflictKind, Decision, MeterConflict, Preference, Reopened, State
from tests.concentrators.meters.conflicts.held import NOW, PERMANENT, TEMPORARY, ago
from tests.concentrators.meters.conflicts.making import Place, decide, list_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def place() -> Place:
    return Place()


def test_a_meter_in_one_list_is_no_conflict_and_counts_there(place: Place) -> None:
    place.listed(1)
    assert place.settle() == {1}
    assert place.conflict() is None
    assert place.chosen() == 1
    assert place.settle() == set()


def test_a_meter_in_no_list_counts_nowhere(place: Place) -> None:
    place.listed(1, chosen=True)
    place.gone(1)
    assert place.settle() == {1}
    assert place.chosen() is None


def test_a_second_list_opens_a_conflict_with_what_is_preferred_and_why(place: Place) -> None:
    place.listed(1, 30, 13, state=PERMANENT)
    place.listed(2, 3, 0)
    assert place.settle() == {1, 2}
    found = place.the_conflict()
    assert (found.kind, found.lists, found.opened_at, found.company) == (ConflictKind.MOVED, 2, NOW, place.company)
    assert (found.preferred, found.reason) == (place.at(2), Preference.STATE)
    assert place.chosen() == 2
    assert place.settle() == set()
    assert found.history.count() == 1


def test_it_changes_with_the_lists_and_each_change_is_a_row_of_its_history(place: Place) -> None:
    place.listed(1)
    place.listed(2)
    place.settle()
    place.listed(1, state=PERMANENT)
    assert place.settle(ago(-1)) == {1, 2}
    assert place.the_conflict().kind == ConflictKind.MOVED
    assert [(row.kind, row.history_date) for row in place.the_conflict().history.all()] == [
        (ConflictKind.MOVED, ago(-1)),
        (ConflictKind.LIVE, NOW),
    ]


def test_what_only_time_moves_is_no_row_of_its_history(place: Place) -> None:
    place.listed(1, last=1)
    place.listed(2, last=0.5, listed=-1)
    place.settle()
    assert place.the_conflict().review_at == ago(1) + WINDOW
    place.listed(1, last=0.9)
    assert place.settle() == set()
    assert place.the_conflict().review_at == ago(0.9) + WINDOW
    assert place.the_conflict().history.count() == 1


def test_it_closes_when_fewer_than_two_lists_hold_it_and_the_next_one_is_new(place: Place) -> None:
    place.listed(1)
    place.listed(2, last=0.5)
    place.settle()
    first = place.the_conflict()
    place.gone(1)
    assert place.settle(ago(-1)) == {1, 2}
    assert place.conflict() is None
    first.refresh_from_db()
    assert (first.closed_at, first.review_at, place.chosen()) == (ago(-1), None, 2)
    place.listed(1)
    place.settle(ago(-2))
    assert place.the_conflict().opened_at == ago(-2)
    assert MeterConflict.objects.count() == 2


def test_the_newest_list_of_a_concentrator_says_whether_it_still_reports(place: Place) -> None:
    """It need not have changed anything: an unchanged row keeps the date at which it was written."""
    place.listed(1, last=8, listed=8)
    place.listed(2, listed=8)
    for source, at in (("S24", ago(8)), ("CSV", NOW), ("S24", ago(30))):
        list_of(place.at(2), at, source)
    for source, outcome in (("G02", "taken"), ("S11", "taken"), ("S24", "older")):
        list_of(place.at(1), NOW, source, outcome)
    place.settle()
    assert (place.the_conflict().kind, place.the_conflict().reason) == (ConflictKind.STALE, Preference.LIST)
    list_of(place.at(1), NOW)
    place.settle()
    assert place.the_conflict().kind == ConflictKind.MOVED


def test_a_removed_concentrator_holds_nothing_any_more(place: Place) -> None:
    place.listed(1)
    place.listed(2, last=0.5)
    place.settle()
    assert place.chosen() == 1
    type(place.at(1)).objects.filter(pk=place.at(1).pk).update(state=State.REMOVED, profile=None)
    place.settle()
    assert place.conflict() is None
    assert place.chosen() == 2


def test_lists_of_removed_concentrators_alone_are_all_there_is(place: Place) -> None:
    for number in (1, 2):
        place.listed(number)
        type(place.at(1)).objects.filter(pk=place.at(number).pk).update(state=State.REMOVED, profile=None)
    place.settle()
    assert place.the_conflict().lists == 2


def test_where_a_list_tells_only_whether_it_is_active_that_is_its_state(place: Place) -> None:
    place.listed(1, state=None, active=False)
    place.listed(2, state=None, active=True)
    place.settle()
    assert (place.the_conflict().preferred, place.the_conflict().reason) == (place.at(2), Preference.STATE)


def test_an_expected_concentrator_is_preferred_last(place: Place) -> None:
    place.listed(1)
    place.listed(2)
    place.meter.expected_concentrator = place.at(2)
    place.meter.save()
    place.settle()
    assert (place.the_conflict().preferred, place.the_conflict().reason) == (place.at(2), Preference.EXPECTED)


def test_a_meter_is_kept_where_an_operator_said_until_it_fails_there(place: Place) -> None:
    place.listed(1, level=3)
    place.listed(2, level=0)
    place.settle()
    assert place.chosen() == 2
    decide(place, Decision.KEEP, 1)
    assert place.settle() == {1, 2}
    assert place.chosen() == 1
    place.listed(1, state=PERMANENT)
    assert place.settle(ago(-1)) == {1, 2}
    found = place.the_conflict()
    assert (found.decision, found.reopened, found.keep_at, found.note) == ("", Reopened.FAILED, None, "")
    assert (found.decided_at, found.decided_of) == (None, [])
    assert place.chosen() == 2
    before, after = found.history.all()[1], found.history.all()[0]
    assert (before.reopened, after.reopened) == ("", "failed")


def test_another_list_reopens_what_was_allowed(place: Place) -> None:
    place.listed(1)
    place.listed(2)
    place.settle()
    decide(place, Decision.ALLOWED, allowed_until=ago(-30))
    place.settle()
    assert place.the_conflict().decision == Decision.ALLOWED
    place.listed(3)
    place.settle()
    assert (place.the_conflict().decision, place.the_conflict().reopened) == ("", Reopened.ANOTHER)


def test_time_is_over_when_it_is(place: Place) -> None:
    place.listed(1)
    place.listed(2)
    place.settle()
    decide(place, Decision.ALLOWED, allowed_until=ago(-1))
    place.settle()
    assert place.the_conflict().review_at == ago(-1)
    place.settle(ago(-1) - timedelta(seconds=1))
    assert place.the_conflict().decision == Decision.ALLOWED
    place.settle(ago(-1))
    assert (place.the_conflict().decision, place.the_conflict().reopened) == ("", Reopened.OVER)


def test_a_kept_one_that_is_gone_closes_a_conflict_of_two_and_reopens_one_of_three(place: Place) -> None:
    for number in (1, 2, 3):
        place.listed(number)
    place.settle()
    decide(place, Decision.KEEP, 1)
    place.gone(1)
    place.settle()
    assert place.the_conflict().reopened == Reopened.GONE
    decide(place, Decision.KEEP, 2)
    place.gone(2)
    place.settle()
    assert place.conflict() is None
    assert MeterConflict.objects.get().decision == Decision.KEEP


def test_two_companies_have_nothing_to_do_with_each_other() -> None:
    one, other = Place(), Place()
    one.listed(1)
    other.listed(1)
    assert settle([one.meter.pk, other.meter.pk], NOW) == {one.at(1).pk, other.at(1).pk}
    assert not MeterConflict.objects.exists()


def test_nothing_to_settle_is_nothing(django_assert_num_queries: Any) -> None:
    assert settle([], NOW) == set()
    assert settle([4711], NOW) == set()


def many(number: int) -> list[Place]:
    first = Place()
    places = [first, *(Place(first.company, f"CIR{n}", first.concentrators) for n in range(number - 1))]
    for place in places:
        place.listed(1, 30, 3, state=TEMPORARY)
        place.listed(2, 1, 0)
    return places


def test_many_meters_take_about_as_many_queries_as_two() -> None:
    """SQLite takes so many values a statement, so it is not quite the same number."""
    counts = []
    for places in (many(2), many(60)):
        with CaptureQueriesContext(connection) as taken:
            settle([place.meter.pk for place in places], NOW)
        counts.append(len(taken))
    assert counts[1] <= counts[0] + 3
    assert MeterConflict.objects.open().count() == 62
