"""One exchange with a listener over a real socket, on asyncio's own loop and on uvloop."""

from __future__ import annotations

import asyncio
import contextlib
import gc
import logging
import re
import socket
import struct
from collections.abc import AsyncIterator, Callable, Coroutine, Iterable
from dataclasses import dataclass
from typing import Any

import pytest
import uvloop

from concentrators.simulator.sending import _Exchange, exchange, listens
from smmeplus.dlms.framing.wrapper import unwrap
from smmeplus.dlms.kinds import Kind
from smmeplus.dlms.notification import confirmable, confirmation, push_notification
from smmeplus.dlms.telegram import ACK, NAK, telegram

LONG = 30.0  # seconds, for what does not take any time unless something is broken
SHORT = 0.05
SERIAL = "16CEC50610036665"

Run = Callable[[Coroutine[Any, Any, Any]], Any]


@dataclass(frozen=True)
class Received:
    source: str
    frame: bytes

    @property
    def serial(self) -> str:
        """That of a made-up concentrator."""
        found = re.search(rb"SIM\d{10}", self.frame)
        return found[0].decode() if found else ""

    @property
    def kind(self) -> Kind:
        return Kind.BOOT if b"\x00\x00\x19\x09\x00\xff" in self.frame else Kind.KEEPALIVE


class FakeListener:
    """Does with one connection after the other what ``script`` says, and answers as it should from then on.

    The words of a script: ``answer``, ``refuse`` (NAK), ``mistake`` (confirms another message), ``silence``,
    ``close`` and ``reset`` (both without an answer), ``pieces`` and ``half`` of an answer.
    """

    def __init__(self, script: Iterable[str] = ()) -> None:
        self.received: list[Received] = []
        self.callers: list[str] = []
        self.connections: set[asyncio.Transport] = set()
        self.changed = asyncio.Event()
        self._script = iter(script)

    @property
    def sources(self) -> set[str]:
        return {received.source for received in self.received}

    @property
    def serials(self) -> set[str]:
        return {received.serial for received in self.received}

    async def until(self, reached: Callable[[FakeListener], bool]) -> None:
        """Wait until what has come in so far is enough."""
        async with asyncio.timeout(LONG):
            while not reached(self):
                self.changed.clear()
                await self.changed.wait()

    def react(self, frame: bytes, transport: asyncio.Transport) -> None:
        self.received.append(Received(transport.get_extra_info("peername")[0], frame))
        how = next(self._script, "answer")
        answer = {"refuse": NAK, "mistake": answer_to(frame, 1)}.get(how, answer_to(frame))
        if how == "reset":
            _reset(transport)
        elif how in ("pieces", "half"):
            transport.write(answer[:5])
            rest = answer[5:] if how == "pieces" else b""
            asyncio.get_running_loop().call_later(0.01, _finish, transport, rest)
        elif how == "close":
            transport.close()
        elif how != "silence":
            transport.write(answer)


def _reset(transport: asyncio.Transport) -> None:
    transport.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    transport.abort()


def _finish(transport: asyncio.Transport, rest: bytes) -> None:
    transport.write(rest)
    transport.close()


class _Connection(asyncio.Protocol):
    def __init__(self, listener: FakeListener) -> None:
        self.listener = listener

    def connection_made(self, transport: Any) -> None:
        self.transport: asyncio.Transport = transport
        self.listener.connections.add(transport)
        self.listener.callers.append(transport.get_extra_info("peername")[0])

    def data_received(self, data: bytes) -> None:
        self.listener.react(data, self.transport)
        self.listener.changed.set()

    def connection_lost(self, error: Exception | None) -> None:
        self.listener.connections.discard(self.transport)
        self.listener.changed.set()


def answer_to(frame: bytes, beside: int = 0) -> bytes:
    """The right answer; to the message that came ``beside`` places later, where it is not 0."""
    if frame.startswith(b"/"):
        return ACK
    unwrapped = unwrap(frame)
    assert unwrapped is not None
    invoke = confirmable(unwrapped[2])
    if invoke is None:
        return b""
    return confirmation((int.from_bytes(invoke, "big") + beside).to_bytes(4, "big"), unwrapped[0], unwrapped[1])


@contextlib.asynccontextmanager
async def serving(listener: FakeListener, closed: socket.socket | None = None) -> AsyncIterator[int]:
    """Let ``listener`` serve, at the port of ``closed`` if given; yields the port."""
    place: dict[str, Any] = {"sock": closed} if closed else {"host": "127.0.0.1", "port": 0}
    server = await asyncio.get_running_loop().create_server(lambda: _Connection(listener), backlog=1000, **place)
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        server.close()
        for connection in list(listener.connections):
            connection.abort()


@contextlib.contextmanager
def closed_port() -> Any:
    """A port that refuses, and that nobody else is given meanwhile: its socket and its number."""
    with socket.socket() as holder:
        holder.bind(("127.0.0.1", 0))
        yield holder, holder.getsockname()[1]


@pytest.fixture(params=[asyncio.run, uvloop.run], ids=["asyncio", "uvloop"])
def run(request: pytest.FixtureRequest) -> Run:
    return request.param  # type: ignore[no-any-return]


