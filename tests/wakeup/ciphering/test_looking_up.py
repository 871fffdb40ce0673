"""Devices are looked up for all who wait in one query, and nobody waits for ever (SEC-3, LIS-4)."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Collection
from typing import Any, TypeVar, cast

from tests.wakeup.ciphering.test_reading import Keyed, known
from wakeup.formats.seals import KeyedDevice
from wakeup.listener.keys.cache import Wanted
from wakeup.listener.keys.looking_up import MAX_AT_ONCE, KeyRing
from wakeup.listener.writers.worker import Worker

T = TypeVar("T")
TITLE = Wanted(known().title)


class NoThread:
    """A worker that works where it is asked."""

    def __init__(self, *_: Any) -> None: ...

    async def do(self, work: Callable[[], T]) -> T:
        await asyncio.sleep(0)
        return work()

    def stop(self) -> None: ...


class Waiter:
    def __init__(self) -> None:
        self.heard: list[str] = []

    def go_on_with_keys(self) -> None:
        self.heard.append("on")

    def reset(self) -> None:
        self.heard.append("reset")


class Bunch:
    """A key ring whose database fails as long as ``is_away``; its pauses take ``now`` along."""

    def __init__(self, *devices: KeyedDevice) -> None:
        self.keyed = Keyed(*devices)
        self.queries: list[Collection[Wanted]] = []
        self.is_away = False
        self.now = 0.0
        self.ring = KeyRing(
            60.0,
            self._find,
            clock=lambda: self.now,
            sleep=self._sleep,
            make_worker=cast("Callable[[str, Callable[[], float]], Worker]", NoThread),
        )

    def _find(self, wanted: Collection[Wanted]) -> list[KeyedDevice]:
        self.queries.append(list(wanted))
        if self.is_away:
            raise OSError("away")
        return [one for one in self.keyed.devices if Wanted(one.title) in wanted]

    async def _sleep(self, seconds: float) -> None:
        self.now += seconds
        await asyncio.sleep(0)


def test_all_who_wait_at_a_time_share_a_query() -> None:
    async def run() -> None:
        bunch, waiters = Bunch(known()), [Waiter() for _ in range(5)]
        for waiter in waiters[:3]:
            bunch.ring.look_up(TITLE, waiter)
        for waiter in waiters[3:]:
            bunch.ring.look_up(Wanted("00"), waiter)
        await bunch.ring.finish(1)
        assert [waiter.heard for waiter in waiters] == [["on"]] * 5
        assert len(bunch.queries) == 1
        assert bunch.ring.cache.find(TITLE) is not None
        assert bunch.ring.cache.find(Wanted("00")) is None
        assert bunch.ring.waiting == 0

    asyncio.run(run())


def test_a_crowd_is_looked_up_in_parts() -> None:
    async def run() -> None:
        bunch, waiters = Bunch(), [Waiter() for _ in range(2 * MAX_AT_ONCE + 1)]
        for number, waiter in enumerate(waiters):
            bunch.ring.look_up(Wanted(f"{number:016X}"), waiter)
        await bunch.ring.finish(5)
        assert [len(query) for query in bunch.queries] == [MAX_AT_ONCE, MAX_AT_ONCE, 1]
        assert all(waiter.heard == ["on"] for waiter in waiters)

    asyncio.run(run())


def test_while_the_database_is_away_they_wait_and_go_on_when_it_is_back() -> None:
    async def run() -> None:
        bunch, waiter = Bunch(known()), Waiter()
        bunch.is_away = True
        bunch.ring.look_up(TITLE, waiter)
        while len(bunch.queries) < 5:
            await asyncio.sleep(0)
        assert waiter.heard == []
        bunch.is_away = False
        await bunch.ring.finish(1)
        assert waiter.heard == ["on"]

    asyncio.run(run())


def test_who_has_waited_too_long_is_given_up() -> None:
    async def run() -> None:
        bunch, waiter = Bunch(known()), Waiter()
        bunch.is_away = True
        bunch.ring.look_up(TITLE, waiter)
        await bunch.ring.finish(5)
        assert (waiter.heard, bunch.ring.waiting) == (["reset"], 0)
        assert bunch.now > 60

    asyncio.run(run())


def test_one_who_fails_does_not_keep_the_others_waiting() -> None:
    class Broken(Waiter):
        def go_on_with_keys(self) -> None:
            raise RuntimeError

    async def run() -> None:
        bunch, waiter = Bunch(known()), Waiter()
        bunch.ring.look_up(TITLE, Broken())
        bunch.ring.look_up(TITLE, waiter)
        await bunch.ring.finish(1)
        assert waiter.heard == ["on"]

    asyncio.run(run())
