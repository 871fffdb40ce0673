"""The rules of `rules.py` in SQL: reporting days, times out of service, expected wake-ups (REP-5, REP-7)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from itertools import groupby
from typing import Any
from zoneinfo import ZoneInfo

from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import (
    BigIntegerField,
    Case,
    DateTimeField,
    DurationField,
    Exists,
    Expression,
    ExpressionWrapper,
    F,
    FilteredRelation,
    Func,
    IntegerField,
    Max,
    Min,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Sum,
    Value,
    When,
)
from django.db.models.expressions import Combinable
from django.db.models.functions import Cast, Coalesce, Greatest, Least
from django.db.models.sql.compiler import SQLCompiler

from concentrators.models import Assignment, Concentrator, OutOfService
from wakeup.counts.days import DAY, begin_of
from wakeup.models import DailyCount
from wakeup.monitoring.expected.rules import NOTHING


@dataclass(frozen=True, slots=True)
class ReportingDays:
    """The days of ``zone`` from ``first`` to ``last``, for a database that knows of no zones (REP-5).

    The SQL is a constant for a single day; otherwise it has one case for each change of clocks in between.
    """

    zone: ZoneInfo
    first: date
    last: date

    def begin(self, path: str = "day") -> Expression:
        """The first instant of the day at ``path``."""
        return self._midnight(path, 0)

    def end(self, path: str = "day") -> Expression:
        """The first instant after the day at ``path``."""
        return self._midnight(path, 1)

    def _midnight(self, path: str, days_later: int) -> Expression:
        if self.first == self.last:
            return Value(begin_of(self.first + days_later * DAY, self.zone), DateTimeField())
        whens = [
            When(**{f"{path}__lte": last}, then=Value(offset + days_later * DAY))
            for last, offset in self._offsets(days_later)
        ]
        offset = Case(*whens, default=Value(NOTHING), output_field=DurationField())
        return ExpressionWrapper(Cast(path, DateTimeField()) + offset, DateTimeField())

    def _offsets(self, days_later: int) -> list[tuple[date, timedelta]]:
        """The last day of each run with the same time from UTC's midnight to the zone's, and that time."""
        later = days_later * DAY
        years = range((self.first + later).year, (self.last + later).year + 1)
        runs = [run for year in years for run in _offsets_in(self.zone.key, year)]
        return [(last - later, offset) for last, offset in runs if last - later >= self.first]


def counted_days(first: date | None, last: date | None) -> tuple[date, date]:
    """From ``first`` to ``last`` as far as there are counts of any day; one query unless the two are the same."""
    if first is not None and first == last:
        return first, first
    known = DailyCount.objects.aggregate(first=Min("day"), last=Max("day"))
    begin, end = known["first"] or date(2000, 1, 1), known["last"] or date(2000, 1, 1)
    return max(first or begin, begin), min(last or end, end)


@lru_cache(maxsize=200)
def _offsets_in(zone_key: str, year: int) -> tuple[tuple[date, timedelta], ...]:
    zone = ZoneInfo(zone_key)
    first = date(year, 1, 1)
    days = [day for n in range(366) if (day := first + n * DAY).year == year]
    runs = groupby(days, key=lambda day: begin_of(day, zone) - datetime.combine(day, time.min, UTC))
    return tuple((list(run)[-1], offset) for offset, run in runs)


def with_expected(
    counts: QuerySet[DailyCount], begin: Expression, end: Expression, now: datetime
) -> QuerySet[DailyCount]:
    """Annotate ``expected``, the wake-ups due on each row's day up to ``now``, and ``missing``, how many of them are.

    ``begin`` and ``end`` are those of the row's day. Nothing is missing where more came than was expected.
    """
    rows: QuerySet[DailyCount]
    if isinstance(begin, Value) and isinstance(end, Value) and begin.value < now:
        rows = _with_expected_of_one_day(counts, begin.value, min(end.value, now))
    else:
        expected = expected_between("concentrator", OuterRef("day_begin"), OuterRef("day_end"))
        until = Least(end, Value(now, DateTimeField()))
        rows = counts.alias(day_begin=begin, day_end=until).annotate(expected=expected)
    lacking = Greatest(F("expected") - F("wakeup_count"), Value(0), output_field=BigIntegerField())
    return rows.annotate(missing=lacking)


def _with_expected_of_one_day(counts: QuerySet[DailyCount], begin: datetime, end: datetime) -> QuerySet[Any]:
    """The same for a single day: a join is enough for those that had one profile and were in service all day.

    Most rows then need no subquery, and 300,000 rows are sorted in a fraction of the time.
    """
    path = "concentrator__assignments"
    throughout = Q(**{f"{path}__begin__lte": begin, f"{path}__period_min__isnull": False}) & (
        Q(**{f"{path}__end__isnull": True}) | Q(**{f"{path}__end__gte": end})
    )
    out = OutOfService.objects.filter(concentrator=OuterRef("concentrator"), begin__lt=end, end__gt=begin)
    whole = WholePeriods(Value(end - begin, DurationField()), F("throughout__period_min"))
    in_part = expected_between("concentrator", Value(begin, DateTimeField()), Value(end, DateTimeField()))
    rows = counts.alias(throughout=FilteredRelation(path, condition=throughout))
    simple = Q(throughout__period_min__isnull=False) & ~Q(Exists(out))
    return rows.annotate(expected=Case(When(simple, then=whole), default=in_part, output_field=BigIntegerField()))


def silent_on(
    concentrators: QuerySet[Concentrator], day: date, zone: ZoneInfo, now: datetime
) -> QuerySet[Concentrator]:
    """Those that were expected to send a wake-up on ``day`` of ``zone`` until ``now``, and sent none."""
    begin = Value(begin_of(day, zone), DateTimeField())
    end = Value(min(begin_of(day + DAY, zone), now), DateTimeField())
    heard = DailyCount.objects.filter(concentrator=OuterRef("pk"), day=day)
    # PostgreSQL would rather work out first what was expected of everybody.
    unheard = concentrators.filter(~Exists(heard))
    due: QuerySet[Any] = concentrators.filter(pk__in=found_first(unheard)).alias(
        expected=expected_between("pk", begin, end)
    )
    return due.filter(expected__gt=0)


def found_first(rows: QuerySet[Any]) -> QuerySet[Any, Any]:
    """The keys of ``rows`` for a condition, behind a limit that no table reaches.

    PostgreSQL plans nothing across a limit. So it finds these rows before it looks at the other conditions or at the
    order that is asked for, whatever it expects of either.
    """
    return rows.order_by().values("pk")[:1_000_000_000]


def expected_between(key: str, begin: Combinable, end: Combinable) -> Expression:
    """The wake-ups that a concentrator should have sent from ``begin`` to ``end``; ``key`` is the path to its key.

    The two are times as seen from a subquery: OuterRef or Value.
    """
    expected = _held(key, begin, end).annotate(expected=Sum(WholePeriods("held", "period_min")))
    return Coalesce(Subquery(expected.values("expected")), 0, output_field=BigIntegerField())


def service_time_between(key: str, begin: Combinable, end: Combinable) -> Expression:
    """How long a concentrator was to send wake-ups from ``begin`` to ``end``; the rest as in `expected_between`."""
    time = _held(key, begin, end).annotate(time=Sum("held"))
    return Coalesce(Subquery(time.values("time")), Value(NOTHING), output_field=DurationField())


def _held(key: str, begin: Combinable, end: Combinable) -> QuerySet[Any, Any]:
    """The times with wake-up on, as ``held`` less those out of service, to be added up by concentrator."""
    return (
        Assignment.objects.filter(concentrator=OuterRef(key), period_min__isnull=False, begin__lt=end)
        .filter(Q(end__isnull=True) | Q(end__gt=begin))
        .alias(from_=Greatest("begin", begin), to_=Least(Coalesce("end", end), end))
        .alias(out=out_time_between(OuterRef("concentrator"), OuterRef("from_"), OuterRef("to_")))
        .alias(less_out=ExpressionWrapper(F("to_") - F("out"), DateTimeField()))
        .alias(held=Greatest(F("less_out") - F("from_"), Value(NOTHING), output_field=DurationField()))
        .order_by()
        .values("concentrator")
    )


def out_time_between(concentrator: Combinable, begin: Combinable, end: Combinable) -> Expression:
    """How long ``concentrator``, a key, was out of service from ``begin`` to ``end``; times that overlap count twice.

    The three are as seen from a subquery: OuterRef or Value.
    """
    common = Least("end", end) - Greatest("begin", begin)
    time = Greatest(common, Value(NOTHING), output_field=DurationField())  # where ``end`` is before ``begin``
    outs = (
        OutOfService.objects.filter(concentrator=concentrator, begin__lt=end, end__gt=begin)
        .order_by()
        .values("concentrator")
        .annotate(time=Sum(time))
    )
    return Coalesce(Subquery(outs.values("time")), Value(NOTHING), output_field=DurationField())


def minutes(path: str) -> Expression:
    return ExpressionWrapper(Cast(path, IntegerField()) * Value(timedelta(minutes=1)), DurationField())


class WholePeriods(Func):
    """How many whole periods, in minutes, are in a duration that is not negative."""

    output_field = BigIntegerField()
    template = "FLOOR(EXTRACT(EPOCH FROM %(expressions)s))::bigint"
    arg_joiner = ") / (60 * "

    def as_sqlite(self, compiler: SQLCompiler, connection: BaseDatabaseWrapper, **context: Any) -> tuple[str, Any]:
        # Where a duration is a number of microseconds.
        return self.as_sql(
            compiler, connection, template="((%(expressions)s))", arg_joiner=") / (60000000 * ", **context
        )


class WholeSeconds(Func):
    """A duration in whole seconds."""

    output_field = BigIntegerField()
    template = "FLOOR(EXTRACT(EPOCH FROM %(expressions)s))::bigint"

    def as_sqlite(self, compiler: SQLCompiler, connection: BaseDatabaseWrapper, **context: Any) -> tuple[str, Any]:
        # Where a duration is a number of microseconds.
        return self.as_sql(compiler, connection, template="((%(expressions)s) / 1000000)", **context)
