"""Counts whose messages were pruned: what a rebuild keeps of them, and where it begins to count anew (OPS-4, REP-5).

A day can be counted anew if it begins when or after messages were pruned. All earlier days are kept as they are, cut at
the midnights of the zone of their time. Between the two is the boundary. A total is always the sum of its days.

When the zone changes, the boundary moves by some hours and wake-ups change sides.
An example: messages from before 10 June 2020, 00:00 UTC were pruned, and three wake-ups came::

    wake-up        9 June 23:00 UTC (pruned)   10 June 02:00 UTC   10 June 05:00 UTC   first day to count anew
    day in Chile   9 June                      9 June              10 June             10 June, from 04:00 UTC on
    day in UTC     9 June                      10 June             10 June             10 June, from 00:00 UTC on

As long as the zone is that of Chile, the days have 2 and 1. A rebuild that changes it to UTC counts 10 June anew, which
makes 2, keeps 9 June and takes the wake-up of 02:00 out of it, which leaves 1. A rebuild back to Chile counts 10 June
as 1 and brings the wake-up of 02:00 back to 9 June, which makes 2 again. No wake-up is lost or counted twice.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import date, datetime
from typing import NamedTuple
from zoneinfo import ZoneInfo

from django.db.models import Count, F, Max, Min, OuterRef, QuerySet, Subquery, Sum, Value
from django.db.models.functions import Coalesce, TruncDate

from smmeplus.dlms.kinds import WAKEUPS
from wakeup.counts.days import DAY, begin_of
from wakeup.counts.from_messages import Days, Totals, origins_of
from wakeup.models import ClosedDay, DailyCount, Message, WakeupTotal

_NEAR = 3 * DAY  # more than lies between the first days to be counted anew in any two zones


@dataclass(frozen=True, slots=True)
class Boundary:
    """Between the days that are kept and those counted anew, in the zone before a rebuild and in that after it.

    ``first_day_before`` and ``first_day`` are the first that can be counted anew, each in its zone.
    """

    pruned_before: datetime
    zone_before: ZoneInfo
    zone: ZoneInfo
    first_day_before: date
    first_day: date

    @classmethod
    def of(cls, pruned_before: datetime, zone_before: ZoneInfo, zone: ZoneInfo) -> Boundary:
        first_days = (_first_whole_day(pruned_before, each) for each in (zone_before, zone))
        return cls(pruned_before, zone_before, zone, *first_days)

    @property
    def last_kept_day(self) -> date:
        return self.first_day - DAY

    @property
    def first_day_touched(self) -> date:
        """The first day of which a rebuild may change the count."""
        return min(self.first_day_before, self.first_day) - DAY


def _first_whole_day(instant: datetime, zone: ZoneInfo) -> date:
    day = instant.astimezone(zone).date()
    return day if begin_of(day, zone) >= instant else day + DAY


def kept_days(chunk: list[int], boundary: Boundary) -> Days:
    """The days of the concentrators ``chunk`` that cannot be counted anew, from ``first_day_touched`` on."""
    kept: Days = {}
    stored = DailyCount.objects.filter(
        concentrator__in=chunk, day__gte=boundary.first_day_touched, day__lt=boundary.first_day_before
    )
    for count in stored.order_by("day"):
        _bring_in(kept, min(count.day, boundary.last_kept_day), count)
    if boundary.zone != boundary.zone_before:
        _find_firsts(stored, boundary, kept)
        _move_over(boundary, kept, chunk)
    return kept


def _find_firsts(stored: QuerySet[DailyCount], boundary: Boundary, kept: Days) -> None:
    """Days from before first wake-ups were noted have their last in its place: let the messages that are left tell.

    Those of the day before, which may lie on this day in another zone, are left out.
    """
    same = {"concentrator": OuterRef("concentrator")}
    day_before = DailyCount.objects.filter(day__lt=OuterRef("day"), **same).order_by("-day")
    left = Message.objects.filter(kind__in=WAKEUPS, elsewhere=False, **same)
    left = left.filter(received_at__lte=OuterRef("last_wakeup_at"))
    unknown = stored.filter(wakeup_count__gt=1, first_wakeup_at=F("last_wakeup_at")).annotate(
        end_before=Coalesce(Subquery(day_before.values("last_wakeup_at")[:1]), Value(boundary.pruned_before - DAY)),
        first=Subquery(
            left.filter(received_at__gt=OuterRef("end_before")).order_by("received_at").values("received_at")[:1]
        ),
    )
    for concentrator, day, first in unknown.values_list("concentrator_id", "day", "first"):
        count = kept[concentrator, min(day, boundary.last_kept_day)]
        count.first_wakeup_at = min(count.first_wakeup_at, first or count.first_wakeup_at)


class _Group(NamedTuple):
    """Wake-ups of a concentrator that are on one day in the zone before, and on one day in the zone after."""

    concentrator: int
    day_before: date
    day: date
    n: int
    first: datetime
    last: datetime


def _move_over(boundary: Boundary, kept: Days, chunk: list[int]) -> None:
    """Bring in the wake-ups that are before the boundary only now, and take out those that no longer are."""
    groups = _groups_near(boundary, chunk)
    before = [group for group in groups if group.day < boundary.first_day]
    origins = origins_of({(group.concentrator, group.last) for group in before})
    for group in groups:
        if group.day_before < boundary.first_day_before and group.day >= boundary.first_day:
            _take_out(kept, _key(group, boundary), group.n)
    for group in before:
        source_ip, _port = origins[group.concentrator, group.last]
        if group.day_before < boundary.first_day_before:
            _let_span(kept.get(_key(group, boundary)), group, source_ip)
        else:
            _bring_in(kept, boundary.last_kept_day, _day_of(group, source_ip))


def _key(group: _Group, boundary: Boundary) -> tuple[int, date]:
    return group.concentrator, min(group.day_before, boundary.last_kept_day)


def _let_span(count: ClosedDay | None, group: _Group, source_ip: str) -> None:
    """Make ``count`` end with the last of ``group``, its newest wake-ups whose messages are still there."""
    if count is not None:
        count.last_wakeup_at, count.source_ip = group.last, source_ip


def _day_of(group: _Group, source_ip: str) -> ClosedDay:
    return ClosedDay(
        concentrator_id=group.concentrator,
        wakeup_count=group.n,
        first_wakeup_at=group.first,
        last_wakeup_at=group.last,
        source_ip=source_ip,
    )


def _groups_near(boundary: Boundary, chunk: list[int]) -> list[_Group]:
    near = (boundary.pruned_before, boundary.pruned_before + _NEAR)
    rows = (
        Message.objects.filter(concentrator__in=chunk, kind__in=WAKEUPS, elsewhere=False, received_at__range=near)
        .order_by()
        .values_list(
            "concentrator_id",
            TruncDate("received_at", tzinfo=boundary.zone_before),
            TruncDate("received_at", tzinfo=boundary.zone),
        )
        .annotate(n=Count("pk"), first=Min("received_at"), last=Max("received_at"))
    )
    return sorted((_Group(*row) for row in rows), key=lambda group: group.last)


def _bring_in(days: Days, day: date, more: DailyCount | ClosedDay) -> None:
    """Add ``more`` wake-ups, which are newer than those counted so far, to ``day``."""
    there = days.get((more.concentrator_id, day))
    days[more.concentrator_id, day] = ClosedDay(
        concentrator_id=more.concentrator_id,
        day=day,
        wakeup_count=more.wakeup_count + (there.wakeup_count if there else 0),
        first_wakeup_at=(there or more).first_wakeup_at,
        last_wakeup_at=more.last_wakeup_at,
        source_ip=more.source_ip,
    )


def _take_out(days: Days, key: tuple[int, date], n: int) -> None:
    """Subtract ``n`` wake-ups. The day keeps the time of its last one if no message of it is left to say another."""
    there = days.get(key)
    if there is None:
        return
    there.wakeup_count -= n
    if there.wakeup_count <= 0:
        del days[key]


@dataclass(frozen=True, slots=True)
class _Kept:
    """The sum of a concentrator's kept days: number of wake-ups, the first and the last of them."""

    n: int
    first: datetime
    last: datetime
    source_ip: str | None  # of the last; None where it was not looked up


