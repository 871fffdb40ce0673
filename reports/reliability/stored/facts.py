"""Sums that are other ones as soon as anything changes that the figures of a month follow from (STA-6)."""

from __future__ import annotations

from typing import Any

from django.db.models import (
    Count,
    DateTimeField,
    DurationField,
    Expression,
    ExpressionWrapper,
    F,
    Q,
    QuerySet,
    Sum,
    Value,
)
from django.db.models.functions import Coalesce, Greatest, Least

from concentrators.models import Assignment, Company, OutOfService
from reports.reliability.months import Month, Span
from wakeup.models import DailyCount, Outage
from wakeup.monitoring.expected.sql import WholeSeconds

Facts = list[list[Any]]


def facts_of(company: Company, span: Span) -> Facts:
    """Of all that lasted for some time of the month, as far as it lies within: what comes later changes no month."""
    outages = Outage.objects.filter(company=company, concentrator__is_canary=False)
    return [
        *_sums(
            outages.annotate(is_planned=Q(planned__isnull=False)), ("began_at", "ended_at"), span, "cause", "is_planned"
        ),
        *_sums(Assignment.objects.filter(_of(company)), ("begin", "end"), span, "period_min"),
        *_sums(OutOfService.objects.filter(_of(company)), ("begin", "end"), span, "concentrator__company"),
    ]


def wakeups_of(company: Company, month: Month) -> list[int]:
    """How many days of concentrators are counted, and the wake-ups on them."""
    counts = DailyCount.objects.filter(_of(company), day__gte=month.first, day__lte=month.last)
    sums = counts.aggregate(n=Count("pk"), wakeups=Coalesce(Sum("wakeup_count"), 0))
    return [int(sums["n"]), int(sums["wakeups"])]


def _of(company: Company) -> Q:
    return Q(concentrator__company=company, concentrator__is_canary=False)


def _sums(rows: QuerySet[Any], path: tuple[str, str], span: Span, *alike: str) -> Facts:
    """By what they have in common: number, sum of the keys, and in seconds when they began and how long they lasted."""
    begin, until = (Value(at, DateTimeField()) for at in (span.begin, span.until))
    sums = (
        rows.filter(Q(**{f"{path[1]}__isnull": True}) | Q(**{f"{path[1]}__gt": span.begin}))
        .filter(**{f"{path[0]}__lt": span.until})
        .alias(from_=Greatest(path[0], begin), to_=Least(Coalesce(path[1], until), until))
        .alias(after=WholeSeconds(_from(begin, F("from_"))), lasted=WholeSeconds(_from(F("from_"), F("to_"))))
        .order_by(*alike)
        .values(*alike)
        .annotate(n=Count("pk"), keys=Sum("pk"), begun=Sum("after"), time=Sum("lasted"))
    )
    return [
        [*row[: len(alike)], *map(int, row[len(alike) :])]
        for row in sums.values_list(*alike, "n", "keys", "begun", "time")
    ]


def _from(begin: Expression | F, end: F) -> Expression:
    return ExpressionWrapper(end - begin, DurationField())
