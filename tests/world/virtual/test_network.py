"""The network in memory: what TCP and UDP do, as far as the product tells the difference."""

from __future__ import annotations

import asyncio
import random
import socket
from collections.abc import Awaitable, Callable
from typing import Any, cast

import pytest

from tests.world.virtual.loop import WorldLoop
from tests.world.virtual.network import LATENCY, Network
from tests.world.virtual.tcp import End

AT = ("10.0.0.1", 58692)
NEAR = ("10.60.0.1", 0)
SLOWEST = LATENCY[1]


class Noting(asyncio.Protocol):
    """Notes what happens to its end of a connection, and when."""

    def __init__(self, *, stays_open: bool = False) -> None:
        self.notes: list[Any] = []
        self._stays_open = stays_open

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.end = cast("End", transport)

    def data_received(self, data: bytes) -> None:
        self.notes.append(data)

    def eof_received(self) -> bool:
        self.notes.append("eof")
        return self._stays_open

    def connection_lost(self, exc: Exception | None) -> None:
        self.notes.append(None if exc is None else type(exc))


Scene = Callable[[WorldLoop, Noting, Noting], Awaitable[None]]


def connected(scene: Scene, *, far_stays_open: bool = False) -> tuple[list[Any], list[Any]]:
    """Play ``scene`` with both ends of a connection and wait for a minute; what each end has noted."""
    near, far = Noting(), Noting(stays_open=far_stays_open)

    async def play() -> None:
        loop = cast("WorldLoop", asyncio.get_running_loop())
        await loop.create_server(lambda: far, *AT)
        await loop.create_connection(lambda: near, *AT, local_addr=NEAR)
        await scene(loop, near, far)
        await asyncio.sleep(60)

    run(play())
    return near.notes, far.notes


def run(play: Any) -> None:
    loop = WorldLoop()
    Network(loop, random.Random(1))
    with asyncio.Runner(loop_factory=lambda: loop) as runner:
        runner.run(play)
    assert not loop.errors


def test_bytes_come_in_the_order_in_which_they_were_sent_and_then_the_end() -> None:
    async def scene(loop: WorldLoop, near: Noting, far: Noting) -> None:
        for number in range(5):
            near.end.write(b"%d" % number)
            await asyncio.sleep(0.001)
        near.end.close()

    near, far = connected(scene)
    assert far == [b"0", b"1", b"2", b"3", b"4", "eof", None]
    assert near == [None]


def test_one_side_may_close_and_the_other_still_answer() -> None:
    async def scene(loop: WorldLoop, near: Noting, far: Noting) -> None:
        near.end.write_eof()
        near.end.write(b"too late")
        await asyncio.sleep(1)
        far.end.write(b"answer")
        far.end.close()

    near, far = connected(scene, far_stays_open=True)
    assert far == ["eof", None]
    assert near == [b"answer", "eof", None]


def test_who_closes_with_linger_zero_resets() -> None:
    async def scene(loop: WorldLoop, near: Noting, far: Noting) -> None:
        far.end.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"")
        far.end.abort()

    near, far = connected(scene)
    assert near == [ConnectionResetError]
    assert far == [None]


def test_who_writes_to_a_closed_connection_is_reset() -> None:
    async def scene(loop: WorldLoop, near: Noting, far: Noting) -> None:
        near.end.abort()
        await asyncio.sleep(1)
        far.end.write(b"to nobody")

    assert connected(scene, far_stays_open=True)[1] == ["eof", ConnectionResetError]


def test_what_is_not_read_waits() -> None:
    async def scene(loop: WorldLoop, near: Noting, far: Noting) -> None:
        far.end.pause_reading()
        near.end.write(b"1")
        near.end.close()
        await asyncio.sleep(10)
        assert not far.notes
        far.end.resume_reading()

    assert connected(scene)[1] == [b"1", "eof", None]


def test_what_is_sent_while_the_way_is_cut_arrives_afterwards() -> None:
    async def scene(loop: WorldLoop, near: Noting, far: Noting) -> None:
        loop.network.cut("there", [AT[0]])
        near.end.write(b"1")
        near.end.write(b"2")
        await asyncio.sleep(10)
        assert not far.notes
        loop.network.heal("there")

    assert connected(scene)[1] == [b"1", b"2"]


def test_after_a_quarter_of_an_hour_without_acknowledgement_a_connection_is_lost() -> None:
    async def scene(loop: WorldLoop, near: Noting, far: Noting) -> None:
        loop.network.cut("there", [AT[0]])
        near.end.write(b"1")
        await asyncio.sleep(900)
        assert not near.notes
        await asyncio.sleep(200)

    assert connected(scene) == ([TimeoutError], [])


