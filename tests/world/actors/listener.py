"""A listener of the world: the product's connections, intake and writers on the world's loop and network.

It is put together as :class:`wakeup.listener.service.Listener` does it for real sockets.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable, Mapping
from contextvars import Context
from functools import partial
from typing import TypeVar

from django.db import OperationalError

from tests.world.virtual.loop import WorldLoop
from tests.world.virtual.network import Address
from wakeup.listener.connections.balanced import BalancedDatagrams
from wakeup.listener.connections.limits import Limits
from wakeup.listener.connections.registry import Connections
from wakeup.listener.connections.tcp import Connection
from wakeup.listener.connections.udp import Datagrams
from wakeup.listener.metrics import Levels, Metrics
from wakeup.listener.service import SWEEP_S
from wakeup.listener.vitals.heartbeat import Heartbeat
from wakeup.listener.writers.buckets import Buckets, Rates
from wakeup.listener.writers.intake import Intake
from wakeup.listener.writers.sessions import SETTINGS
from wakeup.listener.writers.worker import Worker, _close, _outcome

WRITERS = 2
DRAIN_S = 6.0

T = TypeVar("T")


class DatabaseSite:
    """The way to the database: whether it is there, and how long a transaction takes, drawn by ``chance``."""

    def __init__(self, chance: random.Random) -> None:
        self.is_away = False
        self._chance = chance

    def seconds(self) -> float:
        return self._chance.uniform(0.001, 0.02)

    def check(self) -> None:
        if self.is_away:
            raise OperationalError("the database is away")


class InlineWorker(Worker):
    """A worker without a thread: the loop waits as long as a transaction takes, and does it at once in the middle.

    Who is killed before that has stored nothing, and who is killed after it has stored and not answered. As a thread's,
    its connection to the database is its own: in a loop Django keeps one for each context.
    """

    def __init__(  # without that of the base class, which starts the thread
        self, database: DatabaseSite, name: str, clock: Callable[[], float], settings: Mapping[str, str] = SETTINGS
    ) -> None:
        self._database, self._clock = database, clock
        self._busy_since = self._pipeline = None
        self._context = Context()

    async def do(self, work: Callable[[], T]) -> T:
        self._busy_since = self._clock()
        try:
            await asyncio.sleep(self._database.seconds())
            result, error = self._context.run(_outcome, partial(self._while_there, work))
            await asyncio.sleep(self._database.seconds())
        finally:
            self._busy_since = None
        if error is not None:
            raise error
        return result  # type: ignore[return-value] # there is one where there is no error

    def stop(self) -> None:
        self._context.run(_close)

    def _while_there(self, work: Callable[[], T]) -> T:
        self._database.check()
        return work()


async def _seldom(seconds: float) -> None:
    """Between two signs of life: twice as long as usual, and short enough to be believed alive."""
    await asyncio.sleep(2 * seconds)


class WorldListener:
    """One that listens ``at`` an address from the start on, for TCP and UDP; with ``beats`` it leaves signs of life."""

    def __init__(self, loop: WorldLoop, at: Address, database: DatabaseSite, *, beats: bool) -> None:
        clock, limits = loop.time, Limits()
        self._loop = loop
        self._buckets = Buckets(Rates(), limits.is_proxy)
        self.metrics = Metrics()
        self.intake = Intake(
            WRITERS,
            self.metrics,
            buckets=self._buckets,
            clock=clock,
            make_worker=partial(InlineWorker, database),
        )
        self.connections = Connections(limits, self.metrics, clock=clock)
        self._heartbeat = Heartbeat(
            *at,
            self.metrics,
            self._levels,
            self.intake.database.see,
            clock=clock,
            sleep=_seldom,
            make_worker=partial(InlineWorker, database),
        )
        if beats:
            self._heartbeat.start()
        self._is_busy = asyncio.Event()
        balanced = BalancedDatagrams(limits, clock)
        self._server = loop.network.listen(self._connection, at)
        self._port = at[1]
        self._datagrams, _ = loop.network.open_datagrams(
            lambda: Datagrams(self.intake, balanced, self._port, self.metrics, limits), at, None
        )
        self._sweeping = asyncio.create_task(self._sweep())

    async def die(self) -> None:
        """As by SIGKILL: what is not stored by now never will be, and nothing more is answered."""
        self._server.kill()
        self._datagrams.close()
        await self._end()

    async def stop(self) -> None:
        """In order, as by SIGTERM."""
        self._server.close()
        self._datagrams.close()
        self.intake.close()
        await self.intake.finish(DRAIN_S)
        self.connections.close_all()
        await self._heartbeat.end()
        await self._end()

    async def _end(self) -> None:
        tasks = [task for task in (self._sweeping, self._heartbeat._task) if task is not None]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        self._heartbeat.worker.stop()
        await self.intake.stop()

    def _levels(self) -> Levels:
        database = self.intake.database
        return Levels(
            queue=self.intake.frames,
            datagrams=self.intake.datagrams,
            connections=len(self.connections.open),
            is_away=database.away_since is not None,
            uptime_s=self._loop.time(),
            waits_for=database.waits_for,
        )

    def _connection(self) -> Connection:
        self._is_busy.set()
        return Connection(self.connections, self.intake, self._port)

    async def _sweep(self) -> None:
        """Every two seconds, at even ones, as long as there is anything to sweep: a quiet month takes no time."""
        while True:
            await self._is_busy.wait()
            await asyncio.sleep(SWEEP_S - self._loop.time() % SWEEP_S)
            now = self._loop.time()
            self.connections.close_idle(now)
            self._buckets.refill(now)
            self.intake.give_up_overdue()
            if not self.connections.open and not self.intake.frames:
                self._is_busy.clear()
