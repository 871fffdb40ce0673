"""What is known of the verdicts at past times: for changes of status (STA-3, STA-4)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import NamedTuple, Self

from django.db.models import Expression, Max, OuterRef, Q, Subquery, Value
from django.db.models.functions import Coalesce

from concentrators.models import Concentrator
from wakeup.models import VerdictSpan
from wakeup.models.verdicts import Cause
from wakeup.monitoring.verdicts.banner import STALE_AFTER


class _Span(NamedTuple):
    begin: datetime
    end: datetime | None
    cause: str


class KnownVerdicts:
    """Those of a time, looked up by carrier and moment."""

    def __init__(self, spans: Mapping[str, Sequence[_Span]]) -> None:
        self._spans = spans

    @classmethod
    def between(cls, begin: datetime, end: datetime) -> Self:
        """One query."""
        lasting = Q(ended_at=None) | Q(ended_at__gte=begin)
        rows = VerdictSpan.objects.filter(lasting, began_at__lte=end).order_by("began_at", "pk")
        spans: dict[str, list[_Span]] = defaultdict(list)
        for carrier, began_at, ended_at, cause in rows.values_list("carrier", "began_at", "ended_at", "cause"):
            spans[carrier].append(_Span(began_at, ended_at, cause))
        return cls(spans)

    def at(self, carrier: str, moment: datetime) -> str | None:
        """That on ``carrier``, or the one on all where there is none; None while nobody judged."""
        return self._of(carrier, moment) or self._of("", moment)

    def _of(self, carrier: str, moment: datetime) -> str | None:
        spans = reversed(self._spans.get(carrier, ()))
        return next((one.cause for one in spans if one.begin <= moment and _lasts(one, moment)), None)


def _lasts(span: _Span, moment: datetime) -> bool:
    return span.end is None or moment < span.end


def verdict_at(carrier: str, moment: str) -> Expression:
    """SQL for the same, of rows with these paths to a carrier and a moment."""
    lasts = Q(ended_at=None) | Q(ended_at__gt=OuterRef(moment))
    spans = VerdictSpan.objects.filter(lasts, began_at__lte=OuterRef(moment)).order_by("-began_at", "-pk")
    of_carrier, of_all = (spans.filter(carrier=whose).values("cause")[:1] for whose in (OuterRef(carrier), Value("")))
    return Coalesce(Subquery(of_carrier), Subquery(of_all))


def seen_until(now: datetime) -> datetime:
    """Up to when it is certain that we have not been blind, ``now`` at the latest; two queries.

    A canary fails 150 s after its last message, and it is our side from that message on. So while canaries are the
    proof, what would be a silence after the last of their messages is not judged before the next one.
    """
    last = VerdictSpan.objects.filter(carrier="", ended_at=None).first()
    if last is None or last.judged_at < now - STALE_AFTER or last.cause not in (Cause.OK, Cause.CARRIER):
        return now
    canaries = Concentrator.objects.canaries().order_by()
    heard_at: datetime | None = canaries.aggregate(at=Max("total__last_wakeup_at"))["at"]
    return min(heard_at or now, now)
