"""Group commit: whatever has queued up is stored in one transaction and only then answered (LIS-2)."""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import islice
from typing import Protocol

from django.db import DatabaseError, InterfaceError, OperationalError, connection

from wakeup.models.strays import Stray
from wakeup.recording import Arrival, record

log = logging.getLogger(__name__)

MAX_BATCH = 5_000
MAX_PENDING = 20_000
PAUSES_S = (0.0, 0.05, 0.2, 0.5, 1.0, 2.0, 4.0, 8.0, 8.0)  # before each try; the later ones while the database is away


class Pending(Protocol):
    """Something that waits to be stored and wants to know how that went."""

    content: Arrival | Stray

    def stored(self) -> None:
        """It is in the database for good."""

    def failed(self) -> None:
        """It could not be stored, and will not be."""


class Intake:
    """The queue between the sockets and the database.

    Lives on one event loop; only :meth:`_store` runs in threads. There is no delay to gather a batch:
    while one is being committed the next one gathers by itself, and grows with the load.
    """

    def __init__(self, writers: int, store: Callable[[Sequence[Arrival], Sequence[Stray]], None] = record) -> None:
        self._record = store
        self._queue: deque[Pending] = deque()
        self._unanswered = 0
        self._filled = asyncio.Event()
        self._emptied = asyncio.Event()
        self._waiting: list[Callable[[], None]] = []
        self._pool = ThreadPoolExecutor(writers, thread_name_prefix="writer")
        self._writers = [asyncio.create_task(self._write()) for _ in range(writers)]

    @property
    def is_full(self) -> bool:
        """Whether senders should stop reading for now (LIS-3)."""
        return self._unanswered >= MAX_PENDING

    def put(self, pending: Pending) -> None:
        """Queue ``pending``; its ``stored`` or ``failed`` is called once on this loop."""
        self._queue.append(pending)
        self._unanswered += 1
        self._filled.set()

    def call_when_there_is_room(self, resume: Callable[[], None]) -> None:
        """Call ``resume`` once when half of the queue has been worked off."""
        self._waiting.append(resume)

    async def finish(self, timeout: float) -> bool:
        """Wait until everything queued is answered; False when ``timeout`` seconds were not enough."""
        try:
            async with asyncio.timeout(timeout):
                while self._unanswered:
                    self._emptied.clear()
                    await self._emptied.wait()
        except TimeoutError:
            return False
        return True

    async def stop(self) -> None:
        """End the writers. What is still queued is given up without an answer."""
        for writer in self._writers:
            writer.cancel()
        await asyncio.gather(*self._writers, return_exceptions=True)
        self._pool.shutdown(wait=False, cancel_futures=True)

    async def _write(self) -> None:
        while True:
            batch = self._take()
            if not batch:
                self._filled.clear()
                await self._filled.wait()
                continue
            await self._store_patiently(batch)

    def _take(self) -> list[Pending]:
        batch = list(islice(self._queue, MAX_BATCH))
        for _ in batch:
            self._queue.popleft()
        return batch

    async def _store_patiently(self, batch: list[Pending]) -> None:
        """Store ``batch``; try again while the database is away, and find the culprit if it refuses a batch."""
        for pause in PAUSES_S:
            if pause:
                await asyncio.sleep(pause)
            try:
                await asyncio.get_running_loop().run_in_executor(self._pool, self._store, batch)
            except (OperationalError, InterfaceError) as error:
                log.warning("database: %s; %d messages wait", _first_line(error), len(batch))
            except Exception:
                await self._store_without_the_culprit(batch)
                return
            else:
                self._answer(batch, stored=True)
                return
        log.error("database away for too long: %d messages given up, their connections reset", len(batch))
        self._answer(batch, stored=False)

    async def _store_without_the_culprit(self, batch: list[Pending]) -> None:
        """Store in halves a batch that the database refuses, so that one message cannot stop all others."""
        if len(batch) == 1:
            log.exception("could not be stored: %s", batch[0].content)
            self._answer(batch, stored=False)
            return
        middle = len(batch) // 2
        await self._store_patiently(batch[:middle])
        await self._store_patiently(batch[middle:])

    def _store(self, batch: list[Pending]) -> None:
        contents = [pending.content for pending in batch]
        try:
            self._record(
                [content for content in contents if isinstance(content, Arrival)],
                [content for content in contents if isinstance(content, Stray)],
            )
        except DatabaseError:
            connection.close()  # it may be broken; the next try opens a new one
            raise

    def _answer(self, batch: list[Pending], *, stored: bool) -> None:
        for pending in batch:
            if stored:
                pending.stored()
            else:
                pending.failed()
        self._unanswered -= len(batch)
        if not self._unanswered:
            self._emptied.set()
        if self._waiting and self._unanswered <= MAX_PENDING // 2:
            waiting, self._waiting = self._waiting, []
            for resume in waiting:
                resume()


def _first_line(error: Exception) -> str:
    return str(error).partition("\n")[0]
