"""What was recorded of the status of a concentrator and of incidents, and what the reference model says."""

from __future__ import annotations

from tests.world.reference import changes
from tests.world.scenario import Scenario
from tests.world.trace import hms, seconds
from tests.world.world import Outcome
from wakeup.models import Incident


def recorded(outcome: Outcome, serial: str) -> tuple[str, ...]:
    """The changes of a concentrator."""
    return tuple(f"{hms(one.at)} {one.to_status}, {one.reason}" for one in outcome.changes if one.serial == serial)


def expected(outcome: Outcome, serial: str, scenario: Scenario) -> tuple[str, ...]:
    """What the words of STA-1 and STA-2 make of what is stored of a concentrator, while it is never our side."""
    heard = [(one.at, one.kind.word, one.device_time) for one in outcome.stored_of(serial)]
    told = changes(60.0 * scenario.period_min, heard, seconds(scenario.lasts))
    return tuple(f"{hms(at)} {status}, {reason}" for at, status, reason in told)


def incidents_told(scenario: Scenario) -> list[str]:
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
