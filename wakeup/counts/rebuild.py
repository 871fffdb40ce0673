"""Count everything again from the messages: after a change of zone, and as the proof of the counters (REP-5)."""

from __future__ import annotations

import zoneinfo
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

from django.db import transaction
from django.db.models import QuerySet

from concentrators.models import Company, Concentrator
from profiles.models import SystemSettings
from smmeplus.common.chunks import in_chunks
from wakeup.counts.from_messages import Days, Totals, days_from_messages, totals_from_messages
from wakeup.counts.kept import Boundary, kept_days, with_kept_totals
from wakeup.locks import stop_counting
from wakeup.models import ClosedDay, CountingZone, DailyCount, Retention, WakeupTotal
from wakeup.models.zones import wanted_zone, zone_in_force

CONCENTRATORS_AT_ONCE = 200  # bounds the memory: they have 73,000 day counts a year

_Key = TypeVar("_Key")
_Day = TypeVar("_Day", ClosedDay, DailyCount)
_TOTAL_FIELDS = ("first_wakeup_at", "last_wakeup_at", "wakeup_count", "last_gasp_at", "source_ip", "port")
_DAY_FIELDS = ("wakeup_count", "first_wakeup_at", "last_wakeup_at", "source_ip")


@dataclass(slots=True)
class Rebuilt:
    """What a rebuild of one company found. *Wrong* rows differed from the messages, were missing, or should not exist.

    ``days`` is the number of days compared, without those whose messages were pruned long ago.
    """

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

    One transaction, in which listeners wait and lose nothing. With ``dry_run`` nothing is written. Days of which
    messages were pruned keep their counts.
    """
    with transaction.atomic():
        stop_counting()
        settings = SystemSettings.current()
        # Read under the lock: another rebuild may have changed the zone after the caller loaded the company.
        as_now = Company.objects.select_related("counting_zone").in_bulk([company.pk for company in companies])
        return [_rebuild_company(as_now[company.pk], settings, dry_run=dry_run) for company in companies]


def _rebuild_company(company: Company, settings: SystemSettings, *, dry_run: bool) -> Rebuilt:
    zone_before, zone = zone_in_force(company, settings), zoneinfo.ZoneInfo(wanted_zone(company, settings))
    pruned_before = Retention.pruned_until()
    boundary = Boundary.of(pruned_before, zone_before, zone) if pruned_before else None
    result = Rebuilt(company, zone_before.key, zone.key)
    concentrators = Concentrator.objects.filter(company=company).order_by("pk").values_list("pk", flat=True)
    for chunk in in_chunks(concentrators.iterator(), CONCENTRATORS_AT_ONCE):
        totals, days = _count(chunk, zone, boundary)
        _compare(result, chunk, totals, days, boundary)
        if not dry_run:
            _replace(chunk, totals, days, boundary)
    if not dry_run:
        CountingZone.objects.update_or_create(company=company, defaults={"time_zone": zone.key})
    return result


def _count(chunk: list[int], zone: zoneinfo.ZoneInfo, boundary: Boundary | None) -> tuple[Totals, Days]:
    """The right totals, and the right days from ``first_day_touched`` on; without a boundary, all of them."""
    if boundary is None:
        return totals_from_messages(chunk, None), days_from_messages(chunk, zone, None)
    counted = days_from_messages(chunk, zone, boundary.pruned_before)
    days = kept_days(chunk, boundary) | {key: count for key, count in counted.items() if key[1] >= boundary.first_day}
    return with_kept_totals(chunk, boundary, days, totals_from_messages(chunk, boundary.pruned_before)), days


def _compare(result: Rebuilt, chunk: list[int], totals: Totals, days: Days, boundary: Boundary | None) -> None:
    stored_totals = {total.pk: _facts(total, _TOTAL_FIELDS) for total in WakeupTotal.objects.filter(pk__in=chunk)}
    stored = _touched(DailyCount.objects.filter(concentrator__in=chunk), boundary)
    stored_days = {(count.concentrator_id, count.day): _facts(count, _DAY_FIELDS) for count in stored}
    result.concentrators += len(chunk)
    result.days += len(days)
    result.wrong_totals += _differences(stored_totals, {key: _facts(row, _TOTAL_FIELDS) for key, row in totals.items()})
    result.wrong_days += _differences(stored_days, {key: _facts(row, _DAY_FIELDS) for key, row in days.items()})


def _touched(days: QuerySet[_Day], boundary: Boundary | None) -> QuerySet[_Day]:
    return days.filter(day__gte=boundary.first_day_touched) if boundary else days


def _facts(row: WakeupTotal | ClosedDay | DailyCount, fields: tuple[str, ...]) -> tuple[object, ...]:
    return tuple(getattr(row, field) for field in fields)


def _differences(stored: Mapping[_Key, tuple[object, ...]], right: Mapping[_Key, tuple[object, ...]]) -> int:
    return sum(stored.get(key) != right.get(key) for key in stored.keys() | right.keys())


def _replace(chunk: list[int], totals: Totals, days: Days, boundary: Boundary | None) -> None:
    stored = WakeupTotal.objects.filter(pk__in=chunk)
    stored.close_days()  # or one that is not touched would go with its total
    stored.delete()
    _touched(ClosedDay.objects.filter(concentrator__in=chunk), boundary).delete()
    WakeupTotal.objects.bulk_create(totals.values(), batch_size=2_000)
    ClosedDay.objects.bulk_create(days.values(), batch_size=2_000)
    stored.open_days()
