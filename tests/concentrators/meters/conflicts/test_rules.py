"""Kinds, preference and decisions of conflicts (MET-5), by the rules alone."""

from __future__ import annotations

from datetime import timedelta
from itertools import permutations

import pytest

from concentrators.meters.conflicts.rules import WINDOW, Decided, Held, chosen, kind_of, preferred, reopened, review_at
from concentrators.models import ConflictKind, Decision, Preference, Reopened
from tests.concentrators.meters.conflicts.held import ACTIVE, NOW, PERMANENT, TEMPORARY, ago, held

LIVE, MOVED, STALE, FAILED = ConflictKind.LIVE, ConflictKind.MOVED, ConflictKind.STALE, ConflictKind.FAILED
SECOND = 1 / 86_400

KINDS = {
    "both in contact by turns": ([held(1, 30, 0.1), held(2, 3, 0.2)], LIVE),
    "one of the two in temporary failure": ([held(1, 30, 0.1), held(2, 3, 0.2, state=TEMPORARY)], LIVE),
    "both of them": ([held(1, 30, 1, state=TEMPORARY), held(2, 3, 2, state=TEMPORARY)], LIVE),
    "a state that nobody told": ([held(1, 30, 0.1, state=None), held(2, 3, 0.2, state=None)], LIVE),
    "one list says nothing but the name": ([held(1, 30, 0.1), held(2, 3, None, state=None)], LIVE),
    "a third one has given it up": ([held(1, 30, 0.1), held(2, 3, 0.2), held(3, 90, 13, state=PERMANENT)], LIVE),
    "a third one has fallen silent": ([held(1, 30, 0.1), held(2, 3, 0.2), held(3, 90, 13, listed=13)], LIVE),
    "both at the same moment": ([held(1, 0, 0), held(2, 0, 0)], LIVE),
    "the last contact was when the other's first was": ([held(1, 30, 3), held(2, 3, 0.1)], LIVE),
    "the last contact was before the other's first": ([held(1, 30, 3 + SECOND), held(2, 3, 0.1)], MOVED),
    "a leftover in permanent failure": ([held(1, 30, 13, state=PERMANENT), held(2, 13, 0.1)], MOVED),
    "one that has failed since": ([held(1, 30, 0.5, state=PERMANENT), held(2, 3, 0.1)], MOVED),
    "two leftovers": ([held(1, 60, 50, state=PERMANENT), held(2, 40, 20, state=TEMPORARY), held(3, 9, 0)], MOVED),
    "a contact within the window": ([held(1, 30, 7 - SECOND), held(2, 20, 0)], LIVE),
    "a contact as old as the window": ([held(1, 30, 7), held(2, 20, 0)], MOVED),
    "the last of them fails for a while": ([held(1, 30, 13, state=PERMANENT), held(2, 9, 1, state=TEMPORARY)], MOVED),
    "the other has fallen silent": ([held(1, 30, 8, listed=8), held(2, 9, 0.1)], STALE),
    "its list is as old as the window": ([held(1, 30, 7, listed=7), held(2, 9, 0.1)], STALE),
    "its list is a second younger": ([held(1, 30, 7, listed=7 - SECOND), held(2, 9, 0.1)], MOVED),
    "the silent one had it active, the other has not": (
        [held(1, 30, 8, listed=8), held(2, 9, 0.1, state=PERMANENT)],
        STALE,
    ),
    "all have fallen silent": ([held(1, 30, 8, listed=8), held(2, 9, 9, listed=9)], STALE),
    "two of three have fallen silent": ([held(1, 30, 8, listed=8), held(2, 9, 9, listed=9), held(3, 9, 0)], STALE),
    "all have given it up": ([held(1, 30, 13, state=PERMANENT), held(2, 12, 10, state=PERMANENT)], FAILED),
    "no contact with any for the window": ([held(1, 30, 13, state=TEMPORARY), held(2, 12, 7, state=PERMANENT)], FAILED),
    "no contact, but one calls it active": ([held(1, 30, 13, state=PERMANENT), held(2, 12, 10)], MOVED),
}


@pytest.mark.parametrize(("lists", "kind"), KINDS.values(), ids=list(KINDS))
def test_a_kind_follows_from_the_lists_in_whatever_order(lists: list[Held], kind: ConflictKind) -> None:
    assert {kind_of(some, NOW) for some in permutations(lists)} == {kind}


