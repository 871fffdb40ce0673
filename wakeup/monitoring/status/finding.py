"""The concentrators of a status or a reason, for filters over the whole fleet (STA-1, PER-4).

What `sql.py` says in columns is said here as conditions, one after the other. A database checks first
what needs no subquery, and so works out when a wake-up was due only of those that may match; a column it has to make
of every row.
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

#: What few have: a database that expects many reads the whole fleet in the order of the page to find the first of them.
_FEW = frozenset(
    {Status.LATE.value, Status.NEVER_CALLED.value, StatusReason.NEVER_CALLED.value, StatusReason.POWER.value}
)
_SHORTEST = timedelta(minutes=1)

_Row = TypeVar("_Row", Concentrator, WakeupTotal)


def of_status(rows: QuerySet[_Row], status: str, now: datetime, timing: Timing) -> QuerySet[_Row]:
    """Those of ``rows``, concentrators or totals, of which the concentrator has ``status`` at ``now``."""
    conditions = _StatusConditions.of(rows, now, timing)
    return _found(rows, conditions, conditions.of_status(status), is_rare=status in _FEW)


def of_reason(rows: QuerySet[_Row], reason: str, now: datetime, timing: Timing) -> QuerySet[_Row]:
    """Those of ``rows``, concentrators or totals, of which the status at ``now`` has ``reason``."""
    conditions = _StatusConditions.of(rows, now, timing)
    return _found(rows, conditions, conditions.of_reason(reason), is_rare=reason in _FEW)


def _found(rows: QuerySet[_Row], conditions: _StatusConditions, condition: Q, *, is_rare: bool) -> QuerySet[_Row]:
    if not is_rare:
        return conditions.with_parts(rows).filter(condition)
    return rows.filter(pk__in=found_first(conditions.with_parts(rows).filter(condition)))


class _StatusConditions(StatusColumns):
    """Makes the conditions."""

    def of_status(self, status: str) -> Q:
        """What is true of those with ``status``, and of nobody else."""
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
        """The same for those of which the status has ``reason``."""
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
        """Who is held to a period."""
        return self._in_service() & ~self.ways()["disabled"]

    def _overdue(self) -> Q:
        """Who may be late: all but those in time, and nobody heard within the shortest of periods."""
        long_ago = self.now - self.timing.margin - _SHORTEST
        silent = Q(**{f"{self.last}__isnull": True}) | Q(**{f"{self.last}__lte": long_ago})
        return silent & ~self.in_time()
