"""Meters in two lists: each kind looks as meters.md E describes it, at any time."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta

from concentrators.simulator.meters.life import ACTIVE, PERMANENT, TEMPORARY
from concentrators.simulator.meters.listing import MeterFleet
from concentrators.simulator.meters.sharing import Shared, Sharing
from tests.concentrators.simulator.meters.made import AT, DAY, HOUR, NOW, SILENT, made, places

FLEET = made(silent_since=NOW - timedelta(days=9))
TIMES = [AT + hours * HOUR for hours in range(0, 40 * 24, 29)]


def of(how: Sharing) -> list[Shared]:
    found = [one for one in FLEET.shared if one.how is how]
    assert found
    return found


def test_there_are_all_kinds_and_no_meter_is_shared_twice() -> None:
    assert set(Counter(one.how for one in FLEET.shared)) == set(Sharing)
    names = [one.meter.name for one in FLEET.shared]
    assert len(set(names)) == len(names)
    assert not [one for one in FLEET.shared if one.meter.is_switch or one.meter.is_supervisor]
    assert not [one for one in FLEET.shared if one.home is one.other]


def test_neighbours_are_of_one_substation_but_where_a_name_is_used_twice() -> None:
    for one in FLEET.shared:
        is_near = one.home.place.substation == one.other.place.substation
        assert is_near != (one.how is Sharing.TWICE)


def test_a_live_one_is_active_in_both_and_heard_by_turns() -> None:
    for one in of(Sharing.LIVE):
        newest = set()
        for at in TIMES:
            home, other = one.seen(1, at)
            assert home is not None
            assert other is not None
            assert home.state == other.state == ACTIVE
            assert max(at - home.last_contact, at - other.last_contact) < 6 * HOUR
            newest.add(home.last_contact > other.last_contact)
        assert newest == {True, False}


def test_a_moved_one_is_heard_by_one_and_left_behind_in_the_other_until_it_is_removed() -> None:
    for one in of(Sharing.MOVED):
        left_as = set()
        for at in TIMES:
            home, other = one.seen(1, at)
            states = [seen.state if seen else None for seen in (home, other)]
            assert ACTIVE in states
            states.remove(ACTIVE)
            left_as |= set(states)
        assert left_as - {ACTIVE, TEMPORARY} == {PERMANENT, None}


def test_a_silent_ones_meters_are_picked_up_by_a_neighbour_after_it_has_fallen_silent() -> None:
    for one in of(Sharing.PICKED_UP):
        assert one.home.place.number == SILENT
        silent = one.home.place.silent_since
        assert silent is not None
        assert one.seen(1, silent.timestamp() - DAY)[1] is None
        assert one.seen(1, silent.timestamp() + HOUR)[1] is None
        seen = one.seen(1, silent.timestamp() + DAY)[1]
        assert seen is not None
        assert seen.state == ACTIVE


def test_one_that_failed_has_the_same_last_contact_in_both() -> None:
    both = [one.seen(1, at) for one in of(Sharing.FAILED) for at in TIMES]
    lost = [(home, other) for home, other in both if other is not None]
    assert lost
    assert {home == other for home, other in lost} == {True}
    assert Counter(other.state for _home, other in lost)[PERMANENT] > 0.9 * len(lost)


def test_a_name_that_is_used_twice_is_active_at_both_with_contacts_of_its_own() -> None:
    for one in of(Sharing.TWICE):
        both = [one.seen(1, at) for at in TIMES]
        assert {seen.state for pair in both for seen in pair if seen} == {ACTIVE}
        assert len({home.last_contact - other.last_contact for home, other in both if home and other}) > 5


def test_one_concentrator_or_none_shares_nothing() -> None:
    for count in (0, 1):
        assert MeterFleet(places(count), 1).shared == []
