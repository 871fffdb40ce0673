"""Meters, their sightings and the numbers that lists of them would leave behind."""

from __future__ import annotations

from collections import Counter
from datetime import datetime, timedelta
from typing import Any

from concentrators.models import (
    Company,
    Concentrator,
    ConcentratorMeters,
    Meter,
    MeterConflict,
    MeterTally,
    Sighting,
    State,
)
from tests.reports.arrivals import utc

AT = utc("2020-03-20 10:00")
DAY = timedelta(days=1)


def make_meter(company: Company, name: str, *, master: bool = False, **facts: Any) -> Meter:
    since = AT - 9 * DAY if master else None
    return Meter.objects.create(
        company=company, name=name, created_at=AT, **{"manufacturer": name[:3], "in_master_since": since} | facts
    )


def sight(meter: Meter, one: Concentrator, *, chosen: bool = True, **facts: Any) -> Sighting:
    """``meter`` in the current list of ``one``, active and seen just now."""
    seen: dict[str, Any] = {"first_seen": AT - DAY, "last_seen": AT, "listed_at": AT, "state": 2, "level": 0}
    return Sighting.objects.create(company=meter.company, concentrator=one, meter=meter, chosen=chosen, **seen | facts)


def count_lists(company: Company, listed_at: datetime = AT) -> None:
    """What storing lists would have counted: of each concentrator with sightings, of each kind of meter."""
    for one in Concentrator.objects.filter(company=company, sightings__in_list=True).distinct():
        held = list(Sighting.objects.filter(concentrator=one, in_list=True).select_related("meter"))
        meters = [row for row in held if row.meter.kind == "customer"]
        states = Counter(row.state for row in meters)
        ConcentratorMeters.objects.create(
            concentrator=one,
            listed_at=listed_at,
            meters=len(meters),
            active=states[2],
            temporary=states[1],
            permanent=states[0],
            supervisors=len(held) - len(meters),
            chosen=sum(row.chosen for row in meters),
        )
    chosen = Sighting.objects.filter(company=company, chosen=True).select_related("meter")
    kinds = Counter(_kind(row) for row in chosen)
    names = ("manufacturer", "type", "kind", "state")
    for kind, number in kinds.items():
        MeterTally.objects.create(company=company, meters=number, **dict(zip(names, kind, strict=True)))


def _kind(row: Sighting) -> tuple[str, str, str, int]:
    meter = row.meter
    return meter.manufacturer, meter.type, meter.kind, -1 if row.state is None else row.state


def settle(company: Company) -> None:
    """Of each meter choose the first sighting of a concentrator that is not removed; open conflicts."""
    for meter in Meter.objects.filter(company=company):
        held = list(meter.sightings.filter(in_list=True).select_related("concentrator").order_by("concentrator"))
        there = [row for row in held if row.concentrator.state != State.REMOVED] or held
        if there:
            Sighting.objects.filter(pk=there[0].pk).update(chosen=True)
        if len(there) > 1:
            MeterConflict.objects.create(company=company, meter=meter, kind=1, lists=len(there), opened_at=AT)
