"""What the sessions of a listener's threads are like, and when they are opened anew (LIS-4)."""

from __future__ import annotations

import logging
import os
import socket
import time
from collections.abc import Callable
from functools import partial
from typing import Any

import pytest
from django.db import OperationalError, connection, connections

from concentrators.models import Concentrator
from tests.factories import ConcentratorFactory
from tests.wakeup.listener.writers.intakes import Frame, frame, run, until
from wakeup.listener.metrics import Metrics
from wakeup.listener.writers.intake import Intake
from wakeup.listener.writers.sessions import ON_ONE_MACHINE, SETTINGS, are_shared
from wakeup.listener.writers.worker import Worker
from wakeup.models import Message
from wakeup.recording.arrivals import Arrival
from wakeup.recording.fast_path import FastPath

__test__ = connection.vendor == "postgresql"
pytestmark = pytest.mark.django_db(transaction=True)


def ask(question: str) -> Any:
    """What the thread's connection says."""
    with connection.cursor() as cursor:
        cursor.execute(question)
        return cursor.fetchone()[0]


def by_a_worker(*questions: str, settings: dict[str, str] = SETTINGS) -> list[Any]:
    answers: list[Any] = []

    async def work() -> None:
        worker = Worker("test", time.monotonic, settings)
        for question in questions:
            answers.append(await worker.do(partial(ask, question)))
        worker.stop()

    run(work())
    return answers


@pytest.fixture
def options(monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """What is given to connections that are opened from now on."""
    changed = {**connection.settings_dict["OPTIONS"]}
    monkeypatch.setitem(connection.settings_dict, "OPTIONS", changed)
    return changed


def test_it_has_time_outs_whatever_options_the_operator_sets(options: dict[str, Any]) -> None:
    options["options"] = "-c search_path=public -c statement_timeout=0"
    names = ("statement_timeout", "lock_timeout", "idle_in_transaction_session_timeout", "search_path")
    assert by_a_worker(*[f"SHOW {name}" for name in names]) == ["20s", "15s", "20s", "public"]


def test_so_has_the_next_one_after_an_error() -> None:
    answers: list[Any] = []

    async def work() -> None:
        worker = Worker("test", time.monotonic)
        with pytest.raises(OperationalError):
            await worker.do(partial(ask, "SELECT pg_terminate_backend(pg_backend_pid())"))
        answers.append(await worker.do(partial(ask, "SHOW lock_timeout")))
        worker.stop()

    run(work())
    assert answers == ["15s"]


def test_only_a_heartbeat_waits_for_no_standby() -> None:
    question = "SHOW synchronous_commit"
    assert by_a_worker(question, settings=ON_ONE_MACHINE) == ["local"]
    assert by_a_worker(question) == [ask(question)] != ["local"]


def test_other_connections_of_the_process_are_left_alone() -> None:
    by_a_worker("SELECT 1")
    other = connections.create_connection("default")
    try:
        with other.cursor() as cursor:
            cursor.execute("SHOW lock_timeout")
            assert cursor.fetchone() == ("0",)
    finally:
        other.close()


def test_sessions_of_the_server_itself_are_not_shared() -> None:
    assert not are_shared()


def by_the_server(raw: Any) -> None:
    """What a server that restarts, or a pooler, does: last words, and then the end."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_terminate_backend(%s)", [raw.pgconn.backend_pid])
    connection.close()


def by_a_proxy(raw: Any) -> None:
    """What a proxy does after a while: the end, without a word."""
    with socket.socket(fileno=os.dup(raw.pgconn.socket)) as theirs:
        theirs.shutdown(socket.SHUT_RDWR)


@pytest.mark.parametrize("cut", [by_the_server, by_a_proxy])
@pytest.mark.parametrize("reads", [True, False], ids=["while the loop reads", "while nobody reads"])
def test_a_connection_that_was_cut_while_idle_costs_no_message_anything(
    cut: Callable[[Any], None], reads: bool, caplog: pytest.LogCaptureFixture
) -> None:
    concentrator: Concentrator = ConcentratorFactory.create()
    frames = [frame(concentrator.serial_number) for _ in range(4)]

    async def put(intake: Intake, one: Frame[Arrival]) -> None:
        intake.put(one)
        await until(lambda: one.outcome)

    async def work() -> None:
        intake = Intake(1, Metrics(), fast_path=FastPath())
        (worker,) = intake._workers
        for one in frames[:2]:
            await put(intake, one)
        pipeline = worker._pipeline
        assert pipeline is not None
        if not reads:
            pipeline.detach()
        cut(pipeline.raw)
        await until(lambda: pipeline.is_lost)
        for one in frames[2:]:
            await put(intake, one)
        assert worker._pipeline not in (None, pipeline)
        await intake.stop()

    with caplog.at_level(logging.INFO, "wakeup"):
        run(work())
    assert {one.outcome for one in frames} == {"stored"}
    assert Message.objects.count() == 4
    assert caplog.messages == []
