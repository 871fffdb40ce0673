"""A meter and the concentrators that list it, stored as lists would store them."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import uuid4

from concentrators.meters.conflicts.settling import settle
from concentrators.models import Company, Concentrator, Decision, Meter, MeterConflict, MeterList, MeterState, Sighting
from tests.concentrators.meters.conflicts.held import NOW, ago
from tests.factories import CompanyFactory, ConcentratorFactory


def list_of(concentrator: Concentrator, at: datetime, source: str = "S24", outcome: str = "taken") -> MeterList:
    return MeterList.objects.create(
        concentrator=concentrator,
        source=source,
        listed_at=at,
        whole=True,
        outcome=outcome,
        sha256=2 * uuid4().hex,
        received_at=at,
    )


@dataclass
class Place:
    """A meter of a company, and its concentrators ``1``, ``2`` and so on, made when they are first named."""

    company: Company = field(default_factory=lambda: CompanyFactory.create())
    name: str = "CIR0000000001"
    concentrators: dict[int, Concentrator] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.meter = Meter.objects.create(company=self.company, name=self.name, created_at=NOW)

    def at(self, number: int) -> Concentrator:
        if number not in self.concentrators:
            self.concentrators[number] = ConcentratorFactory.create(company=self.company, in_field=True)
        return self.concentrators[number]

    def listed(
        self,
        number: int,
        first: float = 9,
        last: float | None = 0,
        *,
        listed: float = 0,
        state: MeterState | None = MeterState.ACTIVE,
        **facts: Any,
    ) -> Sighting:
        """Concentrator ``number`` lists it: first seen, last seen and listed so many days ago."""
        values = {
            "company": self.company,
            "first_seen": ago(first),
            "last_seen": None if last is None else ago(last),
            "listed_at": ago(listed),
            "state": state,
            "in_list": True,
            "gone_at": None,
            **facts,
        }
        found: Sighting
        found, _ = Sighting.objects.update_or_create(meter=self.meter, concentrator=self.at(number), defaults=values)
        return found

    def gone(self, number: int, at: datetime = NOW) -> None:
        self.meter.sightings.filter(concentrator=self.at(number)).update(in_list=False, gone_at=at)

    def settle(self, now: datetime = NOW) -> set[int]:
        """What has changed, by the numbers of concentrators."""
        numbers = {one.pk: number for number, one in self.concentrators.items()}
        return {numbers[key] for key in settle([self.meter.pk], now)}

    def conflict(self) -> MeterConflict | None:
        """The open one."""
        return MeterConflict.objects.open().filter(meter=self.meter).first()

    def the_conflict(self) -> MeterConflict:
        found = self.conflict()
        assert found is not None
        return found

    def chosen(self) -> int | None:
        """The number of the concentrator where it counts."""
        key = self.meter.sightings.filter(chosen=True).values_list("concentrator", flat=True).first()
        return next((number for number, one in self.concentrators.items() if one.pk == key), None)


def decide(place: Place, decision: Decision, keep: int | None = None, **facts: Any) -> None:
    """Store what was decided, as if those that list the meter now had been all."""
    of = sorted(place.meter.sightings.filter(in_list=True).values_list("concentrator", flat=True))
    values = {"decision": decision, "keep_at": place.at(keep) if keep else None, "decided_of": of, "decided_at": NOW}
    MeterConflict.objects.filter(pk=place.the_conflict().pk).update(**values, note="Said so.", **facts)
