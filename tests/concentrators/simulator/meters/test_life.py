"""What becomes of a meter: contacts, failures, removal and return, on a clock that is given."""

from __future__ import annotations

from collections import Counter

from concentrators.simulator.meters.life import (
    ACTIVE,
    PERMANENT,
    PERMANENT_AFTER,
    TEMPORARY,
    TEMPORARY_AFTER,
    failing_since,
    heard,
    is_removed,
    last_contact,
    lost_since,
    seen_since,
)
from tests.concentrators.simulator.meters.made import AT, DAY, HOUR

NAMES = [f"ZIV99{number:08}" for number in range(400)]


def test_a_contact_is_never_later_than_its_list_and_never_moves_back() -> None:
    for name in NAMES[:5]:
        found = [last_contact(1, name, AT + second) for second in range(0, 900, 7)]
        assert found == sorted(found)
        assert all(0 <= AT + second - at <= 360 for second, at in zip(range(0, 900, 7), found, strict=True))


def test_states_follow_from_the_age_of_the_contact() -> None:
    ages = [0, TEMPORARY_AFTER - 1, TEMPORARY_AFTER, PERMANENT_AFTER - 1, PERMANENT_AFTER, 13 * DAY]
    found = [seen_since(AT - age, AT) for age in ages]
    assert [one.state for one in found] == [ACTIVE, ACTIVE, TEMPORARY, TEMPORARY, PERMANENT, PERMANENT]
    assert [one.active for one in found] == [True, True, True, True, False, False]


def test_most_are_active_at_any_moment_and_a_few_are_failing() -> None:
    for days in range(0, 60, 7):
        at = AT + days * DAY
        failing = [failing_since(1, name, at, is_switch=False) for name in NAMES]
        count = len([begin for begin in failing if begin is not None])
        assert count <= 20
        assert all(at - 18 * HOUR < begin <= at for begin in failing if begin is not None)


def test_a_failure_begins_ends_and_is_over() -> None:
    name = next(name for name in NAMES if failing_since(1, name, AT, is_switch=False) is not None)
    begin = failing_since(1, name, AT, is_switch=False)
    assert begin is not None
    assert failing_since(1, name, begin, is_switch=False) == begin
    assert failing_since(1, name, begin - 60, is_switch=False) is None
    assert failing_since(1, name, begin + 18 * HOUR, is_switch=False) is None


def test_an_unlucky_one_fails_for_good_is_removed_and_comes_back() -> None:
    unlucky = [name for name in NAMES if any(lost_since(1, name, AT + days * DAY) for days in range(60))]
    assert 10 < len(unlucky) < 40
    for name in unlucky:
        times = [AT + days * DAY for days in range(60)]
        lost = [lost_since(1, name, at) for at in times]
        removed = [is_removed(since, at) for since, at in zip(lost, times, strict=True)]
        assert Counter(since is None for since in lost) == {True: 42, False: 18}
        assert sum(removed) == 8
        state = [heard(1, name, at, since).state for since, at in zip(lost, times, strict=True)]
        assert 15 <= state.count(PERMANENT) <= 17


def test_chance_has_no_memory() -> None:
    found = [heard(1, name, AT) for name in NAMES]
    assert found == [heard(1, name, AT) for name in NAMES] != [heard(2, name, AT) for name in NAMES]
