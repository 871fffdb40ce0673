"""Looks up the keys of devices that the cache does not have: all that are wanted at a time in one query (SEC-3)."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable, Collection
from functools import partial
from typing import Final, Protocol

from wakeup.formats.seals import KeyedDevice
from wakeup.listener.keys.cache import KeyCache, Wanted
from wakeup.listener.writers.worker import Worker
from wakeup.recording.sealed.devices import keyed_devices

log = logging.getLogger(__name__)

MAX_AT_ONCE: Final = 500
MAX_DATAGRAMS: Final = 5_000  # that wait for keys
RETRY_PAUSE_S: Final = 1.0  # while the database is away

Find = Callable[[Collection[Wanted]], list[KeyedDevice]]


class Resumed(Protocol):
    """Who waits for a device. It is told when the cache has what is known of that, or reset when time is up."""

    def go_on_with_keys(self) -> None: ...
    def reset(self) -> None: ...


def find_devices(wanted: Collection[Wanted]) -> list[KeyedDevice]:
    titles = {one.title for one in wanted if one.title}
    return keyed_devices(titles, {one.serial for one in wanted if not one.title})


class KeyRing:
    """The cache of one listener, and the thread that fills it.

    While the database is away everybody waits: nothing is refused for want of a key that may be there. Whoever has
    waited for ``patience_s`` is given up. ``clock`` (seconds) and ``sleep`` are those of the machine, except in tests.
    """

    def __init__(
        self,
        patience_s: float,
        find: Find = find_devices,
        *,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
        make_worker: Callable[[str, Callable[[], float]], Worker] = Worker,
    ) -> None:
        self.cache = KeyCache(clock)
        self._find, self._patience_s = find, patience_s
        self._clock, self._sleep, self._make_worker = clock, sleep, make_worker
        self._worker: Worker | None = None  # and its thread, which most listeners never need
        self._waiting: dict[Wanted, list[tuple[float, Resumed]]] = {}
        self._task: asyncio.Task[None] | None = None

    @property
    def waiting(self) -> int:
        return sum(map(len, self._waiting.values()))

    def look_up(self, wanted: Wanted, who: Resumed) -> None:
        """Tell ``who`` once, later, that the cache has what is known of the device."""
        self._waiting.setdefault(wanted, []).append((self._clock(), who))
        if self._task is None:
            self._task = asyncio.create_task(self._look_up_all())

    async def finish(self, timeout: float) -> None:
        """Wait until nobody waits any more, for at most ``timeout`` seconds."""
        if self._task is not None:
            await asyncio.wait([self._task], timeout=timeout)

    def stop(self) -> None:
        if self._task is not None:
            self._task.cancel()
        if self._worker is not None:
            self._worker.stop()

    async def _look_up_all(self) -> None:
        try:
            while self._waiting:
                await self._look_up_some(list(self._waiting)[:MAX_AT_ONCE])
        finally:
            self._task = None

    async def _look_up_some(self, wanted: list[Wanted]) -> None:
        if self._worker is None:
            self._worker = self._make_worker("keys", self._clock)
        try:
            found = await self._worker.do(partial(self._find, wanted))
        except Exception as error:  # the database is away: all that comes waits with it
            log.warning("no keys could be looked up: %s", str(error).partition("\n")[0])
            self._give_up_overdue()
            await self._sleep(RETRY_PAUSE_S)
            return
        for one in wanted:
            self.cache.forget(one)
        self.cache.keep(found)
        for one in wanted:
            for _, who in self._waiting.pop(one):
                _tell(who.go_on_with_keys)

    def _give_up_overdue(self) -> None:
        begin = self._clock() - self._patience_s
        for wanted, waiting in list(self._waiting.items()):
            overdue = [who for since, who in waiting if since < begin]
            self._waiting[wanted] = [(since, who) for since, who in waiting if since >= begin]
            if not self._waiting[wanted]:
                del self._waiting[wanted]
            for who in overdue:
                _tell(who.reset)


def _tell(work: Callable[[], None]) -> None:
    try:
        work()
    except Exception:
        log.exception("a message could not be read on")  # the others can
