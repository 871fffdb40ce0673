"""What may be told: incidents, and alarms that are not about one (STA-7)."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from django.db.models import Max, Q

from concentrators.models import Company
from wakeup.models import Alarm, AlarmKind, CauseClass, Incident, Priority
from wakeup.monitoring.incidents.flapping import is_flapping
from wakeup.monitoring.notifications.events import Event, Why

#: What is told anew when it changes.
TELLING: Final = ("scope", "substation", "feeder", "carrier", "cause")
_CAUSES: Final = {
    AlarmKind.POWER: CauseClass.POWER,
    AlarmKind.COMMUNICATION: CauseClass.COMMUNICATION,
    AlarmKind.CARRIER: CauseClass.COMMUNICATION,
    AlarmKind.OUR_SIDE: CauseClass.OUR_SIDE,
    AlarmKind.UNDECIDED: CauseClass.UNDECIDED,
}


@dataclass(frozen=True)
class Subject:
    """One incident or alarm as it is now. ``company`` is None for what is our side's, which all are told of.

    ``cause`` says how long it has to last before it is told; None: not at all. ``over`` is why it needs nobody any
    more, None while it does, and ``over_at`` when that came about. ``quiet`` asks why nobody is told at the moment.
    """

    key: str
    begin: Event
    end: Event
    facts: Mapping[str, Any]
    company: int | None
    cause: CauseClass | None
    priority: int
    noticed_at: datetime
    over: Why | None
    over_at: datetime | None
    quiet: Callable[[], Why | None]
    incident: int | None = None
    alarm: int | None = None


def subjects_at(now: datetime, told_incidents: Collection[int], told_alarms: Collection[int]) -> list[Subject]:
    """All that is open, and what was told to be; three queries, and one more where it is asked why one is quiet."""
    incidents = list(
        Incident.objects.filter(Q(ended_at=None, merged_into=None) | Q(pk__in=told_incidents))
        .select_related("company")
        .order_by("opened_at", "pk")
    )
    alarms = Alarm.objects.filter(incident=None).filter(Q(ended_at=None) | Q(pk__in=told_alarms))
    priorities = priorities_of([one.pk for one in incidents])
    found = [_of_incident(one, priorities.get(one.pk, Priority.LOW), now) for one in incidents]
    return found + [_of_alarm(one, now) for one in alarms.select_related("company").order_by("raised_at", "pk")]


def priorities_of(incidents: Iterable[int]) -> dict[int, int]:
    rows = Alarm.objects.filter(incident__in=list(incidents)).order_by().values_list("incident")
    return {key: highest for key, highest in rows.annotate(highest=Max("priority")) if key is not None}


def _of_incident(one: Incident, priority: int, now: datetime) -> Subject:
    def quiet() -> Why | None:
        if one.planned_id is not None:
            return Why.PLANNED
        return Why.FLAPPING if is_flapping(one, now) else None

    return Subject(
        key=f"incident {one.pk}",
        begin=Event.OPENED,
        end=Event.ENDED,
        facts=facts_of_incident(one, priority),
        company=one.company_id,
        cause=CauseClass(one.cause),
        priority=priority,
        noticed_at=one.opened_at,
        over=Why.MERGED if one.merged_into_id else Why.ENDED_BEFORE if one.ended_at else None,
        over_at=None if one.merged_into_id else one.ended_at,
        quiet=quiet,
        incident=one.pk,
    )


def facts_of_incident(one: Incident, priority: int) -> dict[str, Any]:
    """What is told of it, frozen as JSON."""
    return {
        "incident": one.pk,
        **_of_company(one.company),
        **{name: getattr(one, name) for name in TELLING},
        "priority": Priority(priority).name.lower(),
        "began_at": one.began_at.isoformat(),
        "noticed_at": one.opened_at.isoformat(),
        "ended_at": one.ended_at.isoformat() if one.ended_at else None,
        "part_of": one.merged_into_id,
        "concentrators": one.members,
        "dark": one.dark,
        "customers": one.customers,
        "evidence": one.evidence,
        "against": one.against,
    }


def _of_alarm(one: Alarm, now: datetime) -> Subject:
    def quiet() -> Why | None:
        return Why.SHELVED if one.shelved_until is not None and one.shelved_until > now else None

    kind = AlarmKind(one.kind)
    return Subject(
        key=f"alarm {one.pk}",
        begin=Event.RAISED,
        end=Event.OVER,
        facts={
            "alarm": one.pk,
            "kind": kind.value,
            **_of_company(one.company),
            "priority": Priority(one.priority).name.lower(),
            "began_at": one.began_at.isoformat(),
            "noticed_at": one.raised_at.isoformat(),
            "ended_at": one.ended_at.isoformat() if one.ended_at else None,
            "act_by": one.act_by.isoformat(),
            "facts": one.facts,
        },
        company=one.company_id,
        cause=_CAUSES.get(kind),
        priority=one.priority,
        noticed_at=one.raised_at,
        over=Why.ENDED_BEFORE if one.ended_at else None,
        over_at=one.ended_at,
        quiet=quiet,
        alarm=one.pk,
    )


def _of_company(company: Company | None) -> dict[str, str | None]:
    return {"company": company.name if company else None, "time_zone": company.time_zone if company else "UTC"}
