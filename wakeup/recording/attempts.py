"""Whether a try whose connection broke in the middle of its commit was committed or not (LIS-2).

PostgreSQL may have committed and then died, or its answer may have been lost on the way. A listener that simply tried
again could store the batch twice. So each try holds a lock with a number of its own until its transaction ends. The
next try waits for that lock, and then looks for the messages of the last one::

    12:00:00.10  first try: takes lock 4711, stores A1 of 11:59:59.8 and B2 of 11:59:59.9, sends COMMIT
    12:00:00.12  the connection breaks before the answer comes: nobody knows whether PostgreSQL commits
    12:00:00.60  second try: waits for lock 4711, then looks for A1 of 11:59:59.8 and B2 of 11:59:59.9

If both are there, and stored by one transaction, the first try was committed: nothing is stored again, and the messages
are answered. If not, it was rolled back: the second try stores the batch, under a lock with a new number.

That they can be read does not mean that a standby has them: a commit that waits for one becomes visible when its
session ends. So the transaction that finds them writes something, too: its own commit then waits for the standby, which
cannot have it without all that was committed before.

Messages are recognised by concentrator and time of receipt, which no two messages of a listener have in common. The
transaction's number would prove nothing: if none of it had reached the disk when PostgreSQL died, another transaction
is given that number afterwards.

One gap is left. If the session of the first try has not even begun to execute it when the second one looks, and begins
afterwards, the batch is stored twice. To wait until that session itself has ended would stop all writing until the
server notices that a client has gone, which may take hours. A batch stored twice is the lesser evil.
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
from wakeup.recording.standby import WRITE_SOMETHING, raise_if_unbacked

T = TypeVar("T")

HOLD_AND_LOCK = Statement("wakeup_hold_and_lock", "int", HOLD_ZONES_AND_ATTEMPT)

# Messages with these times that were stored by several transactions are not those of one try.
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
    """A batch from its first try to be stored to its last."""

    key: int = 0  # the number of the last try's lock
    arrivals: Sequence[Arrival] = ()  # what the last try was to store; empty if it is known not to be committed
    result: T | None = None  # of the last try, if it was committed

    def begin(self, arrivals: Sequence[Arrival], result: T) -> Call:
        """Begin a try to store ``arrivals``. Its transaction must execute what is returned before it stores anything.

        That holds the counting zones, too. A try without messages cannot be recognised: its strays may count twice.
        """
        self.key, self.arrivals, self.result = getrandbits(31), arrivals, result
        return self._lock()

    def end(self) -> None:
        """Note that the last try was not committed."""
        self.arrivals = ()

    def committed(self) -> T | None:
        """The result of the last try if it was committed, else None. Waits until it has ended.

        If it was, a standby has it as well when this returns, where commits wait for one. Raises OperationalError.
        """
        if not self.arrivals:
            return None
        if self._is_stored():
            raise_if_unbacked(connection.connection)
            return self.result
        self.end()
        return None

    def _is_stored(self) -> bool:
        times = [arrival.received_at for arrival in self.arrivals]
        serials = [arrival.serial for arrival in self.arrivals]
        with transaction.atomic(), connection.cursor() as cursor:
            execute(self._lock())
            cursor.execute(_STORED, [serials, times, min(times), max(times), len(times)])
            is_stored: bool = cursor.fetchone()[0]
            if is_stored:
                cursor.execute(WRITE_SOMETHING)
        return is_stored

    def _lock(self) -> Call:
        return Call(HOLD_AND_LOCK, [str(self.key)])
