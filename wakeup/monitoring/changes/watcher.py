"""Finds concentrators whose status may have changed, and records how it did: `manage.py watchstatus` (STA-3, PER-5).

A watcher reads what messages, operators and the writer have left, so nothing that is answered waits for it. It finds by
index: whose next deadline has passed, who has called since they were overdue, who has never called before, and new last
gasps. Any number of watchers may run: each change is computed from the row that says what is recorded, under a lock on
it.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import F, Q, QuerySet

from concentrators.models import Concentrator, State, Watch
from concentrators.procedures.watches import add_watches
from profiles.models import SystemSettings
from smmeplus.common.chunks import in_chunks
from wakeup.models import WakeupTotal, WatchProgress
from wakeup.monitoring.changes.moving import GASP, LAST, NEWS, miss, move_forward
from wakeup.monitoring.changes.recording import record_changes
from wakeup.monitoring.changes.returning import hear_again
from wakeup.monitoring.status.blindness import seen_until
from wakeup.monitoring.status.finding import GASPS_BACK
from wakeup.monitoring.status.rules import Status, Timing

#: What happened later is left to the next pass: a message is committed some time after it has come in.
SETTLED = timedelta(seconds=5)
CHUNK = 5_000
#: Who waits to be judged after it was our side.
_PUT_OFF = (Status.LATE, Status.NEVER_CALLED)


def watch(now: datetime) -> int:
    """One pass at ``now``: record all changes up to some seconds before; return how many.

    Or up to the last message of a canary: whether a silence after that is our side is not known yet.
    """
    until, timing = min(now - SETTLED, seen_until(now)), Timing.in_force(SystemSettings.current())
    changed = hear_again(until, timing)
    move_forward(until, timing)
    changed += miss(until, timing)
    for keys in in_chunks(sorted(_candidates(until, timing)), CHUNK):
        with transaction.atomic():
            changed += record_changes(keys, until, timing)
    WatchProgress.objects.update_or_create(pk=1, defaults={"until": until})
    return changed


def add_missing() -> None:
    """Watch what a process of the version before has installed during an upgrade."""
    add_watches(Concentrator.objects.filter(state=State.IN_FIELD, watch=None))


def _gasps_from(until: datetime) -> datetime:
    """From when on gasps may not have been seen: what came in while no watcher ran is seen by the first pass."""
    before = WatchProgress.objects.filter(until__lt=until).values_list("until", flat=True).first()
    return (before or until) - GASPS_BACK


def _candidates(until: datetime, timing: Timing) -> set[int]:
    """The keys of all that may have changed."""
    return {key for found in _found(until, timing) for key in found.order_by().values_list("pk", flat=True)}


def _found(until: datetime, timing: Timing) -> Iterator[QuerySet[Watch]]:
    watches = Watch.objects.all()
    if any(blind.end is not None and blind.matters_at(until) for blind in timing.blind):
        yield watches.filter(next_at=None, status__in=_PUT_OFF, period_min__isnull=False)
    yield watches.filter(next_at__lt=until)
    yield watches.filter(NEWS, look_at__lte=until, **{f"{LAST}__lte": until})
    yield watches.filter(is_heard=False, since__isnull=False, **{f"{LAST}__gte": F("since"), f"{LAST}__lte": until})
    gasps = WakeupTotal.objects.filter(last_gasp_at__gte=_gasps_from(until), last_gasp_at__lte=until)
    unseen = Q(seen_gasp_at=None) | Q(seen_gasp_at__lt=F(GASP))
    yield watches.filter(unseen, pk__in=gasps.values("pk"))