PREFERRED = {
    "active rather than failing": ([held(1, 9, 0), held(2, 9, 0, state=TEMPORARY)], 1, Preference.STATE),
    "failing rather than given up": (
        [held(1, 9, 0, state=PERMANENT), held(2, 9, 0, state=TEMPORARY)],
        2,
        Preference.STATE,
    ),
    "state before all else": (
        [held(1, 9, 5, availability=1.0, level=9), held(2, 9, 0, state=TEMPORARY, availability=99.0, level=0)],
        1,
        Preference.STATE,
    ),
    "more available": ([held(1, 9, 0, availability=95), held(2, 9, 0, availability=90)], 1, Preference.AVAILABILITY),
    "more available by floats": (
        [held(1, 9, 0, availability=59.1), held(2, 9, 0, availability=64.1)],
        2,
        Preference.AVAILABILITY,
    ),
    "hardly more available": ([held(1, 9, 0, availability=95), held(2, 9, 0, availability=90.1)], None, None),
    "nobody knows the other's availability": ([held(1, 9, 0, availability=95), held(2, 9, 0)], None, None),
    "not available at all": (
        [held(1, 9, 0, availability=0), held(2, 9, 0, availability=100)],
        2,
        Preference.AVAILABILITY,
    ),
    "fewer repeaters": ([held(1, 9, 0, level=2), held(2, 9, 3, level=1)], 2, Preference.LEVEL),
    "reached directly": ([held(1, 9, 0, level=0), held(2, 9, 0, level=1)], 1, Preference.LEVEL),
    "nobody knows the other's level": ([held(1, 9, 0, level=0), held(2, 9, 0)], None, None),
    "later contact": ([held(1, 9, 1 + SECOND), held(2, 9, 0)], 2, Preference.LAST_SEEN),
    "hardly later contact": ([held(1, 9, 1), held(2, 9, 0)], None, None),
    "expected there": ([held(1, 9, 0.5, is_expected=True), held(2, 9, 0)], 1, Preference.EXPECTED),
    "expected where it is not": ([held(1, 9, 0), held(2, 9, 0)], None, None),
    "the other has fallen silent": (
        [held(1, 9, 8, listed=8), held(2, 9, 0, state=TEMPORARY)],
        2,
        Preference.LIST,
    ),
    "all have fallen silent": ([held(1, 30, 20, listed=8), held(2, 30, 8, listed=8)], 2, Preference.LAST_SEEN),
    "of three the first two criteria": (
        [held(1, 9, 0, availability=80), held(2, 9, 0, availability=90), held(3, 9, 0, state=TEMPORARY, level=0)],
        2,
        Preference.AVAILABILITY,
    ),
    "of three in a row none": (
        [held(1, 9, 0, availability=90), held(2, 9, 0, availability=93), held(3, 9, 0, availability=96)],
        None,
        None,
    ),
}


@pytest.mark.parametrize(("lists", "where", "reason"), PREFERRED.values(), ids=list(PREFERRED))
def test_the_preferred_one_has_a_reason(lists: list[Held], where: int | None, reason: Preference | None) -> None:
    found = {preferred(some, NOW) for some in permutations(lists)}
    assert {(one.concentrator, one.reason) for one in found} == {(where, reason)}


CHOSEN = {
    "no list": ([], None),
    "one list": ([held(1, 9, 0, state=PERMANENT)], 1),
    "the preferred one": ([held(1, 9, 0, level=2), held(2, 9, 0.5, level=1)], 2),
    "seen last": ([held(1, 9, 0.5), held(2, 9, 0.1)], 2),
    "active before unknown": ([held(1, 9, 0.5), held(2, 9, 0.1, state=None)], 1),
    "unknown before failing": ([held(1, 9, 0.5, state=None), held(2, 9, 0.1, state=TEMPORARY)], 1),
    "not where nobody reports": (
        [held(1, 9, 7.5, listed=7.5), held(2, 9, 0, state=None), held(3, 9, 1, state=None)],
        2,
    ),
    "alike: the same one every time": ([held(2, 9, 0), held(1, 9, 0)], 1),
}


@pytest.mark.parametrize(("lists", "where"), CHOSEN.values(), ids=list(CHOSEN))
def test_one_is_chosen_in_whatever_order(lists: list[Held], where: int | None) -> None:
    assert {chosen(some, None, NOW) for some in permutations(lists)} == {where}


def kept(at: int, *others: int) -> Decided:
    return Decided(Decision.KEEP, frozenset([at, *others]), at)


def test_where_it_is_to_be_kept_is_chosen_against_all_evidence() -> None:
    lists = [held(1, 9, 3, state=TEMPORARY), held(2, 9, 0)]
    assert chosen(lists, kept(1, 2), NOW) == 1
    assert chosen(lists, kept(3, 1, 2), NOW) == 2
    assert chosen(lists, Decided(Decision.NONE, frozenset([1, 2])), NOW) == 2


