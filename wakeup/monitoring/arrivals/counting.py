"""Counts the messages of each minute once it is over (UI-2)."""

from __future__ import annotations

from collections import defaultdict
from datetime import datetime, timedelta

from django.db.models import Count, F, Max, Q
from django.db.models.functions import TruncMinute

from concentrators.models import Assignment, Company, OutOfService
from smmeplus.dlms.kinds import WAKEUPS
from wakeup.models import Message, MinuteCount

MINUTE = timedelta(minutes=1)
#: Minutes that are counted anew each time: a message may be committed a while after it came in.
AGAIN = 5 * MINUTE
LONGEST = timedelta(hours=24)  # that is counted after nobody has counted for a while; the first time, nothing before
KEPT = timedelta(days=8)


def count_minutes(now: datetime) -> int:
    """Count the minutes that are over at ``now`` and are not counted for good yet; return how many rows that made.

    Safe to run twice and by two processes: a row says what its minute has, whoever writes it. What was expected is
    that of now, for the minutes that have no row yet.
    """
    end = now.replace(second=0, microsecond=0)
    begin = _first_minute(end)
    if begin >= end:
        return 0
    came, expected = _messages_between(begin, end), _due_a_minute(now)
    rows = [
        MinuteCount(company_id=company, minute=minute, wakeups=wakeups, others=others, expected=expected[company])
        for company in Company.objects.order_by("pk").values_list("pk", flat=True)
        for minute, (wakeups, others) in _filled(came[company], begin, end)
    ]
    MinuteCount.objects.bulk_create(
        rows,
        batch_size=500,
        update_conflicts=True,
        unique_fields=["minute", "company"],
        update_fields=["wakeups", "others"],
    )
    MinuteCount.objects.filter(minute__lt=end - KEPT).delete()
    return len(rows)


def _first_minute(end: datetime) -> datetime:
    last = MinuteCount.objects.aggregate(last=Max("minute"))["last"]
    begin = end - AGAIN if last is None else last + MINUTE - AGAIN
    return max(begin, end - LONGEST)


_Counts = dict[datetime, tuple[int, int]]


def _messages_between(begin: datetime, end: datetime) -> dict[int, _Counts]:
    """Wake-ups and other messages by company and minute."""
    is_wakeup = Q(kind__in=WAKEUPS)
    rows = (
        Message.objects.filter(received_at__gte=begin, received_at__lt=end, elsewhere=False)
        .filter(concentrator__is_canary=False)
        .values_list(F("concentrator__company"), TruncMinute("received_at"))
        .annotate(wakeups=Count("pk", filter=is_wakeup), others=Count("pk", filter=~is_wakeup))
        .order_by()
    )
    found: dict[int, _Counts] = defaultdict(dict)
    for company, minute, wakeups, others in rows:
        found[company][minute] = (wakeups, others)
    return found


def _filled(counts: _Counts, begin: datetime, end: datetime) -> list[tuple[datetime, tuple[int, int]]]:
    """``counts`` with a zero for each minute in which nothing came: that is what an outage looks like."""
    minutes = int((end - begin) / MINUTE)
    return [(minute, counts.get(minute, (0, 0))) for minute in (begin + n * MINUTE for n in range(minutes))]


def _due_a_minute(now: datetime) -> dict[int, float]:
    """Wake-ups a minute by company that are due of those in field and in service."""
    out = OutOfService.objects.filter(begin__lte=now, end__gt=now).order_by().values("concentrator")
    periods = (
        Assignment.objects.filter(end__isnull=True, period_min__isnull=False, concentrator__is_canary=False)
        .exclude(concentrator__in=out)
        .order_by()
        .values_list("concentrator__company", "period_min")
        .annotate(n=Count("*"))
    )
    due: dict[int, float] = defaultdict(float)
    for company, period, n in periods:
        due[company] += n / period
    return due
