"""What a listener knows of its database: whether it is there, what its errors mean, how long it may take (LIS-4)."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Mapping
from enum import Enum, auto
from typing import Any

from django.db import DataError, Error, IntegrityError, ProgrammingError

from wakeup.models.listeners import WaitsFor
from wakeup.retention.partitions import is_overtaken

log = logging.getLogger(__name__)

_AT_ONCE = {"40001", "40P01"}  # SQLSTATE: serialization failure, deadlock
_TOO_MUCH = "54"  # the class "program limit exceeded": too much of something in one statement
_SAID_AGAIN_S = 30.0

#: Only the name is sent to the server, or to a pooler before it.
_NAME = "smmeplus-listener"


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
    """The ``OPTIONS`` of a listener's connections: with its name, unless the operator has set another one."""
    return {**({"application_name": _NAME} if vendor == "postgresql" else {}), **options}


class Database:
    """Whether the database is there, for all writers of a listener: while it is away only one of them keeps trying.

    It is away, too, while a transaction stalls. No writer is told of that: there is nothing to try until it ends.
    """

    def __init__(self, clock: Callable[[], float]) -> None:
        self.waits_for = WaitsFor.NOTHING
        self.seen_at: float | None = None  # when it last took a write
        self._clock = clock
        self._lost_since: float | None = None
        self._stalled_since: float | None = None
        self._error = self._stall = ""
        self._said_at = 0.0
        self._there = asyncio.Event()
        self._there.set()

    @property
    def away_since(self) -> float | None:
        return self._stalled_since if self._lost_since is None else self._lost_since

    @property
    def error(self) -> str:
        """Why it is away, in one line."""
        return self._error if self._stalled_since is None else self._stall

    @property
    def is_to_blame(self) -> bool:
        """Whether it is known that a transaction which goes on and on waits for the database, and not for us."""
        return self._stalled_since is not None and self.waits_for != WaitsFor.NOTHING

    async def wait_until_there(self) -> None:
        await self._there.wait()

    def lose(self, error: Exception, waiting: int) -> bool:
        """It does not answer, or refuses everything, and ``waiting`` messages wait. True if it was there until now."""
        is_first = self._lost_since is None
        self._error = str(error).partition("\n")[0]
        if is_first:
            self._lost_since = self._clock()
            self._there.clear()
        self._say(self._error, waiting, at_once=is_first)
        return is_first

    def stall(self, seconds: float, waits_for: WaitsFor, waiting: int) -> None:
        """A transaction has been going on for ``seconds``, far too many, and ``waiting`` messages wait."""
        is_news = self._stalled_since is None or self.waits_for != waits_for
        if self._stalled_since is None:
            self._stalled_since = self._clock() - seconds
        self.waits_for, self._stall = waits_for, f"one transaction has taken {seconds:.0f} s"
        if waits_for == WaitsFor.STANDBY:
            self._stall = "the commit waits for a standby"
        self._say(self._stall, waiting, at_once=is_news)

    def move(self) -> None:
        """No transaction takes too long."""
        stalled_since, self._stalled_since, self.waits_for = self._stalled_since, None, WaitsFor.NOTHING
        if stalled_since is not None and self._lost_since is None:
            self._say_there(stalled_since)

    def see(self) -> None:
        """It has taken a write."""
        self.seen_at = self._clock()

    def find(self) -> None:
        """It is there again."""
        if self._lost_since is not None:
            self._say_there(self._lost_since)
        self._lost_since = None
        self._there.set()

    def _say(self, why: str, waiting: int, *, at_once: bool) -> None:
        now = self._clock()
        if at_once or now - self._said_at >= _SAID_AGAIN_S:
            self._said_at = now
            log.warning("database: %s; %d messages wait", why, waiting)

    def _say_there(self, away_since: float) -> None:
        log.info("database: there again after %.1f s", self._clock() - away_since)
