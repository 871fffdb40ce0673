"""What operators decide about conflicts, and what is refused (MET-5)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core.exceptions import ValidationError

from concentrators.meters.conflicts import deciding
from concentrators.meters.conflicts.deciding import DecisionError
from concentrators.models import Decision, MeterConflict, Reopened
from smmeplus.common.audit import changes_of
from tests.concentrators.meters.conflicts.held import NOW, PERMANENT, ago
from tests.concentrators.meters.conflicts.making import Place
from tests.factories import UserFactory

pytestmark = [pytest.mark.django_db, pytest.mark.one_database]
LATER = NOW + timedelta(minutes=5)


@pytest.fixture
def place() -> Place:
    place = Place()
    place.listed(1, level=3)
    place.listed(2, level=0)
    place.settle()
    return place


@pytest.fixture
def user() -> User:
    return UserFactory.create(username="ana")


def test_a_meter_is_kept_at_one_and_counts_there_from_then_on(place: Place, user: User) -> None:
    before = place.the_conflict()
    assert place.chosen() == 2
    done = deciding.keep_at(before, place.at(1), user=user, now=LATER, note="Seen on site.")
    assert (done.decision, done.keep_at, done.decided_by) == (Decision.KEEP, place.at(1), user)
    assert (done.decided_at, done.note) == (LATER, "Seen on site.")
    assert done.decided_of == sorted([place.at(1).pk, place.at(2).pk])
    assert place.chosen() == 1
    assert done.preferred == place.at(2)
    assert done.closed_at is None


def test_the_audit_says_who_decided_what_from_what_to_what(place: Place, user: User) -> None:
    one = place.the_conflict()
    deciding.keep_at(one, place.at(1), user=user, now=LATER)
    deciding.not_a_conflict(one, user=user, now=LATER + timedelta(minutes=1), note="Two of one name.")
    second, first, added = changes_of(one)
    assert (first.user, first.at) == ("ana", LATER)
    assert f"decision: — → keep at one, keep at: — → {place.at(1)}" in first.what
    assert f"decision: keep at one → not a conflict, keep at: {place.at(1)} → —" in second.what
    assert "note: — → Two of one name." in second.what
    assert "decided" not in first.what + second.what
    assert added.what == "added"


def test_both_are_allowed_until_a_moment_and_then_it_waits_again(place: Place, user: User) -> None:
    until = LATER + timedelta(days=2)
    done = deciding.allow_until(place.the_conflict(), until, user=user, now=LATER)
    assert (done.decision, done.allowed_until, done.review_at) == (Decision.ALLOWED, until, until)
    place.settle(until)
    assert place.the_conflict().reopened == Reopened.OVER


def test_a_new_decision_takes_the_place_of_the_former_and_of_why_it_was_reopened(place: Place, user: User) -> None:
    deciding.allow_until(place.the_conflict(), ago(-2), user=user, now=NOW, note="Known.")
    place.listed(3)
    place.settle(ago(-1))
    assert place.the_conflict().reopened == Reopened.ANOTHER
    done = deciding.not_a_conflict(place.the_conflict(), user=user, now=ago(-1))
    assert (done.decision, done.allowed_until, done.reopened, done.note) == (Decision.NONE, None, "", "")
    assert done.decided_of == sorted(one.pk for one in place.concentrators.values())


def test_a_decision_is_withdrawn(place: Place, user: User) -> None:
    deciding.keep_at(place.the_conflict(), place.at(1), user=user, now=NOW)
    done = deciding.withdraw(place.the_conflict(), user=user, now=LATER)
    assert (done.decision, done.keep_at, done.decided_by, done.decided_at) == ("", None, None, None)
    assert place.chosen() == 2
    assert done.history.first().history_user == user


def where_nobody_lists_it(place: Place, user: User) -> Any:
    return deciding.keep_at(place.the_conflict(), place.at(3), user=user, now=NOW)


def where_it_has_failed(place: Place, user: User) -> Any:
    place.listed(1, state=PERMANENT)
    return deciding.keep_at(place.the_conflict(), place.at(1), user=user, now=NOW)


def until_now(place: Place, user: User) -> Any:
    return deciding.allow_until(place.the_conflict(), NOW, user=user, now=NOW)


def until_a_mistyped_year(place: Place, user: User) -> Any:
    return deciding.allow_until(place.the_conflict(), NOW.replace(year=3027), user=user, now=NOW)


def with_a_note_too_long(place: Place, user: User) -> Any:
    return deciding.not_a_conflict(place.the_conflict(), user=user, now=NOW, note="x" * 401)


def nothing_to_withdraw(place: Place, user: User) -> Any:
    return deciding.withdraw(place.the_conflict(), user=user, now=NOW)


def over_since(place: Place, user: User) -> Any:
    one = place.the_conflict()
    place.gone(1)
    place.settle()
    return deciding.not_a_conflict(one, user=user, now=NOW)


def over_but_not_settled(place: Place, user: User) -> Any:
    place.gone(1)
    return deciding.not_a_conflict(place.the_conflict(), user=user, now=NOW)


def refused_by_the_caller(place: Place, user: User) -> Any:
    def refuse(stored: MeterConflict, lists: Any) -> None:
        raise DecisionError(f"{stored.pk} {len(lists)}")

    return deciding.not_a_conflict(place.the_conflict(), user=user, now=NOW, check=refuse)


REFUSED = (
    *(where_nobody_lists_it, where_it_has_failed, until_now, until_a_mistyped_year, with_a_note_too_long),
    *(nothing_to_withdraw, over_since, over_but_not_settled, refused_by_the_caller),
)


@pytest.mark.parametrize("act", REFUSED)
def test_what_is_refused_changes_nothing(act: Callable[[Place, User], Any], place: Place, user: User) -> None:
    with pytest.raises(ValidationError) as refusal:
        act(place, user)
    assert all(refusal.value.messages)
    assert MeterConflict.objects.filter(decision="", decided_by=None, note="").count() == 1
    assert not MeterConflict.history.exclude(history_user=None).exists()


def test_what_time_alone_never_changes_is_decided_too(user: User) -> None:
    place = Place()
    place.listed(1, 40, 30, listed=30)
    place.listed(2, 40, 20, listed=20)
    place.settle()
    assert place.the_conflict().review_at is None
    assert deciding.not_a_conflict(place.the_conflict(), user=user, now=NOW).decision == Decision.NONE


def test_a_note_is_one_tidy_line(place: Place, user: User) -> None:
    done = deciding.not_a_conflict(place.the_conflict(), user=user, now=NOW, note="  One\n\tTwo ")
    assert done.note == "One Two"
