"""What the reports read: counters only, never the messages (REP-8)."""

from __future__ import annotations

from django.db.models import F, OuterRef, QuerySet, Subquery, Sum
from django.db.models.functions import Coalesce

from concentrators.models import AnyUser
from wakeup.models import DailyCount, WakeupTotal


def totals(user: AnyUser) -> QuerySet[WakeupTotal]:
    """One row per concentrator that sent a wake-up (REP-2)."""
    return WakeupTotal.objects.visible_to(user).filter(wakeup_count__gt=0).select_related("concentrator")


def daily_counts(user: AnyUser) -> QuerySet[DailyCount]:
    """One row per concentrator and day, with ``total_count``: its wake-ups up to the end of that day (REP-3).

    That is all there ever were less those of later days, so that only a few day rows are read for each row
    shown, and none for today's.
    """
    later = (
        DailyCount.objects.filter(concentrator=OuterRef("concentrator"), day__gt=OuterRef("day"))
        .order_by()
        .values("concentrator")
        .annotate(wakeups=Sum("wakeup_count"))
        .values("wakeups")
    )
    return (
        DailyCount.objects.visible_to(user)
        .select_related("concentrator")
        .annotate(total_count=F("concentrator__total__wakeup_count") - Coalesce(Subquery(later), 0))
    )
