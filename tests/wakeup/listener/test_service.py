"""A listener in this process, over real sockets and without a database: its signs of life and its end (LIS-5)."""

from __future__ import annotations

import asyncio
import logging
import socket
from collections.abc import Awaitable, Callable, Coroutine, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
import uvloop
from django.db import OperationalError

from smmeplus.common.vitals.sockets import CannotListenError
from smmeplus.dlms.kinds import Kind
from smmeplus.dlms.notification import push_notification, read_confirmation
from tests.support.listener import HOST, read_to_end
from tests.support.processes import free_port
from tests.wakeup.listener.writers.intakes import Store, until
from wakeup.listener import service
from wakeup.listener.service import Listener, Options
from wakeup.listener.vitals import heartbeat
from wakeup.listener.vitals.systemd import tell_systemd
from wakeup.listener.writers.intake import Intake
from wakeup.models import ListenerRun

FRAME = push_notification("A1", Kind.KEEPALIVE, invoke_id=7)


@dataclass
class Stage:
    """What a listener in a test writes to, and the rows of its heartbeat."""

    store: Store
    runs: list[ListenerRun] = field(default_factory=list)

    def play(
        self,
        work: Callable[[Listener, int], Awaitable[None]],
        run: Callable[[Coroutine[Any, Any, None]], None] = uvloop.run,
    ) -> None:
        """Do ``work`` with an open listener and its port; the work closes it."""

        async def open_and_work() -> None:
            port = free_port()
            listener = Listener(Options(HOST, port, 2, metrics_port=0))
            await listener.open()
            await work(listener, port)

        run(asyncio.wait_for(open_and_work(), 30))


@pytest.fixture
def stage(monkeypatch: pytest.MonkeyPatch) -> Stage:
    made = Stage(Store())
    monkeypatch.setattr(service, "record", lambda *batch, fast_path: made.store(*batch))
    monkeypatch.setattr(heartbeat, "write_run", made.runs.append)
    return made


@pytest.fixture
def systemd(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[socket.socket]:
    """What systemd hears."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as heard:
        heard.bind(str(tmp_path / "notify"))
        heard.setblocking(False)
        monkeypatch.setenv("NOTIFY_SOCKET", str(tmp_path / "notify"))
        yield heard


def send(port: int) -> socket.socket:
    """A connection on which a frame has been sent; the system has accepted it, the listener may not have yet."""
    connected = socket.create_connection((HOST, port), timeout=10)
    connected.sendall(FRAME)
    return connected


async def in_thread(read: Callable[[socket.socket], bytes], connected: socket.socket) -> bytes:
    return await asyncio.to_thread(read, connected)


def test_at_the_end_everything_in_hand_is_stored_and_answered_and_then_closed_in_good_order(stage: Stage) -> None:
    async def work(listener: Listener, port: int) -> None:
        stage.store.go.clear()
        senders = [send(port) for _ in range(3)]
        await until(lambda: stage.store.tries and listener.levels().queue == 3)
        ending = asyncio.create_task(listener.close())
        await until(lambda: listener._intake.room <= 0)
        stage.store.go.set()
        for sender in senders:
            assert read_confirmation(await in_thread(read_to_end, sender)) == 7
            sender.close()
        await ending

    stage.play(work)
    assert len(stage.store.stored) == 3
    assert [run.ended_at is None for run in stage.runs][-1] is False


def test_it_serves_on_the_loop_of_asyncio_too(stage: Stage) -> None:
    async def work(listener: Listener, port: int) -> None:
        with send(port) as sender:
            assert read_confirmation(await in_thread(lambda it: it.recv(100), sender)) == 7
            await listener.close()

    stage.play(work, run=asyncio.run)
    assert len(stage.store.stored) == 1


def test_who_already_stands_in_line_gets_in_and_nobody_after_him(stage: Stage) -> None:
    async def work(listener: Listener, port: int) -> None:
        senders = [send(port) for _ in range(20)]  # without a chance for the listener to accept them
        await listener.close()
        for sender in senders:
            assert read_confirmation(await in_thread(read_to_end, sender)) == 7
            sender.close()
        with pytest.raises(ConnectionRefusedError):
            send(port)

    stage.play(work)


def test_it_ends_in_time_without_its_database_and_resets_whoever_waits(
    stage: Stage, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(service, "DRAIN_S", 0.05)
    stage.store.away = OperationalError("away")

    async def work(listener: Listener, port: int) -> None:
        with send(port) as sender, socket.create_connection((HOST, port), timeout=10) as idle:
            await until(lambda: listener.levels().is_away and listener.levels().connections == 2)
            await listener.close()
            with pytest.raises(ConnectionResetError):
                await in_thread(read_to_end, sender)
            assert await in_thread(read_to_end, idle) == b""

    stage.play(work)
    assert [message for message in caplog.messages if "1 frames come again, 0 datagrams are lost" in message]


def test_it_opens_without_its_database_and_takes_what_comes(stage: Stage) -> None:
    stage.store.away = OperationalError("away")

    async def work(listener: Listener, port: int) -> None:
        with send(port) as sender:
            await until(lambda: listener.levels().is_away)
            stage.store.away = None
            assert read_confirmation(await in_thread(lambda it: it.recv(100), sender)) == 7
            await listener.close()

    stage.play(work)


def heard_in_a_sweep(stage: Stage, systemd: socket.socket) -> list[str]:
    async def work(listener: Listener, port: int) -> None:
        with send(port) as sender:
            await in_thread(lambda it: it.recv(100), sender)
            await until(lambda: stage.runs)
            stopped = asyncio.Event()
            sweeping = asyncio.create_task(listener.sweep_until(stopped))
            await asyncio.sleep(0)
            stopped.set()
            await sweeping
            await listener.close()

    stage.play(work)
    return systemd.recv(1_000).decode().split("\n")


def test_each_sweep_feeds_the_watchdog_and_says_how_things_stand(stage: Stage, systemd: socket.socket) -> None:
    watchdog, status = heard_in_a_sweep(stage, systemd)
    assert watchdog == "WATCHDOG=1"
    assert status.startswith("STATUS=")
    assert status.endswith(" messages/s, 0 waiting, 1 connections")


def test_a_writer_that_is_stuck_starves_the_watchdog(
    stage: Stage, systemd: socket.socket, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Intake, "is_stuck", True)
    (status,) = heard_in_a_sweep(stage, systemd)
    assert status.endswith("; a writer makes no progress")


@pytest.mark.parametrize("name", ["abstract", "file"])
def test_without_systemd_nobody_is_told_and_nothing_fails(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for address in ("", {"abstract": "@nobody", "file": str(tmp_path / "nobody")}[name]):
        monkeypatch.setenv("NOTIFY_SOCKET", address)
        tell_systemd("READY=1")


def test_a_second_listener_does_without_metrics_unless_a_port_is_asked_for(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    with socket.create_server((HOST, 0)) as taken:
        port = taken.getsockname()[1]
        monkeypatch.setattr(service, "METRICS_PORT", port)
        with caplog.at_level(logging.WARNING):
            assert service._metrics_socket(Options(HOST, 1, 1)) is None
        assert f"Cannot listen on {HOST} port {port}: Address already in use" in caplog.text
        with pytest.raises(CannotListenError):
            service._metrics_socket(Options(HOST, 1, 1, metrics_port=port))
    assert service._metrics_socket(Options(HOST, 1, 1, metrics_port=0)) is None
