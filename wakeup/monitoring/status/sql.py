"""The status of `rules.py` as columns of a query, to sort by it and for exports (STA-1, STA-2).

To look at assignments and times out of service is expensive, and done only for concentrators that are silent: the
first conditions decide about everybody else by the total and the profile alone.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
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
    Q,
    QuerySet,
    Subquery,
    Value,
    When,
)
from django.db.models.expressions import Combinable
from django.db.models.functions import Coalesce, Greatest

from concentrators.models import Assignment, Concentrator, OutOfService, State
from profiles.models import PERIODS_MIN
from wakeup.models import WakeupTotal
from wakeup.monitoring.expected.sql import minutes, out_time_between
from wakeup.monitoring.status.rules import Status, StatusReason, Timing

COLUMNS = ("status", "status_since", "due_at", "status_reason")

_NONE = Value(None)
_LONGEST = max(PERIODS_MIN)


def with_status(
    concentrators: QuerySet[Concentrator], now: datetime, timing: Timing, columns: Iterable[str] = COLUMNS
) -> QuerySet[Any]:
    """Annotate what :func:`.rules.status_of` says of each at ``now``, or only some ``columns`` of it.

    ``status`` is a value of Status, None when not in field; ``status_since`` and ``due_at`` are times or None;
    ``status_reason`` is a value of Reason or empty.
    """
    status = StatusColumns.of(concentrators, now, timing)
    made: QuerySet[Any] = status.with_parts(concentrators).annotate(**{name: status.column(name) for name in columns})
    return made


def silences(installed: F, last: F) -> list[Combinable]:
    """The later of these began the silence of a concentrator in field: its installation or its last wake-up."""
    return [installed, Coalesce(last, installed)]


@dataclass(frozen=True, slots=True)
class StatusColumns:
    """Makes the columns, and what they follow from, with the paths from the rows to concentrator and total."""

    now: datetime
    timing: Timing
    concentrator: str = ""
    total: str = "total__"

    @classmethod
    def of(cls, rows: QuerySet[Any], now: datetime, timing: Timing) -> Self:
        """The one for ``rows``, which are concentrators or totals."""
        return cls(now, timing, "concentrator__", "") if rows.model is WakeupTotal else cls(now, timing)

    @property
    def key(self) -> OuterRef:
        return OuterRef(f"{self.concentrator}pk")

    @property
    def last(self) -> str:
        return f"{self.total}last_wakeup_at"

    @property
    def gasp(self) -> str:
        return f"{self.total}last_gasp_at"

    @property
    def installed(self) -> F:
        return F(f"{self.concentrator}installed_at")

    def _silences(self, ref: Callable[[str], F]) -> list[Combinable]:
        return silences(ref(f"{self.concentrator}installed_at"), ref(self.last))

    @property
    def period(self) -> str:
        return f"{self.concentrator}profile__wakeup_period"

    @property
    def heard(self) -> Q:
        return Q(**{f"{self.last}__isnull": False, f"{self.last}__gte": self.installed})

    def with_parts(self, rows: QuerySet[Any]) -> QuerySet[Any]:
        """``rows`` with what several columns are computed from."""
        simply = ExpressionWrapper(F("silent_since") + minutes(self.period), DateTimeField())
        changed = Assignment.objects.filter(concentrator=self.key, begin__gt=OuterRef("silent_since"))
        out_ever = OutOfService.objects.filter(concentrator=self.key)  # a condition on times could not be hashed
        due = Case(
            When(~Q(Exists(out_ever)) & ~Q(Exists(changed)), then=simply),
            default=Coalesce(self._due_by_assignment(), simply),
            output_field=DateTimeField(),
        )
        made: QuerySet[Any] = rows.alias(silent_since=Greatest(*self._silences(F))).alias(wakeup_due=due)
        return made

    def _due_by_assignment(self) -> Subquery:
        """When the next wake-up is due, or was if it was unreachable already before its last change of profile."""
        held = (
            Assignment.objects.filter(concentrator=self.key, period_min__isnull=False)
            .filter(Q(end__isnull=True) | Q(end__gt=OuterRef("silent_since")))
            .alias(silent_from=Greatest("begin", *self._silences(OuterRef)))
            .alias(until=Coalesce("end", Value(self.now, DateTimeField())))
        )
        out = out_time_between(OuterRef("concentrator"), OuterRef("silent_from"), OuterRef("until"))
        due = ExpressionWrapper(F("silent_from") + minutes("period_min") + out, DateTimeField())
        # Not ``due + tail``: SQLite's parser has a limit to how deep an expression goes.
        missed = Q(end__isnull=True) | Q(due__lte=_after("end", -self.timing.tail))
        return Subquery(held.annotate(due=due).filter(missed).order_by("begin").values("due")[:1])

    def ways(self) -> dict[str, Q]:
        """The cases that ``status_of`` tells apart, in its order: the first that is true decides."""
        out_now = OutOfService.objects.filter(concentrator=self.key, begin__lte=self.now, end__gt=self.now)
        enabled = f"{self.concentrator}profile__wakeup_enabled"
        without_wakeup_since = Q(**{f"{self.last}__isnull": True}) | Q(**{f"{self.last}__lte": F(self.gasp)})
        return {
            "not in field": ~Q(**{f"{self.concentrator}state": State.IN_FIELD}),
            "out": Q(Exists(out_now)),
            "disabled": Q(**{enabled: False}) | Q(**{f"{self.period}__isnull": True}),
            "power": Q(**{f"{self.gasp}__gte": self.installed}) & without_wakeup_since,
            "in time": self.in_time(),
            "unreachable": Q(wakeup_due__lte=self.now - self.timing.tail),
            "late": Q(wakeup_due__lte=self.now - self.timing.margin),
            "heard": self.heard,
            "unheard": ~self.heard,
        }

    def in_time(self) -> Q:
        """Surely reachable by total and profile; not after a change of profile, before which it may have missed one."""
        begin = Value(self.now - self.timing.margin, DateTimeField()) - minutes(self.period)
        called = Q(**{f"{self.last}__gt": ExpressionWrapper(begin, DateTimeField())})
        long_ago = self.now - self.timing.margin - timedelta(minutes=_LONGEST)
        changed = Assignment.objects.filter(concentrator=self.key, end__gt=long_ago)
        return self.heard & called & Q(**{f"{self.period}__lte": _LONGEST}) & ~Q(Exists(changed))

    def status(self) -> Case:
        statuses = {
            "not in field": _NONE,
            "out": Value(Status.OUT_OF_SERVICE.value),
            "disabled": Value(Status.DISABLED.value),
            "power": Value(Status.UNREACHABLE.value),
            "in time": Value(Status.REACHABLE.value),
            "unreachable": Value(Status.UNREACHABLE.value),
            "late": Value(Status.LATE.value),
            "heard": Value(Status.REACHABLE.value),
        }
        return self._column(statuses, Value(Status.NEVER_CALLED.value), CharField())

    def reason(self) -> Case:
        reasons = {
            "not in field": Value(""),
            "out": Value(StatusReason.OPERATOR.value),
            "disabled": Value(StatusReason.PROFILE.value),
            "power": Value(StatusReason.POWER.value),
            "unheard": Value(StatusReason.NEVER_CALLED.value),
            "in time": Value(StatusReason.MESSAGE.value),
            "late": Value(StatusReason.SILENCE.value),
        }
        return self._column(reasons, Value(StatusReason.MESSAGE.value), CharField())

    def since(self) -> Case:
        outs = OutOfService.objects.filter(concentrator=self.key).order_by().values("concentrator")
        out_since = Subquery(outs.filter(begin__lte=self.now, end__gt=self.now).annotate(at=Min("begin")).values("at"))
        out_until = Subquery(outs.filter(end__lte=self.now).annotate(at=Max("end")).values("at"))
        begin = Assignment.objects.filter(concentrator=self.key, end__isnull=True).values("begin")
        after_outs = Coalesce(out_until, self.installed)
        moments = {
            "not in field": _NONE,
            "out": Greatest(out_since, self.installed),
            "disabled": Coalesce(Subquery(begin[:1]), self.installed),
            "power": Greatest(F(self.gasp), after_outs),
            "in time": _NONE,
            "unreachable": Greatest(_after("wakeup_due", self.timing.tail), after_outs),
            "late": Greatest(_after("wakeup_due", self.timing.margin), after_outs),
            "heard": _NONE,
        }
        return self._column(moments, self.installed, DateTimeField())

    def due_at(self) -> Case:
        never = dict.fromkeys(("not in field", "out", "disabled"), _NONE)
        return self._column(never, F("wakeup_due"), DateTimeField())

    def column(self, name: str) -> Case:
        made: dict[str, Callable[[], Case]] = {
            "status": self.status,
            "status_since": self.since,
            "due_at": self.due_at,
            "status_reason": self.reason,
        }
        return made[name]()

    def _column(self, values: Mapping[str, Combinable], default: Combinable, field: Any) -> Case:
        """A column with one of ``values`` for each way that it tells apart."""
        ways = self.ways()
        return Case(
            *(When(ways[way], then=value) for way, value in values.items()), default=default, output_field=field
        )


def _after(path: str, time: timedelta) -> Expression:
    return ExpressionWrapper(F(path) + Value(time), DateTimeField())
