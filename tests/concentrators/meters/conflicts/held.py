"""What lists say of a meter, in days before the moment at which it is judged."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from concentrators.meters.conflicts.rules import Held
from concentrators.models import MeterState

ACTIVE, TEMPORARY, PERMANENT = MeterState.ACTIVE, MeterState.TEMPORARY_FAILURE, MeterState.PERMANENT_FAILURE
NOW = datetime(2027, 3, 4, 12, tzinfo=UTC)


def ago(days: float) -> datetime:
    return NOW - timedelta(days=days)


def held(
    concentrator: int, first: float, last: float | None, listed: float = 0, state: Any = ACTIVE, **facts: Any
) -> Held:
    """``concentrator`` has it, first seen, last seen and listed so many days ago."""
    seen = None if last is None else ago(last)
    return Held(concentrator, ago(first), seen, ago(listed), state, **facts)
