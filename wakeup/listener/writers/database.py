"""What a listener knows of its database: whether it is there, what its errors mean, how long it may take (LIS-4)."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Mapping
from enum import Enum, auto
from typing import Any

from django.db import DataError, Error, IntegrityError, ProgrammingError

from wakeup.retention.partitions import is_overtaken

log = logging.getLogger(__name__)

_AT_ONCE = {"40001", "40P01"}  # SQLSTATE: serialization failure, deadlock
_TOO_MUCH = "54"  # the class "program limit exceeded": too much of something in one statement
_SAID_AGAIN_S = 30.0

#: Seconds; ``tcp_user_timeout`` in milliseconds. Without them a writer would hang when the database's host vanishes.
#: Only the name is sent to the server, or to a pooler before it.
_CONNECT_OPTIONS = {
    "application_name": "smmeplus-listener",
    "connect_timeout": 5,
    "keepalives_idle": 5,
    "keepalives_interval": 2,
    "keepalives_count": 3,
    "tcp_user_timeout": 10_000,
}


class Blame(Enum):
    DATABASE = auto()  # it is away, full, read-only, not migrated, …: nothing can be stored for now
    CHANCE = auto()  # two writers collided: a retry at once will succeed
    BATCH = auto()  # something in it cannot be stored


def blame_for(error: Exception) -> Blame:
    """Whose fault ``error`` is. In doubt the database's: its troubles pass, but a message given up is lost."""
    if is_overtaken(error):
        return Blame.CHANCE
    state = getattr(error.__cause__, "sqlstate", None) or ""
    if not isinstance(error, Error) or isinstance(error, DataError | IntegrityError) or state.startswith(_TOO_MUCH):
        return Blame.BATCH
    if isinstance(error, ProgrammingError) and not state:
        return Blame.BATCH  # a value that the driver cannot even send
    return Blame.CHANCE if state in _AT_ONCE else Blame.DATABASE


def connect_options(vendor: str, options: Mapping[str, Any]) -> dict[str, Any]:
    """The ``OPTIONS`` of a listener's connections: ours, unless the operator has set others."""
    return {**(_CONNECT_OPTIONS if vendor == "postgresql" else {}), **options}


class Database:
    """Whether the database is there, for all writers of a listener: while it is away only one of them keeps trying."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self.away_since: float | None = None
        self.error = ""
        self.seen_at: float | None = None  # when it last took a write
        self._clock = clock
        self._said_at = 0.0
        self._there = asyncio.Event()
        self._there.set()

    async def wait_until_there(self) -> None:
        await self._there.wait()

    def lose(self, error: Exception, waiting: int) -> bool:
        """It does not answer, or refuses everything, and ``waiting`` messages wait. True if it was there until now."""
        is_first = self.away_since is None
        now = self._clock()
        self.error = str(error).partition("\n")[0]
        if is_first:
            self.away_since = now
            self._there.clear()
        if is_first or now - self._said_at >= _SAID_AGAIN_S:
            self._said_at = now
            log.warning("database: %s; %d messages wait", self.error, waiting)
        return is_first

    def see(self) -> None:
        """It has taken a write."""
        self.seen_at = self._clock()

    def find(self) -> None:
        """It is there again."""
        if self.away_since is not None:
            log.info("database: there again after %.1f s", self._clock() - self.away_since)
        self.away_since = None
        self._there.set()
