"""A transaction that goes on and on: the database is away, and is named as what is waited for (LIS-4)."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

import pytest
from django.db import OperationalError

from tests.wakeup.listener.writers.intakes import Clock, Frame, Store, frame, make_intake, run, until
from wakeup.listener.vitals import stalls
from wakeup.listener.vitals.health import Health
from wakeup.listener.vitals.stalls import STALLED_S, Stalls, look
from wakeup.listener.writers.intake import STUCK_S, Intake
from wakeup.listener.writers.worker import Worker
from wakeup.models.listeners import WaitsFor
from wakeup.recording.arrivals import Arrival


@dataclass
class Stage:
    """An intake with one message in hand, whose transaction does not end before ``store.go`` is set."""

    store: Store = field(default_factory=Store)
    clock: Clock = field(default_factory=Clock)
    one: Frame[Arrival] = field(default_factory=frame)
    says: WaitsFor | Exception = WaitsFor.STANDBY
    asked: int = 0

    def ask(self) -> WaitsFor:
        self.asked += 1
        if isinstance(self.says, Exception):
            raise self.says
        return self.says

    def play(self, work: Callable[[Intake, Stalls, Health], Awaitable[None]]) -> None:
        async def begin_and_end() -> None:
            intake = make_intake(self.store, clock=self.clock)
            worker = Worker("asks", self.clock)
            watch = Stalls(intake, worker, ask=self.ask, sleep=self.clock.sleep)
            self.store.go.clear()
            intake.put(self.one)
            await until(lambda: self.store.tries)
            intake.database.see()
            await work(intake, watch, Health(intake, self.clock))
            self.store.go.set()
            assert await intake.finish(20)
            await watch.end()
            await intake.stop()
            worker.stop()

        run(begin_and_end())


def test_nothing_is_asked_or_said_before_its_time() -> None:
    stage = Stage()

    async def work(intake: Intake, watch: Stalls, health: Health) -> None:
        stage.clock.now += STALLED_S - 0.1
        await watch.check()
        assert (intake.database.away_since, intake.database.waits_for) == (None, WaitsFor.NOTHING)
        assert health.problem == ""

    stage.play(work)
    assert stage.asked == 0


WHY = {
    WaitsFor.STANDBY: "the commit waits for a standby",
    WaitsFor.DATABASE: "one transaction has taken 12 s",
    WaitsFor.NOTHING: "one transaction has taken 12 s",
}


@pytest.mark.parametrize("says", WaitsFor)
def test_it_is_said_what_is_waited_for_and_when_that_is_over(says: WaitsFor, caplog: pytest.LogCaptureFixture) -> None:
    stage = Stage(says=says)

    async def work(intake: Intake, watch: Stalls, health: Health) -> None:
        begin = stage.clock.now
        stage.clock.now += 12
        await watch.check()
        assert (intake.database.away_since, intake.database.waits_for) == (begin, says)
        assert health.problem == f"the database has been away for 12 s: {WHY[says]}"
        await watch.check()
        stage.store.go.set()
        await until(lambda: stage.one.outcome)
        await watch.check()
        assert (intake.database.away_since, intake.database.waits_for) == (None, WaitsFor.NOTHING)
        assert health.problem == ""

    with caplog.at_level(logging.INFO, "wakeup"):
        stage.play(work)
    assert caplog.messages == [f"database: {WHY[says]}; 1 messages wait", "database: there again after 12.0 s"]


@pytest.mark.parametrize(
    ("says", "is_stuck"),
    [
        (WaitsFor.STANDBY, False),
        (WaitsFor.DATABASE, False),
        (OperationalError("it does not answer either"), False),
        (WaitsFor.NOTHING, True),
    ],
    ids=str,
)
def test_a_writer_is_stuck_only_if_it_is_not_the_database_that_it_waits_for(
    says: WaitsFor | Exception, is_stuck: bool
) -> None:
    stage = Stage(says=says)

    async def work(intake: Intake, watch: Stalls, health: Health) -> None:
        stage.clock.now += STUCK_S + 1
        assert intake.is_stuck, "nobody has asked yet"
        await watch.check()
        assert intake.is_stuck is is_stuck
        assert (health.problem == "a writer makes no progress") is is_stuck
        intake._writers[0].cancel()
        await until(intake._writers[0].done)
        assert intake.is_stuck, "a writer that has ended is nobody else's fault"
        stage.store.go.set()

    async def begin_and_end() -> None:
        intake = make_intake(stage.store, clock=stage.clock)
        watch = Stalls(intake, Worker("asks", stage.clock), ask=stage.ask, sleep=stage.clock.sleep)
        stage.store.go.clear()
        intake.put(stage.one)
        await until(lambda: stage.store.tries)
        await work(intake, watch, Health(intake, stage.clock))
        await watch.end()
        await intake.stop()

    run(begin_and_end())


def test_a_database_that_answers_nobody_is_asked_once_and_to_blame(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stalls, "ANSWER_S", 0.01)
    stage = Stage()
    asked = list[object]()

    async def work(intake: Intake, watch: Stalls, health: Health) -> None:
        def ask(work: object) -> Awaitable[bool]:
            asked.append(work)
            return asyncio.Event().wait()

        monkeypatch.setattr(watch._worker, "do", ask)
        stage.clock.now += STALLED_S
        for _ in range(3):
            await watch.check()
        assert intake.database.waits_for == WaitsFor.DATABASE
        assert intake.database.is_to_blame

    stage.play(work)
    assert len(asked) == 1


def test_it_looks_every_second_until_its_end() -> None:
    stage = Stage()

    async def work(intake: Intake, watch: Stalls, health: Health) -> None:
        watch.start()
        await until(lambda: intake.database.away_since is not None)

    stage.play(work)
    assert set(stage.clock.slept) == {1.0}


@pytest.mark.django_db
def test_without_any_session_at_work_nothing_is_waited_for() -> None:
    assert look() == WaitsFor.NOTHING
