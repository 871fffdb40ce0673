"""Group commit, and one bad message among good ones (LIS-2)."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Sequence
from functools import partial

import pytest
from django.db import DataError, IntegrityError, OperationalError

from tests.wakeup.listener.counted import count_and_sum, counted
from tests.wakeup.listener.writers.intakes import Clock, Frame, Store, frame, make_intake, run, store_all, stray, until
from wakeup.listener.metrics import Metrics, total
from wakeup.listener.writers import intake as module
from wakeup.listener.writers import queues
from wakeup.listener.writers.intake import Intake
from wakeup.recording.arrivals import Arrival, Recorded
from wakeup.recording.attempts import Attempt


def test_what_has_queued_up_is_one_batch() -> None:
    store, frames = Store(), [frame() for _ in range(100)]
    run(store_all(store, frames))
    assert [len(batch) for batch in store.batches] == [100]
    assert {one.outcome for one in frames} == {"stored"}


def test_a_batch_has_a_limit() -> None:
    store = Store()
    run(store_all(store, [frame() for _ in range(queues.MAX_BATCH + 1)]))
    assert [len(batch) for batch in store.batches] == [queues.MAX_BATCH, 1]


def test_while_one_batch_is_committed_the_next_one_grows() -> None:
    store = Store()

    async def work() -> None:
        store.go.clear()
        intake = make_intake(store)
        intake.put(frame())
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        for _ in range(50):
            intake.put(frame())
        store.go.set()
        assert await intake.finish(20)
        await intake.stop()

    run(work())
    assert [len(batch) for batch in store.batches] == [1, 50]


def test_one_writer_alone_takes_strays_and_messages_in_turn() -> None:
    store = Store()

    async def work() -> None:
        intake = make_intake(store)
        intake.put_stray(stray())
        for number in range(5):
            intake.put(frame(f"A{number}"))
            await until(partial(store.batches.__contains__, [f"A{number}"]))
        await intake.stop()

    run(work())
    assert [] in store.batches[:2]


@pytest.mark.parametrize("size", [2, 3, 100])
def test_one_message_that_cannot_be_stored_fails_alone(size: int, caplog: pytest.LogCaptureFixture) -> None:
    frames = [frame(f"A{number}") for number in range(size)]
    store = Store(poison="A1")
    run(store_all(store, frames))
    assert [one for one in frames if one.outcome == "failed"] == [frames[1]]
    assert sorted(store.stored) == sorted(f"A{number}" for number in range(size) if number != 1)
    assert [message for message in caplog.messages if "could not be stored" in message and "'A1'" in message]


@pytest.mark.parametrize("error", [IntegrityError("its concentrator has gone"), DataError("x"), ValueError("x")])
def test_a_lone_message_gets_a_second_try_before_it_is_blamed(error: Exception) -> None:
    store, frames = Store(error), [frame()]
    run(store_all(store, frames))
    assert (frames[0].outcome, store.tries) == ("stored", 2)


def test_each_try_of_a_batch_knows_of_the_one_before_and_each_half_begins_anew() -> None:
    store = Store(OperationalError("gone in the middle of the commit"))
    run(store_all(store, [frame(), frame()]))
    assert len(store.attempts) == 2
    assert store.attempts[0] is store.attempts[1]
    halved = Store(DataError("a culprit"))
    run(store_all(halved, [frame(), frame()]))
    assert len({id(attempt) for attempt in halved.attempts}) == 3


@pytest.mark.parametrize(("error", "may_be_stored"), [(DataError("no"), False), (OperationalError("gone"), True)])
def test_what_the_database_has_refused_it_has_not_stored(error: Exception, may_be_stored: bool) -> None:
    tries: list[bool] = []

    def store(arrivals: Sequence[Arrival], _: object, attempt: Attempt[Recorded]) -> Recorded:
        tries.append(bool(attempt.arrivals))
        attempt.begin(arrivals, Recorded())
        if len(tries) == 1:
            raise error
        return Recorded()

    async def work() -> None:
        clock = Clock()
        intake = Intake(1, Metrics(), store, clock=clock, sleep=clock.sleep)
        intake.put(frame())
        assert await intake.finish(20)
        await intake.stop()

    run(work())
    assert tries == [False, may_be_stored]


def test_an_answer_that_goes_wrong_stops_neither_the_others_nor_the_writer(caplog: pytest.LogCaptureFixture) -> None:
    class Broken(Frame[Arrival]):
        def stored(self) -> None:
            raise RuntimeError("the transport is closed")

    store, frames = Store(), [Broken(frame().content), frame(), Broken(frame().content), frame()]

    async def work() -> None:
        intake = make_intake(store)
        for one in frames:
            intake.put(one)
        assert await intake.finish(20)
        intake.put(frame("LATER"))
        assert await intake.finish(20)
        assert not intake.is_stuck
        await intake.stop()

    run(work())
    assert [one.outcome for one in frames] == ["", "stored", "", "stored"]
    assert store.stored[-1] == "LATER"
    assert caplog.messages.count("an answer could not be given") == 2


def test_finishing_does_not_wait_for_ever() -> None:
    async def work() -> None:
        store = Store()
        store.go.clear()
        intake = make_intake(store)
        intake.put_datagram(frame())
        assert not await intake.finish(0.05)
        store.go.set()
        await intake.stop()

    run(work())


def test_a_writer_that_makes_no_progress_is_noticed() -> None:
    async def work() -> None:
        store, clock = Store(), Clock()
        store.go.clear()
        intake = make_intake(store, 2, clock=clock)
        intake.put(frame())
        await until(lambda: store.tries)
        found = []
        for seconds in (module.STUCK_S, 1):
            clock.now += seconds
            found.append(intake.is_stuck)
        store.go.set()
        assert await intake.finish(20)
        assert [*found, intake.is_stuck] == [False, True, False]
        await intake.stop()

    run(work())


def test_everything_is_counted_once_by_what_became_of_it() -> None:
    metrics, clock = Metrics(), Clock()
    store = Store(poison="BAD")

    async def work() -> None:
        store.go.clear()
        intake = Intake(1, metrics, store, clock=clock)
        intake.put_stray(stray())
        for serial in ("A", "BAD", "B"):
            intake.put(frame(serial))
        intake.put_datagram(frame("C"))
        clock.now += 3
        store.go.set()
        assert await intake.finish(20)
        await intake.stop()

    run(work())
    assert counted(metrics.messages) == {"boot push": 3}
    assert total(metrics.messages) == 3
    assert counted(metrics.strays) == {"malformed": 1}
    assert counted(metrics.failed) == {"": 1}
    batches, items = count_and_sum(metrics.batch_sizes)
    assert items == 4
    assert count_and_sum(metrics.commit_s)[0] == batches
    assert count_and_sum(metrics.answer_s) == (batches, 3 * batches)


def test_the_log_is_quiet_when_all_is_well(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO):
        run(store_all(Store(), [frame() for _ in range(10)]))
    assert not caplog.messages