def exchanged(run: Run, how: str, frame: bytes, **options: Any) -> tuple[bytes, FakeListener]:
    async def scene() -> tuple[bytes, FakeListener]:
        listener = FakeListener([how])
        async with serving(listener) as port:
            answer = await exchange(frame, "127.0.0.1", port, **{"timeout": LONG, **options})
            await listener.until(lambda listener: not listener.connections)
        return answer, listener

    answer: tuple[bytes, FakeListener] = run(scene())
    return answer


@pytest.mark.parametrize("how", ["answer", "pieces"])
def test_the_confirmation_of_a_notification_is_returned_whole_and_the_connection_closed(run: Run, how: str) -> None:
    frame = push_notification(SERIAL, Kind.BOOT, invoke_id=77)
    answer, listener = exchanged(run, how, frame)
    assert answer == bytes.fromhex("0001000100010006104000004d00")
    assert [received.frame for received in listener.received] == [frame]


def test_the_answer_to_a_telegram_is_one_byte(run: Run) -> None:
    assert exchanged(run, "answer", telegram(SERIAL, Kind.KEEPALIVE))[0] == b"\x06"
    assert exchanged(run, "refuse", telegram(SERIAL, Kind.KEEPALIVE))[0] == b"\x15"


def test_an_answer_that_breaks_off_is_returned_as_far_as_it_came(run: Run) -> None:
    assert exchanged(run, "half", push_notification(SERIAL, Kind.BOOT))[0] == bytes.fromhex("0001000100")


def test_a_message_goes_out_from_the_address_given(run: Run) -> None:
    assert exchanged(run, "answer", push_notification(SERIAL, Kind.BOOT), source="127.60.0.10")[1].sources == {
        "127.60.0.10"
    }


@pytest.mark.parametrize(
    ("how", "error"),
    [("close", ConnectionAbortedError), ("reset", ConnectionResetError), ("silence", TimeoutError)],
)
def test_without_the_answer_that_is_due_the_exchange_fails(run: Run, how: str, error: type[OSError]) -> None:
    with pytest.raises(error):
        exchanged(run, how, push_notification(SERIAL, Kind.BOOT), timeout=SHORT if how == "silence" else LONG)


@pytest.mark.parametrize("answer_due", [True, False])
def test_a_listener_that_resets_whoever_connects_makes_the_exchange_fail(run: Run, answer_due: bool) -> None:
    class Overloaded(asyncio.Protocol):
        def connection_made(self, transport: Any) -> None:
            _reset(transport)

    async def scene() -> None:
        server = await asyncio.get_running_loop().create_server(Overloaded, "127.0.0.1", 0)
        async with server:
            port = server.sockets[0].getsockname()[1]
            await exchange(push_notification(SERIAL, Kind.BOOT), "127.0.0.1", port, timeout=LONG, answer_due=answer_due)

    for _ in range(5):  # which side is faster differs
        with pytest.raises(ConnectionError):
            run(scene())


@pytest.mark.parametrize("how", ["silence", "close", "reset", "half"])
def test_what_goes_wrong_is_the_caller_s_to_report_and_leaves_nothing_in_the_log(
    run: Run, how: str, caplog: pytest.LogCaptureFixture
) -> None:
    with contextlib.suppress(OSError):
        exchanged(run, how, push_notification(SERIAL, Kind.BOOT), timeout=SHORT if how == "silence" else LONG)
    gc.collect()
    assert [record for record in caplog.records if record.levelno >= logging.WARNING] == []


def test_an_answer_that_comes_in_the_moment_of_giving_up_is_no_error(run: Run) -> None:
    async def scene() -> bool:
        protocol = _Exchange(b"frame", answer_due=True)
        protocol.answer.cancel()
        protocol.data_received(b"\x06")
        protocol.connection_lost(None)
        return protocol.answer.cancelled()

    assert run(scene())


def test_a_port_that_nobody_opened_refuses(run: Run) -> None:
    with closed_port() as (_, port), pytest.raises(ConnectionRefusedError):
        run(exchange(b"frame", "127.0.0.1", port, timeout=LONG))


def test_where_no_answer_is_due_the_service_closing_after_the_sender_is_success(run: Run) -> None:
    frame = push_notification(SERIAL, Kind.BOOT, confirmed=False)
    answer, listener = exchanged(run, "silence", frame, answer_due=False)
    assert answer == b""
    assert [received.frame for received in listener.received] == [frame]


def test_where_no_answer_is_due_a_reset_is_still_a_failure(run: Run) -> None:
    with pytest.raises(ConnectionResetError):
        exchanged(run, "reset", push_notification(SERIAL, Kind.BOOT, confirmed=False), answer_due=False)


def test_a_listener_is_there_when_it_accepts_and_is_not_troubled_by_the_question(run: Run) -> None:
    async def scene() -> tuple[bool, FakeListener]:
        listener = FakeListener()
        async with serving(listener) as port:
            return await listens("127.0.0.1", port, patience=LONG), listener

    there, listener = run(scene())
    assert there
    assert listener.received == []


def test_a_listener_that_starts_later_is_waited_for(run: Run) -> None:
    async def scene() -> bool:
        with closed_port() as (holder, port):
            waiting = asyncio.create_task(listens("127.0.0.1", port, source="127.0.0.2", patience=LONG))
            await asyncio.sleep(0)
            async with serving(FakeListener(), holder):
                return await waiting

    assert run(scene())


def test_patience_with_a_listener_that_never_starts_ends(run: Run) -> None:
    with closed_port() as (_, port):
        assert not run(listens("127.0.0.1", port, patience=SHORT))
