"""A real listener process, spoken to over real sockets (LIS-1, LIS-2, LIS-5, LIS-6, WIR-1, WIR-6)."""

from __future__ import annotations

import socket
import sys
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime, timedelta

import pytest

from concentrators.models import Concentrator
from smmeplus.dlms.kinds import Kind
from smmeplus.dlms.notification import event_notification, push_notification
from smmeplus.dlms.telegram import ACK, NAK, telegram
from tests.factories import ConcentratorFactory
from tests.smmeplus.dlms.field_frames import BY_NAME as BY_FIELD_NAME
from tests.smmeplus.dlms.vectors import BAD, BY_NAME, GOOD, Vector
from tests.support.listener import Listener, read_to_end, running_listener
from tests.support.processes import wait_until
from wakeup.models import Message, StrayFrame, StrayReason, WakeupTotal

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.process, pytest.mark.one_database]

CERCO1 = BY_NAME["DN-P-cerco1"]
CONFIRMED = bytes.fromhex("0001000100010006104000000100")
SEGMENTS_IN = 140  # where Linux has their number in what it tells of a connection (struct tcp_info)


@pytest.fixture(scope="module")
def shared(django_db_setup: None) -> Iterator[Listener]:
    with running_listener() as running:
        yield running


@pytest.fixture
def listener(shared: Listener, in_field: Concentrator) -> Listener:
    """One process for all tests that do not end it; its tables are empty but for the concentrator."""
    return shared


@pytest.fixture
def ending(in_field: Concentrator) -> Iterator[Listener]:
    """A process for a test that ends it."""
    with running_listener() as running:
        yield running


def test_the_vectors_get_exactly_their_answers_and_are_stored(listener: Listener, in_field: Concentrator) -> None:
    for serial in {vector.serial for vector in GOOD} - {in_field.serial_number}:
        ConcentratorFactory.create(serial_number=serial, company=in_field.company)
    tcp = [vector for vector in GOOD if vector.transport == "tcp"]
    before = datetime.now(UTC)
    for vector in tcp:
        assert listener.exchange(vector.frame) == vector.answer, vector.name
    stored = Message.objects.order_by("pk").values_list("concentrator__serial_number", "kind", "device_time")
    assert list(stored) == [(vector.serial, vector.kind, vector.moment) for vector in tcp]
    for message in Message.objects.all():
        assert before - timedelta(seconds=1) <= message.received_at <= datetime.now(UTC) + timedelta(seconds=1)
        assert (message.source_ip, message.port) == ("127.0.0.1", listener.port)


def test_a_datagram_is_stored_and_answered(listener: Listener, in_field: Concentrator) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
        sender.settimeout(10)
        sender.connect(("127.0.0.1", listener.port))
        sender.send(CERCO1.frame)
        assert sender.recv(100) == CERCO1.answer
        sender.send(CERCO1.frame[:-1])
        sender.send(CERCO1.frame)
        assert sender.recv(100) == CERCO1.answer, "a refused datagram has no answer; the next one has"
    assert Message.objects.count() == 2
    wait_until(StrayFrame.objects.exists)  # by the other writer
    assert StrayFrame.objects.get().reason == StrayReason.MALFORMED


def test_the_answer_acknowledges_the_message_in_one_packet(listener: Listener) -> None:
    # Where a commit takes more than 40 ms the message is acknowledged by itself after all.
    assert min(segments_with_an_answer(listener) for _ in range(5)) == 2, "that of the connection, and the answer"


def segments_with_an_answer(listener: Listener) -> int:
    with listener.connect() as connected:
        connected.sendall(CERCO1.frame)
        assert connected.recv(100) == CERCO1.answer
        info = connected.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, SEGMENTS_IN + 4)
    return int.from_bytes(info[SEGMENTS_IN:], sys.byteorder)


def test_many_frames_in_one_segment_are_answered_in_order(listener: Listener, in_field: Concentrator) -> None:
    frames = [push_notification(in_field.serial_number, Kind.KEEPALIVE, invoke_id=n) for n in range(1, 201)]
    answers = listener.exchange(b"".join(frames))
    size = len(CERCO1.answer)
    assert [int.from_bytes(answers[n + 10 : n + 13], "big") for n in range(0, len(answers), size)] == [*range(1, 201)]
    assert WakeupTotal.objects.get().wakeup_count == 200


def test_a_frame_in_single_bytes_and_then_another_on_the_same_connection(listener: Listener) -> None:
    with listener.connect() as connected:
        connected.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        for byte in CERCO1.frame:
            connected.sendall(bytes([byte]))
        assert connected.recv(100) == CERCO1.answer
        connected.sendall(CERCO1.frame)
        assert connected.recv(100) == CERCO1.answer


def test_formats_mix_on_one_connection(listener: Listener, in_field: Concentrator) -> None:
    serial = in_field.serial_number
    frames = [
        telegram(serial, Kind.BOOT),
        event_notification(serial, Kind.KEEPALIVE),
        CERCO1.frame,
    ]
    assert listener.exchange(b"".join(frames)) == ACK + CERCO1.answer
    assert Message.objects.count() == 3


def test_a_format_without_an_answer_is_closed_in_good_order_after_the_commit(
    listener: Listener, in_field: Concentrator
) -> None:
    assert listener.exchange(event_notification(in_field.serial_number, Kind.KEEPALIVE)) == b""
    assert Message.objects.count() == 1


def test_the_connection_stays_open_for_more_until_the_concentrator_closes_its_side(listener: Listener) -> None:
    with listener.connect() as connected:
        connected.sendall(CERCO1.frame)
        assert connected.recv(100) == CERCO1.answer
        connected.settimeout(0.5)
        with pytest.raises(TimeoutError):
            connected.recv(1)
        connected.settimeout(10)
        connected.shutdown(socket.SHUT_WR)
        assert read_to_end(connected) == b""


