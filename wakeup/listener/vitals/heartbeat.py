"""The sign of life that a listener leaves in the database every few seconds (LIS-7)."""

from __future__ import annotations

import asyncio
import logging
import os
import socket
import time
import uuid
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from datetime import datetime, timedelta
from functools import partial

from django.utils import timezone

from wakeup.listener.metrics import Levels, Metrics, total
from wakeup.listener.writers.sessions import ON_ONE_MACHINE
from wakeup.listener.writers.worker import Worker
from wakeup.models import ListenerRun

log = logging.getLogger(__name__)

KEPT = timedelta(days=90)
FAREWELL_S = 1.0  # of the time that a listener has to stop
_CHANGING = (
    *("seen_at", "ended_at", "messages_per_s", "queue", "connections", "message_count", "dropped", "waits_for"),
    "certificate_ends_at",
)

Write = Callable[[ListenerRun], None]


class Heartbeat:
    """Writes the row of one listener, in a thread and on a connection of its own: no writer waits for it.

    ``levels`` tells how things stand, ``seen`` is called after each row that was written.
    """

    def __init__(
        self,
        address: str,
        port: int,
        metrics: Metrics,
        levels: Callable[[], Levels],
        seen: Callable[[], None],
        *,
        tls_port: int | None = None,
        write: Write | None = None,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
        make_worker: Callable[[str, Callable[[], float], Mapping[str, str]], Worker] = Worker,
    ) -> None:
        self._address, self._port, self._tls_port = address, port, tls_port
        self._metrics, self._levels, self._seen = metrics, levels, seen
        self._clock, self._sleep = clock, sleep
        self._write = write or write_run
        self.worker = make_worker("heartbeat", clock, ON_ONE_MACHINE)
        self._id = uuid.uuid4()
        self._started_at = timezone.now()
        self._counted, self._counted_at = 0, clock()
        self._is_failing = False
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        self._task = asyncio.create_task(self._beat_for_ever())

    async def end(self) -> None:
        """Stop, and record that the listener ends if the database takes that at once."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
        with suppress(TimeoutError):
            async with asyncio.timeout(FAREWELL_S):
                await self.beat(ends=True)
        self.worker.stop()

    async def beat(self, *, ends: bool = False) -> None:
        """Write how things stand. A failure is logged once, and the next beat tries again."""
        run = self._run(timezone.now(), ends=ends)
        try:
            await self.worker.do(partial(self._write, run))
        except Exception as error:  # whatever it is, the listener's work goes on
            if not self._is_failing:
                log.warning("no heartbeat: %s", str(error).partition("\n")[0])
            self._is_failing = True
        else:
            self._is_failing = False
            self._seen()

    async def _beat_for_ever(self) -> None:
        while True:
            await self.beat()
            await self._sleep(ListenerRun.BEAT.total_seconds())

    def _run(self, now: datetime, *, ends: bool) -> ListenerRun:
        levels = self._levels()
        return ListenerRun(
            id=self._id,
            host=socket.gethostname(),
            process_id=os.getpid(),
            address=self._address,
            port=self._port,
            tls_port=self._tls_port,
            started_at=self._started_at,
            seen_at=now,
            ended_at=now if ends else None,
            messages_per_s=self._rate(),
            queue=levels.queue + levels.datagrams,
            connections=levels.connections,
            message_count=total(self._metrics.messages),
            dropped=total(self._metrics.dropped_datagrams),
            waits_for=levels.waits_for,
            certificate_ends_at=levels.certificate_ends_at,
        )

    def _rate(self) -> float:
        """Messages a second since this was asked last."""
        count, now = total(self._metrics.messages), self._clock()
        counted, seconds = count - self._counted, now - self._counted_at
        self._counted, self._counted_at = count, now
        return counted / seconds if seconds > 0 else 0.0


def write_run(run: ListenerRun) -> None:
    """Update the row of ``run``; the first time make it, and remove those of listeners that ended long ago."""
    if ListenerRun.objects.filter(pk=run.pk).update(**{name: getattr(run, name) for name in _CHANGING}):
        return
    ListenerRun.objects.filter(seen_at__lt=run.seen_at - KEPT).delete()
    run.save(force_insert=True)
