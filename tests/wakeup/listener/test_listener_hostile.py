"""Real sockets in unkind hands: cut, slow, flooding, vanishing, and headers of balancers (LIS-3, WIR-6, WIR-7)."""

from __future__ import annotations

import random
import socket
import struct
from collections.abc import Iterator
from contextlib import ExitStack, suppress

import pytest

from concentrators.models import Concentrator
from smmeplus.dlms.kinds import Kind
from smmeplus.dlms.notification import event_notification
from tests.smmeplus.dlms.vectors import BY_NAME
from tests.support.listener import HOST, Listener, read_to_end, running_listener
from tests.support.processes import wait_until
from tests.wakeup.listener.connections.test_proxy import BLOCK, LINE
from wakeup.models import Message, StrayFrame

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.process, pytest.mark.one_database]

BALANCER = "127.0.0.9"
CERCO1 = BY_NAME["DN-P-cerco1"]
HEADERS = pytest.mark.parametrize("header", [LINE, BLOCK], ids=["version 1", "version 2"])
RESET_ON_CLOSE = struct.pack("ii", 1, 0)
SLOW = 300


@pytest.fixture(scope="module")
def listener(django_db_setup: None) -> Iterator[Listener]:
    """One for all: none of these may harm the next."""
    with running_listener("--proxies", BALANCER, "--metrics-port", "0") as running:
        yield running


@pytest.fixture(autouse=True)
def still_answers(listener: Listener, in_field: Concentrator) -> Iterator[None]:
    """The concentrator is in field, and gets its answer after the test as before it."""
    yield
    assert listener.exchange(CERCO1.frame) == CERCO1.answer


def connect(listener: Listener, source: str = "127.0.0.1") -> socket.socket:
    return socket.create_connection((HOST, listener.port), timeout=10, source_address=(source, 0))


def all_sent(connected: socket.socket, data: bytes) -> None:
    """Send ``data``, or as much as the listener reads before it has had enough."""
    with suppress(ConnectionError):
        connected.sendall(data)
        with suppress(OSError):  # it may have been reset since
            connected.shutdown(socket.SHUT_WR)


def assert_is_reset(connected: socket.socket, data: bytes) -> None:
    with connected:
        connected.sendall(data)
        with pytest.raises(ConnectionResetError):
            read_to_end(connected)


@HEADERS
def test_behind_a_listed_balancer_the_concentrators_own_address_is_stored(listener: Listener, header: bytes) -> None:
    with connect(listener, BALANCER) as connected:
        connected.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        for byte in header:
            connected.sendall(bytes([byte]))
        connected.sendall(CERCO1.frame)
        assert connected.recv(100) == CERCO1.answer
    assert Message.objects.get().source_ip == "10.60.0.10"


@HEADERS
def test_a_header_from_elsewhere_is_recorded_and_ends_in_a_reset(listener: Listener, header: bytes) -> None:
    assert_is_reset(connect(listener), header + CERCO1.frame)
    stray = StrayFrame.objects.get()
    assert (stray.sender, stray.detail) == (
        "127.0.0.1",
        "a PROXY header from 127.0.0.1, which is not listed as a balancer: see --proxies",
    )
    assert not Message.objects.exists()


def test_a_frame_without_a_header_from_a_listed_balancer_ends_in_a_reset(listener: Listener) -> None:
    frame = event_notification(CERCO1.serial, Kind.KEEPALIVE)
    assert_is_reset(connect(listener, BALANCER), frame)
    stray = StrayFrame.objects.get()
    assert (stray.sender, bytes(stray.last_bytes)) == (BALANCER, frame)
    assert not Message.objects.exists()


@pytest.mark.parametrize(
    "first", [b"\xff", b"\x00\x01\x00\x01\x00\x01\x08\x00\x0f", b"/"], ids=["junk", "DLMS", "text"]
)
def test_a_megabyte_of_junk_is_recorded_once(listener: Listener, first: bytes) -> None:
    with connect(listener) as connected:
        all_sent(connected, first + random.Random(first).randbytes(1_000_000))
        with suppress(ConnectionResetError):
            read_to_end(connected)
    strays = StrayFrame.objects.all()
    assert [stray.count for stray in strays] == [1] * len(strays)
    # What begins like a frame is refused as one, and what is behind it as junk.
    assert len(strays) == (1 if first == b"\xff" else 2)
    assert any(bytes(stray.last_bytes).startswith(first) for stray in strays)


def test_junk_ends_in_a_fin(listener: Listener) -> None:
    with connect(listener) as connected:
        connected.sendall(b"GET / HTTP/1.1\r\n" + b"Cookie: oh\r\n" * 400)
        assert read_to_end(connected) == b""


def test_connections_that_are_reset_at_once_leave_no_trace(listener: Listener) -> None:
    for source in (BALANCER, "127.0.0.1") * 100:
        with connect(listener, source) as connected:
            connected.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET_ON_CLOSE)
    assert listener.exchange(CERCO1.frame) == CERCO1.answer
    assert not StrayFrame.objects.exists()


def test_many_frames_that_nobody_waits_for_an_answer_to_are_stored(listener: Listener) -> None:
    with connect(listener) as connected:
        connected.sendall(CERCO1.frame * 5_000)
        answers = b""
        while len(answers) < 5_000 * len(CERCO1.answer):
            answers += connected.recv(65_536)
    assert answers == CERCO1.answer * 5_000
    assert Message.objects.count() == 5_000


def test_good_senders_are_answered_during_an_attack(listener: Listener) -> None:
    randomness = random.Random(SLOW)
    with ExitStack() as stack:
        slow = [stack.enter_context(connect(listener, f"127.0.2.{number % 250 + 1}")) for number in range(SLOW)]
        for number in range(100):
            for connected in slow[number % 10 :: 10]:
                connected.sendall(CERCO1.frame[number // 10 : number // 10 + 1])
            with connect(listener, "127.0.3.1") as flooding:
                all_sent(flooding, randomness.randbytes(20_000))
            assert listener.exchange(CERCO1.frame) == CERCO1.answer
    assert Message.objects.count() == 100
    slow_ones = StrayFrame.objects.filter(sender__startswith="127.0.2.")
    wait_until(lambda: slow_ones.count() == 250)  # or the next test would find them
