"""Stores what came of each try, and what wake-ups mean for configurations (CFG-1, CFG-3)."""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from datetime import datetime

from django.db import connection, transaction
from django.db.models import Case, DateTimeField, F, OuterRef, Q, QuerySet, Subquery, Value, When
from django.db.models.functions import Coalesce

from concentrators.configuration.hearing import LAST_WAKEUP
from concentrators.configuration.jobs import Job
from concentrators.configuration.outcomes import MOST_DETAIL, Outcome
from concentrators.configuration.states import next_try
from concentrators.models import Configuration, ConfigurationState, ConfigurationValue, DeviceKeys, Failure
from concentrators.procedures.watches import note_written

Columns = dict[str, object]
Result = tuple[Job, Outcome]
MOST_SERIAL = 32  # characters
_LET_GO: Columns = {"held_by": "", "held_until": None}
#: The rows of an array of arrays, which are upserted.
_ROWS = {
    "postgresql": """
        SELECT (r->>0)::bigint, r->>1, r->>2, r->>3, (r->>4)::timestamptz, r->>5, (r->>6)::timestamptz
        FROM json_array_elements(%s::json) AS r
    """,
    "sqlite": """
        SELECT json_extract(value, '$[0]'), json_extract(value, '$[1]'), json_extract(value, '$[2]'),
            json_extract(value, '$[3]'), json_extract(value, '$[4]'), json_extract(value, '$[5]'),
            json_extract(value, '$[6]')
        FROM json_each(%s) WHERE true
    """,
}
_UPSERT = """
    INSERT INTO concentrators_configurationvalue AS old
        (configuration_id, parameter, desired, written, written_at, read_back, read_at)
    {rows}
    ON CONFLICT (configuration_id, parameter) DO UPDATE SET
        desired = excluded.desired,
        written = CASE WHEN excluded.written_at IS NULL THEN old.written ELSE excluded.written END,
        written_at = coalesce(excluded.written_at, old.written_at),
        read_back = excluded.read_back,
        read_at = excluded.read_at
"""
_NO_LONGER_DRIFTED = Case(
    When(state=ConfigurationState.DRIFTED, confirmed_at=None, then=Value(ConfigurationState.WRITTEN.value)),
    When(state=ConfigurationState.DRIFTED, then=Value(ConfigurationState.CONFIRMED.value)),
    default=F("state"),
)
#: The last SET of the values that have just been stored; none of them lies ahead.
_WHEN_SENT = Subquery(
    ConfigurationValue.objects.filter(configuration=OuterRef("pk"), written_at__lte=F("read_at"))
    .order_by("-written_at")
    .values("written_at")[:1]
)


def store(results: Iterable[Result], writer: str, now: datetime, chance: Callable[[], float] = random.random) -> None:
    """Store what came of each job, and let go of it; what a change of profile has overtaken counts for nothing.

    What went well, as most does, is the same but for the time of writing, and so one statement for all of it.
    """
    results = list(results)
    with transaction.atomic():
        held = Configuration.objects.filter(pk__in=[job.key for job, _outcome in results], held_by=writer)
        generations = dict(held.order_by("pk").select_for_update().values_list("pk", "generation"))
        current = [one for one in results if generations.get(one[0].key) == one[0].generation]
        held.exclude(pk__in=[job.key for job, _outcome in current]).update(**_LET_GO)
        read_at = _text(now)
        _store_values([value for job, outcome in current for value in _values(job, outcome, read_at)])
        alike, others = _sorted_out(current)
        for some in alike:
            _store_alike(some, now)
        for job, outcome in others:
            columns = _columns(job, outcome, now, chance())
            Configuration.objects.filter(pk=job.key).update(**columns | _LET_GO)


def _sorted_out(results: list[Result]) -> tuple[Collection[list[Result]], list[Result]]:
    """Those that went well, with those to which the same happened; and all others."""
    alike: dict[tuple[object, ...], list[Result]] = {}
    others = []
    for job, outcome in results:
        if outcome.failure or outcome.found.drifted:
            others.append((job, outcome))
        else:
            key = (job.only_reads, _is_proven_by_wakeups(outcome), job.rules.verify_after)
            alike.setdefault(key, []).append((job, outcome))
    return alike.values(), others


