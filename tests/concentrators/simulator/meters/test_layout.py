"""Trees of repeaters as PRIME builds them: consistent at any size, and the same each time."""

from __future__ import annotations

from collections import Counter

import pytest

from concentrators.simulator.meters.layout import DEEPEST, MOST_METERS, NO_SWITCH, Net, Place, lay_out
from tests.concentrators.simulator.meters.made import SIZES, places

SEEDS = range(3)


def net(meters: int, seed: int = 1) -> Net:
    (found,) = lay_out([Place(7, "MADE7", "Maipu", meters)], seed)
    return found


@pytest.mark.parametrize("meters", [*SIZES, MOST_METERS])
@pytest.mark.parametrize("seed", SEEDS)
def test_each_meter_is_behind_a_repeater_one_level_above_or_reached_directly(meters: int, seed: int) -> None:
    found = net(meters, seed)
    assert len(found.meters) == meters + 1
    for position, meter in enumerate(found.meters):
        if meter.parent is None:
            assert (meter.level, found.sid_of(meter)) == (0, 0)
        else:
            parent = found.meters[meter.parent]
            assert meter.parent < position
            assert parent.is_switch
            assert meter.level == parent.level + 1 <= DEEPEST
            assert found.sid_of(meter) == parent.lsid


@pytest.mark.parametrize("meters", [*SIZES, MOST_METERS])
def test_names_macs_and_numbers_stand_once(meters: int) -> None:
    found = net(meters)
    for what in ("name", "mac", "lnid"):
        assert len({getattr(meter, what) for meter in found.meters}) == meters + 1
    switches = [meter.lsid for meter in found.meters if meter.is_switch]
    assert len(set(switches)) == len(switches)
    assert all(0 < lsid < NO_SWITCH // 2 for lsid in switches)


def test_names_are_as_real_ones_and_obviously_invented() -> None:
    for found in lay_out([*places(), Place(99_999, "LAST", "Maipu", MOST_METERS)], 1):
        supervisor, *customers = found.meters
        assert supervisor.is_supervisor
        assert supervisor.name.startswith(("ZIVS0099", "CIR20819"))
        for meter in customers:
            assert (len(meter.name), meter.name[3:5], meter.is_supervisor) == (13, "99", False)
            assert meter.name.startswith(meter.maker)
        assert {meter.mac >> 32 for meter in found.meters} == {0x0299}


def test_no_two_concentrators_have_a_name_or_a_mac_in_common() -> None:
    meters = [meter for found in lay_out(places(), 1) for meter in found.meters]
    assert len({meter.name for meter in meters}) == len({meter.mac for meter in meters}) == len(meters)


def test_paths_are_of_all_lengths() -> None:
    levels = Counter(meter.level for found in lay_out(places(), 1) for meter in found.meters)
    assert sorted(levels) == list(range(DEEPEST + 1))
    assert all(count > 20 for count in levels.values())


def test_it_is_the_same_for_a_seed_and_another_one_for_another() -> None:
    assert lay_out(places(), 1) == lay_out(places(), 1) != lay_out(places(), 2)


def test_one_more_concentrator_changes_nothing_of_the_others() -> None:
    assert lay_out(places(41), 1)[:40] == lay_out(places(40), 1)


@pytest.mark.parametrize(("number", "meters"), [(0, 5), (100_000, 5), (1, -1), (1, MOST_METERS + 1)])
def test_what_names_have_no_room_for_is_refused(number: int, meters: int) -> None:
    with pytest.raises(ValueError, match="MADE7"):
        Place(number, "MADE7", "Maipu", meters)
