"""What was recorded of the status of a concentrator and of incidents, and what the reference model says."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tests.world.reference import changes
from tests.world.scenario import Scenario
from tests.world.trace import hms, seconds
from tests.world.world import Outcome
from wakeup.models import Alarm, Delivery, DeliveryState, Incident


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


def alarms_told(scenario: Scenario) -> list[str]:
    """Since when what it is about has lasted, its priority, what it is and its place; and whether it still stands.

    When it was raised depends on when a watcher passed.
    """
    return [
        f"{_at(scenario, one, 'began_at')} {one.get_priority_display()}, {f'{one.kind} {one.place}'.rstrip()}"
        f"{'' if one.ended_at else ', stands'}"
        for one in Alarm.objects.order_by("raised_at", "pk")
    ]


def deliveries_told() -> list[str]:
    """The event and its place, or of an alarm its kind; and why it was not told."""
    return [
        f"{one.event}: {_place_of(one.body)}{', not told: ' + one.reason.rstrip('|') if one.reason else ''}"
        for one in Delivery.objects.exclude(state=DeliveryState.WAITING).order_by("number")
    ]


def _place_of(body: Mapping[str, Any]) -> str:
    names = ("scope", "substation", "feeder", "carrier", "kind")
    return " ".join(str(body[name]) for name in names if body.get(name))


def _at(scenario: Scenario, one: Incident | Alarm, name: str) -> str:
    moment = getattr(one, name)
    return hms((moment - scenario.start).total_seconds()) if moment else "now"
