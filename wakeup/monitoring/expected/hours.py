"""Wake-ups by hour of the wall clock, for the heat map of a concentrator's page (CON-6).

The database counts by quarter hours of UTC. The offset of every zone is a multiple of a quarter hour, so these counts
add up to the hours of any zone, even of Asia/Kolkata. An hour that comes twice, when clocks go back, stays two hours.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from itertools import groupby
from typing import Any
from zoneinfo import ZoneInfo

from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import BigIntegerField, Count, Func
from django.db.models.sql.compiler import SQLCompiler

from smmeplus.dlms.kinds import WAKEUPS
from wakeup.models import Message

QUARTER = 900  # seconds


class QuarterHour(Func):
    """The number of whole quarter hours from 1970 to a time."""

    template = f"FLOOR(DATE_PART('epoch', %(expressions)s) / {QUARTER})::bigint"
    output_field = BigIntegerField()

    def as_sqlite(self, compiler: SQLCompiler, connection: BaseDatabaseWrapper, **context: Any) -> tuple[str, Any]:
        # Cut to whole seconds, because SQLite rounds and would move the last half millisecond into the next quarter.
        template = f"CAST(strftime('%%%%s', substr(%(expressions)s, 1, 19)) AS INTEGER) / {QUARTER}"
        return self.as_sql(compiler, connection, template=template, **context)


@dataclass(frozen=True, slots=True)
class Hour:
    """An hour of the wall clock, from ``begin`` to ``end`` (UTC), and the wake-ups that came in it.

    ``fold`` is 1 the second time that the hour comes on its day. ``silent_since`` is the end of the last quarter hour
    with a wake-up before ``end``, or the begin of the first hour if there is none.
    """

    day: date
    hour: int
    fold: int
    begin: datetime
    end: datetime
    wakeups: int
    silent_since: datetime


def wakeups_by_quarter(concentrator_id: int, begin: datetime, end: datetime) -> dict[int, int]:
    """The wake-ups received from ``begin`` up to before ``end`` in each quarter hour that has any, by its number."""
    wakeups = Message.objects.filter(
        concentrator=concentrator_id, kind__in=WAKEUPS, elsewhere=False, received_at__gte=begin, received_at__lt=end
    )
    quarters = wakeups.order_by().annotate(quarter=QuarterHour("received_at")).values_list("quarter")
    return dict(quarters.annotate(wakeups=Count("*")))


def hours_between(begin: datetime, end: datetime, zone: ZoneInfo, wakeups: Mapping[int, int]) -> Iterator[Hour]:
    """The hours of ``zone`` from ``begin`` to ``end``, both on a quarter hour, with ``wakeups`` by quarter hour."""
    silent_since = begin
    for (day, hour, fold), group in groupby(range(_number(begin), _number(end)), lambda n: _wall_hour(n, zone)):
        quarters = list(group)
        heard = [number for number in quarters if number in wakeups]
        silent_since = _begin(heard[-1] + 1) if heard else silent_since
        count = sum(wakeups[number] for number in heard)
        yield Hour(day, hour, fold, _begin(quarters[0]), _begin(quarters[-1] + 1), count, silent_since)


def _number(moment: datetime) -> int:
    return int(moment.timestamp()) // QUARTER


def _begin(number: int) -> datetime:
    return datetime.fromtimestamp(number * QUARTER, UTC)


def _wall_hour(number: int, zone: ZoneInfo) -> tuple[date, int, int]:
    local = datetime.fromtimestamp(number * QUARTER, zone)
    return local.date(), local.hour, local.fold
