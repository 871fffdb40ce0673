"""When one concentrator was in field, out of service and heard: all that its page needs, in one query (UI-4)."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from django.db.models import (
    BigIntegerField,
    CharField,
    DateTimeField,
    IntegerField,
    OuterRef,
    QuerySet,
    Subquery,
    Value,
)
from django.db.models.functions import Cast

from concentrators.models import Assignment, OutOfService
from wakeup.monitoring.expected.hours import wakeups_by_quarter
from wakeup.monitoring.expected.rules import Expectation, Out, Stretch

_OUT, _STRETCH, _QUARTER = range(3)
_NO_TIME = Value(None, DateTimeField())
_NO_TEXT = Value(None, CharField())


class SetOut(NamedTuple):
    """A time out of service by the key of its row, and what its history tells.

    ``first_end`` is the end that it was set with; ``changed_by`` who changed it last, None if nobody or a program.
    """

    key: int
    begin: datetime
    end: datetime
    reason: str
    set_by: str | None
    first_end: datetime | None
    changed_by: str | None


@dataclass(frozen=True, slots=True)
class Times:
    """All stretches in field and times out of service, and the wake-ups of some days by number of quarter hour."""

    stretches: list[Stretch] = field(default_factory=list)
    outs: list[SetOut] = field(default_factory=list)
    wakeups: dict[int, int] = field(default_factory=dict)

    @classmethod
    def of(cls, concentrator_id: int, begin: datetime, end: datetime) -> Times:
        """Those of a concentrator, with its wake-ups from ``begin`` up to before ``end``; one query."""
        found = cls()
        for kind, key, number, begin_at, end_at, *texts in _rows(concentrator_id, begin, end):
            if kind == _OUT:
                found.outs.append(SetOut(key, begin_at, end_at, *texts))
            elif kind == _STRETCH:
                found.stretches.append(Stretch(begin_at, end_at, timedelta(minutes=number) if number else None))
            else:
                found.wakeups[key] = number
        found.stretches.sort(key=lambda one: one.begin)
        return found

    @property
    def expectation(self) -> Expectation:
        return Expectation(self.stretches, [Out(out.begin, out.end) for out in self.outs])

    def out_at(self, now: datetime) -> SetOut | None:
        """The time that it is out of service at ``now``: of several the one that lasts longest."""
        present = [out for out in self.outs if out.begin <= now < out.end]
        return max(present, key=lambda out: out.end, default=None)


def _rows(concentrator_id: int, begin: datetime, end: datetime) -> QuerySet[Any, Any]:
    """Kind, key, number, begin, end and the rest of SetOut. What has all of them is first: it says their types."""
    outs = _with_past(OutOfService.objects.filter(concentrator=concentrator_id)).values_list(
        Value(_OUT, IntegerField()),
        Cast("pk", BigIntegerField()),
        Value(0, BigIntegerField()),
        "begin",
        "end",
        "reason",
        "set_by__username",
        "first_end",
        "changed_by",
    )
    stretches = Assignment.objects.filter(concentrator=concentrator_id).values_list(
        Value(_STRETCH, IntegerField()),
        Cast("pk", BigIntegerField()),
        Cast("period_min", BigIntegerField()),
        "begin",
        "end",
        *(_NO_TEXT, _NO_TEXT, _NO_TIME, _NO_TEXT),
    )
    quarters = wakeups_by_quarter(concentrator_id, begin, end).values_list(
        Value(_QUARTER, IntegerField()),
        "quarter",
        "wakeups",
        *(_NO_TIME, _NO_TIME, _NO_TEXT, _NO_TEXT, _NO_TIME, _NO_TEXT),
    )
    return outs.order_by().union(stretches.order_by(), quarters, all=True)


def _with_past(outs: QuerySet[OutOfService]) -> QuerySet[Any]:
    versions = OutOfService.history.model.objects.filter(id=OuterRef("pk"))
    last_change = versions.filter(history_type="~").order_by("-history_id")
    return outs.annotate(
        first_end=Subquery(versions.order_by("history_id").values("end")[:1]),
        changed_by=Subquery(last_change.values("history_user__username")[:1]),
    )