def _store_alike(results: list[Result], now: datetime) -> None:
    job, outcome = results[0]
    columns = _reached(outcome, now) | (_verified(outcome, now) if job.only_reads else _written(now))
    columns |= _verify_at(job, now) | _LET_GO
    if _is_proven_by_wakeups(outcome):
        columns["written_at"] = _WHEN_SENT
    keys = [job.key for job, _outcome in results]
    Configuration.objects.filter(pk__in=keys).update(**columns)
    if not job.only_reads:
        note_written(keys, min(outcome.found.sent_at or now for _job, outcome in results))


def _is_proven_by_wakeups(outcome: Outcome) -> bool:
    """Whether a wake-up since the last SET proves it.

    What it sent amid the conversation does not: it did not go where the configuration says.
    """
    return bool(outcome.found.sent_at and not outcome.heard)


def confirm(now: datetime) -> int:
    """The first wake-up since the last SET was sent proves it: note that for all that sent one; return how many."""
    proven = Configuration.objects.filter(
        **{"state": ConfigurationState.WRITTEN, "disables": False, f"{LAST_WAKEUP}__gte": F("written_at")}
    )
    wakeup = Configuration.objects.filter(pk=OuterRef("pk")).values(LAST_WAKEUP)[:1]
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
            f"{LAST_WAKEUP}__gt": F("last_try_at"),
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
    return _reached(outcome, now) | _failed(job, outcome, now, chance)


def _reached(outcome: Outcome, now: datetime) -> Columns:
    return _connected(outcome, now) | _answered(outcome, now)


def _answered(outcome: Outcome, now: datetime) -> Columns:
    """Who did, if it is not the one that was asked. A try that gets to no answer leaves what was found."""
    if outcome.failure is Failure.OTHER_DEVICE:
        return {"other_serial": _serial_of(outcome), "other_at": now}
    return {"other_serial": "", "other_at": None} if outcome.found.is_met else {}


def _serial_of(outcome: Outcome) -> str:
    """Of who answered instead. One that said its system title alone is known by its keys, or called by the title."""
    if outcome.other_title:
        known = DeviceKeys.objects.filter(system_title=outcome.other_title)
        return known.values_list("concentrator__serial_number", flat=True).first() or outcome.other_title
    return outcome.detail[:MOST_SERIAL]


def _connected(outcome: Outcome, now: datetime) -> Columns:
    if outcome.failure is Failure.UNREACHABLE:
        return {"unreachable_since": Coalesce("unreachable_since", Value(now, DateTimeField()))}
    return {"unreachable_since": None} if outcome.was_connected else {}


def _written(now: datetime) -> Columns:
    """Those of what has been written now, or needed no writing."""
    return {
        "state": ConfigurationState.WRITTEN,
        "since": now,
        "failure": "",
        "detail": "",
        "failures": 0,
        "next_try_at": None,
        "wakes_from": None,
        "written_at": now,
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


def _values(job: Job, outcome: Outcome, read_at: str) -> Iterator[tuple[object, ...]]:
    """What is known now of each parameter that was read or written: a row as _UPSERT has it."""
    found = outcome.found
    sent_at = _text(found.sent_at) if found.sent_at else None
    for desired in job.target.values:
        parameter = desired.parameter
        if parameter in found.before or parameter in found.read_back:
            written_at = sent_at if parameter in found.written else None
            read_back = found.read_back.get(parameter, found.before.get(parameter, ""))
            written = found.written.get(parameter, "")
            yield job.key, parameter.value, desired.text, written, written_at, read_back, read_at


def _text(moment: datetime) -> str:
    """As this database has it in a column."""
    return str(connection.ops.adapt_datetimefield_value(moment))


def _store_values(values: Sequence[tuple[object, ...]]) -> None:
    """Insert ``values``, or change those that are there; one that was not written now was written when it was.

    As one piece of JSON: to put each cell into a statement would be half of the writer's work.
    """
    with connection.cursor() as cursor:
        cursor.execute(_UPSERT.format(rows=_ROWS[connection.vendor]), [json.dumps(values)])
