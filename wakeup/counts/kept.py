"""Counts whose messages were pruned: what a rebuild keeps, and the seam to what it counts anew (OPS-4, REP-5).

A day can be counted anew if it begins when or after messages were pruned. All earlier days keep what they say, cut at
the midnights of their time. When the zone changes, the messages between the last old midnight and the first new one
change sides at the seam, so that no wake-up is lost or counted twice and a total is always the sum of its days.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

from django.db.models import Count, Max, Min, Sum
from django.db.models.functions import TruncDate

from smmeplus.dlms.kinds import WAKEUPS
from wakeup.counts.days import begin_of
from wakeup.counts.from_messages import Days, Totals, origins_of
from wakeup.models import DailyCount, Message, WakeupTotal

_DAY = timedelta(days=1)
_LONGER_THAN_ANY_SEAM = 3 * _DAY


@dataclass(frozen=True, slots=True)
class Seam:
    """Between the days that are kept and those counted anew, in the zone in force before a rebuild and that after it.

    Both ``first_`` days are the first that can be counted anew in their zones.
    """

    pruned_before: datetime
    zone_before: ZoneInfo
    zone: ZoneInfo
    first_day_before: date
    first_day: date

    @classmethod
    def of(cls, pruned_before: datetime, zone_before: ZoneInfo, zone: ZoneInfo) -> Seam:
        first_days = (_first_whole_day(pruned_before, each) for each in (zone_before, zone))
        return cls(pruned_before, zone_before, zone, *first_days)

    @property
    def last_kept_day(self) -> date:
        return self.first_day - _DAY

    @property
    def edge(self) -> date:
        """The first day that a rebuild may touch."""
        return min(self.first_day_before, self.first_day) - _DAY


def _first_whole_day(instant: datetime, zone: ZoneInfo) -> date:
    day = instant.astimezone(zone).date()
    return day if begin_of(day, zone) >= instant else day + _DAY


def kept_days(chunk: list[int], seam: Seam) -> Days:
    """The days of the concentrators ``chunk`` from the seam's edge on that cannot be counted anew."""
    kept: Days = {}
    stored = DailyCount.objects.filter(concentrator__in=chunk, day__gte=seam.edge, day__lt=seam.first_day_before)
    for count in stored.order_by("day"):
        _bring_in(kept, min(count.day, seam.last_kept_day), count)
    if seam.zone != seam.zone_before:
        _move_over(seam, kept, chunk)
    return kept


class _Group(NamedTuple):
    """Some wake-ups of a concentrator, with their day in either zone."""

    concentrator: int
    day_before: date
    day: date
    n: int
    first: datetime
    last: datetime


def _move_over(seam: Seam, kept: Days, chunk: list[int]) -> None:
    """Take out the wake-ups that were counted before the seam and now come after it; bring in the others."""
    groups = _groups_near(seam, chunk)
    before = [group for group in groups if group.day < seam.first_day]
    origins = origins_of({(group.concentrator, group.last) for group in before})
    for group in groups:
        if group.day_before < seam.first_day_before and group.day >= seam.first_day:
            _take_out(kept, _key(group, seam), group.n)
    for group in before:
        source_ip, _port = origins[group.concentrator, group.last]
        if group.day_before < seam.first_day_before:
            _let_span(kept.get(_key(group, seam)), group, source_ip)
        else:
            _bring_in(kept, seam.last_kept_day, _day_of(group, source_ip))


def _key(group: _Group, seam: Seam) -> tuple[int, date]:
    return group.concentrator, min(group.day_before, seam.last_kept_day)


def _let_span(count: DailyCount | None, group: _Group, source_ip: str) -> None:
    """End ``count`` with the last of ``group``, the newest that are left of it."""
    if count is not None:
        count.first_wakeup_at = min(count.first_wakeup_at, group.first)
        count.last_wakeup_at, count.source_ip = group.last, source_ip


def _day_of(group: _Group, source_ip: str) -> DailyCount:
    return DailyCount(
        concentrator_id=group.concentrator,
        wakeup_count=group.n,
        first_wakeup_at=group.first,
        last_wakeup_at=group.last,
        source_ip=source_ip,
    )


