"""What the world says of three scenarios is so over real sockets, too, as exactly as a busy machine allows."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace

import pytest

from smmeplus.dlms.kinds import Kind
from tests.plugins.effort import SOAKS
from tests.world import scenarios
from tests.world.reference import arrivals
from tests.world.scenario import Scenario
from tests.world.sockets.real import SPEED, RealWorld, play_for_real
from tests.world.trace import hms, seconds
from tests.world.world import Stored

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.process,
    pytest.mark.soak,
    pytest.mark.ci_only,
    pytest.mark.one_database("postgresql", in_ci=True),
]

#: Seconds of the fleet's clock: 1.5 s of ours, for which others may have the machine. Pauses between rounds of retries
#: are twice as long.
TOLERANCE = 900.0


def heard(stored: Iterable[Stored], serial: str) -> list[tuple[float, str]]:
    return [(one.at, one.kind.word) for one in stored if one.serial == serial]


def assert_about(found: Sequence[tuple[float, str]], expected: Sequence[tuple[float, str]], name: str) -> None:
    """The same kinds in the same order, each at about its time."""
    assert [kind for _, kind in found] == [kind for _, kind in expected], name
    off = [at - told for (at, _), (told, _) in zip(found, expected, strict=True)]
    assert all(-SPEED / 100 < one < TOLERANCE for one in off), (name, off)


def assert_all_stored(world: RealWorld, stored: Sequence[Stored]) -> None:
    """Once each, as far as anybody was told."""
    kept = Counter((one.serial, one.kind.word) for one in stored if one.kind is not Kind.LASTGASP)
    told = Counter((serial, kind.word) for serial, kind, _ in world.answered)
    assert told
    assert not told - kept


def assert_as_named(world: RealWorld, stored: Sequence[Stored], scenario: Scenario) -> None:
    """As it stands beside the scenario, up to when it is ended here."""
    for name, texts in scenario.arrivals.items():
        group, number = name.rsplit(maxsplit=1)
        expected = [(seconds(at), kind) for at, kind in (text.split() for text in texts)]
        before = [one for one in expected if one[0] < seconds(scenario.lasts) - TOLERANCE]
        assert_about(heard(stored, world.groups[group][int(number)])[: len(before)], before, name)


def assert_as_sim_1_says(world: RealWorld, stored: Sequence[Stored], scenario: Scenario) -> None:
    """By when the listener was really away: one needs some seconds to start, which are half an hour here.

    Those whose attempts fall so near to its end or start that lateness decides are left out.
    """
    ((down, ready),) = world.down
    assert ready > seconds("2:00:00")
    period, end, checked = 60.0 * scenario.period_min, world.ended_at - 2 * TOLERANCE, 0
    for number, serial in enumerate(world.groups["field"]):
        boot = float(number * scenario.step_s)
        in_time = list(arrivals(boot, period, end, lambda at: not down <= at < ready))
        late = list(arrivals(boot, period, end, lambda at: not down <= at + TOLERANCE < ready))
        if in_time == late:
            checked += 1
            assert_about(heard(stored, serial)[: len(in_time)], in_time, hms(boot))
    assert checked >= 20


PLAYED = [
    pytest.param(replace(scenarios.LISTENER_DOWN, lasts="3:20:00"), assert_as_sim_1_says, id="listener killed"),
    pytest.param(replace(scenarios.ONE_DIES, lasts="4:20:00"), assert_as_named, id="one dies"),
    pytest.param(replace(scenarios.NETWORK_AWAY, lasts="3:40:00"), assert_as_named, id="network away"),
]


@pytest.mark.parametrize(("scenario", "assert_so"), PLAYED if SOAKS else PLAYED[:1])
def test_a_scenario_over_sockets(
    scenario: Scenario, assert_so: Callable[[RealWorld, Sequence[Stored], Scenario], None]
) -> None:
    world, stored = play_for_real(scenario)
    assert_all_stored(world, stored)
    assert_so(world, stored, scenario)
