"""The alarm of one incident, and of a place that comes and goes (STA-9)."""

from __future__ import annotations

from collections.abc import Mapping
from hashlib import sha256
from typing import Final

from wakeup.models.alarms import AlarmKind, Priority
from wakeup.models.incidents import CauseClass, IncidentScope
from wakeup.monitoring.alarms.rules.due import Due, Limits, Seen

_KINDS: Final[Mapping[str, AlarmKind]] = {
    CauseClass.POWER: AlarmKind.POWER,
    CauseClass.COMMUNICATION: AlarmKind.COMMUNICATION,
    CauseClass.OUR_SIDE: AlarmKind.OUR_SIDE,
    CauseClass.UNDECIDED: AlarmKind.UNDECIDED,
}
#: Of which one alone concerns more people than any desk can call.
_WIDE: Final = (IncidentScope.COMPANY, IncidentScope.CARRIER, IncidentScope.OUR_SIDE)


def kind_of(one: Seen) -> AlarmKind:
    if one.scope == IncidentScope.CARRIER:
        return AlarmKind.CARRIER
    return AlarmKind.OUR_SIDE if one.scope == IncidentScope.OUR_SIDE else _KINDS[one.cause]


def priority_of(one: Seen, limits: Limits) -> Priority:
    if one.scope in _WIDE or one.customers >= limits.high_customers:
        return Priority.HIGH
    return Priority.MEDIUM if one.customers >= limits.medium_customers else Priority.LOW


def alarm_of(one: Seen, priority: Priority) -> Due:
    return Due(
        key=one.key,
        kind=kind_of(one),
        priority=priority,
        began_at=one.began_at,
        company=one.company,
        incident=one.pk,
        place=one.place,
        facts={
            "scope": str(one.scope),
            "cause": str(one.cause),
            "members": one.members,
            "dark": one.dark,
            "customers": one.customers,
        },
    )


def flapping_alarm(one: Seen) -> Due:
    """One for the place, however often it comes and goes; it leads to the last incident of it."""
    digest = sha256(f"{one.scope} {one.place}".encode()).hexdigest()[:32]  # two long names would not fit into a key
    return Due(
        key=f"flapping {one.company} {digest}",
        kind=AlarmKind.FLAPPING,
        priority=Priority.HIGH if one.scope in _WIDE else Priority.LOW,
        began_at=one.began_at,
        company=one.company,
        incident=one.pk,
        place=one.place,
        facts={"cause": str(one.cause), "members": one.members, "customers": one.customers},
    )
