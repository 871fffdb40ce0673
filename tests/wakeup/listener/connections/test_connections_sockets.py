"""Connections on real sockets of the loop that the listener has, with time in our hands (LIS-3, WIR-6)."""

from __future__ import annotations

import asyncio
import socket
import struct
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress

import pytest
import uvloop

from tests.smmeplus.dlms.vectors import BY_NAME
from tests.wakeup.listener.counted import counted
from wakeup.formats import MAX_FRAME
from wakeup.listener.connections.limits import Limits
from wakeup.listener.connections.registry import Connections
from wakeup.listener.connections.sockets import RECEIVE_BUFFER, shared_socket
from wakeup.listener.connections.tcp import Connection
from wakeup.listener.metrics import Metrics
from wakeup.listener.writers.intake import Intake
from wakeup.recording.arrivals import Recorded

CERCO1 = BY_NAME["DN-P-cerco1"]
SMALL = 4_096  # bytes of a socket's buffer
FLOOD = 20_000  # frames: their answers do not fit into such buffers
RESET_ON_CLOSE = struct.pack("ii", 1, 0)


def store_nothing(*_batch: object) -> Recorded:
    """A database that takes everything."""
    return Recorded()


class Server:
    """A listener without UDP and database, whose clock we set."""

    def __init__(self, intake: Intake, metrics: Metrics, limits: Limits) -> None:
        self.intake, self.metrics, self.limits = intake, metrics, limits
        self.passed = 0.0
        self.connections = Connections(limits, metrics, clock=self.now)
        self.port = 0

    def now(self) -> float:
        return asyncio.get_running_loop().time() + self.passed

    def sweep_after(self, seconds: float) -> None:
        """Let time pass, and have the listener look who has taken too long."""
        self.passed += seconds
        self.connections.close_idle(self.now())

    async def client(self, receive_buffer: int = 0) -> socket.socket:
        client = socket.socket()
        if receive_buffer:
            client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
        client.setblocking(False)
        await asyncio.get_running_loop().sock_connect(client, ("127.0.0.1", self.port))
        return client


@asynccontextmanager
async def serving(limits: Limits) -> AsyncIterator[Server]:
    loop, metrics = asyncio.get_running_loop(), Metrics()
    loop.set_exception_handler(lambda _loop, context: pytest.fail(str(context)))
    server = Server(Intake(1, metrics, store_nothing), metrics, limits)
    bound = socket.create_server(("127.0.0.1", 0))
    bound.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, SMALL)  # the connections inherit it
    server.port = bound.getsockname()[1]
    listening = await loop.create_server(lambda: Connection(server.connections, server.intake, 58_692), sock=bound)
    try:
        yield server
    finally:
        listening.close()
        server.connections.close_all()
        await server.intake.stop()


def run(work: Callable[[Server], Awaitable[None]], limits: Limits | None = None) -> None:
    async def with_server() -> None:
        async with serving(limits or Limits()) as server, asyncio.timeout(20):
            await work(server)

    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(with_server())


async def until(condition: Callable[[], bool]) -> None:
    while not condition():
        await asyncio.sleep(0)


async def read_to_end(client: socket.socket) -> bytes:
    received = b""
    while chunk := await asyncio.get_running_loop().sock_recv(client, 65_536):
        received += chunk
    return received


def test_one_byte_after_the_other_is_cut_off_in_time() -> None:
    async def work(server: Server) -> None:
        client = await server.client()
        for byte in CERCO1.frame[:-1]:
            await asyncio.get_running_loop().sock_sendall(client, bytes([byte]))
        await until(lambda: bool(server.connections.open))
        await asyncio.sleep(0)
        server.sweep_after(server.limits.frame_s - 1)
        assert server.connections.open
        server.sweep_after(2)
        assert await read_to_end(client) == b""
        assert counted(server.metrics.cut_off) == {"slow": 1}

    run(work)


def test_who_takes_no_answers_is_read_no_further_and_reset_in_time() -> None:
    async def work(server: Server) -> None:
        loop, client = asyncio.get_running_loop(), await server.client(receive_buffer=SMALL)
        flood = asyncio.ensure_future(loop.sock_sendall(client, CERCO1.frame * FLOOD))
        await until(lambda: is_stuck(server))
        while server.connections.open:  # the last answers may still be on their way into the sockets
            server.sweep_after(server.limits.idle_s + 1)
            await asyncio.sleep(0)
        assert counted(server.metrics.cut_off) == {"not reading": 1}
        await asyncio.wait([flood])
        with pytest.raises(ConnectionResetError):
            await read_to_end(client)

    run(work)


def is_stuck(server: Server) -> bool:
    """Whether the one connection does not read because it cannot write."""
    (connection,) = server.connections.open or [None]
    return isinstance(connection, Connection) and connection._waiter._waiting is server.connections.not_reading


def test_who_takes_its_answers_late_gets_all_of_them() -> None:
    async def work(server: Server) -> None:
        loop, client = asyncio.get_running_loop(), await server.client(receive_buffer=SMALL)
        flood = asyncio.ensure_future(loop.sock_sendall(client, CERCO1.frame * FLOOD))
        await until(lambda: is_stuck(server))
        received = 0
        while received < FLOOD * len(CERCO1.answer):
            received += len(await loop.sock_recv(client, 65_536))
        await flood
        client.shutdown(socket.SHUT_WR)
        assert await read_to_end(client) == b""
        assert not counted(server.metrics.cut_off)

    run(work)


def test_connections_that_were_reset_before_they_were_accepted_are_no_error() -> None:
    async def work(server: Server) -> None:
        for _ in range(50):
            client = socket.create_connection(("127.0.0.1", server.port))
            client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET_ON_CLOSE)
            client.close()
        good = await server.client()
        await asyncio.get_running_loop().sock_sendall(good, CERCO1.frame)
        assert await asyncio.get_running_loop().sock_recv(good, 100) == CERCO1.answer
        assert len(server.connections.open) == 1
        assert not counted(server.metrics.cut_off)

    run(work)


def test_over_the_limit_a_connection_is_reset() -> None:
    async def work(server: Server) -> None:
        first, second = await server.client(), await server.client()
        with pytest.raises(ConnectionResetError):
            await read_to_end(second)
        assert counted(server.metrics.cut_off) == {"full": 1}
        first.close()
        await until(lambda: not server.connections.open)

    run(work, Limits(connections=1))


def send_until_nothing_goes(client: socket.socket, piece: bytes) -> None:
    client.settimeout(0.2)
    with suppress(TimeoutError):
        while True:
            client.send(piece)


@pytest.mark.parametrize("size", [len(CERCO1.frame), 1_400, 65_000])
def test_what_a_connection_leaves_unread_is_bounded_and_enough_for_the_longest_frame(size: int) -> None:
    with shared_socket(socket.SOCK_STREAM, "127.0.0.1", 0) as listening:
        listening.setblocking(True)
        listening.listen()
        with socket.create_connection(listening.getsockname()) as client, listening.accept()[0] as accepted:
            send_until_nothing_goes(client, b"x" * size)
            assert MAX_FRAME <= len(accepted.recv(10_000_000)) <= 2 * RECEIVE_BUFFER


def test_the_system_finds_out_who_has_gone_without_a_word() -> None:
    with shared_socket(socket.SOCK_STREAM, "127.0.0.1", 0) as listening:
        listening.setblocking(True)
        listening.listen()
        with socket.create_connection(listening.getsockname()), listening.accept()[0] as accepted:
            assert accepted.getsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE) == 1
