"""How available each concentrator was in a month, and how many wake-ups it missed (STA-6), computed by the database."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import (
    BigIntegerField,
    Case,
    Count,
    DateTimeField,
    DurationField,
    Exists,
    Expression,
    ExpressionWrapper,
    F,
    FilteredRelation,
    FloatField,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Sum,
    Value,
    When,
)
from django.db.models.functions import Cast, Coalesce, Greatest, Least

from concentrators.models import Assignment, Company, Concentrator, OutOfService
from reports.reliability.months import Month, Span
from wakeup.models import DailyCount, Outage
from wakeup.models.incidents import CauseClass
from wakeup.monitoring.expected.rules import NOTHING
from wakeup.monitoring.expected.sql import WholeSeconds, expected_between, out_time_between, service_time_between

OURS = Q(cause=CauseClass.OUR_SIDE)
PLANNED = Q(planned__isnull=False) & ~OURS
DARK = Q(planned=None) & ~OURS
WHOLE = 100.0
#: What is known of each concentrator in a month.
FIGURES = ("availability", "outage_count", "dark_s", "planned_s", "expected", "received", "missing")
#: Sorts those without an availability behind all others.
_LAST = 101.0


def with_availability(
    concentrators: QuerySet[Concentrator], month: Month, zone: ZoneInfo, counting_zone: ZoneInfo, now: datetime
) -> QuerySet[Any]:
    """Those of ``concentrators`` that were in field at some time of ``month`` of ``zone``.

    They have ``availability`` in percent, None if they were never in service, and ``worst``, which sorts by it, as
    ``by_name`` does by the serial number; ``outage_count``, ``dark_s`` and ``planned_s`` (seconds); and of the days
    cut in ``counting_zone`` ``expected``, ``received`` and ``missing``, numbers of wake-ups.
    """
    span = month.span(zone, now)
    rows: QuerySet[Any] = concentrators.filter(Exists(_overlapping(Assignment, "begin", "end", span)))
    rows = (rows if span.has_begun else rows.filter(pk__in=())).alias(by_name=F("serial_number"))
    return _with_wakeups(_with_times(rows, span), month, month.span(counting_zone, now))


def with_stored(concentrators: QuerySet[Concentrator], company: Company, month: Month) -> QuerySet[Any]:
    """The same of ``month`` as it is stored for ``company``, to which they belong."""
    of_month = Q(months__month=month.first, months__company=company)
    rows = concentrators.alias(stored=FilteredRelation("months", condition=of_month)).filter(stored__month=month.first)
    found: QuerySet[Any] = rows.annotate(**{name: F(f"stored__{name}") for name in FIGURES}).alias(
        worst=F("stored__worst"), by_name=F("stored__serial_number")
    )
    return found


def _with_times(rows: QuerySet[Any], span: Span) -> QuerySet[Any]:
    begin, until = (Value(at, DateTimeField()) for at in (span.begin, span.until))
    in_service = WholeSeconds(service_time_between("pk", begin, until))
    base = ExpressionWrapper(in_service - _outage_time(span, OURS | PLANNED), BigIntegerField())
    lost = Cast(F("dark_s"), FloatField()) * Value(WHOLE) / Cast(F("base"), FloatField())
    percent = Greatest(ExpressionWrapper(Value(WHOLE) - lost, FloatField()), Value(0.0))
    counted = Case(When(base__gt=0, then=percent), output_field=FloatField())
    # Most had no outage. For them it is enough to look into three sets that the database makes once.
    availability = Case(When(_was_up_throughout(span), then=Value(WHOLE)), default=counted, output_field=FloatField())
    timed: QuerySet[Any] = (
        rows.annotate(
            outage_count=_outage_number(span), dark_s=_outage_time(span, DARK), planned_s=_outage_time(span, PLANNED)
        )
        .alias(base=base)
        .annotate(availability=availability)
        .alias(worst=Coalesce("availability", _LAST))
    )
    return timed


def _was_up_throughout(span: Span) -> Q:
    was_dark = Exists(_overlapping(Outage, "began_at", "ended_at", span))
    was_out = Exists(_overlapping(OutOfService, "begin", "end", span))
    was_on = Exists(_overlapping(Assignment, "begin", "end", span).filter(period_min__isnull=False))
    return ~Q(was_dark) & ~Q(was_out) & Q(was_on)


def _with_wakeups(rows: QuerySet[Any], month: Month, span: Span) -> QuerySet[Any]:
    begin, until = (Value(at, DateTimeField()) for at in (span.begin, span.until))
    days = DailyCount.objects.filter(concentrator=OuterRef("pk"), day__gte=month.first, day__lte=month.last)
    received = days.order_by().values("concentrator").annotate(n=Sum("wakeup_count")).values("n")
    lacking = Greatest(F("expected") - F("received"), Value(0), output_field=BigIntegerField())
    came = _or_zero(Subquery(received))
    counted: QuerySet[Any] = rows.annotate(expected=expected_between("pk", begin, until), received=came)
    lacked: QuerySet[Any] = counted.annotate(missing=lacking)
    return lacked


def _overlapping(model: type[Any], begin: str, end: str, span: Span) -> QuerySet[Any]:
    """Rows of the concentrator that lasted for some time of the month; ``end`` may be empty."""
    lasting = Q(**{f"{end}__isnull": True}) | Q(**{f"{end}__gt": span.begin})
    rows: QuerySet[Any] = model.objects.filter(lasting, concentrator=OuterRef("pk"), **{f"{begin}__lt": span.until})
    return rows.order_by()


def _outage_number(span: Span) -> Expression:
    rows = _overlapping(Outage, "began_at", "ended_at", span).filter(DARK)
    return _or_zero(Subquery(rows.values("concentrator").annotate(n=Count("pk")).values("n")))


def _outage_time(span: Span, which: Q) -> Expression:
    """For how many seconds of the month outages lasted, less the time out of service."""
    begin, until = (Value(at, DateTimeField()) for at in (span.begin, span.until))
    rows = (
        _overlapping(Outage, "began_at", "ended_at", span)
        .filter(which)
        .alias(from_=Greatest("began_at", begin), to_=Least(Coalesce("ended_at", until), until))
        .alias(out=out_time_between(OuterRef("concentrator"), OuterRef("from_"), OuterRef("to_")))
        .alias(less_out=ExpressionWrapper(F("to_") - F("out"), DateTimeField()))
        .alias(dark=Greatest(F("less_out") - F("from_"), Value(NOTHING), output_field=DurationField()))
        .values("concentrator")
        .annotate(time=Sum("dark"))
    )
    return _or_zero(WholeSeconds(Subquery(rows.values("time"))))


def _or_zero(number: Expression | Subquery) -> Expression:
    return Coalesce(number, Value(0), output_field=BigIntegerField())


def worst_of(rows: QuerySet[Any], number: int) -> QuerySet[Any]:
    return rows.order_by("worst", "by_name")[:number]
