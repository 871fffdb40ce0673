"""Where a reporting day begins and ends (REP-5)."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

DAY = timedelta(days=1)
#: Nothing is counted before: this first midnight of the epoch is one in every zone.
FIRST_DAY = date(1970, 1, 2)


def begin_of(day: date, zone: ZoneInfo) -> datetime:
    """The first instant of ``day`` in ``zone``, in UTC: where clocks go forward at midnight it is 1 o'clock."""
    return datetime.combine(day, time.min, zone).astimezone(UTC)
