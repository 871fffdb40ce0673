"""What a month's figures are made of, added up by the database (STA-6): no outage is loaded by itself.

An outage belongs to the month in which it began, with all of its length, as IEEE 1366 counts an event for the day on
which it began. One that lasts is counted up to the end of that month, or up to now while the month lasts.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any, NamedTuple

from django.db.models import (
    BigIntegerField,
    BooleanField,
    Case,
    CharField,
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
    When,
)
from django.db.models.functions import Cast, Coalesce, Greatest, Least

from concentrators.models import Assignment, Company
from reports.reliability.indices import POWER, Group
from reports.reliability.months import Span
from wakeup.models import Outage
from wakeup.models.outages import Quality
from wakeup.monitoring.expected.rules import NOTHING
from wakeup.monitoring.expected.sql import WholeSeconds

WORST_PLACES = 20
_SERVED = "served"  # marks the row of the customers served among those of the outages


class Served(NamedTuple):
    """Averages of the month so far: the customers of the concentrators in field, and how many these were."""

    customers: float = 0
    concentrators: float = 0
    #: Those of the concentrators without a number of customers: they count in no index.
    without_customers: float = 0


class Place(NamedTuple):
    """The longer unplanned interruptions of power at one place."""

    substation: str
    feeder: str
    outages: int
    customers: int
    customer_seconds: int
    measured: int
    restored: int
    inferred: int


def outages_of(company: Company, span: Span) -> QuerySet[Any]:
    """Those that began in the month, with ``is_short``, ``seconds`` and ``customer_seconds``."""
    now, until = Value(span.now, DateTimeField()), Value(span.until, DateTimeField())
    limit = Value(timedelta(minutes=company.momentary_limit_min), DurationField())
    longest = ExpressionWrapper(F("began_at") + limit, DateTimeField())
    is_of_unknown_length = Q(is_momentary=True, logged_s=None)
    began = Outage.objects.filter(company=company, began_at__gte=span.begin, began_at__lt=span.end)
    return (
        began.filter(concentrator__is_canary=False)
        .alias(lasted_to=Coalesce("ended_at", now), counted_to=Coalesce("ended_at", until), longest=longest)
        .alias(
            is_short=Case(
                When(is_of_unknown_length | Q(lasted_to__lte=F("longest")), then=True),
                default=False,
                output_field=BooleanField(),
            ),
            seconds=WholeSeconds(_duration("began_at", "counted_to")),
        )
        .alias(customer_seconds=ExpressionWrapper(_whole("customers") * F("seconds"), BigIntegerField()))
        .order_by()
    )


def figures_of(company: Company, span: Span) -> tuple[list[Group], Served]:
    """The month's outages by what they have in common, and who was served; one query."""
    alike = outages_of(company, span).annotate(
        is_planned=_truth(Q(planned__isnull=False)), is_open=_truth(Q(ended_at=None)), short=F("is_short")
    )
    keys = ("cause", "is_planned", "short", "quality", "is_announced", "is_open")
    sums = {"n": Count("pk"), "c": Sum("customers"), "s": Sum("seconds"), "cs": Sum("customer_seconds")}
    of_outages = alike.values(*keys).annotate(**sums).values_list(*keys, *sums)
    rows = list(of_outages.union(_served(company, span), all=True))
    groups = [Group(*row[:6], *map(int, row[6:])) for row in rows if row[0] != _SERVED]
    sums_served = next((row[7:] for row in rows if row[0] == _SERVED), (0, 0, 0))
    return sorted(groups), _averages(sums_served, span)


def worst_places(company: Company, span: Span) -> list[Place]:
    """The substations and feeders whose customers were longest without power, unplanned; one query."""
    rows = outages_of(company, span).filter(cause=POWER, planned=None, is_short=False)
    of_places = rows.values("concentrator__substation", "concentrator__feeder").annotate(
        n=Count("pk"),
        c=Sum("customers"),
        cs=Sum("customer_seconds"),
        **{quality.value: Count("pk", filter=Q(quality=quality)) for quality in Quality},
    )
    keys = ("concentrator__substation", "concentrator__feeder")
    worst = of_places.order_by("-cs", "-n", *keys).values_list(*keys, "n", "c", "cs", *Quality.values)
    return [Place(*row[:2], *map(int, row[2:])) for row in worst[:WORST_PLACES]]


def _served(company: Company, span: Span) -> QuerySet[Any, Any]:
    """One row in the shape of those of the outages: customers, concentrators and such without customers, in seconds."""
    begin, until = Value(span.begin, DateTimeField()), Value(span.until, DateTimeField())
    held = (
        Assignment.objects.filter(concentrator__company=company, concentrator__is_canary=False, begin__lt=span.until)
        .filter(Q(end=None) | Q(end__gt=span.begin))
        .alias(from_=Greatest("begin", begin), to_=Least(Coalesce("end", until), until))
        .alias(seconds=WholeSeconds(_duration("from_", "to_")))
        .order_by()
        .values("concentrator__company")
    )
    nothing, no, zero = Value("", CharField()), Value(False, BooleanField()), Value(0, BigIntegerField())
    customers = ExpressionWrapper(_whole("concentrator__customers") * F("seconds"), BigIntegerField())
    return held.annotate(
        mark=Value(_SERVED, CharField()),
        no=no,
        nothing=nothing,
        n=zero,
        cs=Sum(customers),
        s=Sum("seconds"),
        without=Coalesce(Sum("seconds", filter=Q(concentrator__customers=0)), zero),
    ).values_list("mark", "no", "no", "nothing", "no", "no", "n", "cs", "s", "without")


def _averages(sums: Sequence[Any], span: Span) -> Served:
    return Served(*(int(number) / span.seconds for number in sums)) if span.has_begun else Served()


def _truth(condition: Q) -> Expression:
    return Case(When(condition, then=True), default=False, output_field=BooleanField())


def _duration(begin: str, end: str) -> Expression:
    """From ``begin`` to ``end``, two paths; nothing if they are the wrong way round, as a device's clock may be."""
    return Greatest(F(end) - F(begin), Value(NOTHING), output_field=DurationField())


def _whole(path: str) -> Expression:
    """A number as large as the database has them: seconds of customers are many."""
    return Cast(path, BigIntegerField())
