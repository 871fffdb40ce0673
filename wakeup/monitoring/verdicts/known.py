"""What is known of the verdicts at past times: for changes of status (STA-3, STA-4)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import NamedTuple, Self

from django.db.models import Expression, OuterRef, Q, Subquery, Value
from django.db.models.functions import Coalesce

from wakeup.models import VerdictSpan


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
