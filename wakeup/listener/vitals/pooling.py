"""Refuses a pooler that shares the sessions of the database out by transaction or statement (OPS-2).

Statements are planned once for each session, which such a pooler changes between two transactions. The listener would
work by luck, or store nothing.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable
from contextlib import suppress

from wakeup.listener.writers.sessions import are_shared
from wakeup.listener.writers.worker import Worker

log = logging.getLogger(__name__)

FIRST_S = 5.0  # for the first answer; without one the listener starts all the same
AGAIN_AFTER_S = 30.0  # when the database was away


class SharedSessionsError(Exception):
    """The listener cannot work with this pooler."""

    def __init__(self) -> None:
        super().__init__(
            "The database is behind a pooler that shares its sessions out by transaction. The listener needs sessions "
            "of its own: let it connect directly, or give it a pool with pool_mode=session."
        )


class PoolingCheck:
    """Asks until the database answers once. ``found`` is called if it turns out late that sessions are shared."""

    def __init__(
        self,
        found: Callable[[], None],
        *,
        ask: Callable[[], bool] = are_shared,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._found, self._ask, self._sleep = found, ask, sleep
        self._worker = Worker("pooling", time.monotonic, {})  # what it set would be set for others, too
        self._has_asked = asyncio.Event()
        self._is_shared = False

    async def begin(self) -> None:
        """Raises SharedSessionsError, but not for a database that is away."""
        self._task = asyncio.create_task(self._ask_until_known())
        with suppress(TimeoutError):
            await asyncio.wait_for(self._has_asked.wait(), FIRST_S)
        if self._is_shared:
            await self.end()

    async def end(self) -> None:
        """Ask no more. Raises SharedSessionsError if it has turned out."""
        self._task.cancel()
        await asyncio.gather(self._task, return_exceptions=True)
        self._worker.stop()
        if self._is_shared:
            raise SharedSessionsError

    async def _ask_until_known(self) -> None:
        while True:
            try:
                self._is_shared = await self._worker.do(self._ask)
            except Exception as error:  # whatever it is, the listener's work goes on
                log.info("could not ask the database for its sessions: %s", str(error).partition("\n")[0])
            else:
                break
            finally:
                self._has_asked.set()
            await self._sleep(AGAIN_AFTER_S)
        if self._is_shared:
            self._found()
