"""What each concentrator has of a meter in conflict, side by side (MET-5)."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, Q, QuerySet

from concentrators.models import AnyUser, Concentrator, MeterConflict, Sighting, State


def conflicts_to_show(user: AnyUser) -> QuerySet[MeterConflict]:
    """What ``user`` sees, with all that it is described by."""
    rows = MeterConflict.objects.visible_to(user)
    return rows.select_related("company", "meter__expected_concentrator", "preferred", "keep_at", "decided_by")


def listing_of(conflict: MeterConflict) -> list[Sighting]:
    """The rows of current lists that have its meter."""
    rows = Sighting.objects.filter(meter=conflict.meter_id, in_list=True)
    return that_hold(rows.select_related("concentrator__meter_counts").order_by("concentrator__serial_number"))


def that_hold(rows: Iterable[Sighting]) -> list[Sighting]:
    """Those of current lists that count: a removed concentrator holds nothing any more (see settling)."""
    found = list(rows)
    return [row for row in found if row.concentrator.state != State.REMOVED] or found


@dataclass(frozen=True, slots=True)
class Neighbours:
    """Of the other meters behind the same repeater: how many there are, and how many of them count there."""

    all: int = 0
    here: int = 0


@dataclass(frozen=True, slots=True)
class Fact:
    """One concentrator. ``listed_at`` is the date of its newest list."""

    sighting: Sighting
    listed_at: datetime
    neighbours: Neighbours
    is_preferred: bool
    is_kept: bool
    is_expected: bool

    @property
    def concentrator(self) -> Concentrator:
        return self.sighting.concentrator


def facts_of(conflict: MeterConflict) -> list[Fact]:
    """One for each concentrator that lists the meter. Two queries."""
    rows = listing_of(conflict)
    behind = _neighbours({row.parent_id for row in rows if row.parent_id is not None}, conflict.meter_id)
    return [
        Fact(
            sighting=row,
            listed_at=_listed_at(row),
            neighbours=behind.get(row.parent_id or 0, Neighbours()),
            is_preferred=row.concentrator_id == conflict.preferred_id,
            is_kept=row.concentrator_id == conflict.keep_at_id,
            is_expected=row.concentrator_id == conflict.meter.expected_concentrator_id,
        )
        for row in rows
    ]


def _listed_at(sighting: Sighting) -> datetime:
    counts = getattr(sighting.concentrator, "meter_counts", None)
    return max(sighting.listed_at, counts.listed_at) if counts else sighting.listed_at


def _neighbours(parents: Collection[int], meter: int) -> dict[int, Neighbours]:
    if not parents:
        return {}
    rows = Sighting.objects.filter(parent__in=parents, in_list=True).exclude(meter=meter).order_by()
    counted = rows.values("parent").annotate(all=Count("pk"), here=Count("pk", filter=Q(chosen=True)))
    return {row["parent"] or 0: Neighbours(row["all"], row["here"]) for row in counted}
