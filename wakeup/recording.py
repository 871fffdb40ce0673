"""All the database work for what comes in: messages, totals, days and strays in one transaction (LIS-1, LIS-6)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import NamedTuple

from django.db import DEFAULT_DB_ALIAS, connections, transaction

from concentrators.models import State
from smmeplus.dlms.clock import Clock
from smmeplus.dlms.kinds import Kind, Sign, kind_by
from wakeup.attempts import Attempt
from wakeup.looking_up import LOOK_UP, Known, hold_and_look_up, look_up_shortly
from wakeup.models import Format, Message, Reason, StrayFrame
from wakeup.models.strays import Stray
from wakeup.postgres import Steps, go_through
from wakeup.rows import Row
from wakeup.statement import RECORD, storing

#: What a connection has to have planned before the short way is short.
SHORT_WAY = (LOOK_UP, RECORD)


class Arrival(NamedTuple):
    """A message as it came in, before anyone looked up its concentrator.

    ``received_at`` is the server's clock (aware); ``port`` that of the listener; ``raw`` the frame's bytes;
    ``kind`` what ``sign`` says by default, for which a type of concentrator may have a table of its own (WIR-4).
    """

    serial: str
    kind: Kind
    format: Format
    received_at: datetime
    source_ip: str
    port: int
    clock: Clock | None = None
    raw: bytes = b""
    sign: Sign | None = None


@dataclass(frozen=True, slots=True)
class Recorded:
    """What became of a batch: messages by kind and format, and stray frames by reason."""

    messages: Counter[tuple[Kind, int]] = field(default_factory=Counter)
    strays: Counter[Reason] = field(default_factory=Counter)


def record(
    arrivals: Sequence[Arrival], refused: Sequence[Stray] = (), attempt: Attempt[Recorded] | None = None
) -> Recorded:
    """Store and count everything, or nothing: one transaction, committed when this returns.

    Arrivals of unknown or removed concentrators become stray frames, beside those already ``refused``. Who tries
    again after a failure hands in the same ``attempt``: nothing is then stored twice.
    """
    attempt = attempt or Attempt()
    done = attempt.committed()
    if done is not None:
        return done
    if not refused and _can_be_short():
        recorded = go_through(short_way(arrivals, attempt))
        if recorded is not None:
            return recorded
    with transaction.atomic():
        known, number = hold_and_look_up({arrival.serial for arrival in arrivals})
        rows, strays = [], list(refused)
        for arrival in arrivals:
            stray = _stray(arrival, known)
            if stray is None:
                rows.append(to_row(arrival, known[arrival.serial]))
            else:
                strays.append(stray)
        StrayFrame.objects.count_in(strays)
        recorded = _summary(rows, strays)
        attempt.begin(number, rows, recorded)
        Message.objects.record(rows, commits=True)
    return recorded


def short_way(arrivals: Sequence[Arrival], attempt: Attempt[Recorded]) -> Steps[Recorded | None]:
    """:func:`record` for most batches on PostgreSQL, which has nothing else to do for them; None if it has.

    Its two round trips are those of ``SHORT_WAY``.
    """
    found = yield from look_up_shortly({arrival.serial for arrival in arrivals})
    if found is None:
        return None
    known, number = found
    if any(_stray(arrival, known) for arrival in arrivals):
        return None
    rows = [to_row(arrival, known[arrival.serial]) for arrival in arrivals]
    recorded = _summary(rows, ())
    attempt.begin(number, rows, recorded)
    yield (storing(rows), "COMMIT")
    return recorded


def _can_be_short() -> bool:
    ours = connections[DEFAULT_DB_ALIAS]
    return ours.vendor == "postgresql" and not ours.in_atomic_block


def _summary(rows: Sequence[Row], strays: Sequence[Stray]) -> Recorded:
    counted: Counter[Reason] = Counter()
    for stray in strays:
        counted[stray.reason] += stray.count
    return Recorded(Counter((row.kind, row.format) for row in rows), counted)


def record_history(arrivals: Sequence[Arrival], known: Mapping[str, Known]) -> None:
    """Store and count messages from the past, of ``known`` concentrators only; a removed one had its time, too.

    Within the caller's transaction, which holds the counting zones.
    """
    Message.objects.record([to_row(arrival, known[arrival.serial]) for arrival in arrivals])


def to_row(arrival: Arrival, known: Known) -> Row:
    """The arrival as a row of its concentrator, on the reporting day of its time of receipt (REP-5)."""
    kind = kind_by(known.kinds, arrival.sign, arrival.kind) if known.kinds and arrival.sign else arrival.kind
    return Row(
        known.concentrator_id,
        kind,
        arrival.received_at,
        arrival.clock.to_utc(known.company_zone) if arrival.clock else None,
        arrival.source_ip,
        arrival.port,
        arrival.format,
        arrival.received_at.astimezone(known.zone).date(),
    )


def _stray(arrival: Arrival, known: Mapping[str, Known]) -> Stray | None:
    found = known.get(arrival.serial)
    if found is not None and found.state != State.REMOVED:
        return None
    reason = Reason.UNKNOWN if found is None else Reason.REMOVED
    return Stray(reason, arrival.serial, arrival.received_at, arrival.source_ip, arrival.raw, arrival.kind.word)
