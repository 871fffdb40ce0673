"""Alarms that are about no incident: undecided verdicts, planned work, deliveries (STA-9)."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from wakeup.models.alarms import AlarmKind, Priority
from wakeup.monitoring.alarms.rules.due import Due, Limits, Overrun, Undelivered

#: A receiver that is away for so long may have missed what somebody had to act on.
LONG_AWAY: Final = timedelta(hours=4)


def undecided_alarm(since: datetime, limits: Limits, now: datetime) -> Due | None:
    """While nobody can say whose fault silence is, since no canary shows that our side is well."""
    if now - since < limits.delay:
        return None
    return Due(key="undecided", kind=AlarmKind.UNDECIDED, priority=Priority.LOW, began_at=since)


def overrun_alarm(one: Overrun) -> Due:
    return Due(
        key=f"planned {one.window}",
        kind=AlarmKind.PLANNED_OVERRUN,
        priority=Priority.MEDIUM,
        began_at=one.end,
        company=one.company,
        planned=one.window,
        place=one.place,
        facts={"title": one.title, "dark": one.dark, "customers": one.customers},
    )


def undelivered_alarm(one: Undelivered, now: datetime) -> Due:
    return Due(
        key=f"receiver {one.receiver}",
        kind=AlarmKind.NOT_DELIVERED,
        priority=Priority.MEDIUM if now - one.since >= LONG_AWAY else Priority.LOW,
        began_at=one.since,
        company=one.company,
        place=one.name,
        facts={"waiting": one.waiting, "tries": one.tries},
    )
