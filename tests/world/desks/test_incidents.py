"""Exactly these incidents come of a scenario, whenever watchers pass and whether they are started anew (STA-5)."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.world.desks import scenarios
from tests.world.scenario import Scenario
from tests.world.told import expected, recorded
from tests.world.trace import hms
from tests.world.world import play
from wakeup.models import Incident

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.mark.parametrize(
    ("scenario", "watchers"),
    [
        pytest.param(scenarios.TWO_FEEDERS, 2, id="two feeders at once"),
        pytest.param(replace(scenarios.TWO_FEEDERS, pause_s=(3_000, 6_000)), 1, id="a watcher that is away for hours"),
        pytest.param(scenarios.FEEDER_IN_A_CARRIER, 1, id="a feeder in a carrier", marks=pytest.mark.ci_only),
        pytest.param(scenarios.FLAPPING_FEEDER, 1, id="flapping"),
        pytest.param(scenarios.WORK_ENDS_LATE, 1, id="planned work that ends late"),
    ],
)
def test_these_are_the_incidents(scenario: Scenario, watchers: int) -> None:
    outcome = play(scenario, watchers=watchers)
    assert tuple(told(scenario)) == scenario.incidents
    for group in scenario.groups:
        for serial in outcome.groups[group] if group not in scenario.canary_groups else ():
            assert recorded(outcome, serial) == expected(outcome, serial, scenario)


def told(scenario: Scenario) -> list[str]:
    """When it began and ended, its place, its cause, how many concentrators of how many; and whether it was planned."""
    return [
        f"{_at(scenario, one, 'began_at')} to {_at(scenario, one, 'ended_at')} "
        f"{' '.join(filter(None, (one.scope, one.substation, one.feeder, one.carrier)))}, {one.cause}, "
        f"{one.members} of {one.size}{', planned' if one.planned_id else ''}"
        for one in Incident.objects.filter(merged_into=None).order_by("opened_at", "pk")
    ]


def _at(scenario: Scenario, incident: Incident, name: str) -> str:
    moment = getattr(incident, name)
    return hms((moment - scenario.start).total_seconds()) if moment else "now"