HELD = [held(1, 9, 0), held(2, 9, 0)]
UNTIL = Decided(Decision.ALLOWED, frozenset([1, 2]), until=ago(-1))
DECIDED = {
    "kept, as before": (HELD, kept(1, 2), None),
    "kept, in temporary failure": ([held(1, 9, 0, state=TEMPORARY), HELD[1]], kept(1, 2), None),
    "kept, in permanent failure": ([held(1, 9, 0, state=PERMANENT), HELD[1]], kept(1, 2), Reopened.FAILED),
    "the other one in permanent failure": ([HELD[0], held(2, 9, 0, state=PERMANENT)], kept(1, 2), None),
    "kept where it is gone": ([HELD[1], held(3, 9, 0)], kept(1, 2, 3), Reopened.GONE),
    "kept where nobody is any more": (HELD, Decided(Decision.KEEP, frozenset([1, 2]), None), Reopened.GONE),
    "kept, and another lists it": ([*HELD, held(3, 9, 0)], kept(1, 2), Reopened.ANOTHER),
    "another comes where it is gone": ([HELD[1], held(3, 9, 0)], kept(1, 2), Reopened.ANOTHER),
    "kept, and one of three has left": (HELD, kept(1, 2, 3), None),
    "allowed": (HELD, UNTIL, None),
    "allowed until now": (HELD, Decided(Decision.ALLOWED, UNTIL.of, until=NOW), Reopened.OVER),
    "allowed, and another lists it": ([*HELD, held(3, 9, 0)], UNTIL, Reopened.ANOTHER),
    "allowed, and one has failed": ([held(1, 9, 0, state=PERMANENT), HELD[1]], UNTIL, None),
    "no conflict": ([held(1, 9, 0, state=PERMANENT), HELD[1]], Decided(Decision.NONE, UNTIL.of), None),
    "no conflict, and another lists it": ([*HELD, held(3, 9, 0)], Decided(Decision.NONE, UNTIL.of), Reopened.ANOTHER),
}


@pytest.mark.parametrize(("lists", "decided", "reason"), DECIDED.values(), ids=list(DECIDED))
def test_a_decision_holds_until_the_facts_change(lists: list[Held], decided: Decided, reason: Reopened | None) -> None:
    assert reopened(lists, decided, NOW) == reason


REVIEWED = {
    "the contact of one grows old": ([held(1, 30, 2), held(2, 9, 0.1, listed=-1)], None, ago(2) + WINDOW),
    "a leftover's does not matter, its list does": (
        [held(1, 30, 13, state=PERMANENT, listed=1), held(2, 9, 0.1)],
        None,
        ago(1) + WINDOW,
    ),
    "the time that both are allowed ends first": ([held(1, 30, 2), held(2, 9, 0.1)], UNTIL, UNTIL.until),
    "nothing changes any more": ([held(1, 30, 13, listed=13), held(2, 30, 20, listed=20)], None, None),
}


@pytest.mark.parametrize(("lists", "decided", "moment"), REVIEWED.values(), ids=list(REVIEWED))
def test_it_is_looked_at_again_when_time_alone_changes_it(
    lists: list[Held], decided: Decided | None, moment: object
) -> None:
    assert review_at(lists, decided, NOW) == moment


@pytest.mark.parametrize("lists", [lists for lists, _ in KINDS.values()], ids=list(KINDS))
def test_until_then_nothing_changes_and_then_something_does(lists: list[Held]) -> None:
    moment = review_at(lists, None, NOW)
    seen = (kind_of(lists, NOW), preferred(lists, NOW))
    end = moment or NOW + 3 * WINDOW
    step = timedelta(hours=3)
    for n in range(int((end - NOW) / step)):
        assert (kind_of(lists, NOW + n * step), preferred(lists, NOW + n * step)) == seen
    last = end - timedelta(microseconds=1)
    assert (kind_of(lists, last), preferred(lists, last)) == seen
    if moment is not None:
        assert (kind_of(lists, moment), preferred(lists, moment)) != seen


def test_a_review_that_is_due_now_is_over() -> None:
    """Else whoever reviews would find it due again for ever."""
    over = Decided(Decision.ALLOWED, frozenset([1, 2]), until=NOW)
    moment = review_at([held(1, 30, 2), held(2, 9, 0.1)], over, NOW)
    assert moment is not None
    assert moment > NOW


def test_a_state_of_active_is_the_best_number() -> None:
    """2 is active and 0 is dead, not the other way round."""
    assert ACTIVE > TEMPORARY > PERMANENT
