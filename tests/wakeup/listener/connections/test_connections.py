"""Frames in every piece, answers in order, FIN and RST: one connection, without a socket (WIR-6)."""

from __future__ import annotations

from datetime import timedelta

import pytest

from smmeplus.dlms.kinds import Kind
from smmeplus.dlms.notification import push_notification
from smmeplus.dlms.telegram import ACK, telegram
from tests.smmeplus.dlms.vectors import BY_NAME, GOOD, Vector
from tests.wakeup.listener.connections.peers import Listening
from tests.wakeup.listener.counted import counted
from wakeup.formats import read_frame
from wakeup.listener.connections import reader, tcp
from wakeup.listener.connections.junk import MAX_RAW
from wakeup.models import StrayReason
from wakeup.recording.arrivals import Arrival

CERCO1 = BY_NAME["DN-P-cerco1"]
MEGABYTE = 1_000_000

each_vector = pytest.mark.parametrize("vector", GOOD, ids=lambda vector: vector.name)


@pytest.fixture
def listening() -> Listening:
    return Listening()


@each_vector
def test_a_frame_split_over_two_segments_in_any_place_is_one_frame(listening: Listening, vector: Vector) -> None:
    for cut in range(1, len(vector.frame)):
        peer = listening.peer()
        peer.send(vector.frame[:cut])
        assert not listening.queue.waiting
        peer.send(vector.frame[cut:])
        listening.queue.store()
        peer.close_our_side()
        assert (peer.received, peer.end()) == (vector.answer, "closed"), cut
    assert listening.queue.serials == [vector.serial] * (len(vector.frame) - 1)
    assert not listening.queue.strays


@each_vector
def test_a_frame_cut_off_at_any_byte_is_kept_as_malformed(listening: Listening, vector: Vector) -> None:
    for cut in range(1, len(vector.frame)):
        peer = listening.peer()
        peer.send(vector.frame[:cut])
        peer.close_our_side()
        assert not peer.end(), "before it is stored"
        listening.queue.store()
        assert (peer.received, peer.end()) == (b"", "closed")
        stray = listening.queue.strays[-1]
        assert (stray.raw, stray.source_ip, stray.reason) == (vector.frame[:cut], "10.60.0.10", StrayReason.MALFORMED)
        assert stray.detail == "the connection was closed in the middle of the frame"
    assert not listening.queue.serials


@each_vector
def test_two_frames_split_anywhere_are_two_frames(listening: Listening, vector: Vector) -> None:
    both = vector.frame + CERCO1.frame
    for cut in range(len(vector.frame), len(both)):
        peer = listening.peer()
        peer.send(both[:cut])
        assert len(listening.queue.waiting) == 1
        listening.queue.store()
        assert peer.received == vector.answer
        if cut < len(both):
            peer.send(both[cut:])
        listening.queue.store()
        assert peer.received == vector.answer + CERCO1.answer


def test_every_frame_in_single_bytes_on_one_connection(listening: Listening) -> None:
    peer = listening.peer()
    for vector in GOOD:
        for byte in vector.frame:
            peer.send(bytes([byte]))
    listening.queue.store()
    assert listening.queue.serials == [vector.serial for vector in GOOD]
    assert peer.received == b"".join(vector.answer for vector in GOOD)


def test_answers_go_out_in_order_each_after_its_own_commit(listening: Listening) -> None:
    peer = listening.peer()
    peer.send(CERCO1.frame + telegram("A1", Kind.BOOT))
    first, second = listening.queue.waiting
    assert peer.received == b""
    for stored, received in ((second, b""), (first, CERCO1.answer + ACK)):
        stored.is_stored = True
        stored.stored()
        assert peer.received == received, "the first goes first"


def test_frames_that_came_at_once_have_times_of_their_own_in_order(listening: Listening) -> None:
    """By which their messages are known again, see wakeup/recording/attempts.py."""
    listening.peer().send(CERCO1.frame * 50)
    times = [pending.content.received_at for pending in listening.queue.waiting if isinstance(pending.content, Arrival)]
    assert len(set(times)) == 50
    assert times == sorted(times)
    assert times[-1] - times[0] < timedelta(milliseconds=1)


def test_the_answers_of_a_batch_go_out_in_one_write(listening: Listening, monkeypatch: pytest.MonkeyPatch) -> None:
    peer = listening.peer()
    writes: list[bytes] = []
    monkeypatch.setattr(peer, "write", writes.append)
    peer.send(CERCO1.frame * 50)
    listening.queue.store()
    assert writes == [CERCO1.answer * 50]


