"""Which outages make up an incident, when an operator merges or splits, and what follows from them (STA-5)."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Any, NamedTuple

from django.db.models import Count, Max, Min, Q, QuerySet

from concentrators.models import Concentrator, State
from smmeplus.common.chunks import in_keys
from wakeup.models import Incident, IncidentScope, Outage
from wakeup.monitoring.incidents.customers import tallies


def move_outages(outages: QuerySet[Outage], target: Incident) -> int:
    """Make ``outages`` those of ``target``; return how many."""
    return outages.update(incident=target)


def count_again(incident: Incident) -> None:
    """Set how many ``incident`` has, how many are dark and how many customers they have; and its end, if all are back.

    What is not dark any more does not open again by this: an incident that has ended stays so.
    """
    is_open = Q(ended_at=None)
    found = incident.outages.aggregate(number=Count("pk"), dark=Count("pk", filter=is_open), last=Max("ended_at"))
    tally = tallies([incident.pk])[incident.pk]
    incident.members, incident.dark = found["number"], found["dark"]
    incident.customers, incident.customers_source = tally.customers, tally.source
    if found["number"] and not found["dark"] and incident.ended_at is None:
        incident.ended_at = found["last"]


class _Bounds(NamedTuple):
    began_at: datetime
    window_from: datetime
    window_until: datetime


def copy_for(incident: Incident, keys: Collection[int], now: datetime) -> Incident:
    """An incident for the outages with ``keys``, not stored yet: like ``incident``, at the place that they share."""
    outages = Outage.objects.filter(in_keys(keys))
    bounds = _bounds_of(outages)
    made = Incident(
        company=incident.company,
        carrier=incident.carrier,
        cause=incident.cause,
        is_cause_said=incident.is_cause_said,
        evidence=incident.evidence,
        against=incident.against,
        planned_id=incident.planned_id,
        customers_source=incident.customers_source,
        opened_at=incident.opened_at,  # or it would be told as if it had just been noticed
        acknowledged_at=now,
        is_split=True,
        **bounds._asdict(),
        **_place_of(incident, outages),
    )
    made.size = _size_of(made, len(keys))
    return made


def _bounds_of(outages: QuerySet[Outage]) -> _Bounds:
    """Begin is the first gasp, else the latest of the last wake-ups."""
    found = outages.aggregate(
        gasp=Min("began_at", filter=Q(is_announced=True)),
        last=Max("earliest_at"),
        window_from=Min("earliest_at"),
        window_until=Max("latest_at"),
    )
    return _Bounds(found["gasp"] or found["last"], found["window_from"], found["window_until"])


def _place_of(incident: Incident, outages: QuerySet[Outage]) -> dict[str, Any]:
    """The feeder or substation that all ``outages`` share, else that of ``incident``; a carrier stays one."""
    usual = {"scope": incident.scope, "substation": incident.substation, "feeder": incident.feeder}
    if incident.scope in (IncidentScope.CARRIER, IncidentScope.OUR_SIDE):
        return usual
    names = outages.order_by().values_list("concentrator__substation", "concentrator__feeder").distinct()
    places = list(names[:2])
    if len(places) == 1 and places[0][1]:
        return {"scope": IncidentScope.FEEDER, "substation": places[0][0], "feeder": places[0][1]}
    substations = list(outages.order_by().values_list("concentrator__substation", flat=True).distinct()[:2])
    if len(substations) == 1 and substations[0]:
        return {"scope": IncidentScope.SUBSTATION, "substation": substations[0], "feeder": ""}
    return usual


def _size_of(incident: Incident, least: int) -> int:
    """How many concentrators of the field are at its place now, at ``least`` those that it has."""
    there = Concentrator.objects.of_the_field().filter(company=incident.company_id, state=State.IN_FIELD)
    names = {name: value for name in ("substation", "feeder", "carrier") if (value := getattr(incident, name))}
    return max(there.filter(**names).count(), least)
