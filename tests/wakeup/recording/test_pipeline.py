"""Short transactions by the event loop itself, on a real PostgreSQL (LIS-2, LIS-4)."""

from __future__ import annotations

import asyncio
import select
import time
from collections.abc import Callable, Coroutine
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from typing import Any

import pytest
from django.db import DatabaseError, OperationalError, connection

from concentrators.models import Concentrator
from smmeplus.dlms.kinds import Kind
from tests.factories import ConcentratorFactory
from tests.wakeup.listener.writers.intakes import Frame, run, until
from wakeup.listener.metrics import Metrics
from wakeup.listener.writers.intake import Intake
from wakeup.listener.writers.queues import MAX_BATCH
from wakeup.listener.writers.worker import Worker
from wakeup.models import Format, Message, StrayFrame, StrayReason, WakeupTotal
from wakeup.models.strays import Stray
from wakeup.recording.arrivals import Arrival, Recorded
from wakeup.recording.attempts import Attempt
from wakeup.recording.fast_path import FastPath
from wakeup.recording.libpq import Steps
from wakeup.recording.pipeline import Pipeline
from wakeup.recording.recorder import record

__test__ = connection.vendor == "postgresql"  # elsewhere no worker has a pipeline
pytestmark = pytest.mark.django_db(transaction=True)

NOON = datetime(2026, 4, 1, 12, tzinfo=UTC)
SEVERAL_BUFFERS = 20 * 2**20  # bytes, more than any socket takes at once


def arrival(serial: str) -> Arrival:
    return Arrival(serial, Kind.KEEPALIVE, Format.PUSH, NOON, "10.0.0.1", 58_692)


@pytest.fixture
def serial() -> str:
    """The serial number of a concentrator whose company has had its first message."""
    concentrator: Concentrator = ConcentratorFactory.create()
    record([arrival(concentrator.serial_number)])
    return concentrator.serial_number


def asking(*questions: str, answers: list[str | None] | None = None) -> Steps[list[str | None]]:
    """A transaction that asks ``questions`` and returns the answers without a commit. They are put into ``answers``."""
    answers = [] if answers is None else answers
    for number, question in enumerate(questions):
        rows = yield (question,) if number else ("BEGIN", question)
        answers.append(rows[0][0])
    return answers


def ask(question: str) -> Any:
    """What the thread's connection says."""
    with connection.cursor() as cursor:
        cursor.execute(question)
        return cursor.fetchone()[0]


def with_pipeline(work: Callable[[Worker, Pipeline], Coroutine[Any, Any, None]]) -> None:
    """Do ``work`` with a worker that is connected."""

    async def begin_and_end() -> None:
        worker = Worker("test", time.monotonic)
        await worker.do(lambda: ask("SELECT 1"))
        pipeline = worker.pipeline_for()
        assert pipeline is not None
        try:
            await work(worker, pipeline)
        finally:
            await worker.do(_close)
            worker.stop()

    run(begin_and_end())


def with_intake(work: Callable[[Intake], Coroutine[Any, Any, None]]) -> list[int]:
    """Do ``work`` with an intake; the sizes of the batches that went by the loop itself."""
    fast: list[int] = []
    fast_path = FastPath()

    def recording(arrivals: Any, attempt: Attempt[Recorded]) -> Steps[Recorded | None]:
        fast.append(len(arrivals))
        return fast_path(arrivals, attempt)

    async def begin_and_end() -> None:
        intake = Intake(1, Metrics(), partial(record, fast_path=fast_path), fast_path=recording)
        try:
            await work(intake)
        finally:
            await intake.stop()

    run(begin_and_end())
    return fast


async def put_one_by_one(intake: Intake, *frames: Frame[Arrival]) -> None:
    for frame in frames:
        intake.put(frame)
        await until(partial(getattr, frame, "outcome"))


