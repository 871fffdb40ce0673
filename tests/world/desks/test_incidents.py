"""Exactly these incidents, alarms and notifications come of a scenario, whether watchers are started anew or not.

STA-5, STA-7, STA-9.
"""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.world.desks import scenarios
from tests.world.scenario import Scenario
from tests.world.told import alarms_told, deliveries_told, expected, incidents_told, recorded
from tests.world.world import play

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.mark.parametrize(
    ("scenario", "watchers"),
    [
        pytest.param(scenarios.TWO_FEEDERS, 2, id="two feeders at once"),
        pytest.param(replace(scenarios.TWO_FEEDERS, pause_s=(3_000, 6_000)), 1, id="a watcher that is away for hours"),
        pytest.param(scenarios.FEEDER_IN_A_CARRIER, 1, id="a feeder in a carrier", marks=pytest.mark.ci_only),
        pytest.param(scenarios.FLAPPING_FEEDER, 1, id="flapping"),
        pytest.param(scenarios.WORK_ENDS_LATE, 1, id="planned work that ends late"),
        pytest.param(scenarios.PARENTS_MAINTENANCE, 1, id="a parent's maintenance"),
    ],
)
def test_these_are_the_incidents(scenario: Scenario, watchers: int) -> None:
    outcome = play(scenario, watchers=watchers)
    assert tuple(incidents_told(scenario)) == scenario.incidents
    assert tuple(alarms_told(scenario)) == scenario.alarms
    assert tuple(deliveries_told()) == scenario.told
    for group in scenario.groups:
        for serial in outcome.groups[group] if group not in scenario.canary_groups else ():
            assert recorded(outcome, serial) == expected(outcome, serial, scenario)
