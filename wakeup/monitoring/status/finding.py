"""The concentrators of a status or a reason, for filters over the whole fleet (STA-1, PER-4).

What `sql.py` computes as columns is written here as conditions, one after the other. A database checks first what
needs no subquery. So it works out only for rows that may match when a wake-up was due; a column would be computed for
every row.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import TypeVar

from django.db.models import Q, QuerySet

from concentrators.models import Concentrator, OutOfService, State
from wakeup.models import WakeupTotal
from wakeup.monitoring.expected.sql import found_first
from wakeup.monitoring.status.rules import Status, StatusReason, Timing
from wakeup.monitoring.status.sql import StatusColumns

#: Few concentrators have these. A database that expects many would read the whole fleet in the order of the page.
_FEW = frozenset(
    {Status.LATE.value, Status.NEVER_CALLED.value, StatusReason.NEVER_CALLED.value, StatusReason.POWER.value}
)
_SHORTEST = timedelta(minutes=1)

_Row = TypeVar("_Row", Concentrator, WakeupTotal)


def of_status(rows: QuerySet[_Row], status: str, now: datetime, timing: Timing) -> QuerySet[_Row]:
    """The ``rows``, concentrators or totals, whose concentrator has ``status`` at ``now``."""
    conditions = _StatusConditions.of(rows, now, timing)
    return _found(rows, conditions, conditions.of_status(status), is_rare=status in _FEW)


def of_reason(rows: QuerySet[_Row], reason: str, now: datetime, timing: Timing) -> QuerySet[_Row]:
    """The ``rows``, concentrators or totals, whose status at ``now`` has ``reason``."""
    conditions = _StatusConditions.of(rows, now, timing)
    return _found(rows, conditions, conditions.of_reason(reason), is_rare=reason in _FEW)


def _found(rows: QuerySet[_Row], conditions: _StatusConditions, condition: Q, *, is_rare: bool) -> QuerySet[_Row]:
    if not is_rare:
        return conditions.with_parts(rows).filter(condition)
    return rows.filter(pk__in=found_first(conditions.with_parts(rows).filter(condition)))


class _StatusConditions(StatusColumns):
    def of_status(self, status: str) -> Q:
        unreachable, late = (Q(wakeup_due__lte=self.now - time) for time in (self.timing.tail, self.timing.margin))
        power, heard = self.ways()["power"], self.heard
        made: dict[str, Callable[[], Q]] = {
            Status.NEVER_CALLED: lambda: self._held() & ~power & ~heard & ~late,
            Status.REACHABLE: lambda: self._held() & ~power & heard & (self.in_time() | ~late),
            Status.LATE: lambda: self._held() & ~power & self._overdue() & late & ~unreachable,
            Status.UNREACHABLE: lambda: self._held() & (power | (self._overdue() & unreachable)),
            Status.DISABLED: lambda: self._in_service() & self.ways()["disabled"],
            Status.OUT_OF_SERVICE: lambda: self._in_field() & self._out_now(),
        }
        return made[status]()

    def of_reason(self, reason: str) -> Q:
        late, power = Q(wakeup_due__lte=self.now - self.timing.margin), self.ways()["power"]
        made: dict[str, Callable[[], Q]] = {
            StatusReason.MESSAGE: lambda: self.of_status(Status.REACHABLE),
            StatusReason.SILENCE: lambda: self._held() & ~power & self.heard & self._overdue() & late,
            StatusReason.NEVER_CALLED: lambda: self._held() & ~power & ~self.heard,
            StatusReason.POWER: lambda: self._held() & power,
            StatusReason.PROFILE: lambda: self.of_status(Status.DISABLED),
            StatusReason.OPERATOR: lambda: self.of_status(Status.OUT_OF_SERVICE),
        }
        return made[reason]()

    def _in_field(self) -> Q:
        return Q(**{f"{self.concentrator}state": State.IN_FIELD})

    def _out_now(self) -> Q:
        out = OutOfService.objects.filter(begin__lte=self.now, end__gt=self.now)
        return Q(**{f"{self.concentrator}pk__in": out.order_by().values("concentrator")})

    def _in_service(self) -> Q:
        return self._in_field() & ~self._out_now()

    def _held(self) -> Q:
        """Those of which wake-ups are due."""
        return self._in_service() & ~self.ways()["disabled"]

    def _overdue(self) -> Q:
        """Those that may be late: neither in time, nor heard within the shortest of all periods."""
        long_ago = self.now - self.timing.margin - _SHORTEST
        silent = Q(**{f"{self.last}__isnull": True}) | Q(**{f"{self.last}__lte": long_ago})
        return silent & ~self.in_time()
