"""What the reports read: counters only, never the messages (REP-8)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import TypeVar
from zoneinfo import ZoneInfo

from django.db.models import Case, DateTimeField, Exists, Expression, F, OuterRef, Q, QuerySet, Subquery, Sum, When
from django.db.models.functions import Coalesce

from concentrators.models import AnyUser, Assignment, Concentrator, State
from wakeup.counts.days import DAY, begin_of
from wakeup.models import DailyCount, WakeupTotal
from wakeup.monitoring.expected.sql import ReportingDays, counted_days, with_expected

DAYS_SHOWN = 31

_Counter = TypeVar("_Counter", WakeupTotal, DailyCount)


def totals(user: AnyUser) -> QuerySet[WakeupTotal]:
    """One row per concentrator that sent a wake-up (REP-2)."""
    return _of_the_field(WakeupTotal.objects.visible_to(user)).filter(wakeup_count__gt=0).select_related("concentrator")


def daily_counts(user: AnyUser) -> QuerySet[DailyCount]:
    """One row per concentrator and day, with ``total_count``: its wake-ups up to the end of that day (REP-3).

    That is the total less the days after it, so that only a few rows are read for each row shown, and none for
    today's.
    """
    later = (
        DailyCount.objects.filter(concentrator=OuterRef("concentrator"), day__gt=OuterRef("day"))
        .order_by()
        .values("concentrator")
        .annotate(wakeups=Sum("wakeup_count"))
        .values("wakeups")
    )
    rows: QuerySet[DailyCount] = (
        _of_the_field(DailyCount.objects.visible_to(user))
        .select_related("concentrator")
        .annotate(total_count=F("concentrator__total__wakeup_count") - Coalesce(Subquery(later), 0))
    )
    return rows


def in_field(user: AnyUser) -> QuerySet[Concentrator]:
    in_field = Concentrator.objects.visible_to(user).of_the_field().filter(state=State.IN_FIELD)
    return in_field.select_related("type", "profile", "total")


def _of_the_field(counters: QuerySet[_Counter]) -> QuerySet[_Counter]:
    """``counters`` without those of canaries (STA-4), of which there are few: an index finds them."""
    return counters.exclude(concentrator__in=Concentrator.objects.canaries().order_by().values("pk"))


def in_field_during(concentrators: QuerySet[Concentrator], last: date, zone: ZoneInfo) -> QuerySet[Concentrator]:
    """Those that were in field at some time of the 31 days up to ``last`` in ``zone``, removed since or not."""
    begin, end = begin_of(days_shown(last)[0], zone), begin_of(last + DAY, zone)
    held = Assignment.objects.filter(concentrator=OuterRef("pk"), begin__lt=end)
    return concentrators.filter(Exists(held.filter(Q(end__isnull=True) | Q(end__gt=begin))))


def days_shown(last: date) -> list[date]:
    """The 31 days up to ``last``."""
    return [last - timedelta(days=before) for before in reversed(range(DAYS_SHOWN))]


def with_expected_of(
    counts: QuerySet[DailyCount], zones: Mapping[int, ZoneInfo], first: date | None, last: date | None, now: datetime
) -> QuerySet[DailyCount]:
    """Annotate ``expected`` and ``missing``; ``zones`` are the zones of the companies, by key (REP-7).

    The rows are of days from ``first`` to ``last``. Unless these are the same day, this costs one query.
    """
    companies: dict[ZoneInfo, list[int]] = {}
    for company, zone in zones.items():
        companies.setdefault(zone, []).append(company)
    days = counted_days(first, last)
    of_zones = [(keys, ReportingDays(zone, *days)) for zone, keys in companies.items()]
    begin = _by_company([(keys, of_zone.begin()) for keys, of_zone in of_zones])
    end = _by_company([(keys, of_zone.end()) for keys, of_zone in of_zones])
    return with_expected(counts, begin, end, now)


def _by_company(times: Sequence[tuple[list[int], Expression]]) -> Expression:
    """The time for the company of the row: one for all where there is only one."""
    if len(times) == 1:
        return times[0][1]
    return Case(
        *(When(concentrator__company__in=keys, then=time) for keys, time in times), output_field=DateTimeField()
    )