def with_kept_totals(chunk: list[int], boundary: Boundary, days: Days, counted: Totals) -> Totals:
    """The totals of the concentrators ``chunk``: sums of all days; ``days`` are those from ``first_day_touched`` on.

    Times after the pruning are those ``counted`` from messages, and before it those of the stored totals.
    """
    stored = WakeupTotal.objects.in_bulk(chunk)
    kept = _kept_of(chunk, boundary, days)
    n_after = Counter[int]()
    for (pk, day), count in days.items():
        n_after[pk] += count.wakeup_count if day >= boundary.first_day else 0
    totals: Totals = {}
    for pk in counted.keys() | stored.keys() | kept.keys():
        totals[pk] = counted.get(pk) or WakeupTotal(pk=pk)
        _keep_times(totals[pk], stored.get(pk) or WakeupTotal(pk=pk), kept.get(pk), boundary.pruned_before)
        totals[pk].wakeup_count = n_after[pk] + (kept[pk].n if pk in kept else 0)
    return totals


def _kept_of(chunk: list[int], boundary: Boundary, days: Days) -> dict[int, _Kept]:
    before = DailyCount.objects.filter(concentrator__in=chunk, day__lt=boundary.first_day_touched).order_by()
    rows = before.values_list("concentrator_id").annotate(
        n=Sum("wakeup_count"), first=Min("first_wakeup_at"), last=Max("last_wakeup_at")
    )
    kept = {pk: _Kept(n, first, last, None) for pk, n, first, last in rows}
    for (pk, day), count in days.items():
        if day < boundary.first_day:
            kept[pk] = _with_day(kept.get(pk), count)
    return kept


def _with_day(kept: _Kept | None, count: ClosedDay) -> _Kept:
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
