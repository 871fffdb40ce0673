"""A transaction that goes on and on: who waits for it, and for how long (LIS-4)."""

from __future__ import annotations

import pytest
from django.db import OperationalError

from tests.wakeup.listener.writers.intakes import Clock, Store, frame, make_intake, run, until
from wakeup.listener.metrics import total

AWAY = OperationalError("the database is away")


@pytest.mark.parametrize("error", [None, AWAY, ValueError("refused")], ids=str)
def test_what_a_database_takes_for_ever_with_is_given_up_like_all_else_and_answered_no_more(
    error: Exception | None,
) -> None:
    store, clock = Store(*[error] if error else []), Clock()
    in_hand, queued, gasp = frame("IN HAND"), frame("QUEUED"), frame("GASP")

    async def work() -> None:
        intake = make_intake(store, patience_s=60, clock=clock)
        store.go.clear()
        intake.put(in_hand)
        await until(lambda: store.tries)
        intake.put(queued)
        assert intake.put_datagram(gasp)
        clock.now += 60.5
        for _ in range(2):
            intake.give_up_overdue()
        assert (in_hand.outcome, queued.outcome, intake.frames) == ("failed", "failed", 0)
        assert total(intake._metrics.failed) == 2
        store.go.set()
        assert await intake.finish(20)
        assert not intake._frames.messages.in_hand
        await intake.stop()

    run(work())
    assert (in_hand.outcome, gasp.outcome) == ("failed", "stored")
    assert store.stored == ["GASP"] if error else ["IN HAND", "GASP"], "it may have been stored all the same"


def test_last_gasps_in_hand_are_never_given_up() -> None:
    store, clock, gasp = Store(), Clock(), frame("GASP")

    async def work() -> None:
        intake = make_intake(store, patience_s=60, clock=clock)
        store.go.clear()
        assert intake.put_datagram(gasp)
        await until(lambda: store.tries)
        clock.now += 600
        intake.give_up_overdue()
        assert (gasp.outcome, intake.datagrams) == ("", 1)
        store.go.set()
        assert await intake.finish(20)
        await intake.stop()

    run(work())
    assert gasp.outcome == "stored"
