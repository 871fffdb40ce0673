"""The meters of a concentrator in short, for its page (CON-6, MET-6)."""

from __future__ import annotations

from dataclasses import dataclass

from concentrators.meters.pages.words import state_badge
from concentrators.models import Concentrator, ConcentratorMeters, MeterState, Sighting

SHOWN_IN_TROUBLE = 10
_IN_TROUBLE = (MeterState.PERMANENT_FAILURE, MeterState.TEMPORARY_FAILURE)


@dataclass(frozen=True, slots=True)
class ShownMeters:
    """What its current list holds; ``trouble`` are the first that have failed, with their states.

    ``more`` or ``fewer`` meters than customers by the inventory.
    """

    counts: ConcentratorMeters
    unknown: int
    more: int
    fewer: int
    trouble: list[tuple[Sighting, str]]
    is_more: bool

    @classmethod
    def of(cls, one: Concentrator) -> ShownMeters | None:
        """None without a list, which are not no meters. One query if any have failed; the numbers are loaded."""
        counts: ConcentratorMeters | None = getattr(one, "meter_counts", None)
        if counts is None:
            return None
        rows = Sighting.objects.filter(concentrator=one, in_list=True, state__in=_IN_TROUBLE)
        ordered = rows.select_related("meter").order_by("state", "state_since", "meter__name")
        found = list(ordered[: SHOWN_IN_TROUBLE + 1])
        return cls(
            counts=counts,
            unknown=counts.meters - counts.active - counts.temporary - counts.permanent,
            more=max(counts.meters - one.customers, 0),
            fewer=max(one.customers - counts.meters, 0),
            trouble=[(sighting, state_badge(sighting.state)) for sighting in found[:SHOWN_IN_TROUBLE]],
            is_more=len(found) > SHOWN_IN_TROUBLE,
        )
