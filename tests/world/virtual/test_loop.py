"""The loop whose clock jumps."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Coroutine
from typing import Any, TypeVar

import pytest

from tests.world.virtual.loop import StandstillError, WorldLoop

YEAR_S = 365 * 86_400.0

T = TypeVar("T")


def run(scene: Coroutine[Any, Any, T], loop: WorldLoop | None = None) -> T:
    with asyncio.Runner(loop_factory=lambda: loop or WorldLoop()) as runner:
        return runner.run(scene)


def test_a_year_passes_at_once_and_to_the_microsecond() -> None:
    async def scene() -> float:
        await asyncio.sleep(YEAR_S)
        await asyncio.sleep(0.000_01)
        return asyncio.get_running_loop().time()

    begun = time.monotonic()
    assert run(scene()) == pytest.approx(YEAR_S + 0.000_01, abs=1e-6)
    assert time.monotonic() - begun < 10


def test_who_is_ready_goes_first_and_then_who_is_due_first() -> None:
    order: list[float] = []

    async def scene() -> None:
        loop = asyncio.get_running_loop()
        for delay in (3.0, 1.0, 2.0):
            loop.call_later(delay, order.append, delay)
        loop.call_soon(order.append, 0.0)
        await asyncio.sleep(4)

    run(scene())
    assert order == [0.0, 1.0, 2.0, 3.0]


def test_a_timer_that_was_cancelled_moves_no_clock() -> None:
    async def scene() -> float:
        loop = asyncio.get_running_loop()
        loop.call_later(5.0, print).cancel()
        await asyncio.sleep(9)
        return loop.time()

    seen: list[float] = []
    assert run(scene(), WorldLoop(seen.append)) == 9.0
    assert seen == [9.0]


def test_where_nothing_can_happen_any_more_that_is_said() -> None:
    async def scene() -> None:
        await asyncio.sleep(90)
        await asyncio.Event().wait()

    with pytest.raises(StandstillError, match="At 90 s nothing is ready and nothing is scheduled"):
        run(scene())


def test_work_for_a_thread_is_done_at_once_and_in_this_one() -> None:
    async def scene() -> tuple[int, float]:
        return await asyncio.to_thread(threading.get_ident), asyncio.get_running_loop().time()

    assert run(scene()) == (threading.get_ident(), 0.0)


def test_what_it_raises_is_raised_where_it_is_awaited() -> None:
    async def scene() -> None:
        await asyncio.to_thread(int, "no number")

    with pytest.raises(ValueError, match="no number"):
        run(scene())


def test_what_a_callback_raises_is_kept() -> None:
    async def scene() -> None:
        asyncio.get_running_loop().call_soon(int, "no number")
        await asyncio.sleep(1)

    loop = WorldLoop()
    run(scene(), loop)
    assert [type(error) for error in loop.errors] == [ValueError]
