"""One list on its way into the tables: what is known of its concentrator, and what has come of its rows so far."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final
from zoneinfo import ZoneInfo

from concentrators.meters.storing.holding import hold_meters
from concentrators.meters.storing.known import Known
from concentrators.meters.storing.prepared import FIRST, Prepared
from concentrators.models import Concentrator


@dataclass(frozen=True, slots=True)
class Place:
    concentrator_id: int
    company_id: int
    zone: ZoneInfo

    @classmethod
    def of(cls, concentrator_id: int, *, holds: bool) -> Place:
        """``holds``: with the meters of its company, see :func:`hold_meters`. Raises Concentrator.DoesNotExist."""
        found = _PLACES.rows(concentrator_id)
        if not found:
            raise Concentrator.DoesNotExist
        ((company_id, zone),) = found
        if holds:
            hold_meters([company_id])
        return cls(concentrator_id, company_id, ZoneInfo(zone))


_PLACES: Final = Prepared(
    lambda: Concentrator.objects.filter(pk=FIRST).order_by().values_list("company", "company__time_zone")
)


@dataclass(slots=True)
class Batch:
    """``known`` grows by what is new; ``list_id`` is None where no list came, but something that one has waited for."""

    place: Place
    at: datetime
    known: dict[str, Known]
    list_id: int | None = None
    listed: set[str] = field(default_factory=set)

    def new(self) -> list[Known]:
        return [one for one in self.known.values() if one.pk is None]

    def touched(self) -> list[Known]:
        return [one for one in self.known.values() if one.is_touched]

    def has_new_macs(self) -> bool:
        return any("mac" in one.told_of_meter for one in self.known.values())

    def by_mac(self) -> dict[str, Known]:
        """The sighting of each MAC: one in the current list before one that is gone. Where two have it, neither is."""
        found = dict[str, list[Known]]()
        for one in self.known.values():
            if one.mac:
                found.setdefault(one.mac, []).append(one)
        return {mac: only[0] for mac, ones in found.items() if len(only := list(_preferred(ones))) == 1}


def _preferred(ones: Iterable[Known]) -> Iterator[Known]:
    ones = list(ones)
    in_list = [one for one in ones if one.in_list]
    return iter(in_list or ones)