def test_unknown_and_removed_senders_are_answered_as_usual(listener: Listener, removed: Concentrator) -> None:
    for serial in ("NOSUCH1", removed.serial_number):
        assert listener.exchange(telegram(serial, Kind.KEEPALIVE)) == ACK
    assert not Message.objects.exists()
    assert set(StrayFrame.objects.values_list("sender", "reason")) == {
        ("NOSUCH1", StrayReason.UNKNOWN),
        (removed.serial_number, StrayReason.REMOVED),
    }


@pytest.mark.parametrize("vector", BAD, ids=lambda vector: vector.name)
def test_bad_vectors_are_refused_without_an_answer_and_kept(listener: Listener, vector: Vector) -> None:
    assert exchange_with_a_refuser(listener, vector.frame) == b""
    stray = StrayFrame.objects.get()
    assert (stray.reason, stray.sender) == (StrayReason.JUNK, "127.0.0.1")
    assert bytes(stray.last_bytes) == vector.frame
    assert stray.detail


@pytest.mark.parametrize(
    ("frame", "answer", "reason"),
    [
        (CERCO1.frame[:-1], b"", StrayReason.MALFORMED),
        (b"GET / HTTP/1.1\r\n\r\n", b"", StrayReason.JUNK),
        (bytes.fromhex("0001000100010801") + bytes(2_049), b"", StrayReason.JUNK),
        (telegram("A1", Kind.BOOT).replace(b"(A1)", b"(A2)"), NAK, StrayReason.MALFORMED),
        (b"/" + b"x" * 1_017, NAK, StrayReason.MALFORMED),
        # Confirmed but unreadable: it is answered, or its sender would repeat it for ever.
        (bytes.fromhex("00010001000100070f400000010013"), CONFIRMED, StrayReason.MALFORMED),
        (bytes.fromhex("00010001000100070f4000000100ff"), b"", StrayReason.NAMELESS),
    ],
    ids=["cut off", "another protocol", "too long", "wrong CRC", "endless telegram", "confirmed nonsense", "no id"],
)
def test_what_cannot_be_read_is_kept_and_answered_as_its_format_has_it(
    listener: Listener, frame: bytes, answer: bytes, reason: StrayReason
) -> None:
    assert exchange_with_a_refuser(listener, frame) == answer
    assert StrayFrame.objects.get().reason == reason
    assert listener.exchange(CERCO1.frame) == CERCO1.answer, "the listener goes on"


def test_good_frames_before_and_behind_bad_ones_are_stored_and_answered(listener: Listener) -> None:
    login, cut = BY_FIELD_NAME["login-0A"], BY_FIELD_NAME["cut-short"].frame
    bad = b"\xff\r\n" + cut + BY_FIELD_NAME["length-0"].frame + login.frame + cut
    answers = CERCO1.answer * 3 + login.answer + CERCO1.answer
    assert listener.exchange(CERCO1.frame * 3 + bad + CERCO1.frame) == answers
    assert Message.objects.count() == 4
    strays = StrayFrame.objects.order_by("reason", "sender").values_list("reason", "sender", "count")
    assert list(strays) == [
        (StrayReason.JUNK, "127.0.0.1", 1),
        (StrayReason.MALFORMED, "127.0.0.1", 1),
        (StrayReason.MALFORMED, "210600990041", 1),
        (StrayReason.UNKNOWN, "210600990041", 1),
    ]


def test_a_connection_that_says_nothing_leaves_no_trace(listener: Listener) -> None:
    assert listener.exchange(b"") == b""
    assert not StrayFrame.objects.exists()


def test_a_silent_and_an_unfinished_connection_are_closed(in_field: Concentrator) -> None:
    with running_listener("--idle", "0.5") as listener, listener.connect() as silent:
        assert read_to_end(silent) == b""


def test_more_connections_than_allowed_are_refused(in_field: Concentrator) -> None:
    with running_listener("--connections", "1") as listener, listener.connect() as first:
        first.sendall(CERCO1.frame)
        assert first.recv(100) == CERCO1.answer
        with pytest.raises(ConnectionResetError):
            connect_and_read(listener)
        first.sendall(CERCO1.frame)
        assert first.recv(100) == CERCO1.answer


def test_sigterm_ends_it_with_status_0_and_frees_the_port(ending: Listener) -> None:
    with ending.connect() as connected:
        connected.sendall(CERCO1.frame)
        assert connected.recv(100) == CERCO1.answer
        assert ending.terminate() == 0
        assert read_to_end(connected) == b""
    with pytest.raises(ConnectionRefusedError):
        ending.connect()


@pytest.mark.ci_only  # two listeners more, for what the system does
def test_two_listeners_share_the_port(ending: Listener) -> None:
    with running_listener(port=ending.port) as other:
        assert ending.terminate() == 0
        assert other.exchange(CERCO1.frame) == CERCO1.answer


def connect_and_read(listener: Listener) -> bytes:
    """What a listener says by itself; its reset may come as early as the end of connecting."""
    with listener.connect() as connected:
        return read_to_end(connected)


def exchange_with_a_refuser(listener: Listener, frame: bytes) -> bytes:
    """Like ``exchange`` with a listener that may have stopped reading before all was sent."""
    received = b""
    with listener.connect() as connected:
        with suppress(ConnectionError):
            connected.sendall(frame)
            with suppress(OSError):  # it may have been reset since
                connected.shutdown(socket.SHUT_WR)
        with suppress(ConnectionResetError):
            while chunk := connected.recv(65_536):
                received += chunk
    return received
