"""When we could not see the field, and for whom that puts the judgement off (STA-4).

While it is our side no concentrator turns unreachable by silence. Afterwards each that has not been heard since gets
the time of a pause and a round of retries before it is judged::

    last wake-up    due, and 4 minutes later it would be lost    our side    until 33 minutes later
    11:00           11:10  11:14                                 11:12       11:40 … 12:13 → unreachable at 12:13

Who was unreachable before stays so.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from functools import partial
from typing import NamedTuple, cast

from django.core.cache import cache
from django.db.models import Case, DateTimeField, Expression, ExpressionWrapper, F, Max, Q, Value, When
from django.db.models.functions import Greatest
from django.utils import timezone

from concentrators.models import Concentrator
from wakeup.models import VerdictSpan
from wakeup.models.verdicts import Cause

MOST = 5  # times that are looked at, the latest ones; older ones only move the beginning of a silence that still lasts
KEY = "blind-times"
KEPT_S = 5
IN_DOUBT_AFTER = timedelta(seconds=75)  # without a message of any canary, of which each sends once a minute


class Blind(NamedTuple):
    """A time in which it was our side; ``end`` and ``until``, when it no longer matters, are None while it lasts."""

    begin: datetime
    end: datetime | None = None
    until: datetime | None = None

    def matters_at(self, now: datetime) -> bool:
        return self.until is None or now <= self.until


def blind_times(retry_tail: timedelta) -> tuple[Blind, ...]:
    """The latest ones in their order; one query."""
    spans = VerdictSpan.objects.filter(carrier="", cause=Cause.OUR_SIDE).order_by("-began_at")
    times = list(spans.values_list("began_at", "ended_at")[:MOST])
    return tuple(Blind(begin, end, end + retry_tail if end else None) for begin, end in reversed(times))


def blind_times_kept(retry_tail: timedelta) -> tuple[Blind, ...]:
    """The same for pages, some seconds old at most: verdicts are made once a minute.

    While canaries are overdue it may be our side already. By the usual settings nobody is lost before the verdict says
    so; where retries are shorter, pages show nobody as unreachable who would have to be taken back.
    """
    key = f"{KEY}-{retry_tail.total_seconds():g}"
    return cast("tuple[Blind, ...]", cache.get_or_set(key, partial(_with_doubt, retry_tail), KEPT_S))


def _with_doubt(retry_tail: timedelta) -> tuple[Blind, ...]:
    now = timezone.now()
    seen = seen_until(now)
    return (*blind_times(retry_tail), *([Blind(seen)] if seen < now - IN_DOUBT_AFTER else []))


def seen_until(now: datetime) -> datetime:
    """Up to when it is certain that we have not been blind, ``now`` at the latest; two queries.

    A canary fails 150 s after its last message, and it is our side from that message on. So while canaries are the
    proof, what would be a silence after the last of their messages is not judged before the next one.
    """
    last = VerdictSpan.objects.filter(carrier="", ended_at=None).first()
    if last is None or last.judged_at < now - VerdictSpan.STALE_AFTER or last.cause not in (Cause.OK, Cause.CARRIER):
        return now
    canaries = Concentrator.objects.canaries().order_by()
    heard_at: datetime | None = canaries.aggregate(at=Max("total__last_wakeup_at"))["at"]
    return min(heard_at or now, now)


def judged_at(lost_at: datetime, silence_began: datetime, times: Sequence[Blind]) -> datetime | None:
    """When one that would be lost at ``lost_at`` turns unreachable; None if that cannot be said while we are blind."""
    for blind in times:
        if lost_at >= blind.begin and (blind.end is None or silence_began < blind.end):
            if blind.until is None:
                return None
            lost_at = max(lost_at, blind.until)
    return lost_at


def is_held(tail: timedelta, times: Sequence[Blind], now: datetime) -> Q:
    """SQL for whether one that would be lost by ``now`` is not judged yet.

    Of rows with the aliases ``wakeup_due`` and ``silence_began``; it would be lost ``tail`` after it was due.
    """
    held = Q(pk__in=())
    for blind, is_put_off in _put_off(tail, times):
        if blind.matters_at(now):
            held |= is_put_off
    return held


def judged(tail: timedelta, times: Sequence[Blind]) -> Expression:
    """SQL for when it turned unreachable, of those that have."""
    lost = ExpressionWrapper(F("wakeup_due") + Value(tail), DateTimeField())
    puts = [
        Case(When(is_put_off, then=Value(blind.until)), default=lost, output_field=DateTimeField())
        for blind, is_put_off in _put_off(tail, times)
        if blind.until is not None
    ]
    return Greatest(lost, *puts) if puts else lost


def _put_off(tail: timedelta, times: Sequence[Blind]) -> list[tuple[Blind, Q]]:
    """For each time, who is put off by it: by itself, or because an earlier one has put them off up to it."""
    found: list[tuple[Blind, Q]] = []
    for blind in times:
        in_question = Q(wakeup_due__gte=blind.begin - tail)
        for earlier, is_put_off in found:
            if earlier.until is not None and earlier.until >= blind.begin:
                in_question |= is_put_off
        unheard = Q() if blind.end is None else Q(silence_began__lt=blind.end)
        found.append((blind, in_question & unheard))
    return found