def test_only_the_first_batch_of_a_connection_takes_the_thread(serial: str) -> None:
    frames = [Frame(arrival(serial)) for _ in range(4)]
    assert with_intake(lambda intake: put_one_by_one(intake, *frames)) == [1, 1, 1]
    assert {frame.outcome for frame in frames} == {"stored"}
    assert WakeupTotal.objects.get().wakeup_count == Message.objects.count() == 5


def test_many_messages_take_the_loop_too(serial: str) -> None:
    async def work(intake: Intake) -> None:
        await put_one_by_one(intake, Frame(arrival(serial)))
        for _ in range(MAX_BATCH + 1):
            intake.put(Frame(arrival(serial)))
        assert await intake.finish(20)

    assert with_intake(work) == [MAX_BATCH, 1]
    assert Message.objects.count() == MAX_BATCH + 3


def test_what_has_failed_once_takes_the_thread(serial: str) -> None:
    refused = Frame(replace(arrival(serial), source_ip="nowhere"))
    frames = [Frame(arrival(serial)), refused, Frame(arrival(serial)), Frame(arrival(serial))]
    assert with_intake(lambda intake: put_one_by_one(intake, *frames)) == [1, 1]
    assert [frame.outcome for frame in frames] == ["stored", "failed", "stored", "stored"]


def test_strays_take_the_thread(serial: str) -> None:
    malformed = Frame(Stray(StrayReason.MALFORMED, "10.9.9.9", NOON, "10.9.9.9", b"\x00"))

    async def work(intake: Intake) -> None:
        await put_one_by_one(intake, Frame(arrival(serial)))
        intake.put_stray(malformed)
        assert await intake.finish(20)

    assert with_intake(work) == []
    assert StrayFrame.objects.get().sender == "10.9.9.9"


def test_a_stranger_turns_out_on_the_way_and_takes_the_thread_then(serial: str) -> None:
    frames = [Frame(arrival(serial)), Frame(arrival("NOBODY")), Frame(arrival(serial))]
    assert with_intake(lambda intake: put_one_by_one(intake, *frames)) == [1, 1]
    assert StrayFrame.objects.get().count == 1
    assert Message.objects.count() == 3


def test_a_transaction_that_returns_before_its_commit_is_rolled_back() -> None:
    async def work(worker: Worker, pipeline: Pipeline) -> None:
        assert await worker.go_through(pipeline, asking("SELECT 1", "SELECT pg_current_xact_id()"))
        assert await worker.do(lambda: ask("SELECT pg_current_xact_id_if_assigned() IS NULL"))

    with_pipeline(work)


def test_an_error_of_the_database_is_djangos_and_the_next_connection_is_another() -> None:
    async def work(worker: Worker, pipeline: Pipeline) -> None:
        with pytest.raises(DatabaseError, match="division by zero"):
            await worker.go_through(pipeline, asking("SELECT 1", "SELECT 1 / 0"))
        assert worker.pipeline_for() is None
        assert await worker.do(lambda: ask("SELECT 1")) == 1
        assert worker.pipeline_for() not in (None, pipeline)

    with_pipeline(work)


def test_an_error_of_our_own_leaves_nothing_open() -> None:
    def wrong() -> Steps[None]:
        yield ("BEGIN", "SELECT pg_current_xact_id()")
        raise ZeroDivisionError

    async def work(worker: Worker, pipeline: Pipeline) -> None:
        with pytest.raises(ZeroDivisionError):
            await worker.go_through(pipeline, wrong())
        assert await worker.do(lambda: ask("SELECT 1")) == 1

    with_pipeline(work)


def test_a_server_that_ends_the_connection_in_the_middle_is_away() -> None:
    async def work(worker: Worker, pipeline: Pipeline) -> None:
        (pid,) = await worker.go_through(pipeline, asking("SELECT pg_backend_pid()"))
        answers: list[str | None] = []
        steps = asking("SELECT 1", "SELECT pg_sleep(20)", answers=answers)
        waiting = asyncio.ensure_future(worker.go_through(pipeline, steps))
        await until(partial(len, answers))
        assert await asyncio.to_thread(end, pid)
        with pytest.raises(OperationalError, match="terminating connection"):
            await waiting

    with_pipeline(work)


