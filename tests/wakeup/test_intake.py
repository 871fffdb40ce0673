"""Group commit, patience with the database, and one bad message among good ones (LIS-2, LIS-3, LIS-4)."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Coroutine, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

import pytest
from django.db import OperationalError

from smmeplus.dlms.kinds import Kind
from wakeup.listener import intake as module
from wakeup.listener.intake import Intake
from wakeup.models import Format, Reason
from wakeup.models.strays import Stray
from wakeup.recording import Arrival

NOW = datetime(2020, 9, 23, tzinfo=UTC)


@dataclass
class Frame:
    """A frame on its way that remembers how it went."""

    content: Arrival | Stray
    outcome: str = ""

    def stored(self) -> None:
        assert not self.outcome
        self.outcome = "stored"

    def failed(self) -> None:
        assert not self.outcome
        self.outcome = "failed"


def frame(serial: str = "A1") -> Frame:
    return Frame(Arrival(serial, Kind.BOOT, Format.PUSH, NOW, "10.0.0.1", 1))


class Store:
    """Remembers its batches; raises the ``errors`` first, and always for ``poison``."""

    def __init__(self, *errors: Exception, poison: str = "") -> None:
        self.batches: list[list[str]] = []
        self.strays: list[str] = []
        self.errors = list(errors)
        self.poison = poison
        self.go = threading.Event()
        self.go.set()

    def __call__(self, arrivals: Sequence[Arrival], strays: Sequence[Stray]) -> None:
        assert self.go.wait(10)
        serials = [arrival.serial for arrival in arrivals]
        if self.errors:
            raise self.errors.pop(0)
        if self.poison in serials:
            raise ValueError(self.poison)
        self.batches.append(serials)
        self.strays += [stray.sender for stray in strays]


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "PAUSES_S", (0, 0, 0))


def is_full(intake: Intake) -> bool:
    return intake.is_full  # asked anew each time, which a type checker does not expect of a property


def run(work: Coroutine[object, object, None]) -> None:
    asyncio.run(asyncio.wait_for(work, 30))


async def store_all(store: Store, frames: list[Frame], writers: int = 1) -> None:
    intake = Intake(writers, store)
    for one in frames:
        intake.put(one)
    assert await intake.finish(20)
    await intake.stop()


def test_what_has_queued_up_is_one_batch() -> None:
    store, frames = Store(), [frame() for _ in range(100)]
    run(store_all(store, frames))
    assert [len(batch) for batch in store.batches] == [100]
    assert {one.outcome for one in frames} == {"stored"}


def test_a_batch_has_a_limit() -> None:
    store = Store()
    run(store_all(store, [frame() for _ in range(module.MAX_BATCH + 1)]))
    assert [len(batch) for batch in store.batches] == [module.MAX_BATCH, 1]


def test_while_one_batch_is_committed_the_next_one_grows() -> None:
    store = Store()

    async def work() -> None:
        store.go.clear()
        intake = Intake(1, store)
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


def test_strays_take_the_same_way() -> None:
    store = Store()
    run(store_all(store, [Frame(Stray(Reason.MALFORMED, "10.9.9.9", NOW, "10.9.9.9", b"")), frame()]))
    assert (store.strays, store.batches) == (["10.9.9.9"], [["A1"]])


@pytest.mark.parametrize("writers", [1, 2])
def test_it_waits_for_a_database_that_comes_back(writers: int) -> None:
    store, frames = Store(OperationalError("away"), OperationalError("away")), [frame(), frame()]
    run(store_all(store, frames, writers))
    assert {one.outcome for one in frames} == {"stored"}
    assert sum(map(len, store.batches)) == 2


def test_when_the_database_stays_away_nothing_is_answered() -> None:
    store, frames = Store(*[OperationalError("away")] * 3), [frame(), frame()]
    run(store_all(store, frames))
    assert {one.outcome for one in frames} == {"failed"}
    assert not store.batches


def test_one_message_that_cannot_be_stored_fails_alone() -> None:
    frames = [frame(f"A{number}") for number in range(100)]
    store = Store(poison="A37")
    run(store_all(store, frames))
    assert [one for one in frames if one.outcome == "failed"] == [frames[37]]
    assert sorted(serial for batch in store.batches for serial in batch) == sorted(
        f"A{number}" for number in range(100) if number != 37
    )


def test_a_full_queue_says_so_and_calls_when_there_is_room(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MAX_PENDING", 10)
    monkeypatch.setattr(module, "MAX_BATCH", 3)
    resumed: list[int] = []

    async def work() -> None:
        store = Store()
        store.go.clear()
        intake = Intake(1, store)
        for number in range(10):
            assert not is_full(intake), number
            intake.put(frame())
        assert is_full(intake)
        intake.call_when_there_is_room(lambda: resumed.append(sum(map(len, store.batches))))
        store.go.set()
        assert await intake.finish(20)
        assert not is_full(intake)
        await intake.stop()

    run(work())
    assert resumed == [6], "called once, when at most half of the queue was left"


def test_finishing_does_not_wait_for_ever() -> None:
    async def work() -> None:
        store = Store()
        store.go.clear()
        intake = Intake(1, store)
        intake.put(frame())
        assert not await intake.finish(0.05)
        store.go.set()
        await intake.stop()

    run(work())
