"""Count everything again from the messages: after a change of zone, and as the proof of the counters (REP-5)."""

from __future__ import annotations

import zoneinfo
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import islice
from typing import TypeVar

from django.db import transaction
from django.db.models import Count, Max, Min, Q
from django.db.models.functions import TruncDate

from concentrators.models import Company, Concentrator
from profiles.models import SystemSettings
from smmeplus.dlms.kinds import WAKEUPS, Kind
from wakeup.models import CountingZone, DailyCount, Message, WakeupTotal
from wakeup.zones import hold_counting, wanted_zone, zone_in_force

CONCENTRATORS_AT_ONCE = 200  # bounds the memory: a year of them is 73,000 day counts

_Key = TypeVar("_Key")
_TOTAL_FIELDS = ("first_wakeup_at", "last_wakeup_at", "wakeup_count", "last_gasp_at", "source_ip", "port")
_DAY_FIELDS = ("wakeup_count", "last_wakeup_at", "source_ip")


@dataclass(slots=True)
class Rebuilt:
    """What a rebuild of one company saw. *Wrong* rows differed from the messages, were missing, or should not be."""

    company: Company
    zone_before: str
    zone: str
    concentrators: int = 0
    days: int = 0
    wrong_totals: int = 0
    wrong_days: int = 0

    @property
    def is_right(self) -> bool:
        """Whether the counters already said what the messages say, in the zone that the settings ask for."""
        return not (self.wrong_totals or self.wrong_days) and self.zone == self.zone_before


def rebuild(companies: Sequence[Company], *, dry_run: bool = False) -> list[Rebuilt]:
    """Count the messages of ``companies`` anew in the zones that the settings ask for.

    One transaction, in which listeners wait and lose nothing. With ``dry_run`` nothing is written.
    """
    with transaction.atomic():
        hold_counting()
        settings = SystemSettings.current()
        return [_rebuild_company(company, settings, dry_run=dry_run) for company in companies]


def _rebuild_company(company: Company, settings: SystemSettings, *, dry_run: bool) -> Rebuilt:
    zone = wanted_zone(company, settings)
    result = Rebuilt(company, zone_in_force(company).key, zone)
    for chunk in _chunks_of_concentrators(company):
        days = _days_from_messages(chunk, zoneinfo.ZoneInfo(zone))
        totals = _totals_from_messages(chunk)
        _compare(result, chunk, totals, days)
        if not dry_run:
            _replace(chunk, totals, days)
    if not dry_run:
        CountingZone.objects.update_or_create(company=company, defaults={"time_zone": zone})
    return result


def _chunks_of_concentrators(company: Company) -> Iterator[list[int]]:
    ids = Concentrator.objects.filter(company=company).order_by("pk").values_list("pk", flat=True).iterator()
    while chunk := list(islice(ids, CONCENTRATORS_AT_ONCE)):
        yield chunk


def _days_from_messages(chunk: list[int], zone: zoneinfo.ZoneInfo) -> dict[tuple[int, date], DailyCount]:
    rows = list(
        Message.objects.filter(concentrator__in=chunk, kind__in=WAKEUPS)
        .order_by()
        .values_list("concentrator_id", TruncDate("received_at", tzinfo=zone))
        .annotate(n=Count("pk"), last=Max("received_at"))
    )
    origins = _origins({(concentrator, last) for concentrator, _day, _n, last in rows})
    return {
        (concentrator, day): DailyCount(
            concentrator_id=concentrator,
            day=day,
            wakeup_count=n,
            last_wakeup_at=last,
            source_ip=origins[concentrator, last][0],
        )
        for concentrator, day, n, last in rows
    }


def _totals_from_messages(chunk: list[int]) -> dict[int, WakeupTotal]:
    wakeups = Q(kind__in=WAKEUPS)
    rows = list(
        Message.objects.filter(concentrator__in=chunk)
        .order_by()
        .values_list("concentrator_id")
        .annotate(
            first=Min("received_at", filter=wakeups),
            last=Max("received_at", filter=wakeups),
            n=Count("pk", filter=wakeups),
            gasp=Max("received_at", filter=Q(kind=Kind.LASTGASP)),
        )
    )
    origins = _origins({(concentrator, last) for concentrator, _first, last, _n, _gasp in rows if last})
    return {
        concentrator: WakeupTotal(
            concentrator_id=concentrator,
            first_wakeup_at=first,
            last_wakeup_at=last,
            wakeup_count=n,
            last_gasp_at=gasp,
            source_ip=origins[concentrator, last][0] if last else None,
            port=origins[concentrator, last][1] if last else None,
        )
        for concentrator, first, last, n, gasp in rows
    }


def _origins(instants: set[tuple[int, datetime]]) -> dict[tuple[int, datetime], tuple[str, int]]:
    """Address and port of the wake-up that each concentrator sent at the instant; of several, the last stored."""
    concentrators, times = {concentrator for concentrator, _ in instants}, {at for _, at in instants}
    rows = (
        Message.objects.filter(concentrator__in=concentrators, received_at__in=times, kind__in=WAKEUPS)
        .order_by("pk")
        .values_list("concentrator_id", "received_at", "source_ip", "port")
    )
    return {(concentrator, at): (ip, port) for concentrator, at, ip, port in rows.iterator()}


def _compare(
    result: Rebuilt, chunk: list[int], totals: dict[int, WakeupTotal], days: dict[tuple[int, date], DailyCount]
) -> None:
    stored_totals = {total.pk: _facts(total, _TOTAL_FIELDS) for total in WakeupTotal.objects.filter(pk__in=chunk)}
    stored_days = {
        (count.concentrator_id, count.day): _facts(count, _DAY_FIELDS)
        for count in DailyCount.objects.filter(concentrator__in=chunk)
    }
    result.concentrators += len(chunk)
    result.days += len(days)
    result.wrong_totals += _differences(stored_totals, {key: _facts(row, _TOTAL_FIELDS) for key, row in totals.items()})
    result.wrong_days += _differences(stored_days, {key: _facts(row, _DAY_FIELDS) for key, row in days.items()})


def _facts(row: WakeupTotal | DailyCount, fields: tuple[str, ...]) -> tuple[object, ...]:
    return tuple(getattr(row, field) for field in fields)


def _differences(stored: Mapping[_Key, tuple[object, ...]], right: Mapping[_Key, tuple[object, ...]]) -> int:
    return sum(stored.get(key) != right.get(key) for key in stored.keys() | right.keys())


def _replace(chunk: list[int], totals: dict[int, WakeupTotal], days: dict[tuple[int, date], DailyCount]) -> None:
    WakeupTotal.objects.filter(pk__in=chunk).delete()
    DailyCount.objects.filter(concentrator__in=chunk).delete()
    WakeupTotal.objects.bulk_create(totals.values(), batch_size=2_000)
    DailyCount.objects.bulk_create(days.values(), batch_size=2_000)
