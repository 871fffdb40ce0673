"""Stores what grouping has found: new incidents, those that grew, widened or were taken in (STA-5)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from wakeup.models import Incident, IncidentNote, NoteKind, Outage
from wakeup.monitoring.incidents.evidence import Signs, cause_of, evidence_of
from wakeup.monitoring.incidents.groups import Group
from wakeup.monitoring.incidents.places import Place
from wakeup.monitoring.outages.storing import change_outages


def store(groups: Sequence[Group], sizes: Mapping[Place, int], now: datetime) -> list[int]:
    """The keys of the incidents that have changed. To be called within the transaction that took their outages."""
    changed = [group for group in groups if group.into is None and (group.told or group.members)]
    incidents = {id(group): _stored(group, sizes, now) for group in changed}
    taken_in = [group for group in groups if group.into is not None and group.key is not None]
    for group in taken_in:
        _take_in(group, incidents[id(group.root)])
    rows = [
        {"id": one.key, "incident_id": incidents[id(group)].pk}
        for group in changed
        for one in group.members
        if one.group is not None
    ]
    change_outages(rows, ["incident_id"])
    IncidentNote.objects.bulk_create(note for group in changed for note in _notes(group, incidents[id(group)]))
    return [incident.pk for incident in incidents.values()]


def _stored(group: Group, sizes: Mapping[Place, int], now: datetime) -> Incident:
    """An end is found by the outages. When it began leaves no trace in its history, but its place does."""
    times = {
        "began_at": group.began,
        "ended_at": None,
        "window_from": group.window[0],
        "window_until": group.window[1],
        "members_after": group.after,
        "members_before": group.before,
        "is_renewed": group.is_renewed,
    }
    if group.key is None:
        return _opened(group, sizes, now, times)
    Incident.objects.filter(pk=group.key).update(**times)
    incident = Incident.objects.get(pk=group.key)
    if incident.scope != group.place.scope:
        _place(incident, group.place, sizes)
        incident.save()
    return incident


def _opened(group: Group, sizes: Mapping[Place, int], now: datetime, times: Mapping[str, object]) -> Incident:
    incident = Incident(opened_at=now, **times)
    _place(incident, group.place, sizes)
    signs = Signs.of(group.members, incident.size)
    incident.cause = cause_of(group, signs)
    incident.evidence, incident.against = evidence_of(group, signs, group.told[0].at)
    incident.save()
    return incident


def _place(incident: Incident, place: Place, sizes: Mapping[Place, int]) -> None:
    incident.company_id, incident.scope = place.company, place.scope
    incident.substation, incident.feeder, incident.carrier = place.substation, place.feeder, place.carrier
    incident.size = sizes.get(place, 0)


def _take_in(group: Group, incident: Incident) -> None:
    """Its outages become those of ``incident``, and it stays as a part of it."""
    part = Incident.objects.get(pk=group.key or 0)
    Outage.objects.filter(incident=part).update(incident=incident)
    Incident.objects.filter(merged_into=part).update(merged_into=incident)
    part.merged_into = incident
    part.save()


def _notes(group: Group, incident: Incident) -> Iterable[IncidentNote]:
    known = set(NoteKind.values)
    for at, what, facts in group.told:
        if what in known:
            yield IncidentNote(incident=incident, at=at, kind=what, facts=facts)
    if group.key is not None and group.members and not group.told:
        facts = {"concentrators": len({one.concentrator for one in group.members})}
        yield IncidentNote(
            incident=incident, at=max(one.noticed for one in group.members), kind=NoteKind.GREW, facts=facts
        )
