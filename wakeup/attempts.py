"""Whether a try whose connection broke in the middle of its commit was committed or not (LIS-2).

The database may have committed and died, or its answer may have got lost on the way. To try again blindly would
store the batch twice; so the next try first asks what became of the transaction, which PostgreSQL knows also after a
crash and on a standby that has taken over.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Generic, TypeVar

from django.db import DataError, OperationalError, connection

T = TypeVar("T")


@dataclass(slots=True)
class Attempt(Generic[T]):
    """A batch on its way into the database: the transaction of the last try, and what it led to if it was committed."""

    transaction: str | None = None
    result: T | None = None

    def committed(self) -> T | None:
        """The result of the last try if that was committed. Raises OperationalError while it is not decided yet."""
        if self.transaction is None or not _was_committed(self.transaction):
            return None
        return self.result


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