def test_without_power_a_connection_ends_in_silence() -> None:
    async def scene(loop: WorldLoop, near: Noting, far: Noting) -> None:
        near.end.write(b"under way")
        loop.network.switch_off(NEAR[0])
        await asyncio.sleep(1)
        far.end.write(b"to nobody")

    near, far = connected(scene)
    assert near == [ConnectionAbortedError]
    assert far == []


def test_a_killed_process_closes_its_connections_and_is_told_nothing() -> None:
    near, far = Noting(), Noting()

    async def play() -> None:
        loop = asyncio.get_running_loop()
        server: Any = await loop.create_server(lambda: far, *AT)
        await loop.create_connection(lambda: near, *AT, local_addr=NEAR)
        server.kill()
        await asyncio.sleep(1)
        with pytest.raises(ConnectionRefusedError):
            await loop.create_connection(Noting, *AT, local_addr=NEAR)

    run(play())
    assert near.notes == ["eof", None]
    assert far.notes == []


@pytest.mark.parametrize(("heals_after", "connects_after"), [(0.0, 0), (0.5, 1), (2.5, 3), (8.0, 15), (60.0, 63)])
def test_a_connection_is_asked_for_again_after_ever_longer_pauses(heals_after: float, connects_after: int) -> None:
    async def play() -> None:
        loop = cast("WorldLoop", asyncio.get_running_loop())
        await loop.create_server(Noting, *AT)
        loop.network.cut("here", [NEAR[0]])
        loop.call_later(heals_after, loop.network.heal, "here")
        await loop.create_connection(Noting, *AT, local_addr=NEAR)
        assert connects_after < loop.time() < connects_after + 2 * SLOWEST

    run(play())


def test_after_two_minutes_it_is_given_up() -> None:
    async def play() -> None:
        loop = cast("WorldLoop", asyncio.get_running_loop())
        loop.network.cut("here", [NEAR[0]])
        with pytest.raises(TimeoutError):
            await loop.create_connection(Noting, *AT, local_addr=NEAR)
        assert loop.time() == pytest.approx(127)

    run(play())


def test_who_gives_up_while_connecting_leaves_no_connection_behind() -> None:
    far = Noting()

    async def play() -> None:
        loop = asyncio.get_running_loop()
        await loop.create_server(lambda: far, *AT)
        connecting = asyncio.create_task(loop.create_connection(Noting, *AT, local_addr=NEAR))
        while not hasattr(far, "end"):
            await asyncio.sleep(0.001)
        connecting.cancel()
        await asyncio.sleep(1)

    run(play())
    assert far.notes == ["eof", None]


class Datagrams(asyncio.DatagramProtocol):
    def __init__(self) -> None:
        self.got: list[tuple[bytes, str]] = []

    def datagram_received(self, data: bytes, addr: tuple[Any, ...]) -> None:
        self.got.append((data, addr[0]))


def test_datagrams_arrive_once_or_are_lost() -> None:
    far = Datagrams()

    async def play() -> None:
        loop = cast("WorldLoop", asyncio.get_running_loop())
        server, _ = await loop.create_datagram_endpoint(lambda: far, AT)
        for host in ("10.60.0.1", "10.60.0.2", "10.60.0.3"):
            near, _ = await loop.create_datagram_endpoint(Datagrams, (host, 0), AT)
            loop.network.lose_datagrams_of(["10.60.0.2"])
            near.sendto(host.encode())
            near.close()
        loop.network.cut("there", [AT[0]])
        await asyncio.sleep(0.01)  # before the first arrives
        loop.network.heal("there")
        await asyncio.sleep(1)
        server.close()
        near.sendto(b"to nobody")
        await asyncio.sleep(1)

    run(play())
    assert sorted(far.got) == [(b"10.60.0.1", "10.60.0.1"), (b"10.60.0.3", "10.60.0.3")]


def test_a_datagram_that_meets_a_cut_is_gone() -> None:
    far = Datagrams()

    async def play() -> None:
        loop = cast("WorldLoop", asyncio.get_running_loop())
        await loop.create_datagram_endpoint(lambda: far, AT)
        near, _ = await loop.create_datagram_endpoint(Datagrams, NEAR, AT)
        loop.network.cut("there", [AT[0]])
        near.sendto(b"1")
        await asyncio.sleep(SLOWEST)
        loop.network.heal("there")
        await asyncio.sleep(1)

    run(play())
    assert not far.got
