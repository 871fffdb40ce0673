"""What a listener does every hour: it makes the partitions of the coming days (OPS-4)."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable
from functools import partial

from django.utils import timezone

from wakeup.listener.writers.worker import Worker
from wakeup.retention.partitions import ensure_partitions

log = logging.getLogger(__name__)

EVERY_S = 3_600.0
AGAIN_AFTER_S = 60.0  # when it could not be done


class Housekeeping:
    """Works in a thread, on a connection of its own. A failure stops nothing: messages have a default partition."""

    def __init__(self, *, sleep: Callable[[float], Awaitable[None]] = asyncio.sleep) -> None:
        self._sleep = sleep
        self._worker = Worker("housekeeping", time.monotonic)
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        self._task = asyncio.create_task(self._run_for_ever())

    async def end(self) -> None:
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
        self._worker.stop()

    async def _run_for_ever(self) -> None:
        while True:
            try:
                await self._worker.do(partial(ensure_partitions, timezone.now()))
            except Exception as error:  # whatever it is, the listener's work goes on
                log.warning("no partitions were made: %s", str(error).partition("\n")[0])
                await self._sleep(AGAIN_AFTER_S)
            else:
                await self._sleep(EVERY_S)