def _groups_near(seam: Seam, chunk: list[int]) -> list[_Group]:
    near = (seam.pruned_before, seam.pruned_before + _LONGER_THAN_ANY_SEAM)
    rows = (
        Message.objects.filter(concentrator__in=chunk, kind__in=WAKEUPS, received_at__range=near)
        .order_by()
        .values_list(
            "concentrator_id",
            TruncDate("received_at", tzinfo=seam.zone_before),
            TruncDate("received_at", tzinfo=seam.zone),
        )
        .annotate(n=Count("pk"), first=Min("received_at"), last=Max("received_at"))
    )
    return sorted((_Group(*row) for row in rows), key=lambda group: group.last)


def _bring_in(days: Days, day: date, more: DailyCount) -> None:
    """Count ``more`` wake-ups, newer than those that are there, on ``day``."""
    there = days.get((more.concentrator_id, day))
    days[more.concentrator_id, day] = DailyCount(
        concentrator_id=more.concentrator_id,
        day=day,
        wakeup_count=more.wakeup_count + (there.wakeup_count if there else 0),
        first_wakeup_at=(there or more).first_wakeup_at,
        last_wakeup_at=more.last_wakeup_at,
        source_ip=more.source_ip,
    )


def _take_out(days: Days, key: tuple[int, date], n: int) -> None:
    """Count ``n`` wake-ups less. If the messages of all that are left are gone, the day keeps the time of its last."""
    there = days.get(key)
    if there is None:
        return
    there.wakeup_count -= n
    if there.wakeup_count <= 0:
        del days[key]


@dataclass(frozen=True, slots=True)
class _Kept:
    """All kept days of a concentrator together: their wake-ups, the first and the last of them."""

    n: int
    first: datetime
    last: datetime
    source_ip: str | None  # of the last; None where it was not looked up


def with_kept_totals(chunk: list[int], seam: Seam, days: Days, counted: Totals) -> Totals:
    """The totals of the concentrators ``chunk``: sums of all days; ``days`` are those from the seam's edge on.

    Times are those ``counted`` from the messages since the pruning, and before it those that the stored totals say.
    """
    stored = WakeupTotal.objects.in_bulk(chunk)
    kept = _kept_of(chunk, seam, days)
    n_after = Counter[int]()
    for (pk, day), count in days.items():
        n_after[pk] += count.wakeup_count if day >= seam.first_day else 0
    totals: Totals = {}
    for pk in counted.keys() | stored.keys() | kept.keys():
        totals[pk] = counted.get(pk) or WakeupTotal(pk=pk)
        _keep_times(totals[pk], stored.get(pk) or WakeupTotal(pk=pk), kept.get(pk), seam.pruned_before)
        totals[pk].wakeup_count = n_after[pk] + (kept[pk].n if pk in kept else 0)
    return totals


def _kept_of(chunk: list[int], seam: Seam, days: Days) -> dict[int, _Kept]:
    before = DailyCount.objects.filter(concentrator__in=chunk, day__lt=seam.edge).order_by()
    rows = before.values_list("concentrator_id").annotate(
        n=Sum("wakeup_count"), first=Min("first_wakeup_at"), last=Max("last_wakeup_at")
    )
    kept = {pk: _Kept(n, first, last, None) for pk, n, first, last in rows}
    for (pk, day), count in days.items():
        if day < seam.first_day:
            kept[pk] = _with_day(kept.get(pk), count)
    return kept


def _with_day(kept: _Kept | None, count: DailyCount) -> _Kept:
    first, last = count.first_wakeup_at, count.last_wakeup_at
    if kept is None:
        return _Kept(count.wakeup_count, first, last, count.source_ip)
    newest = (last, count.source_ip) if last >= kept.last else (kept.last, kept.source_ip)
    return _Kept(kept.n + count.wakeup_count, min(kept.first, first), *newest)


def _keep_times(total: WakeupTotal, stored: WakeupTotal, kept: _Kept | None, pruned_before: datetime) -> None:
    if total.last_gasp_at is None and stored.last_gasp_at and stored.last_gasp_at < pruned_before:
        total.last_gasp_at = stored.last_gasp_at
    if kept is None:
        return
    known = (kept.first, stored.first_wakeup_at, total.first_wakeup_at)
    total.first_wakeup_at = min(first for first in known if first)
    if total.last_wakeup_at is None:
        source_ip = stored.source_ip if stored.last_wakeup_at == kept.last else _source_ip(total.pk, kept)
        total.last_wakeup_at, total.source_ip, total.port = kept.last, source_ip, stored.port


def _source_ip(pk: int, kept: _Kept) -> str | None:
    days = DailyCount.objects.filter(concentrator=pk, last_wakeup_at=kept.last)
    return kept.source_ip or days.values_list("source_ip", flat=True).first()
