"""Stores what came of reading logs (STA-11)."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from django.db import transaction

from concentrators.configuration.between import Heard
from concentrators.configuration.outcomes import Outcome
from concentrators.configuration.power_logs.jobs import MOST_TRIES, LogJob
from concentrators.configuration.power_logs.steps import ReadFailure, ReadLog
from concentrators.configuration.states import SPREAD, back_off
from concentrators.models import Configuration, PowerFailure, PowerLog

MOST_FAILURE: Final = 200  # characters
_AT_ONCE: Final = 1_000
_LET_GO: Final = {"held_by": "", "held_until": None}


@dataclass(frozen=True)
class LogOutcome:
    """``log`` is what was read, unless the try of ``outcome`` failed. After a final one there is no use in another."""

    outcome: Outcome
    log: ReadLog = field(default_factory=lambda: ReadLog([], 0))
    is_final: bool = False

    @property
    def heard(self) -> Heard | None:
        return self.outcome.heard

    @property
    def said(self) -> str:
        """Why it failed, as PowerLog.failure has it."""
        failure, detail = self.outcome.failure, self.outcome.detail
        if failure is None:
            return ""
        return (f"{failure.value}: {detail}" if detail else failure.value)[:MOST_FAILURE]


LogResult = tuple[LogJob, LogOutcome]


def store_logs(
    results: Iterable[LogResult], writer: str, now: datetime, chance: Callable[[], float] = random.random
) -> None:
    """Store what came of each job of ``writer``, and let go of it. An entry that is known stays as first read."""
    with transaction.atomic():
        for job, outcome in results:
            Configuration.objects.filter(pk=job.key, held_by=writer).update(**_LET_GO)
            if outcome.outcome.failure is None:
                _store_failures(job.key, outcome.log.failures, now)
            held = PowerLog.objects.filter(pk=job.key, held_until=job.held_until)
            # One that has booted again meanwhile stays due: what was read may be older than that boot.
            held.filter(booted_at=job.booted_at).update(**_what_next(job, outcome, now, chance()))
            held.update(held_until=None, **_came_of_it(outcome, now))


def let_logs_go(jobs: Sequence[LogJob], writer: str, now: datetime) -> None:
    """What ``writer`` has begun to read is due at once: it ends before it has read it."""
    with transaction.atomic():
        for job in jobs:
            Configuration.objects.filter(pk=job.key, held_by=writer).update(**_LET_GO)
            held = PowerLog.objects.filter(pk=job.key, held_until=job.held_until)
            held.update(held_until=None, due_at=now, tries=job.tries - 1)


def _store_failures(concentrator: int, failures: Sequence[ReadFailure], now: datetime) -> None:
    if not failures:
        return
    begin = min(one.device_at for one in failures)
    rows = PowerFailure.objects.filter(concentrator=concentrator, device_at__gte=begin)
    known = set(rows.values_list("device_at", "duration_s"))
    new = [one for one in failures if (one.device_at, one.duration_s) not in known]
    PowerFailure.objects.bulk_create(
        [PowerFailure(concentrator_id=concentrator, read_at=now, **one._asdict()) for one in new],
        batch_size=_AT_ONCE,
        ignore_conflicts=True,  # twice in one log, or another writer's after the hold was over
    )


def _came_of_it(outcome: LogOutcome, now: datetime) -> dict[str, Any]:
    failure = outcome.said
    return {"failure": failure} if failure else {"failure": "", "read_at": now, "skipped": outcome.log.skipped}


def _what_next(job: LogJob, outcome: LogOutcome, now: datetime, chance: float) -> dict[str, Any]:
    if not outcome.said:
        return {"tries": 0, "due_at": None}
    if outcome.is_final or job.tries >= MOST_TRIES:
        return {"tries": MOST_TRIES, "due_at": None}
    return {"tries": job.tries, "due_at": now + back_off(job.tries) * (1 - SPREAD + 2 * SPREAD * chance)}
