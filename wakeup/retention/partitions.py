"""The messages by time on PostgreSQL: partitions of a day or a month (UTC), dropped as a whole (OPS-4).

The DEFAULT partition takes what has no other, when a clock was stepped or very old history is imported, so no message
is ever refused for want of one. Elsewhere the messages are one plain table, and nothing here does anything.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import partial
from typing import NamedTuple, TypeVar

import psycopg.errors
from django.db import OperationalError, connection, transaction
from django.db.backends.utils import CursorWrapper

from profiles.models import SystemSettings
from wakeup.locks import hold_partitions

log = logging.getLogger(__name__)

TABLE = "wakeup_message"
DEFAULT = f"{TABLE}_default"
DAYS_AHEAD = 7
#: Each partition makes planning slower: 400 of them cost the last messages of a concentrator 30 ms, 100 of them 3 ms.
#: Messages that are kept for more days than this are in partitions of a month.
MAX_DAYS = 100
MAX_MONTHS = 60  # of one import
#: So many messages in DEFAULT at most are moved when their day gets a partition; more would hold up readers.
FEW = 10_000
#: Before each try to change partitions. A transaction that waits for a table's lock makes all others wait behind it.
PAUSES_S = (0.0, 0.2, 0.5, 1.0, 2.0)
_LOCK_TIMEOUT = "200ms"
_DAY = timedelta(days=1)
_BUSY = (psycopg.errors.LockNotAvailable, psycopg.errors.DeadlockDetected)

T = TypeVar("T")


class PartitionsBusyError(Exception):
    """A reader or writer holds its lock for longer than others should have to wait behind us."""


class Span(NamedTuple):
    """From midnight UTC of ``begin`` up to that of ``end``."""

    begin: date
    end: date

    def has(self, day: date) -> bool:
        return self.begin <= day < self.end


@dataclass(frozen=True, slots=True)
class Partition:
    name: str
    span: Span

    @property
    def begin(self) -> datetime:
        """The instant from which on its messages were received."""
        return _midnight(self.span.begin)

    @property
    def end(self) -> datetime:
        """The instant before which its messages were received."""
        return _midnight(self.span.end)


def is_partitioned() -> bool:
    return connection.vendor == "postgresql"


def ensure_partitions(now: datetime) -> list[str]:
    """Make the partitions of today and of the next ``DAYS_AHEAD`` days (UTC); the names of those that were missing.

    Two small queries if nothing is missing. Several processes may call this at once, and while others write; none of
    them waits for long. It may sleep for some seconds between tries, so never call it in an event loop's thread. What
    cannot be made now is logged and left to the next call: DEFAULT takes its messages until then.
    """
    if not is_partitioned():
        return []
    today = now.astimezone(UTC).date()
    span_of = _day_of if _goes_by_day() else _month_of
    wanted = {span_of(today + n * _DAY): None for n in range(DAYS_AHEAD + 1)}
    return _make(lambda there: [gap for begin, end in wanted for gap in _gaps(Span(max(begin, today), end), there)])


def _goes_by_day() -> bool:
    kept = SystemSettings.current().messages_kept_days
    return kept is not None and kept <= MAX_DAYS


def make_room_for_history(days: Iterable[date], now: datetime) -> list[str]:
    """Make partitions for messages received on ``days`` (UTC) before that of ``now``; their names.

    Each is of a month at most. If there are more than ``MAX_MONTHS``, DEFAULT takes the messages of the oldest ones.
    """
    if not is_partitioned():
        return []
    today = now.astimezone(UTC).date()
    days = {day for day in days if day < today}
    months = sorted({_month_of(day) for day in days})[-MAX_MONTHS:]

    def missing(there: Sequence[Span]) -> list[Span]:
        wanted = [Span(month.begin, min(month.end, today)) for month in months]
        gaps = [gap for span in wanted for gap in _gaps(span, there)]
        return [gap for gap in gaps if any(gap.has(day) for day in days)]

    return _make(missing)


def partitions() -> list[Partition]:
    """The partitions by time, without DEFAULT; none where the messages are one table."""
    if not is_partitioned():
        return []
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT relname,
                (substring(bound FROM 'FROM \\(''([^'']+)''')::timestamptz AT TIME ZONE 'UTC')::date,
                (substring(bound FROM 'TO \\(''([^'']+)''')::timestamptz AT TIME ZONE 'UTC')::date AS before
            FROM pg_inherits
            JOIN pg_class ON pg_class.oid = inhrelid,
            LATERAL (SELECT pg_get_expr(relpartbound, pg_class.oid) AS bound) AS bounds
            WHERE inhparent = %s::regclass AND bound <> 'DEFAULT'
            ORDER BY before
            """,
            [TABLE],
        )
        # Only the table from before there were partitions has no beginning.
        return [Partition(name, Span(begin or date.min, end)) for name, begin, end in cursor.fetchall()]


