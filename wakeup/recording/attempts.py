"""Whether a try whose connection broke in the middle of its commit was committed or not (LIS-2).

The database may have committed and died, or its answer may have got lost on the way. To try again blindly would
store the batch twice; so the next try first waits until the last one has ended, and looks for its messages. It knows
them by their concentrators and times of receipt, which no two messages of a listener have in common. The number of the
transaction would prove nothing: if nothing of it had reached the disk when the database died, PostgreSQL gives that
number to another one afterwards.

What is left: a session that had not even begun with the last try when its connection broke, and begins with it after
the next try has looked. Then the batch is stored twice, which is the lesser evil. To wait for the session itself would
stop all writing for as long as a server takes to notice that a client has gone, which may be hours.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from random import getrandbits
from typing import Generic, TypeVar

from django.db import connection, transaction

from wakeup.locks import HOLD_ZONES_AND_ATTEMPT
from wakeup.recording.arrivals import Arrival
from wakeup.recording.libpq import Call, Statement, execute

T = TypeVar("T")

HOLD_AND_LOCK = Statement("wakeup_hold_and_lock", "int", HOLD_ZONES_AND_ATTEMPT)

# All of one transaction: messages that happen to have come at the same times in several are others.
_STORED = """
SELECT EXISTS (
    SELECT FROM unnest(%s::text[], %s::timestamptz[]) AS sent (serial, at)
    JOIN concentrators_concentrator c ON c.serial_number = sent.serial
    JOIN wakeup_message m ON m.concentrator_id = c.id AND m.received_at = sent.at
    WHERE m.received_at BETWEEN %s AND %s
    GROUP BY m.xmin::text
    HAVING count(*) = %s
)
"""


@dataclass(slots=True)
class Attempt(Generic[T]):
    """A batch on its way into the database, from its first try to its last."""

    key: int = 0  # of the lock that the last try held until it ended
    arrivals: Sequence[Arrival] = ()  # what that was to store; nothing if it cannot have been committed
    result: T | None = None  # what it leads to if it was

    def begin(self, arrivals: Sequence[Arrival], result: T) -> Call:
        """A try is about to be committed, if it first executes what is returned: that holds the counting zones, too.

        Without messages it leaves no trace: strays rather count twice.
        """
        self.key, self.arrivals, self.result = getrandbits(31), arrivals, result
        return self._lock()

    def end(self) -> None:
        """The last try is known not to have been committed."""
        self.arrivals = ()

    def committed(self) -> T | None:
        """The result of the last try if that was committed; waits until it has ended. Raises OperationalError."""
        if not self.arrivals:
            return None
        with transaction.atomic(), connection.cursor() as cursor:
            execute(self._lock())
            times = [arrival.received_at for arrival in self.arrivals]
            serials = [arrival.serial for arrival in self.arrivals]
            cursor.execute(_STORED, [serials, times, min(times), max(times), len(times)])
            if cursor.fetchone()[0]:
                return self.result
        self.end()
        return None

    def _lock(self) -> Call:
        return Call(HOLD_AND_LOCK, [str(self.key)])
