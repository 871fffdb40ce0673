"""The usual end of a silence: who calls is reachable from the first of these calls on (PER-5).

When a region comes back tens of thousands call within minutes, and a few statements do it for all of them. They move
nobody further than to that call: whether more have come in since is found as for anybody. What they do is what
:mod:`wakeup.monitoring.changes.replay` would have done, to which all that is unusual is left, as in
:mod:`wakeup.monitoring.changes.moving`.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from functools import partial

from django.db.models import DateTimeField, ExpressionWrapper, F, OuterRef, Q, QuerySet, Subquery, Value

from concentrators.models import Watch
from concentrators.procedures.due import minutes
from smmeplus.dlms.kinds import WAKEUPS
from wakeup.models import ChangeReason, Message
from wakeup.monitoring.changes.moving import LAST, NEWS, NOTHING_ELSE, after_look, for_all
from wakeup.monitoring.changes.storing import insert_changes
from wakeup.monitoring.status.rules import Status, Timing

#: A last gasp that is known behind the last change may lie behind the call.
_GASP_BEFORE = Q(seen_gasp_at=None) | Q(seen_gasp_at__lte=F("status_at"))


def hear_again(until: datetime, timing: Timing) -> int:
    """Those that were silent and have called by ``until``; return how many changes were recorded."""
    record = partial(_record, until=until, timing=timing)
    return sum(for_all(watches, partial(record, status=status)) for status, watches in _heard(until, timing))


def _heard(until: datetime, timing: Timing) -> Iterator[tuple[Status, QuerySet[Watch]]]:
    """Those of each status. Who is not unreachable yet must not have become so before the call."""
    called = Watch.objects.filter(NEWS, NOTHING_ELSE, _GASP_BEFORE).alias(call=_first_call(until))
    silent, in_time = called.filter(look_at__lte=until), {"call__range": (F("silent_from"), F("next_at"))}
    by_now = {"call__range": (F("silent_from"), Value(until, DateTimeField()))}
    yield Status.UNREACHABLE, silent.filter(status=Status.UNREACHABLE, **by_now)
    late = silent.filter(status=Status.LATE, next_at=after_look(Value(timing.tail)))
    yield Status.LATE, late.filter(**in_time)
    unheard = called.filter(is_heard=False, since__isnull=False, **{f"{LAST}__gte": F("since")})
    yield Status.NEVER_CALLED, unheard.filter(status=Status.NEVER_CALLED, **in_time)


def _first_call(until: datetime) -> Subquery:
    """When the first wake-up since the last change came in."""
    calls = Message.objects.filter(
        concentrator=OuterRef("pk"),
        received_at__gt=OuterRef("status_at"),
        received_at__lte=until,
        kind__in=WAKEUPS,
        elsewhere=False,
    )
    return Subquery(calls.order_by("received_at").values("received_at")[:1])


def _record(watches: QuerySet[Watch], *, status: Status, until: datetime, timing: Timing) -> None:
    call = _first_call(until)
    due = ExpressionWrapper(call + minutes("period_min"), DateTimeField())
    watches.update(
        status=Status.REACHABLE,
        status_at=call,
        seen_wakeup_at=call,
        look_at=due,
        next_at=ExpressionWrapper(due + Value(timing.margin), DateTimeField()),
        is_heard=True,
    )
    insert_changes(watches, "status_at", Value(status.value), Status.REACHABLE, ChangeReason.MESSAGE)
