"""The meters of a company: one of everything, and any number at once (MET-1)."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db.models import Count, F
from django.utils import timezone

from concentrators.models import (
    Company,
    Concentrator,
    ConcentratorMeters,
    Meter,
    MeterAvailability,
    MeterConflict,
    MeterList,
    MeterTally,
    Repeater,
    Sighting,
    SightingChange,
)

SHA256 = "0" * 64


class Meters:
    """A meter called ``name`` in the list of ``one``: a repeater in conflict; each text is ``text``."""

    def __init__(self, company: Company, one: Concentrator, name: str, text: str) -> None:
        now = timezone.now()
        self.meter = Meter.objects.create(
            company=company, name=name, manufacturer="CIR", supply_point=text, created_at=now
        )
        self.list = MeterList.objects.create(
            concentrator=one, source="S24", listed_at=now, whole=True, file_name=text, sha256=SHA256, received_at=now
        )
        self.sighting = Sighting.objects.create(
            company=company,
            concentrator=one,
            meter=self.meter,
            first_seen=now,
            last_seen=now,
            state=2,
            level=0,
            listed_at=now,
            chosen=True,
        )
        SightingChange.objects.create(sighting=self.sighting, at=now, what="first", by=self.list)
        self.conflict = MeterConflict.objects.create(
            company=company, meter=self.meter, kind=1, lists=2, opened_at=now, preferred=one, note=text
        )
        ConcentratorMeters.objects.create(
            concentrator=one, newest=self.list, listed_at=now, meters=1, active=1, chosen=1, repeaters=1, in_conflict=1
        )
        MeterTally.objects.create(company=company, manufacturer="CIR", kind="customer", state=2, meters=1)
        Repeater.objects.create(concentrator=one, sighting=self.sighting, direct=1, behind=1, deepest=1)
        MeterAvailability.objects.create(concentrator=one, meter_name=name, day=now.date(), percent=99.5)


def populate_meters(company: Company, prefix: str, in_field: list[Concentrator], first: int, begins: datetime) -> None:
    """A meter for each concentrator in field, and a conflict that stands or is decided; a supervisor of no list.

    Of the ``first`` ones each column has one value, of the others another, from ``begins`` on and a day later.
    """
    Meter.objects.create(
        company=company, name=f"{prefix}SUPERVISOR", kind="supervisor", in_master_since=begins, created_at=begins
    )
    for index, one in enumerate(in_field):
        group = int(index >= first)
        at = begins + timedelta(days=group)
        meter = Meter.objects.create(
            company=company,
            name=f"{prefix}MTR{index:03}",
            manufacturer=("CIR", "ZIV")[group],
            type=_type(index, first),
            mac=f"40402200000{group}" if group else "",
            supply_point=f"SP-{group}" if group else "",
            expected_concentrator=one if group else None,
            created_at=at,
        )
        listed = MeterList.objects.create(
            concentrator=one, source="S24", listed_at=at, whole=True, sha256=SHA256, received_at=at, rows=1
        )
        sighting = Sighting.objects.create(
            company=company,
            concentrator=one,
            meter=meter,
            first_seen=at,
            last_seen=at,
            state=2 - group,
            state_since=at,
            listed_at=at,
            chosen=True,
            level=group,
            availability=99.5 - group,
            changes=1 + group,
        )
        SightingChange.objects.create(sighting=sighting, at=at, what="first", by=listed)
        decided = {"decision": "none", "decided_by": company.users.first(), "decided_at": at, "kind": 2}
        MeterConflict.objects.create(
            company=company, meter=meter, lists=2, opened_at=at, **(decided if group else {"kind": 1})
        )
        ConcentratorMeters.objects.create(
            concentrator=one,
            newest=listed,
            listed_at=at,
            meters=1 + 2 * group,
            active=1 - group,
            temporary=group,
            permanent=2 * group,
            supervisors=group,
            chosen=1,
            repeaters=1 + group,
            deepest=group,
            availability=99.5 - group,
            in_conflict=1 + group,
        )
        Repeater.objects.create(concentrator=one, sighting=sighting, direct=1 + group, behind=2 + group, deepest=group)
    _tally(company)


def _type(index: int, first: int) -> str:
    """Of the first ones each has a type of its own, of the others two share most."""
    return f"T-{index if index < first else first + (index - first + 1) // 2:03}"


def _tally(company: Company) -> None:
    kinds = Sighting.objects.filter(company=company, chosen=True).order_by().values("state")
    kinds = kinds.annotate(manufacturer=F("meter__manufacturer"), type=F("meter__type"), kind=F("meter__kind"))
    MeterTally.objects.bulk_create(MeterTally(company=company, **one) for one in kinds.annotate(meters=Count("pk")))