def test_fin_only_after_the_last_commit(listening: Listening) -> None:
    peer = listening.peer()
    peer.send(CERCO1.frame * 2)
    peer.close_our_side()
    listening.queue.store(1)
    assert not peer.end()
    listening.queue.store(1)
    assert (peer.received, peer.end()) == (CERCO1.answer * 2, "closed")


def test_rst_once_when_messages_could_not_be_stored(listening: Listening) -> None:
    peer = listening.peer()
    peer.send(CERCO1.frame * 3)
    peer.close_our_side()
    listening.queue.store(1)
    listening.queue.fail()
    assert (peer.received, peer.end()) == (CERCO1.answer, "reset")


def test_what_a_vanished_peer_had_sent_is_stored_without_an_answer(listening: Listening) -> None:
    peer = listening.peer()
    peer.send(CERCO1.frame * 2)
    peer.vanish()
    assert not listening.connections.open
    listening.queue.store(1)
    listening.queue.fail()
    assert (peer.received, peer.end()) == (b"", "gone")


def test_a_connection_reset_before_it_is_accepted_has_no_address_and_is_let_go(listening: Listening) -> None:
    peer = listening.peer(address=None)
    assert peer.end() == "reset"
    assert not listening.connections.open
    assert (counted(listening.metrics.connections)[""], counted(listening.metrics.cut_off)) == (1, {})


def test_at_the_end_who_waits_for_an_answer_or_sends_is_reset_and_the_others_are_closed(listening: Listening) -> None:
    waiting, sending, silent = listening.peer(), listening.peer(), listening.peer()
    waiting.send(CERCO1.frame)
    sending.send(CERCO1.frame[:10])
    listening.connections.close_all()
    assert (waiting.end(), sending.end(), silent.end()) == ("reset", "reset", "closed")


def test_an_ipv4_address_by_way_of_ipv6_is_recorded_as_ipv4(listening: Listening) -> None:
    listening.peer("::ffff:10.60.0.11").send(CERCO1.frame)
    listening.peer("fe80::1%eth0").send(b"\xff" * 5_000)
    arrival, stray = listening.queue.contents
    assert isinstance(arrival, Arrival)
    assert (arrival.source_ip, stray.source_ip) == ("10.60.0.11", "fe80::1")


def test_behind_a_refused_frame_nothing_is_read_and_a_little_is_skipped(listening: Listening) -> None:
    peer = listening.peer()
    peer.send(b"x" * 5_000 + CERCO1.frame)
    for _ in range(4):
        peer.send(CERCO1.frame.ljust(reader.MAX_SKIPPED // 4))
    assert peer.is_asked()
    peer.send(b"x")
    assert not peer.is_asked(), "a flood of it costs nothing more"
    listening.queue.store()
    assert (peer.received, peer.end(), listening.queue.serials) == (b"", "closed", [])


@pytest.mark.parametrize("first", [b"\xff", b"\x00\x01", b"x"])
def test_a_megabyte_of_junk_in_one_segment_is_refused_once(listening: Listening, first: bytes) -> None:
    peer = listening.peer()
    peer.send(first.ljust(MEGABYTE, b"\xff"))
    (stray,) = listening.queue.strays
    assert len(stray.raw) == MAX_RAW
    listening.queue.store()
    assert peer.end() == "closed"


def test_of_many_frames_in_one_segment_each_is_looked_at_once(
    listening: Listening, monkeypatch: pytest.MonkeyPatch
) -> None:
    looked_at: list[int] = []

    def counting(buffer: bytes, start: int) -> object:
        looked_at.append(start)
        return read_frame(buffer, start)

    monkeypatch.setattr(reader, "read_frame", counting)
    monkeypatch.setattr(tcp, "MAX_UNANSWERED", MEGABYTE)
    frame = telegram("A1", Kind.BOOT)  # not the usual one, of which many are read at once
    count = MEGABYTE // len(frame)
    listening.peer().send(frame * count)
    assert len(listening.queue.waiting) == count
    assert looked_at == [number * len(frame) for number in range(count)], "linear"


def test_frames_of_different_concentrators_share_a_connection(listening: Listening) -> None:
    serials = [f"A{number}" for number in range(100)]
    peer = listening.peer()
    peer.send(b"".join(push_notification(serial, Kind.KEEPALIVE) for serial in serials))
    assert listening.queue.serials == serials
