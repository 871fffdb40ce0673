"""Messages that take the fast path, and how many round trips they make."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from smmeplus.dlms.kinds import Kind
from wakeup.models import Format
from wakeup.recording.arrivals import Arrival, Recorded
from wakeup.recording.libpq import Steps, execute

NOON = datetime(2026, 4, 1, 12, tzinfo=UTC)


def arrival(serial: str, *, address: Any = "10.0.0.1") -> Arrival:
    return Arrival(serial, Kind.KEEPALIVE, Format.PUSH, NOON, address, 58_692)


def drive(steps: Steps[Recorded | None]) -> tuple[int, Recorded | None]:
    """How many round trips the steps make, within the caller's transaction if there is one, and what they return."""
    trips = 0
    try:
        statements = next(steps)
        while True:
            trips += 1
            statements = steps.send(execute(*statements))
    except StopIteration as end:
        return trips, end.value
