"""How the status of concentrators changes in the scenarios, asserted to the second (STA-2, STA-3)."""

from __future__ import annotations

from collections import Counter
from itertools import pairwise

import pytest

from tests.world import scenarios
from tests.world.scenario import Scenario
from tests.world.told import expected, recorded
from tests.world.trace import hms
from tests.world.world import play

pytestmark = pytest.mark.django_db(transaction=True)

WATCHED = [
    scenarios.ONE_DIES,
    scenarios.FEEDER_DARK,
    scenarios.NETWORK_AWAY,
    scenarios.ONE_CARRIER_AWAY,
    scenarios.ONE_OF_THREE_DEAD,
    scenarios.DATABASE_AWAY,
    scenarios.EVERYTHING,
    scenarios.FLAPPING,
    scenarios.WRONG_CLOCKS,
]


@pytest.mark.parametrize("scenario", WATCHED, ids=lambda scenario: "+".join(scenario.groups))
def test_each_change_is_told_once_and_at_its_true_time(scenario: Scenario) -> None:
    """After each pass all up to some seconds before are recorded, and no later ones."""
    outcome = play(scenario, watchers=2)
    named = {name: recorded(outcome, outcome.serial_of(name)) for name in scenario.changes}
    assert named == scenario.changes
    for serials in outcome.groups.values():
        for serial in serials:
            assert recorded(outcome, serial) == expected(outcome, serial, scenario)
            of_one = [one for one in outcome.changes if one.serial == serial]
            assert all(earlier.to_status == later.from_status for earlier, later in pairwise(of_one))
    assert len(outcome.passes) > 20
    for until, count in outcome.passes:
        assert count == sum(one.at <= until for one in outcome.changes)


def test_a_dark_feeder_is_known_at_once_by_its_last_gasps_and_by_silence_where_they_are_lost() -> None:
    outcome = play(scenarios.FEEDER_DARK, watchers=1)
    feeder = set(outcome.groups["feeder"])
    reasons = Counter(one.reason for one in outcome.changes if one.to_status == "unreachable" and one.serial in feeder)
    assert reasons == {"last gasp": 16, "silence": 24}
    assert {hms(one.at) for one in outcome.changes if one.reason == "last gasp"} == {"2:00:30"}
    back = [one for one in outcome.changes if hms(one.at) == "5:30:30"]
    assert {one.serial for one in back} == feeder
    assert {(one.from_status, one.to_status, one.reason) for one in back} == {("unreachable", "reachable", "message")}
    assert {one.to_status for one in outcome.changes if one.serial not in feeder} == {"never called", "reachable"}
