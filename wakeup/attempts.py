"""Whether a try whose connection broke in the middle of its commit was committed or not (LIS-2).

The database may have committed and died, or its answer may have got lost on the way. To try again blindly would
store the batch twice; so the next try first asks what became of the transaction, which PostgreSQL knows also after a
crash and on a standby that has taken over.

Its number alone is no proof: if nothing of it had reached the disk when the database died, PostgreSQL gives that number
to another transaction afterwards. So the messages that it was to store are looked for as well.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Generic, NamedTuple, TypeVar

from django.db import DataError, OperationalError, connection

from wakeup.rows import Row

T = TypeVar("T")


class Trace(NamedTuple):
    """By what the messages of a try are known again among those of one transaction."""

    first: datetime  # the times of receipt
    last: datetime
    number: int
    concentrators: int  # the sum of their keys

    @classmethod
    def of(cls, rows: Sequence[Row]) -> Trace:
        """That of ``rows``, one or more."""
        times = [row.received_at for row in rows]
        return cls(min(times), max(times), len(rows), sum(row.concentrator_id for row in rows))


@dataclass(slots=True)
class Attempt(Generic[T]):
    """A batch on its way into the database, from its first try to its last."""

    transaction: str | None = None  # the number of that which the last try was about to commit
    rows: Sequence[Row] = ()  # what it was to store
    result: T | None = None  # what it leads to if it was committed

    def begin(self, transaction: str | None, rows: Sequence[Row], result: T) -> None:
        """``transaction`` is about to be committed. Without messages it leaves no trace: strays rather count twice."""
        self.transaction, self.rows, self.result = transaction if rows else None, rows, result

    def committed(self) -> T | None:
        """The result of the last try if that was committed. Raises OperationalError while it is not decided yet."""
        if self.transaction is None:
            return None
        if _was_committed(self.transaction) and _has_left(self.transaction, Trace.of(self.rows)):
            return self.result
        self.transaction = None  # for good, whoever bears the number later
        return None


def _was_committed(transaction: str) -> bool:
    with connection.cursor() as cursor:
        try:
            cursor.execute("SELECT pg_xact_status(%s::xid8)", [transaction])
        except DataError:
            return False  # "in the future": a standby that took over has never heard of it
        status = cursor.fetchone()[0]
    if status == "in progress":
        raise OperationalError("the last try has not ended yet")
    return bool(status == "committed")


def _has_left(transaction: str, trace: Trace) -> bool:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*), sum(concentrator_id) FROM wakeup_message "
            "WHERE received_at BETWEEN %s AND %s AND xmin = %s::xid8::xid",
            [trace.first, trace.last, transaction],
        )
        return bool(cursor.fetchone() == (trace.number, trace.concentrators))