def is_overtaken(error: Exception) -> bool:
    """Whether messages were refused because their day got its partition while they were on their way into DEFAULT.

    The next try finds it.
    """
    cause = error.__cause__
    return isinstance(cause, psycopg.errors.CheckViolation) and cause.diag.table_name == DEFAULT


def change_partitions(change: Callable[[CursorWrapper], T], pauses_s: Sequence[float]) -> T:
    """Do ``change`` in a transaction of its own, while nobody else changes partitions; return its result.

    If a lock is not free soon, this gives up and tries again: ``pauses_s`` are the seconds before each try. Raises
    PartitionsBusyError if the last try fails as well; nothing was changed then.
    """
    for pause in pauses_s:
        time.sleep(pause)
        try:
            with transaction.atomic(), connection.cursor() as cursor:
                cursor.execute("SELECT set_config('lock_timeout', %s, true)", [_LOCK_TIMEOUT])
                hold_partitions()
                return change(cursor)
        except OperationalError as error:
            if not isinstance(error.__cause__, _BUSY):
                raise
    raise PartitionsBusyError


def _make(missing: Callable[[Sequence[Span]], list[Span]]) -> list[str]:
    """Make the partitions that ``missing`` returns for the spans that there are."""
    made: list[str] = []
    try:
        for span in missing(_spans()):
            made += change_partitions(partial(_make_if_missing, missing, span), PAUSES_S)
    except PartitionsBusyError:
        log.warning("the table of messages is in use: partitions are made another time")
    return made


def _make_if_missing(missing: Callable[[Sequence[Span]], list[Span]], span: Span, cursor: CursorWrapper) -> list[str]:
    # Another process may have made it while this one waited for the lock.
    return _make_one(span, cursor) if span in missing(_spans()) else []


def _make_one(span: Span, cursor: CursorWrapper) -> list[str]:
    """Make and attach the partition of ``span``, as the owner of the table, whom nobody else need be."""
    cursor.execute("SELECT wakeup_lock_default()")
    span = _free_of_many(span, cursor)
    if span.begin >= span.end:
        return []
    name = _name_of(span)
    cursor.execute("SELECT wakeup_make_partition(%s, %s, %s)", [name, *_bounds_of(span)])
    return [name]


def _free_of_many(span: Span, cursor: CursorWrapper) -> Span:
    """``span``; or only the part after its messages in DEFAULT if those are too many to move."""
    in_default = f"FROM {DEFAULT} WHERE received_at >= %s AND received_at < %s"
    bounds = _bounds_of(span)
    cursor.execute(f"SELECT count(*) FROM (SELECT {in_default} LIMIT {FEW + 1}) AS counted", bounds)  # noqa: S608
    if cursor.fetchone()[0] <= FEW:
        return span
    cursor.execute(f"SELECT max(received_at) {in_default}", bounds)
    end_of_them = cursor.fetchone()[0].astimezone(UTC).date() + _DAY
    log.warning("%s keeps its messages from %s up to before %s: they are too many to move", DEFAULT, *bounds)
    return Span(end_of_them, span.end)


def _spans() -> list[Span]:
    return [partition.span for partition in partitions()]


def _gaps(wanted: Span, there: Sequence[Span]) -> list[Span]:
    """The parts of ``wanted`` that none of ``there``, in their order, covers."""
    begin, gaps = wanted.begin, []
    for span in there:
        if span.begin < wanted.end and span.end > begin:
            gaps.append(Span(begin, span.begin))
            begin = span.end
    gaps.append(Span(begin, wanted.end))
    return [gap for gap in gaps if gap.begin < gap.end]


def _name_of(span: Span) -> str:
    """``wakeup_message_20201130``; for several days the first and the last are named."""
    first, last = span.begin, span.end - _DAY
    return f"{TABLE}_{first:%Y%m%d}" + (f"_{last:%Y%m%d}" if first != last else "")


def _bounds_of(span: Span) -> list[datetime]:
    return [_midnight(span.begin), _midnight(span.end)]


def _midnight(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=UTC)


def _day_of(day: date) -> Span:
    return Span(day, day + _DAY)


def _month_of(day: date) -> Span:
    first = day.replace(day=1)
    return Span(first, (first + 31 * _DAY).replace(day=1))
