"""One list on its way into the tables: what is known of its concentrator, and what has come of its rows so far."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from zoneinfo import ZoneInfo

from concentrators.meters.storing.known import Known
from concentrators.models import Concentrator


@dataclass(frozen=True, slots=True)
class Place:
    concentrator_id: int
    company_id: int
    zone: ZoneInfo

    @classmethod
    def of(cls, concentrator_id: int) -> Place:
        """Raises Concentrator.DoesNotExist."""
        one = Concentrator.objects.select_related("company").only("company__time_zone").get(pk=concentrator_id)
        return cls(one.pk, one.company_id, one.company.zone)


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
