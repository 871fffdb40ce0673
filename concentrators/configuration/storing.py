"""Stores what came of each try, and what wake-ups mean for configurations (CFG-1, CFG-3)."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable
from datetime import datetime

from django.db import transaction
from django.db.models import Case, DateTimeField, F, OuterRef, Q, QuerySet, Subquery, Value, When
from django.db.models.functions import Coalesce

from concentrators.configuration.jobs import Job
from concentrators.configuration.outcomes import MOST_DETAIL, Outcome
from concentrators.configuration.states import next_try
from concentrators.models import Configuration, ConfigurationState, ConfigurationValue, Failure

Columns = dict[str, object]
_LET_GO: Columns = {"held_by": "", "held_until": None}
_WRITTEN = ("written", "written_at")
#: Written by the listener, far above this room; its name here is that of the relation.
_LAST_WAKEUP = "concentrator__total__last_wakeup_at"
_NO_LONGER_DRIFTED = Case(
    When(state=ConfigurationState.DRIFTED, confirmed_at=None, then=Value(ConfigurationState.WRITTEN.value)),
    When(state=ConfigurationState.DRIFTED, then=Value(ConfigurationState.CONFIRMED.value)),
    default=F("state"),
)


def store(
    results: Iterable[tuple[Job, Outcome]], writer: str, now: datetime, chance: Callable[[], float] = random.random
) -> None:
    """Store what came of each job, and let go of it; what a change of profile has overtaken counts for nothing."""
    values: list[ConfigurationValue] = []
    with transaction.atomic():
        for job, outcome in results:
            held = Configuration.objects.filter(pk=job.key, held_by=writer)
            columns = _columns(job, outcome, now, chance()) | _LET_GO
            if held.filter(generation=job.generation).update(**columns):
                values += _values(job, outcome, now)
            else:
                held.update(**_LET_GO)
        _store([value for value in values if value.written_at is None], ["desired", "read_back", "read_at"])
        _store([value for value in values if value.written_at], [*("desired", "read_back", "read_at"), *_WRITTEN])


def confirm(now: datetime) -> int:
    """The first wake-up since the last SET was sent proves it: note that for all that sent one; return how many."""
    proven = Configuration.objects.filter(
        **{"state": ConfigurationState.WRITTEN, "disables": False, f"{_LAST_WAKEUP}__gte": F("written_at")}
    )
    wakeup = Configuration.objects.filter(pk=OuterRef("pk")).values(_LAST_WAKEUP)[:1]
    return proven.update(state=ConfigurationState.CONFIRMED, since=now, confirmed_at=Subquery(wakeup))


def hurry(now: datetime) -> int:
    """Make those due that have sent a wake-up since their last try, if their back-off is over; return how many.

    Those whose roll-out is stopped, or out of its hours, wait for it nevertheless.
    """
    is_later = Q(next_try_at__gt=now) | Q(next_try_at=None)
    heard = Configuration.objects.filter(
        is_later,
        **{
            "state": ConfigurationState.FAILED,
            "wakes_from__lte": now,
            f"{_LAST_WAKEUP}__gt": F("last_try_at"),
        },
    )
    return heard.update(next_try_at=now)


def let_go(writer: str, now: datetime) -> None:
    """What ``writer`` holds is due at once: it ends before it has written them."""
    held: QuerySet[Configuration] = Configuration.objects.filter(held_by=writer)
    held.filter(state=ConfigurationState.WRITING).update(state=ConfigurationState.PENDING, since=now, next_try_at=now)
    held.update(**_LET_GO)


def _columns(job: Job, outcome: Outcome, now: datetime, chance: float) -> Columns:
    """The new columns of the configuration."""
    if job.only_reads:
        return _reached(outcome, now) | _verified(outcome, now) | _verify_at(job, now)
    if outcome.failure is None:
        return _reached(outcome, now) | _written(outcome, now) | _verify_at(job, now)
    return _reached(outcome, now) | _failed(job, outcome, now, chance)


def _reached(outcome: Outcome, now: datetime) -> Columns:
    if outcome.failure is Failure.UNREACHABLE:
        return {"unreachable_since": Coalesce("unreachable_since", Value(now, DateTimeField()))}
    return {"unreachable_since": None} if outcome.was_connected else {}


def _written(outcome: Outcome, now: datetime) -> Columns:
    return {
        "state": ConfigurationState.WRITTEN,
        "since": now,
        "failure": "",
        "detail": "",
        "failures": 0,
        "next_try_at": None,
        "wakes_from": None,
        "written_at": outcome.found.sent_at or now,
        "confirmed_at": None,
        "checked_at": now,
    }


def _failed(job: Job, outcome: Outcome, now: datetime, chance: float) -> Columns:
    standing = job.standing._replace(failures=job.standing.failures + 1)
    again = next_try(standing, now, chance, job.rules)
    return {
        "state": ConfigurationState.FAILED,
        "since": now,
        "failure": outcome.failure,
        "detail": outcome.detail,
        "failures": standing.failures,
        "next_try_at": again.at,
        "wakes_from": again.wakes_from,
    }


def _verified(outcome: Outcome, now: datetime) -> Columns:
    """A check that fails says nothing about what the device holds; neither does a good one about the wake-ups."""
    if outcome.failure is None and outcome.found.drifted:
        said = ", ".join(str(parameter.label) for parameter in outcome.found.drifted)
        return {"checked_at": now, "state": ConfigurationState.DRIFTED, "since": now, "detail": said[:MOST_DETAIL]}
    if outcome.failure is None:
        return {"checked_at": now, "state": _NO_LONGER_DRIFTED, "detail": ""}
    return {"checked_at": now}


def _verify_at(job: Job, now: datetime) -> Columns:
    return {"verify_at": now + job.rules.verify_after if job.rules.verify_after else None}


def _values(job: Job, outcome: Outcome, now: datetime) -> list[ConfigurationValue]:
    """What is known now of each parameter that was read or written."""
    found = outcome.found
    return [
        ConfigurationValue(
            configuration_id=job.key,
            parameter=desired.parameter,
            desired=desired.text,
            written=found.written.get(desired.parameter, ""),
            written_at=found.sent_at if desired.parameter in found.written else None,
            read_back=found.read_back.get(desired.parameter, found.before.get(desired.parameter, "")),
            read_at=now,
        )
        for desired in job.target.values
        if desired.parameter in found.before or desired.parameter in found.read_back
    ]


def _store(values: list[ConfigurationValue], columns: list[str]) -> None:
    """Insert ``values``, or change ``columns`` of those that are there."""
    ConfigurationValue.objects.bulk_create(
        values, update_conflicts=True, unique_fields=["configuration", "parameter"], update_fields=columns
    )
