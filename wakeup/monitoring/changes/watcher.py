"""Finds concentrators whose status may have changed, and records how it did: `manage.py watchstatus` (STA-3, PER-5).

A watcher reads what messages, operators and the writer have left, so nothing that is answered waits for it. It finds by
index: whose next deadline has passed, who has called since they were overdue, who has never called before, and new last
gasps. Those who called in time are only moved forward, by one statement. Any number of watchers may run: each change is
computed from the row that says what is recorded, under a lock on it.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import DateTimeField, Exists, ExpressionWrapper, F, OuterRef, Q, QuerySet, Subquery, Value

from concentrators.models import Concentrator, PastWatch, State, Watch
from concentrators.procedures.due import OF_WATCHES, minutes
from concentrators.procedures.watches import add_watches
from profiles.models import SystemSettings
from smmeplus.common.chunks import in_chunks
from wakeup.models import WakeupTotal, WatchProgress
from wakeup.monitoring.changes.recording import record_changes
from wakeup.monitoring.status.finding import GASPS_BACK
from wakeup.monitoring.status.rules import Status, Timing

#: What happened later is left to the next pass: a message is committed some time after it has come in.
SETTLED = timedelta(seconds=5)
CHUNK = 5_000
MOVED = 20_000

_LAST, _GASP = f"{OF_WATCHES.total}last_wakeup_at", f"{OF_WATCHES.total}last_gasp_at"
_NEWS = Q(seen_wakeup_at=None) | Q(seen_wakeup_at__lt=F(_LAST))
_CALLED_IN_TIME = Q(status=Status.REACHABLE, **{f"{_LAST}__lte": F("next_at"), f"{_LAST}__gte": F("silent_from")})
_NO_GASP = Q(**{f"{_GASP}__isnull": True}) | Q(**{f"{_GASP}__lte": F("seen_gasp_at")})
_NOT_OUT = Q(outs_until=None) | Q(outs_until__lte=F("seen_wakeup_at"))
_SAME_RULE = Q(period_min__isnull=False, lost_due_at=None) & ~Exists(
    PastWatch.objects.filter(concentrator=OuterRef("pk"))
)
_NOTHING_ELSE = _NO_GASP & _NOT_OUT & _SAME_RULE


def watch(now: datetime) -> int:
    """One pass at ``now``: record all changes up to some seconds before; return how many."""
    until, timing = now - SETTLED, Timing.of(SystemSettings.current())
    _move_forward(until, timing)
    changed = 0
    for keys in in_chunks(sorted(_candidates(until)), CHUNK):
        with transaction.atomic():
            changed += record_changes(keys, until, timing)
    WatchProgress.objects.update_or_create(pk=1, defaults={"until": until})
    return changed


def add_missing() -> None:
    """Watch what a process of the version before has installed during an upgrade."""
    add_watches(Concentrator.objects.filter(state=State.IN_FIELD, watch=None))


def _candidates(until: datetime) -> set[int]:
    """The keys of all that may have changed."""
    return {key for found in _found(until) for key in found.order_by().values_list("pk", flat=True)}


def _found(until: datetime) -> Iterator[QuerySet[Watch]]:
    watches = Watch.objects.all()
    yield watches.filter(next_at__lt=until)
    yield watches.filter(_NEWS, look_at__lte=until, **{f"{_LAST}__lte": until})
    yield watches.filter(is_heard=False, since__isnull=False, **{f"{_LAST}__gte": F("since"), f"{_LAST}__lte": until})
    gasps = WakeupTotal.objects.filter(last_gasp_at__gte=until - GASPS_BACK, last_gasp_at__lte=until)
    unseen = Q(seen_gasp_at=None) | Q(seen_gasp_at__lt=F(_GASP))
    yield watches.filter(unseen, pk__in=gasps.values("pk"))


def _move_forward(until: datetime, timing: Timing) -> None:
    """Those that were due, called in time and are not overdue again: between nothing has changed."""
    last = Subquery(WakeupTotal.objects.filter(pk=OuterRef("pk")).values("last_wakeup_at")[:1])
    due = ExpressionWrapper(last + minutes("period_min"), DateTimeField())
    overdue = ExpressionWrapper(due + Value(timing.margin), DateTimeField())
    called = Watch.objects.filter(_NEWS, _CALLED_IN_TIME, _NOTHING_ELSE, look_at__lte=until, **{f"{_LAST}__lte": until})
    while True:
        with transaction.atomic():
            rows = called.select_for_update(skip_locked=True, of=("self",)).order_by().values_list("pk", flat=True)
            keys = list(rows[:MOVED])
            Watch.objects.filter(pk__in=keys).update(seen_wakeup_at=last, look_at=due, next_at=overdue)
        if len(keys) < MOVED:
            return
