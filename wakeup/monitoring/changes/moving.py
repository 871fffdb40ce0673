"""The usual: who calls in time is due again, and who says nothing is late and then unreachable (PER-5).

Nothing has to be told again for that, so a few statements do it for all of them. What they do is what
:mod:`wakeup.monitoring.changes.replay` would have done. Whoever has been out of service, has another period or has
sent a last gasp meanwhile is left to it.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from django.db import transaction
from django.db.models import (
    DateTimeField,
    Exists,
    Expression,
    ExpressionWrapper,
    F,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Value,
)
from django.db.models.expressions import Combinable

from concentrators.models import PastWatch, Watch
from concentrators.procedures.due import OF_WATCHES, minutes
from wakeup.models import ChangeReason, WakeupTotal
from wakeup.monitoring.changes.storing import among, insert_changes
from wakeup.monitoring.status.rules import Status, Timing

AT_ONCE = 20_000

LAST, GASP = f"{OF_WATCHES.total}last_wakeup_at", f"{OF_WATCHES.total}last_gasp_at"
NEWS = Q(seen_wakeup_at=None) | Q(seen_wakeup_at__lt=F(LAST))
_CALLED_IN_TIME = Q(status=Status.REACHABLE, **{f"{LAST}__lte": F("next_at"), f"{LAST}__gte": F("silent_from")})
_NO_GASP = Q(**{f"{GASP}__isnull": True}) | Q(**{f"{GASP}__lte": F("seen_gasp_at")})
_NOT_OUT = Q(outs_until=None) | Q(outs_until__lte=F("seen_wakeup_at"))
_PAST = PastWatch.objects.filter(concentrator=OuterRef("pk"))
NOTHING_ELSE = _NO_GASP & _NOT_OUT & Q(period_min__isnull=False, lost_due_at=None) & ~Exists(_PAST)


def move_forward(until: datetime, timing: Timing) -> None:
    """Those that were due, called in time and are not overdue again: between nothing has changed."""
    last = Subquery(WakeupTotal.objects.filter(pk=OuterRef("pk")).values("last_wakeup_at")[:1])
    due = ExpressionWrapper(last + minutes("period_min"), DateTimeField())
    overdue = ExpressionWrapper(due + Value(timing.margin), DateTimeField())
    called = Watch.objects.filter(NEWS, _CALLED_IN_TIME, NOTHING_ELSE, look_at__lte=until, **{f"{LAST}__lte": until})
    for_all(called, lambda watches: watches.update(seen_wakeup_at=last, look_at=due, next_at=overdue))


def miss(until: datetime, timing: Timing) -> int:
    """Those of which nothing was heard by their next deadline; return how many changes were recorded.

    The deadline has to be that of the settings of now: what was reckoned by others is left to a replay.
    """
    silent = Watch.objects.filter(NOTHING_ELSE, next_at__lt=until, **{LAST: F("seen_wakeup_at")})
    late = silent.filter(status=Status.REACHABLE, next_at=after_look(Value(timing.margin)))
    lost = silent.filter(_never_put_off(timing), status=Status.LATE, next_at=after_look(Value(timing.tail)))
    then = after_look(Value(timing.tail))
    return sum(
        (
            for_all(late, lambda watches: _record(watches, Status.LATE, then)),
            for_all(lost, lambda watches: _record(watches, Status.UNREACHABLE, Value(None, DateTimeField()))),
        )
    )


def _never_put_off(timing: Timing) -> Q:
    """Whether the deadline lies behind all times in which it was our side."""
    if not timing.blind:
        return Q()
    until = timing.blind[-1].until
    return Q(pk__in=()) if until is None else Q(next_at__gt=until)


def after_look(time: Combinable) -> Expression:
    return ExpressionWrapper(F("look_at") + time, DateTimeField())


def _record(watches: QuerySet[Watch], status: Status, then: Combinable) -> None:
    """``watches`` change to ``status`` at their deadline; the one after it is ``then``."""
    insert_changes(watches, "next_at", F("status"), status, ChangeReason.SILENCE)
    watches.update(status=status, status_at=F("next_at"), next_at=then)


def for_all(watches: QuerySet[Watch], act: Callable[[QuerySet[Watch]], object]) -> int:
    """Do it to all of ``watches``, so many at a time, each held alone; return how many they were."""
    count = 0
    while True:
        with transaction.atomic():
            rows = watches.select_for_update(skip_locked=True, of=("self",)).order_by().values_list("pk", flat=True)
            keys = list(rows[:AT_ONCE])
            if keys:
                act(Watch.objects.filter(pk__in=among(keys)))
        count += len(keys)
        if len(keys) < AT_ONCE:
            return count
