"""Datagrams: one holds whole frames; what is dropped is counted (LIS-4, WIR-1)."""

from __future__ import annotations

import asyncio
from ipaddress import ip_network
from typing import Any, cast

import pytest

from tests.smmeplus.dlms.vectors import BY_NAME, GOOD, Vector
from tests.wakeup.listener.counted import counted
from wakeup.listener.connections.balanced import BalancedDatagrams
from wakeup.listener.connections.limits import Limits
from wakeup.listener.connections.udp import Datagrams
from wakeup.listener.metrics import Metrics
from wakeup.listener.writers.intake import Intake
from wakeup.listener.writers.queues import Pending
from wakeup.models import StrayReason
from wakeup.models.strays import Stray
from wakeup.recording.arrivals import Arrival

CERCO1 = BY_NAME["DN-P-cerco1"]
SENDER = ("10.60.0.10", 40_000)


class Room:
    """The part of an intake that datagrams know, with room for ``size`` of them."""

    def __init__(self, size: int = 1_000) -> None:
        self.size = size
        self.kept: list[Pending[Arrival] | Pending[Stray]] = []

    def put_datagram(self, pending: Pending[Arrival] | Pending[Stray], is_behind_balancer: bool = False) -> bool:
        has_room = len(self.kept) < self.size
        if has_room:
            self.kept.append(pending)
        return has_room

    put_stray_datagram = put_datagram


class Transport(asyncio.DatagramTransport):
    def __init__(self) -> None:
        super().__init__()
        self.sent: list[tuple[bytes, Any]] = []
        self.is_closed = False

    def sendto(self, data: Any, addr: Any = None) -> None:
        assert not self.is_closed
        self.sent.append((data, addr))

    def is_closing(self) -> bool:
        return self.is_closed


class Hearing:
    def __init__(self, size: int = 1_000, limits: Limits | None = None) -> None:
        self.room, self.transport, self.metrics = Room(size), Transport(), Metrics()
        self.now = 0.0
        balanced = BalancedDatagrams(limits or Limits(), lambda: self.now)
        self.datagrams = Datagrams(cast("Intake", self.room), balanced, 58_692, self.metrics, limits or Limits())
        self.datagrams.connection_made(self.transport)

    def hear(self, data: bytes, sender: tuple[Any, ...] = SENDER) -> None:
        self.datagrams.datagram_received(data, sender)

    @property
    def contents(self) -> list[Arrival | Stray]:
        return [pending.content for pending in self.room.kept]


@pytest.mark.parametrize("vector", GOOD, ids=lambda vector: vector.name)
def test_a_datagram_is_answered_once_it_is_stored(vector: Vector) -> None:
    hearing = Hearing()
    hearing.hear(vector.frame)
    (arrival,) = hearing.contents
    assert isinstance(arrival, Arrival)
    assert (arrival.serial, arrival.source_ip, arrival.port) == (vector.serial, "10.60.0.10", 58_692)
    assert not hearing.transport.sent
    hearing.room.kept[0].stored()
    assert hearing.transport.sent == ([(vector.answer, SENDER)] if vector.answer else [])


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (CERCO1.frame[:-1], StrayReason.MALFORMED),
        (b"\0", StrayReason.MALFORMED),
        (b"\xff" * 9, StrayReason.JUNK),
        (b"PROXY UNKNOWN\r\n", StrayReason.MALFORMED),
        (b"\0" * 5_000, StrayReason.JUNK),
    ],
)
def test_what_holds_no_whole_frame_is_recorded(data: bytes, reason: StrayReason) -> None:
    hearing = Hearing()
    hearing.hear(data)
    (stray,) = hearing.contents
    assert isinstance(stray, Stray)
    assert (stray.reason, stray.sender, stray.connections) == (reason, "10.60.0.10", 1)


def test_an_empty_datagram_leaves_no_trace() -> None:
    hearing = Hearing()
    hearing.hear(b"")
    hearing.hear(bytes.fromhex("0001000100010000"))
    assert not hearing.contents


@pytest.mark.parametrize("padding", [b"", b"\0", b"\0" * 30, b"\xff" * 30, b"\r\n"])
def test_a_datagram_holds_several_frames_and_padding(padding: bytes) -> None:
    hearing = Hearing()
    hearing.hear(b"".join(vector.frame for vector in GOOD) + padding)
    arrivals = [content for content in hearing.contents if isinstance(content, Arrival)]
    assert [arrival.serial for arrival in arrivals] == [vector.serial for vector in GOOD]
    assert len({arrival.received_at for arrival in arrivals}) == len(GOOD)
    for pending in hearing.room.kept:
        pending.stored()
    assert [data for data, _ in hearing.transport.sent] == [vector.answer for vector in GOOD if vector.answer]


def test_a_cut_frame_behind_a_whole_one_is_recorded() -> None:
    hearing = Hearing()
    hearing.hear(CERCO1.frame + CERCO1.frame[:-1])
    arrival, stray = hearing.contents
    assert isinstance(arrival, Arrival)
    assert isinstance(stray, Stray)
    assert (stray.raw, stray.detail) == (CERCO1.frame[:-1], "the datagram ends in the middle of the frame")


def test_a_sender_by_way_of_ipv6_is_recorded_as_ipv4_and_answered_where_it_is() -> None:
    hearing = Hearing()
    sender = ("::ffff:10.60.0.11", 40_000, 0, 0)
    hearing.hear(CERCO1.frame, sender)
    hearing.room.kept[0].stored()
    assert hearing.contents[0].source_ip == "10.60.0.11"
    assert hearing.transport.sent == [(CERCO1.answer, sender)]


@pytest.mark.parametrize(("host", "is_read"), [("10.60.9.9", True), ("::ffff:10.60.9.9", True), ("10.61.0.1", False)])
def test_what_comes_from_outside_the_networks_is_not_read_but_counted(host: str, is_read: bool) -> None:
    hearing = Hearing(limits=Limits(networks=(ip_network("10.60.0.0/16"),)))
    for data in (CERCO1.frame, b"\xff"):
        hearing.hear(data, (host, 40_000, 0, 0))
    assert (len(hearing.contents), counted(hearing.metrics.outside_datagrams)[""]) == ((2, 0) if is_read else (0, 2))


def test_what_there_is_no_room_for_is_dropped_and_counted() -> None:
    hearing = Hearing(size=2)
    for _ in range(2):
        hearing.hear(CERCO1.frame)
    for dropped in (CERCO1.frame, b"\xff", CERCO1.frame):
        hearing.hear(dropped)
    assert (len(hearing.contents), counted(hearing.metrics.dropped_datagrams)[""]) == (2, 3)


def test_neither_a_failure_nor_a_closed_socket_has_an_answer() -> None:
    hearing = Hearing()
    hearing.hear(CERCO1.frame)
    hearing.room.kept[0].failed()
    hearing.transport.is_closed = True
    hearing.room.kept[0].stored()
    assert not hearing.transport.sent


def test_by_way_of_a_balancer_the_concentrators_own_address_is_judged() -> None:
    limits = Limits(networks=(ip_network("10.60.0.0/16"),), proxies=(ip_network("10.1.1.1"),))
    hearing = Hearing(limits=limits)
    for port, source in enumerate((b"10.60.0.1", b"192.0.2.1"), 40_000):
        hearing.hear(b"PROXY TCP4 " + source + b" 10.1.1.1 5 6\r\n" + CERCO1.frame, ("10.1.1.1", port))
    assert [content.source_ip for content in hearing.contents if isinstance(content, Arrival)] == ["10.60.0.1"]
    assert counted(hearing.metrics.outside_datagrams)[""] == 1
