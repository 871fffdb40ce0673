"""What a further writer does: strays, and messages when there is a crowd of them."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Sequence

import pytest
from django.db import DataError

from tests.wakeup.listener.writers.intakes import Store, frame, make_intake, run, store_all, stray, until
from wakeup.listener.metrics import Metrics
from wakeup.listener.writers.intake import Intake
from wakeup.listener.writers.queues import CROWD
from wakeup.models.strays import Stray
from wakeup.recording.arrivals import Arrival, Recorded
from wakeup.recording.attempts import Attempt


@pytest.mark.parametrize("writers", [1, 2])
def test_strays_are_stored_apart_from_messages(writers: int) -> None:
    store = Store()
    run(store_all(store, [frame(), frame()], [stray(), stray()], writers=writers))
    assert store.strays == ["10.9.9.9"] * 2
    assert sorted(store.batches) == [[], ["A1", "A1"]]


def test_no_message_waits_behind_strays() -> None:
    class Slow(Store):
        def __call__(
            self, arrivals: Sequence[Arrival], counted: Sequence[Stray | Arrival], attempt: Attempt[Recorded]
        ) -> Recorded:
            if not counted:
                self.go.set()
            return super().__call__(arrivals, counted, attempt)

    store = Slow()
    store.go.clear()
    run(store_all(store, [frame()], [stray()], writers=2))
    assert store.strays == ["10.9.9.9"]


@pytest.mark.parametrize(("waiting", "at_once"), [(CROWD - 1, 1), (CROWD, 2)])
def test_a_further_writer_helps_only_with_a_crowd(waiting: int, at_once: int) -> None:
    store = Store()

    async def work() -> None:
        store.go.clear()
        intake = make_intake(store, writers=2)
        intake.put(frame())
        await until(lambda: store.tries == 1)
        for _ in range(waiting):
            intake.put(frame())
        for _ in range(20):
            await asyncio.sleep(0.001)
        assert store.tries == at_once
        store.go.set()
        assert await intake.finish(20)
        await intake.stop()

    run(work())
    assert sorted(map(len, store.batches)) == [1, waiting]


def test_what_the_helper_gives_back_wakes_the_first_writer() -> None:
    """Of two halves the helper takes up neither: they are no crowd."""
    sizes: list[int] = []
    first_goes, helper_goes = threading.Event(), threading.Event()

    def store(arrivals: Sequence[Arrival], *_: object) -> Recorded:
        sizes.append(len(arrivals))
        assert {1: first_goes, CROWD: helper_goes}.get(len(arrivals), first_goes).wait(10)
        if len(arrivals) == CROWD:
            raise DataError("too many at once")
        return Recorded()

    async def work() -> None:
        intake = Intake(2, Metrics(), store)
        alone = frame()
        intake.put(alone)
        await until(lambda: sizes == [1])
        for _ in range(CROWD):
            intake.put(frame())
        await until(lambda: sizes == [1, CROWD])
        first_goes.set()
        await until(lambda: alone.outcome == "stored")
        await asyncio.sleep(0.01)  # now it sleeps
        helper_goes.set()
        assert await intake.finish(20)
        await intake.stop()

    run(work())
    assert sizes == [1, CROWD, CROWD // 2, CROWD // 2]
