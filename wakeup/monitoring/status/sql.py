"""The status of `rules.py` as columns of a query, to sort by it and for exports (STA-1, STA-2)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Self

from django.db.models import (
    Case,
    CharField,
    DateTimeField,
    Exists,
    Expression,
    ExpressionWrapper,
    F,
    Max,
    Min,
    OuterRef,
    PositiveSmallIntegerField,
    Q,
    QuerySet,
    Subquery,
    Value,
    When,
)
from django.db.models.expressions import Combinable
from django.db.models.functions import Coalesce, Greatest

from concentrators.models import Concentrator, OutOfService
from concentrators.procedures.due import OF_CONCENTRATORS, Paths, effective, with_due
from wakeup.models import WakeupTotal
from wakeup.monitoring.status.blindness import is_held, judged
from wakeup.monitoring.status.rules import NO_RANK, Status, StatusReason, Timing

#: What of the ways of :meth:`StatusColumns.ways` is which status.
_STATUS_BY_WAY = {
    "out": Status.OUT_OF_SERVICE,
    "disabled": Status.DISABLED,
    "power": Status.UNREACHABLE,
    "unreachable": Status.UNREACHABLE,
    "unheard": Status.NEVER_CALLED,
    "held": Status.LATE,
    "late": Status.LATE,
}
COLUMNS = ("status", "status_since", "due_at", "status_reason")

_NONE = Value(None)
_NEVER = datetime(1970, 1, 1, tzinfo=UTC)


def with_status(
    concentrators: QuerySet[Concentrator], now: datetime, timing: Timing, columns: Iterable[str] = COLUMNS
) -> QuerySet[Any]:
    """Annotate what :func:`.rules.status_of` says of each at ``now``, or only some ``columns`` of it.

    ``status`` is a value of Status, None when not in field; ``status_since`` and ``due_at`` are times or None;
    ``status_reason`` is a value of Reason or empty. ``status_rank``, if it is asked for, is as in Status.
    """
    status = StatusColumns.of(concentrators, now, timing)
    made: QuerySet[Any] = status.with_parts(concentrators).annotate(**{name: status.column(name) for name in columns})
    return made


@dataclass(frozen=True, slots=True)
class StatusColumns:
    """Makes the columns, and what they follow from, with the paths from the rows to watch and total."""

    now: datetime
    timing: Timing
    paths: Paths = OF_CONCENTRATORS

    @classmethod
    def of(cls, rows: QuerySet[Any], now: datetime, timing: Timing) -> Self:
        """The one for ``rows``, which are concentrators or totals."""
        if rows.model is WakeupTotal:
            return cls(now, timing, Paths("concentrator__watch__", ""))
        return cls(now, timing)

    def with_parts(self, rows: QuerySet[Any]) -> QuerySet[Any]:
        """``rows`` with what several columns are computed from."""
        made: QuerySet[Any] = with_due(rows, self.now, self.paths).alias(gasped_at=self.gasp)
        return made

    def watch(self, name: str) -> str:
        return f"{self.paths.watch}{name}"

    @property
    def last(self) -> str:
        return f"{self.paths.total}last_wakeup_at"

    @property
    def gasp(self) -> Expression:
        """The last gasp that counts; before all times if there is none, so that it can be denied."""
        last = F(f"{self.paths.total}last_gasp_at")
        is_void = Q(**{self.watch("void_gasp_at"): last})
        counts = Case(When(is_void, then=F(self.watch("kept_gasp_at"))), default=last, output_field=DateTimeField())
        return Coalesce(counts, Value(_NEVER, DateTimeField()))

    @property
    def since(self) -> F:
        return F(self.watch("since"))

    @property
    def heard(self) -> Q:
        return Q(**{f"{self.last}__isnull": False, f"{self.last}__gte": self.since})

    @property
    def power(self) -> Q:
        """No wake-up has come since the last gasp."""
        silent = Q(**{f"{self.last}__isnull": True}) | Q(**{f"{self.last}__lte": F("gasped_at")})
        return Q(gasped_at__gte=self.since) & silent

    @property
    def out(self) -> Q:
        lasts = self._outs().filter(counts_from__lte=self.now, end__gt=self.now)
        return Q(**{f"{self.watch('outs_until')}__gt": self.now}) & Q(Exists(lasts))

    @property
    def disabled(self) -> Q:
        return Q(**{f"{self.watch('period_min')}__isnull": True})

    def is_overdue(self, time: timedelta) -> Q:
        """By more than ``time``: the instant itself belongs to the time before."""
        return Q(wakeup_due__lt=self.now - time)

    @property
    def is_lost(self) -> Q:
        """Overdue for so long that it is unreachable, and not put off because it was our side."""
        if not any(blind.matters_at(self.now) for blind in self.timing.blind):
            return self.is_overdue(self.timing.tail)
        return self.is_overdue(self.timing.tail) & ~is_held(self.timing.tail, self.timing.blind, self.now)

    def ways(self) -> dict[str, Q]:
        """The cases that ``status_of`` tells apart, in its order: the first that is true decides."""
        return {
            "not in field": Q(**{f"{self.watch('since')}__isnull": True}),
            "out": self.out,
            "disabled": self.disabled,
            "power": self.power,
            "unreachable": self.is_lost,
            "unheard": ~self.heard,
            "held": self.is_overdue(self.timing.tail),
            "late": self.is_overdue(self.timing.margin),
        }

    def status(self) -> Case:
        statuses = {way: Value(status.value) for way, status in _STATUS_BY_WAY.items()}
        return self._column({"not in field": _NONE, **statuses}, Value(Status.REACHABLE.value), CharField())

    def rank(self) -> Case:
        """The place of the status among all, the worst first, and what has none last."""
        ranks = {way: Value(status.rank) for way, status in _STATUS_BY_WAY.items()}
        return self._column(
            {"not in field": Value(NO_RANK), **ranks}, Value(Status.REACHABLE.rank), PositiveSmallIntegerField()
        )

    def reason(self) -> Case:
        reasons = {
            "not in field": Value(""),
            "out": Value(StatusReason.OPERATOR.value),
            "disabled": Value(StatusReason.PROFILE.value),
            "power": Value(StatusReason.POWER.value),
            "unheard": Value(StatusReason.NEVER_CALLED.value),
            "unreachable": Value(StatusReason.SILENCE.value),
            "held": Value(StatusReason.OUR_SIDE.value),
            "late": Value(StatusReason.SILENCE.value),
        }
        return self._column(reasons, Value(StatusReason.MESSAGE.value), CharField())

    def shown_since(self) -> Case:
        """The same as ``status_since``, and of what is reachable since when that has been noted."""
        is_noted = Q(**{self.watch("status"): Status.REACHABLE})
        noted = Case(When(is_noted, then=F(self.watch("status_at"))), default=_NONE, output_field=DateTimeField())
        return self.changed_at(reachable=noted)

    def changed_at(self, reachable: Combinable = _NONE) -> Case:
        outs = self._outs().order_by().values("concentrator")
        out_since = Subquery(
            outs.filter(counts_from__lte=self.now, end__gt=self.now).annotate(at=Min("counts_from")).values("at")
        )
        out_until = Subquery(
            outs.filter(end__lte=self.now, end__gt=F("counts_from")).annotate(at=Max("end")).values("at")
        )
        was_out = Q(**{f"{self.watch('outs_until')}__isnull": False})
        after_outs = Case(When(was_out, then=Coalesce(out_until, self.since)), default=self.since)
        moments: dict[str, Any] = {
            "not in field": _NONE,
            "out": Greatest(out_since, self.since),
            "disabled": F(self.watch("silent_from")),
            "power": Greatest(F("gasped_at"), after_outs),
            "unreachable": Greatest(judged(self.timing.tail, self.timing.blind), after_outs),
            "unheard": self.since,
            "held": Greatest(_after("wakeup_due", self.timing.margin), after_outs),
            "late": Greatest(_after("wakeup_due", self.timing.margin), after_outs),
        }
        return self._column(moments, reachable, DateTimeField())

    def due_at(self) -> Case:
        never = dict.fromkeys(("not in field", "out", "disabled"), _NONE)
        return self._column(never, F("wakeup_due"), DateTimeField())

    def column(self, name: str) -> Case:
        made: dict[str, Callable[[], Case]] = {
            "status": self.status,
            "status_rank": self.rank,
            "status_since": self.changed_at,
            "shown_since": self.shown_since,
            "due_at": self.due_at,
            "status_reason": self.reason,
        }
        return made[name]()

    def _outs(self) -> QuerySet[Any]:
        return effective(OutOfService.objects.filter(concentrator=OuterRef(self.watch("pk"))))

    def _column(self, values: Mapping[str, Combinable], default: Combinable, field: Any) -> Case:
        """A column with one of ``values`` for each way that it tells apart."""
        ways = self.ways()
        return Case(
            *(When(ways[way], then=value) for way, value in values.items()), default=default, output_field=field
        )


def _after(path: str, time: timedelta) -> Expression:
    return ExpressionWrapper(F(path) + Value(time), DateTimeField())
