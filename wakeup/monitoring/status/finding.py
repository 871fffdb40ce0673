"""The concentrators of a status or a reason, for filters over the whole fleet (STA-1, PER-4).

Few concentrators are anything but reachable, and indexes of the watches name those that may be: what `watchstatus` has
not moved forward is overdue for all it knows. However long that has stopped, nobody who matches is left out; there is
only more to look through.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from functools import reduce
from operator import or_
from typing import Any, NamedTuple, TypeVar

from django.db.models import (
    Case,
    CharField,
    Count,
    DateTimeField,
    ExpressionWrapper,
    F,
    Field,
    PositiveSmallIntegerField,
    Q,
    QuerySet,
    Subquery,
    Value,
    When,
)
from django.db.models.functions import Coalesce

from concentrators.models import Concentrator, State, Watch
from concentrators.procedures.due import OF_WATCHES
from wakeup.models import WakeupTotal, WatchProgress
from wakeup.monitoring.expected.sql import found_first
from wakeup.monitoring.status.rules import NO_RANK, Status, StatusReason, Timing
from wakeup.monitoring.status.sql import StatusColumns

#: How far back each pass of `watchstatus` looks for last gasps: some are committed late, while a database comes back.
GASPS_BACK = timedelta(minutes=15)
_SEEN = F("until") - Value(GASPS_BACK)
#: So many are passed on as a list.
FEW = 10_000
_NEVER = datetime(1970, 1, 1, tzinfo=UTC)
_Row = TypeVar("_Row", Concentrator, WakeupTotal)


def of_status(rows: QuerySet[_Row], status: str, now: datetime, timing: Timing) -> QuerySet[_Row]:
    """The ``rows``, concentrators or totals, whose concentrator has ``status`` at ``now``."""
    if status == Status.REACHABLE:
        return _reachable(rows, now, timing)
    return _among(rows, *_Finder(now, timing, OF_WATCHES).of_status(status))


def of_reason(rows: QuerySet[_Row], reason: str, now: datetime, timing: Timing) -> QuerySet[_Row]:
    """The ``rows``, concentrators or totals, whose status at ``now`` has ``reason``."""
    if reason == StatusReason.MESSAGE:
        return _reachable(rows, now, timing)
    return _among(rows, *_Finder(now, timing, OF_WATCHES).of_reason(reason))


def of_any_status(rows: QuerySet[_Row], statuses: Sequence[str], now: datetime, timing: Timing) -> QuerySet[_Row]:
    """The ``rows`` whose concentrator has one of ``statuses`` at ``now``."""
    finder = _Finder(now, timing, OF_WATCHES)
    found = [one for status in statuses if status != Status.REACHABLE for one in finder.of_status(status)]
    reachable = _reachable(rows, now, timing) if Status.REACHABLE in statuses else None
    return _among_or(rows, found, reachable)


def of_any_reason(rows: QuerySet[_Row], reasons: Sequence[str], now: datetime, timing: Timing) -> QuerySet[_Row]:
    """The ``rows`` whose status at ``now`` has one of ``reasons``."""
    finder = _Finder(now, timing, OF_WATCHES)
    found = [one for reason in reasons if reason != StatusReason.MESSAGE for one in finder.of_reason(reason)]
    reachable = _reachable(rows, now, timing) if StatusReason.MESSAGE in reasons else None
    return _among_or(rows, found, reachable)


def with_quick_status(rows: QuerySet[_Row], column: str, now: datetime, timing: Timing) -> QuerySet[Any] | None:
    """``rows``, concentrators, with the column ``status_rank`` or ``status_reason``, to sort by it.

    Who is not suspected of anything is reachable by a message. None if too many are suspected.
    """
    finder = _Finder(now, timing, OF_WATCHES)
    found = finder.with_parts(finder.suspected()).annotate(found=finder.column(column)).values_list("pk", "found")
    suspected = list(found[: FEW + 1])
    if len(suspected) > FEW:
        return None
    keys: dict[Any, list[int]] = {}
    for key, value in suspected:
        keys.setdefault(value, []).append(key)
    whens = [When(pk__in=of_value, then=Value(value)) for value, of_value in sorted(keys.items())]
    usual, none, field = _USUAL[column]
    not_in_field = When(~Q(state=State.IN_FIELD), then=Value(none))
    return rows.annotate(**{column: Case(not_in_field, *whens, default=Value(usual), output_field=field())})


#: By column: what is reachable has, what is not in field has, and the kind of both.
_USUAL: Mapping[str, tuple[Any, Any, type[Field[Any, Any]]]] = {
    "status_rank": (Status.REACHABLE.rank, NO_RANK, PositiveSmallIntegerField),
    "status_reason": (StatusReason.MESSAGE.value, "", CharField),
}


def counts_by_company(rows: QuerySet[Concentrator], now: datetime, timing: Timing) -> dict[tuple[int, str], int]:
    """How many of ``rows``, all in field, have each status, by company and status; two queries.

    Those that are suspected of nothing are reachable, and only counted.
    """
    finder = _Finder(now, timing, OF_WATCHES)
    suspected = finder.with_parts(finder.suspected().filter(pk__in=rows.order_by().values("pk")))
    by_status = suspected.annotate(found=finder.column("status")).values_list("concentrator__company", "found")
    wrong = {
        (company, status): number
        for company, status, number in by_status.annotate(number=Count("pk"))
        if status not in (None, Status.REACHABLE)
    }
    in_field = rows.order_by().values_list("company").annotate(number=Count("pk"))
    reachable = {(company, Status.REACHABLE.value): number for company, number in in_field}
    for (company, _status), number in wrong.items():
        reachable[company, Status.REACHABLE.value] -= number
    return {**wrong, **reachable}


class Suspect(NamedTuple):
    """A concentrator that is anything but reachable, with what `with_status` says of it."""

    pk: int
    status: str
    status_since: datetime | None
    status_reason: str


def worst_of(rows: QuerySet[Concentrator], now: datetime, timing: Timing) -> list[Suspect]:
    """Those of ``rows`` that are not reachable, the worst first and of these the longest so; one query.

    If more than 10,000 are suspected, those among them that have been overdue for longest.
    """
    finder = _Finder(now, timing, OF_WATCHES)
    suspected = finder.with_parts(finder.suspected().filter(pk__in=rows.order_by().values("pk")))
    columns = {f"found_{name}": finder.column(name) for name in Suspect._fields[1:]}
    found = suspected.annotate(**columns).order_by("look_at", "pk").values_list("pk", *columns)
    bad = [Suspect(*row) for row in found[:FEW]]
    return sorted((one for one in bad if one.status not in (None, Status.REACHABLE)), key=_badness)


def _badness(one: Suspect) -> tuple[int, datetime, int]:
    return Status(one.status).rank, one.status_since or _NEVER, one.pk


def _among(rows: QuerySet[_Row], *found: QuerySet[Any]) -> QuerySet[_Row]:
    """The ``rows`` that are ``found``, as a list if that is short: a database would not expect that."""
    first, *others = (one.order_by().values_list("pk", flat=True) for one in found)
    keys = list((first.union(*others) if others else first)[: FEW + 1])
    if len(keys) <= FEW:
        return rows.filter(pk__in=keys)
    return rows.filter(reduce(or_, (Q(pk__in=found_first(one)) for one in found)))


def _among_or(rows: QuerySet[_Row], found: Sequence[QuerySet[Any]], reachable: QuerySet[_Row] | None) -> QuerySet[_Row]:
    """The ``rows`` that are ``found``, or among those ``reachable``."""
    if reachable is None:
        return _among(rows, *found)
    keys = [reachable.order_by().values("pk"), *(found_first(one) for one in found)]
    return rows.filter(reduce(or_, (Q(pk__in=of_one) for of_one in keys)))


def _reachable(rows: QuerySet[_Row], now: datetime, timing: Timing) -> QuerySet[_Row]:
    """Nearly all: they are not looked up by a list, which would be as long as the fleet."""
    status = StatusColumns.of(rows, now, timing)
    return status.with_parts(rows).filter(
        Q(**{f"{status.watch('since')}__isnull": False}),
        ~status.disabled,
        status.heard,
        ~status.power,
        ~status.is_overdue(timing.margin),
        ~status.out,
    )


class _Finder(StatusColumns):
    """Finds watches: first by an index, then by what the status follows from."""

    def of_status(self, status: str) -> Sequence[QuerySet[Any]]:
        """One or two queries that find them together."""
        lost = self.is_lost
        made: dict[str, Callable[[], Sequence[QuerySet[Any]]]] = {
            Status.NEVER_CALLED: lambda: [self._unheard().filter(~lost)],
            Status.LATE: lambda: [self._silent().filter(~lost)],
            Status.UNREACHABLE: lambda: [self._overdue().filter(self.power | lost), self._gasped()],
            Status.DISABLED: lambda: [self._in_service(self.disabled)],
            Status.OUT_OF_SERVICE: lambda: [self._watches().filter(self.out)],
        }
        return made[status]()

    def of_reason(self, reason: str) -> Sequence[QuerySet[Any]]:
        by_tail, lost = self.is_overdue(self.timing.tail), self.is_lost
        made: dict[str, Callable[[], Sequence[QuerySet[Any]]]] = {
            StatusReason.SILENCE: lambda: [self._silent().filter(~by_tail | lost)],
            StatusReason.OUR_SIDE: lambda: [self._silent().filter(by_tail).filter(~lost)],
            StatusReason.NEVER_CALLED: lambda: [self._unheard()],
            StatusReason.POWER: lambda: [self._overdue().filter(self.power), self._gasped()],
            StatusReason.PROFILE: lambda: self.of_status(Status.DISABLED),
            StatusReason.OPERATOR: lambda: self.of_status(Status.OUT_OF_SERVICE),
        }
        return made[reason]()

    def _watches(self) -> QuerySet[Any]:
        return self.with_parts(Watch.objects.filter(since__isnull=False).order_by())

    def _in_service(self, *conditions: Q) -> QuerySet[Any]:
        return self._watches().filter(*conditions).filter(~self.out)

    def _unheard(self) -> QuerySet[Any]:
        return self._in_service(Q(is_heard=False), ~self.disabled, ~self.heard, ~self.power)

    def _silent(self) -> QuerySet[Any]:
        """Those that were heard, and are late at least."""
        return self._overdue().filter(self.heard, ~self.power, self.is_overdue(self.timing.margin))

    def _overdue(self) -> QuerySet[Any]:
        """For all that a watcher knows."""
        return self._in_service(Q(look_at__lte=self.now), ~self.disabled)

    def _gasped(self) -> QuerySet[Any]:
        """Those that a last gasp has made unreachable, and no watcher has seen it."""
        return self._in_service(Q(pk__in=self._unseen_gasps()), ~self.disabled, self.power)

    def suspected(self) -> QuerySet[Watch]:
        """All that may be anything but reachable."""
        watches = Watch.objects.filter(since__isnull=False).order_by()
        conditions = (Q(look_at__lte=self.now), Q(is_heard=False), Q(period_min=None), Q(outs_until__gt=self.now))
        keys = [watches.filter(condition).values("pk") for condition in conditions]
        return watches.filter(pk__in=keys[0].union(*keys[1:], self._unseen_gasps()))

    def _unseen_gasps(self) -> QuerySet[Any, Any]:
        """The keys of those whose last gasp no watcher has seen yet. That of all others has moved their ``look_at``."""
        seen = WatchProgress.objects.order_by().values(at=ExpressionWrapper(_SEEN, DateTimeField()))[:1]
        since = Coalesce(Subquery(seen), Value(_NEVER, DateTimeField()))
        # Of a time that it does not know PostgreSQL expects a third of all, of a span of which it does not few.
        gasps = WakeupTotal.objects.filter(last_gasp_at__gte=since, last_gasp_at__lte=self.now + timedelta(days=1))
        return gasps.order_by().values("pk")
