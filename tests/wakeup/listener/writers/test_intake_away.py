"""The database is away, full, read-only or in a hurry: who waits, how long, and who is told (LIS-4)."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import Any

import psycopg.errors
import pytest
from django.db import (
    DatabaseError,
    DataError,
    IntegrityError,
    InterfaceError,
    InternalError,
    OperationalError,
    ProgrammingError,
)

from tests.wakeup.listener.writers.intakes import Clock, Frame, Store, frame, make_intake, run, until
from wakeup.listener.metrics import total
from wakeup.listener.writers.database import Blame, blame_for, connect_options
from wakeup.listener.writers.intake import MAX_CHANCES, RETRY_PAUSES_S, Intake
from wakeup.recording.arrivals import Arrival

AWAY = OperationalError("the database is away")


def caused(error: Exception, cause: type[psycopg.Error]) -> Exception:
    """``error`` as Django makes it out of one of the driver."""
    error.__cause__ = cause(str(error))
    return error


OF_THE_DATABASE = [
    OperationalError("connection refused"),
    InterfaceError("connection already closed"),
    DatabaseError("database disk image is malformed"),
    OperationalError("database or disk is full"),
    caused(OperationalError("could not extend file"), psycopg.errors.DiskFull),
    caused(OperationalError("too many clients already"), psycopg.errors.TooManyConnections),
    caused(OperationalError("the database system is starting up"), psycopg.errors.CannotConnectNow),
    caused(OperationalError("terminating connection"), psycopg.errors.AdminShutdown),
    caused(OperationalError("canceling statement due to statement timeout"), psycopg.errors.QueryCanceled),
    caused(OperationalError("canceling statement due to lock timeout"), psycopg.errors.LockNotAvailable),
    caused(InternalError("cannot execute INSERT in a read-only transaction"), psycopg.errors.ReadOnlySqlTransaction),
    caused(ProgrammingError("relation does not exist"), psycopg.errors.UndefinedTable),
    caused(ProgrammingError("permission denied"), psycopg.errors.InsufficientPrivilege),
]
OF_CHANCE = [
    caused(OperationalError("deadlock detected"), psycopg.errors.DeadlockDetected),
    caused(OperationalError("could not serialize access"), psycopg.errors.SerializationFailure),
]
OF_THE_BATCH = [
    DataError("value too long"),
    IntegrityError("violates a foreign key"),
    ProgrammingError("cannot adapt type"),
    caused(OperationalError("stack depth limit exceeded"), psycopg.errors.StatementTooComplex),
    ValueError("not a number"),
]


@pytest.mark.parametrize(
    ("blame", "error"),
    [
        (blame, error)
        for blame, errors in (
            (Blame.DATABASE, OF_THE_DATABASE),
            (Blame.CHANCE, OF_CHANCE),
            (Blame.BATCH, OF_THE_BATCH),
        )
        for error in errors
    ],
    ids=str,
)
def test_each_error_is_blamed_on_whom_it_comes_from(blame: Blame, error: Exception) -> None:
    assert blame_for(error) is blame


@pytest.mark.parametrize("error", OF_THE_DATABASE, ids=str)
@pytest.mark.parametrize("writers", [1, 2])
def test_a_database_that_comes_back_gets_everything_and_nobody_is_blamed(error: Exception, writers: int) -> None:
    store, frames = Store(*[error] * 20), [frame(f"A{number}") for number in range(10)]
    clock = Clock()

    async def work() -> None:
        intake = make_intake(store, writers, clock=clock)
        for one in frames:
            intake.put(one)
        assert await intake.finish(20)
        assert intake.database.away_since is None
        await intake.stop()

    run(work())
    assert {one.outcome for one in frames} == {"stored"}
    assert store.stored == [f"A{number}" for number in range(10)]


def test_the_pauses_grow_to_a_limit_and_only_one_writer_tries(caplog: pytest.LogCaptureFixture) -> None:
    store, clock = Store(*[AWAY] * 20), Clock()

    async def work() -> None:
        intake = make_intake(store, 4, patience_s=1_000, clock=clock)
        for _ in range(20):
            intake.put(frame())
            await asyncio.sleep(0)
        assert await intake.finish(20)
        await intake.stop()

    run(work())
    first = len(clock.slept)
    assert 17 <= first <= 20, "those of the 4 writers that were on their way fail at once, then one goes on"
    assert clock.slept == [*RETRY_PAUSES_S, *[RETRY_PAUSES_S[-1]] * (first - len(RETRY_PAUSES_S))]
    said = [message for message in caplog.messages if "the database is away" in message]
    assert len(said) == 1 + int(sum(clock.slept) // 31), "once, and again every half minute"


@pytest.mark.parametrize("error", OF_CHANCE, ids=str)
def test_a_deadlock_is_tried_again_at_once_a_few_times(error: Exception) -> None:
    store, clock = Store(*[error] * (MAX_CHANCES + 2)), Clock()

    async def work() -> None:
        intake = make_intake(store, clock=clock)
        intake.put(frame())
        assert await intake.finish(20)
        await intake.stop()

    run(work())
    assert store.stored == ["A1"]
    assert clock.slept == [*RETRY_PAUSES_S[:2]], "the first ones cost no pause"


async def know_that_it_is_away(intake: Intake) -> None:
    await until(lambda: intake.database.away_since is not None)


@dataclass
class Timed(Frame[Arrival]):
    """A frame that remembers when it was given up."""

    clock: Clock | None = None
    failed_at: float = 0.0

    def failed(self) -> None:
        assert self.clock is not None
        super().failed()
        self.failed_at = self.clock.now


def test_a_connection_waits_as_long_as_the_patience_and_a_datagram_for_ever() -> None:
    store, clock = Store(), Clock()
    old, young, gasp = (
        Timed(frame("OLD").content, clock=clock),
        Timed(frame("YOUNG").content, clock=clock),
        frame("GASP"),
    )

    async def work() -> None:
        intake = make_intake(store, 2, patience_s=60, clock=clock)
        store.away = AWAY
        put_at = [clock.now]
        intake.put(old)
        assert intake.put_datagram(gasp)
        await until(lambda: clock.now > put_at[0] + 20)
        put_at.append(clock.now)
        intake.put(young)
        await until(lambda: young.outcome)
        assert intake.database.away_since is not None
        for one, since in zip((old, young), put_at, strict=True):
            assert one.outcome == "failed"
            assert 60 < one.failed_at - since <= 60 + 2 * RETRY_PAUSES_S[-1]
        assert total(intake._metrics.failed) == 2
        store.away = None
        assert await intake.finish(20)
        await intake.stop()

    run(work())
    assert gasp.outcome == "stored"
    assert store.stored == ["GASP"]


def test_what_comes_while_the_database_is_away_is_not_stuck_behind_a_batch_that_never_goes_through() -> None:
    gasps = [frame("POISON")]
    later = [frame(f"A{number}") for number in range(5)]

    class Picky(Store):
        def __call__(self, arrivals: Any, strays: Any, attempt: Any) -> Any:
            if any(arrival.serial == "POISON" for arrival in arrivals):
                raise OperationalError("the server closed the connection unexpectedly")
            return super().__call__(arrivals, strays, attempt)

    store = Picky()

    async def work() -> None:
        intake = make_intake(store)
        assert intake.put_datagram(gasps[0])
        await know_that_it_is_away(intake)
        for one in later:
            intake.put(one)
        await until(lambda: intake.frames == 0)
        assert intake.datagrams == 1
        await intake.stop()

    run(work())
    assert {one.outcome for one in later} == {"stored"}
    assert not gasps[0].outcome


def test_an_idle_listener_finds_out_that_the_database_is_back_without_a_message() -> None:
    store, one = Store(), frame()

    async def work() -> None:
        intake = make_intake(store)
        store.away = AWAY
        intake.put(one)
        await know_that_it_is_away(intake)

        await until(lambda: one.outcome)
        store.away = None
        await until(lambda: intake.database.away_since is None)
        await intake.stop()

    run(work())
    assert one.outcome == "failed"
    assert not store.batches


def test_nothing_is_answered_while_the_listener_ends_without_its_database() -> None:
    store, frames = Store(), [frame(), frame()]

    async def work() -> None:
        intake = make_intake(store, 2, patience_s=1e9)
        store.away = AWAY
        for one in frames:
            intake.put(one)
        await know_that_it_is_away(intake)
        intake.close()
        assert not await intake.finish(0.05)
        await intake.stop()

    run(work())
    assert [one.outcome for one in frames] == ["", ""], "whoever ends the connections resets them"


def test_a_message_of_the_past_is_not_given_up_for_the_clock_of_the_wall() -> None:
    """Patience is measured by a clock that nobody sets: the arrival times of the tests lie years back."""
    store = Store(AWAY, AWAY)
    frames: list[Frame[Arrival]] = [frame()]

    async def work() -> None:
        intake = make_intake(store, patience_s=60)
        intake.put(frames[0])
        intake.give_up_overdue()
        assert await intake.finish(20)
        await intake.stop()

    run(work())
    assert frames[0].outcome == "stored"


def test_the_connections_of_a_listener_have_its_name_unless_the_operator_gives_another_one() -> None:
    options = connect_options("postgresql", {"connect_timeout": 30})
    assert options == {"application_name": "smmeplus-listener", "connect_timeout": 30}
    assert connect_options("postgresql", {"application_name": "mine"}) == {"application_name": "mine"}
    assert "options" not in options, "poolers refuse them"
    assert connect_options("sqlite", {"timeout": 20}) == {"timeout": 20}
