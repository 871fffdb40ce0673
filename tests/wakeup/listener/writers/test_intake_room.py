"""Room for what comes in, and turns among those who wait (LIS-3)."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.wakeup.listener.writers.intakes import Frame, Store, frame, make_intake, run, stray
from wakeup.listener.writers import intake as module
from wakeup.listener.writers import queues
from wakeup.listener.writers.intake import Intake
from wakeup.recording.arrivals import Arrival


def is_full(intake: Intake) -> bool:
    return intake.room <= 0  # asked anew each time, which a type checker does not expect of a property


def test_a_full_queue_says_so_and_calls_when_there_is_room(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MAX_PENDING", 10)
    monkeypatch.setattr(queues, "MAX_BATCH", 3)
    resumed: list[int] = []

    async def work() -> None:
        store = Store()
        store.go.clear()
        intake = make_intake(store)
        for number in range(10):
            assert not is_full(intake), number
            intake.put(frame())
        assert is_full(intake)
        intake.call_when_there_is_room(lambda: resumed.append(len(store.stored)))
        store.go.set()
        assert await intake.finish(20)
        assert not is_full(intake)
        await intake.stop()

    run(work())
    assert resumed == [6], "called once, when at most half of the queue was left"


def test_a_closed_intake_is_full_and_calls_nobody_but_finishes_what_it_has() -> None:
    store, frames = Store(), [frame(), frame()]
    resumed: list[bool] = []

    async def work() -> None:
        intake = make_intake(store)
        intake.put(frames[0])
        intake.call_when_there_is_room(lambda: resumed.append(True))
        intake.close()
        assert intake.room <= 0
        intake.put(frames[1])
        assert await intake.finish(20)
        assert intake.room <= 0
        await intake.stop()

    run(work())
    assert {one.outcome for one in frames} == {"stored"}
    assert not resumed


def test_datagrams_have_room_of_their_own(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MAX_PENDING", 1)
    monkeypatch.setattr(module, "MAX_KEPT_DATAGRAMS", 3)

    async def work() -> None:
        store = Store()
        store.go.clear()
        intake = make_intake(store)
        intake.put(frame())
        assert is_full(intake)
        assert [intake.put_datagram(frame()) for _ in range(4)] == [True, True, True, False]
        assert (intake.frames, intake.datagrams) == (1, 3)
        store.go.set()
        assert await intake.finish(20)
        assert (intake.frames, intake.datagrams) == (0, 0)
        assert intake.put_datagram(frame())
        assert await intake.finish(20)
        await intake.stop()

    run(work())


def test_a_flood_of_garbage_leaves_room_for_last_gasps(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MAX_KEPT_DATAGRAMS", 10)

    async def work() -> None:
        store = Store()
        store.go.clear()
        intake = make_intake(store)
        assert sum(intake.put_stray_datagram(stray()) for _ in range(100)) == 5
        assert sum(intake.put_datagram(frame()) for _ in range(100)) == 5
        assert not intake.put_stray_datagram(stray())
        store.go.set()
        assert await intake.finish(20)
        await intake.stop()

    run(work())


@pytest.mark.parametrize("floods", ["put", "put_datagram"])
def test_neither_queue_keeps_the_other_waiting(floods: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(queues, "MAX_BATCH", 2)
    store = Store()

    async def work() -> None:
        intake = make_intake(store)
        ways: dict[str, Callable[[Frame[Arrival]], object]] = {"put": intake.put_datagram, "put_datagram": intake.put}
        other = ways[floods]
        for _ in range(10):
            getattr(intake, floods)(frame("FLOOD"))
        other(frame("ONE"))
        assert await intake.finish(20)
        await intake.stop()

    run(work())
    assert store.stored.index("ONE") <= 2
