"""What becomes of incidents: how many are still dark, whether it is over, and what it turns out to be (STA-5)."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from datetime import datetime

from django.db.models import F, Max, OuterRef, Subquery

from concentrators.procedures.planned import PlannedIndex, windows_between
from wakeup.models import CauseClass, Incident, IncidentNote, IncidentScope, NoteKind, Outage
from wakeup.monitoring.incidents.customers import Tally, tallies
from wakeup.monitoring.incidents.evidence import Signs, came_back
from wakeup.monitoring.incidents.loading import OPEN_WAY

_NUMBERS = ("members", "dark", "customers", "customers_source", "planned_id")


def follow_incidents(touched: Collection[int], now: datetime) -> int:
    """Bring all that are open up to date; ``touched`` have other members than before. Return how many have changed."""
    rows = Incident.objects.filter(ended_at=None, merged_into=None).exclude(scope=IncidentScope.OUR_SIDE)
    incidents = {incident.pk: incident for incident in rows}
    found = tallies(incidents)
    ends = _ends(pk for pk, tally in found.items() if not tally.dark)
    planned = _planned_of([incidents[pk] for pk in touched if pk in incidents])
    changed = 0
    for pk, incident in incidents.items():
        before = _state(incident)
        is_news = (incident.members, incident.dark) != (found[pk].members, found[pk].dark)
        _count(incident, found[pk])
        if pk in touched:
            _plan(incident, found[pk], planned)
        if (is_news or found[pk].gasps) and incident.cause == CauseClass.UNDECIDED and not incident.is_cause_said:
            _decide(incident, now)
        if not found[pk].dark:
            _end(incident, ends.get(pk, now))
        changed += _save(incident, before)
    _tell_outages()
    return changed


def _state(incident: Incident) -> tuple[object, ...]:
    return tuple(getattr(incident, name) for name in (*_NUMBERS, "cause", "ended_at"))


def _save(incident: Incident, before: tuple[object, ...]) -> bool:
    """Numbers leave no trace in its history, but a cause and an end do."""
    after = _state(incident)
    if after == before:
        return False
    if after[-2:] == before[-2:]:
        Incident.objects.filter(pk=incident.pk).update(**dict(zip(_NUMBERS, after, strict=False)))
    else:
        incident.save()
    return True


def _count(incident: Incident, tally: Tally) -> None:
    """Whoever was a customer of it stays one: the number never falls."""
    incident.members, incident.dark = tally.members, tally.dark
    if tally.customers >= incident.customers:
        incident.customers, incident.customers_source = tally.customers, tally.source


def _ends(incidents: Iterable[int]) -> Mapping[int, datetime]:
    """When the last member of each came back."""
    rows = Outage.objects.filter(incident__in=list(incidents)).order_by().values("incident")
    return dict(rows.annotate(end=Max("ended_at")).values_list("incident", "end"))


def _end(incident: Incident, at: datetime) -> None:
    incident.ended_at = at
    IncidentNote.objects.create(incident=incident, at=at, kind=NoteKind.ENDED)


def _planned_of(incidents: Collection[Incident]) -> PlannedIndex:
    if not incidents:
        return PlannedIndex()
    times = [incident.began_at for incident in incidents]
    return windows_between(min(times), max(times))


def _plan(incident: Incident, tally: Tally, planned: PlannedIndex) -> None:
    """It is quiet while its place, or each of its concentrators, lies in planned work."""
    place = (incident.company_id or 0, incident.substation, incident.feeder)
    of_members = None if tally.unplanned else tally.planned
    incident.planned_id = planned.of_place(*place, incident.began_at) or of_members


def _decide(incident: Incident, now: datetime) -> None:
    """Later evidence may tell what it is. What was known when it was noticed stays as it was."""
    signs = _signs(incident)
    if signs.cause == CauseClass.UNDECIDED:
        return
    facts = {"from": incident.cause, "to": signs.cause, "evidence": signs.found()}
    incident.cause = signs.cause
    IncidentNote.objects.create(incident=incident, at=now, kind=NoteKind.CAUSE, facts=facts)


def _signs(incident: Incident) -> Signs:
    names = ("concentrator_id", "is_announced", "verdict", "concentrator__carrier", "ended_at", "ended_by")
    rows = list(Outage.objects.filter(incident=incident).order_by("noticed_at", "pk").values_list(*names))
    last = {row[0]: row for row in rows}
    gasps = len({row[0] for row in rows if row[1]})
    way_open = sum(row[2] in OPEN_WAY for row in last.values())
    carriers = sorted({row[3] for row in last.values() if row[3]})
    boots, keepalives = came_back(((row[4], row[5]) for row in rows if row[4]), len(rows))
    return Signs(incident.size, len(last), gasps, way_open, carriers, boots, keepalives)


def _tell_outages() -> None:
    """What is still silent is what its incident is."""
    decided = Incident.objects.filter(pk=OuterRef("incident")).values("cause")
    undecided = Outage.objects.open().filter(cause=CauseClass.UNDECIDED, incident__isnull=False)
    undecided.exclude(incident__cause=F("cause")).update(cause=Subquery(decided))
