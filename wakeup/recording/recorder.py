"""All the database work for what comes in: messages, totals, days and strays in one transaction (LIS-1, LIS-6)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from django.db import DEFAULT_DB_ALIAS, connection, connections, transaction

from wakeup.models import Message
from wakeup.models.strays import Stray
from wakeup.recording.arrivals import Arrival, MessageRow, Recorded
from wakeup.recording.attempts import Attempt
from wakeup.recording.fast_path import FAST_PATH, FastPath
from wakeup.recording.inbox import count_strays
from wakeup.recording.libpq import Call, execute, go_through, prepare
from wakeup.recording.lookup import Known, hold_and_look_up
from wakeup.recording.orm import columns_of, store_by_orm
from wakeup.recording.sealed.judging import answer_committed, judge
from wakeup.recording.sorting import sort_out, to_row, without_plain
from wakeup.recording.standby import raise_if_unbacked
from wakeup.recording.statements import storing
from wakeup.recording.surplus import count_surplus


def record(
    arrivals: Sequence[Arrival],
    counted: Sequence[Stray | Arrival] = (),
    attempt: Attempt[Recorded] | None = None,
    fast_path: FastPath | None = None,
) -> Recorded:
    """Store and count everything, or nothing: one transaction, committed when this returns.

    Arrivals of unknown or removed concentrators become stray frames. ``counted`` are those that are strays already, and
    arrivals above the rate of their sender, which enter no total and no day. A caller that tries again after a failure
    passes the same ``attempt``, so that nothing is stored twice. One that records often passes the same ``fast_path``,
    which learns.
    """
    attempt = attempt or Attempt()
    done = attempt.committed()
    if done is not None:
        answer_committed(arrivals)
        return done
    if arrivals and not counted and _may_take_fast_path():
        prepare(*FAST_PATH)  # all of it: the event loop plans nothing
        recorded = go_through((fast_path or FastPath())(arrivals, attempt))
        if recorded is not None:
            return recorded
    return _record_by_slow_path(arrivals, counted, attempt)


def _record_by_slow_path(
    arrivals: Sequence[Arrival], counted: Sequence[Stray | Arrival], attempt: Attempt[Recorded]
) -> Recorded:
    above = [one for one in counted if isinstance(one, Arrival)]
    with transaction.atomic():
        known = hold_and_look_up({arrival.serial for arrival in arrivals})
        judged = judge(arrivals, above)
        surplus, plain = without_plain(judged.surplus)
        found = sort_out(judged.good, known)
        strays = [one for one in counted if isinstance(one, Stray)] + judged.strays + found.strays + plain.strays
        count_strays(strays)
        count_surplus(surplus)
        recorded = Recorded.of(
            [*found.rows, *found.marked], strays, len(surplus), len(found.marked), found.unanswered + plain.unanswered
        )
        # Elsewhere than on PostgreSQL no connection breaks.
        first = [attempt.begin(found.stored, recorded)] if found.stored and connection.vendor == "postgresql" else []
        if found.marked:
            _store_marked(found.marked, *first)
            first = []
        store_rows(found.rows, *first)
    if connection.vendor == "postgresql":
        raise_if_unbacked(connection.connection)
    return recorded


def _may_take_fast_path() -> bool:
    ours = connections[DEFAULT_DB_ALIAS]
    return ours.vendor == "postgresql" and not ours.in_atomic_block


def record_history(arrivals: Sequence[Arrival], known: Mapping[str, Known]) -> None:
    """Store and count messages from the past, all of ``known`` concentrators; removed ones were in field at the time.

    Within the caller's transaction, which holds the counting zones.
    """
    store_rows([to_row(arrival, known[arrival.serial]) for arrival in arrivals])


def store_rows(rows: Sequence[MessageRow], *first: Call) -> None:
    """Store and count ``rows`` within the caller's transaction, or in one of its own.

    On PostgreSQL it is one round trip together with the statements ``first``.
    """
    if not rows:
        return
    if connection.vendor == "postgresql":
        execute(*first, *storing(rows))
    else:
        store_by_orm(rows)


def _store_marked(rows: Sequence[MessageRow], *first: Call) -> None:
    """Store ``rows`` and count them nowhere (SEC-1)."""
    if first:
        execute(*first)
    Message.objects.bulk_create([Message(**columns_of(row), elsewhere=True) for row in rows])
