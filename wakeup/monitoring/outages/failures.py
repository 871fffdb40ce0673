"""What the device's own log says of an outage makes it measured (STA-11)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from django.db import transaction
from django.db.models import Q

from concentrators.models import PowerFailure, PowerLog
from wakeup.locks import hold_desk
from wakeup.models import CauseClass, Outage, Quality
from wakeup.monitoring.changes.storing import among
from wakeup.monitoring.outages.progress import progress_at
from wakeup.monitoring.outages.rules import BOOT
from wakeup.monitoring.outages.storing import BETTER_KNOWN, Row, change_outages

#: How far the device's clock may be off at the boot.
CLOSE = timedelta(minutes=10)
#: So many keys are compared again, and for so long: who has taken a lower one may commit it later.
AGAIN = 1_000
COMMITTED = timedelta(minutes=10)
CHUNK = 5_000


class _Failure(NamedTuple):
    pk: int
    concentrator_id: int
    ended_at: datetime
    duration_s: int


def mark_logs(boots: Iterable[tuple[int, datetime]]) -> None:
    """The logs of these concentrators, which booted at these times, are due to be read."""
    last: dict[int, datetime] = {}
    for key, at in boots:
        last[key] = max(at, last.get(key, at))
    known = dict(PowerLog.objects.filter(concentrator__in=among(sorted(last))).values_list("pk", "booted_at"))
    later = {key: at for key, at in last.items() if (before := known.get(key)) is None or before < at}
    PowerLog.objects.bulk_create(
        [PowerLog(concentrator_id=key, due_at=at, booted_at=at) for key, at in sorted(later.items())],
        update_conflicts=True,
        update_fields=["due_at", "booted_at", "tries", "failure"],
        unique_fields=["concentrator"],
        batch_size=CHUNK,
    )


def take_failures(now: datetime) -> int:
    """Compare what logs have told since the last pass with the outages; return how many are measured by it."""
    count, is_more = 0, True
    while is_more:
        found, is_more = _take_some(now)
        count += found
    return count


def _take_some(now: datetime) -> tuple[int, bool]:
    """How many outages are measured now, and whether there may be more."""
    with transaction.atomic():
        hold_desk()
        progress = progress_at(now)
        late = Q(pk__gt=progress.failure - AGAIN, read_at__gte=now - COMMITTED)
        rows = PowerFailure.objects.filter(late | Q(pk__gt=progress.failure)).order_by("pk")
        failures = [_Failure(*row) for row in rows.values_list(*_Failure._fields)[: AGAIN + CHUNK]]
        if not failures:
            return 0, False
        measured = _measured(failures)
        change_outages(measured, BETTER_KNOWN)
        progress.failure = max(progress.failure, failures[-1].pk)
        progress.save(update_fields=["failure"])
        return len(measured), len(failures) == AGAIN + CHUNK


def _measured(failures: Sequence[_Failure]) -> list[Row]:
    """The outages with what is known of them now. Each failure is that of the boot that lies closest to it."""
    outages = _outages_of(failures)
    pairs = [
        (abs(row["ended_at"] - one.ended_at), one.pk, row["id"], one, row)
        for one in failures
        for row in outages.get(one.concentrator_id, ())
    ]
    done: set[tuple[str, int]] = set()
    measured = []
    for distance, pk, key, failure, row in sorted(pairs, key=lambda pair: pair[:3]):
        if distance <= CLOSE and not done & {("failure", pk), ("outage", key)}:
            done |= {("failure", pk), ("outage", key)}
            if row["logged_s"] is None:
                measured.append(_by_log(row, failure))
    return measured


def _outages_of(failures: Sequence[_Failure]) -> dict[int, list[Row]]:
    """By concentrator, those that ended about then, with those that have been compared before: they keep theirs."""
    keys, times = sorted({one.concentrator_id for one in failures}), [one.ended_at for one in failures]
    near = (min(times) - CLOSE, max(times) + CLOSE)
    rows = Outage.objects.filter(concentrator__in=among(keys), ended_by=BOOT, ended_at__range=near)
    found: dict[int, list[Row]] = {}
    for row in rows.values("concentrator_id", "id", "ended_at", *BETTER_KNOWN):
        found.setdefault(row["concentrator_id"], []).append(dict(row))
    return found


def _by_log(row: Row, failure: _Failure) -> Row:
    began = row["ended_at"] - timedelta(seconds=failure.duration_s)
    return {
        **row,
        "earliest_at": began,
        "latest_at": began,
        "began_at": began,
        "quality": Quality.MEASURED,
        "cause": CauseClass.POWER,
        "is_momentary": False,
        "logged_s": failure.duration_s,
        "reckoned_s": round((row["ended_at"] - row["began_at"]).total_seconds()),
    }
