"""What was recorded of the status of a concentrator, and what the reference model says, as scenarios write it."""

from __future__ import annotations

from tests.world.reference import changes
from tests.world.scenario import Scenario
from tests.world.trace import hms, seconds
from tests.world.world import Outcome


def recorded(outcome: Outcome, serial: str) -> tuple[str, ...]:
    """The changes of a concentrator."""
    return tuple(f"{hms(one.at)} {one.to_status}, {one.reason}" for one in outcome.changes if one.serial == serial)


def expected(outcome: Outcome, serial: str, scenario: Scenario) -> tuple[str, ...]:
    """What the words of STA-1 and STA-2 make of what is stored of a concentrator, while it is never our side."""
    heard = [(one.at, one.kind.word, one.device_time) for one in outcome.stored_of(serial)]
    told = changes(60.0 * scenario.period_min, heard, seconds(scenario.lasts))
    return tuple(f"{hms(at)} {status}, {reason}" for at, status, reason in told)