def test_a_connection_that_ends_while_nobody_uses_it_is_left_alone_until_it_is_used() -> None:
    async def work(worker: Worker, pipeline: Pipeline) -> None:
        (pid,) = await worker.go_through(pipeline, asking("SELECT pg_backend_pid()"))
        number = pipeline.raw.pgconn.socket
        assert await asyncio.to_thread(end, pid)
        await until(lambda: pipeline._loop is None)
        assert not asyncio.get_running_loop().remove_reader(number), "the loop turns round a socket that is shut"
        with pytest.raises(OperationalError):
            await worker.go_through(pipeline, asking("SELECT 1"))
        assert await worker.do(lambda: ask("SELECT 1")) == 1

    with_pipeline(work)


def test_last_bytes_and_a_reset_at_once_end_the_wait() -> None:
    """uvloop reports the bytes alone, and then never anything again."""

    async def work(worker: Worker, pipeline: Pipeline) -> None:
        (pid,) = await worker.go_through(pipeline, asking("SELECT pg_backend_pid()"))
        assert end(pid)  # by the loop's own thread: until it has been reset the loop notices nothing
        wait_for(pipeline, select.POLLRDHUP)
        waiting = pipeline.go_through(asking("SELECT 1"))
        wait_for(pipeline, select.POLLHUP)
        with pytest.raises(OperationalError):
            await asyncio.wait_for(waiting, 10)
        await worker.do(_close)

    with_pipeline(work)


def test_more_than_a_socket_takes_at_once() -> None:
    async def work(worker: Worker, pipeline: Pipeline) -> None:
        long = f"SELECT length('{'x' * SEVERAL_BUFFERS}')"
        assert await worker.go_through(pipeline, asking(long, "SELECT 2")) == [str(SEVERAL_BUFFERS), "2"]

    with_pipeline(work)


def test_thread_and_loop_take_turns() -> None:
    async def work(worker: Worker, pipeline: Pipeline) -> None:
        for number in range(5):
            assert await worker.go_through(pipeline, asking(f"SELECT {number}")) == [str(number)]
            assert await worker.do(lambda number=number: ask(f"SELECT {number}")) == number  # type: ignore[misc]
            assert worker.pipeline_for() is pipeline

    with_pipeline(work)


def test_an_answer_that_the_loop_says_nothing_of_is_found() -> None:
    async def work(worker: Worker, pipeline: Pipeline) -> None:
        waiting = asyncio.ensure_future(worker.go_through(pipeline, asking("SELECT pg_sleep(0.1)", "SELECT 2")))
        await asyncio.sleep(0)  # it asks
        asyncio.get_running_loop().remove_reader(pipeline.raw.pgconn.socket)
        assert (await asyncio.wait_for(waiting, 10))[1] == "2"

    with_pipeline(work)


def test_it_tells_how_long_it_has_been_busy() -> None:
    async def work(worker: Worker, pipeline: Pipeline) -> None:
        waiting = asyncio.ensure_future(worker.go_through(pipeline, asking("SELECT pg_sleep(0.01)")))
        await asyncio.sleep(0)  # it asks
        assert worker.busy_s > 0
        await waiting
        assert worker.busy_s == 0

    with_pipeline(work)


def _close() -> None:
    connection.close()  # that of the thread


def wait_for(pipeline: Pipeline, event: int) -> None:
    """Wait, and the loop with us, for ``event`` at the connection's socket: bits of :mod:`select`."""
    poll = select.poll()
    poll.register(pipeline.raw.pgconn.socket, event)
    assert poll.poll(10_000), "nothing in 10 s"


def end(pid: str | None) -> bool:
    """End the server's process ``pid``, from a connection of the calling thread's own; whether there was one."""
    try:
        return bool(ask(f"SELECT pg_terminate_backend({int(pid or 0)})"))
    finally:
        connection.close()
