"""The reader of a connection: the same pieces wherever the bytes are split, one by one or many (WIR-6, WIR-7)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import astuple, replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from smmeplus.dlms.errors import FrameError
from smmeplus.dlms.kinds import Kind
from smmeplus.dlms.notification import push_notification
from smmeplus.dlms.telegram import telegram
from tests.smmeplus.dlms.vectors import BY_NAME, GOOD, Vector
from tests.wakeup.listener.connections.peers import Listening
from tests.wakeup.listener.connections.test_proxy import BLOCK, LINE
from wakeup.listener.connections import reader as module
from wakeup.listener.connections import registry, tcp
from wakeup.listener.connections.junk import MAX_RAW
from wakeup.listener.connections.pieces import Header, Refusal
from wakeup.listener.connections.proxy import ProxyError
from wakeup.listener.connections.reader import MAX_JUNK, MAX_SKIPPED, Reader
from wakeup.listener.connections.unanswered import Message
from wakeup.listener.keys.cache import Wanted
from wakeup.models import StrayReason
from wakeup.models.strays import Stray
from wakeup.recording.arrivals import Arrival

CERCO1 = BY_NAME["DN-P-cerco1"]
JUNK = b"\xff" * 10
PEER = "10.60.0.10"

each_vector = pytest.mark.parametrize("vector", GOOD, ids=lambda vector: vector.name)
each_header = pytest.mark.parametrize("header", [LINE, BLOCK], ids=["1", "2"])


def pieces(*segments: bytes, awaits_header: bool = False) -> list[str]:
    """What comes out of a new reader: sources of headers, serial numbers of frames, errors of refusals."""
    reader = Reader(PEER, awaits_header=awaits_header)
    found = []
    for segment in segments:
        reader.feed(segment)
        while (piece := read(reader)) is not None:
            found.append(piece)
    return found


def read(reader: Reader) -> str | None:
    """The next piece, in a word."""
    piece = reader.read_header() if reader.awaits_header else reader.read_frame()
    if isinstance(piece, Header):
        return f"from {piece.source.address}" if piece.source else "from nowhere"
    if isinstance(piece, Refusal):
        return str(piece.error)
    assert not isinstance(piece, Wanted)
    return piece and piece[0].serial


def splits(data: bytes) -> list[tuple[bytes, bytes]]:
    return [(data[:cut], data[cut:]) for cut in range(len(data) + 1)]


@each_vector
def test_a_frame_among_others_is_the_same_wherever_it_is_split(vector: Vector) -> None:
    for first, second in splits(CERCO1.frame + vector.frame + CERCO1.frame):
        assert pieces(first, second) == [CERCO1.serial, vector.serial, CERCO1.serial], len(first)


@each_header
def test_a_header_and_the_frames_behind_it_are_the_same_wherever_they_are_split(header: bytes) -> None:
    for first, second in splits(header + CERCO1.frame + telegram("A1", Kind.BOOT)):
        assert pieces(first, second, awaits_header=True) == ["from 10.60.0.10", CERCO1.serial, "A1"], len(first)


@pytest.mark.parametrize("awaits_header", [False, True])
def test_single_bytes_make_the_same_pieces(awaits_header: bool) -> None:
    data = (LINE if awaits_header else b"") + CERCO1.frame * 3
    single = [bytes([byte]) for byte in data]
    assert pieces(*single, awaits_header=awaits_header) == pieces(data, awaits_header=awaits_header)


def test_junk_between_frames_is_skipped_wherever_it_is_split() -> None:
    for first, second in splits(CERCO1.frame + JUNK + CERCO1.frame):
        assert [piece.partition(";")[0] for piece in pieces(first, second)] == [
            CERCO1.serial,
            "junk, 10 bytes before a frame: no format begins with FF",
            CERCO1.serial,
        ], len(first)


def fed(data: bytes, *, awaits_header: bool = False) -> Reader:
    reader = Reader(PEER, awaits_header=awaits_header)
    reader.feed(data)
    return reader


def refused(piece: object) -> tuple[bytes, str, bytes]:
    """The bytes, error and answer of a refusal."""
    assert isinstance(piece, Refusal)
    return piece.raw, str(piece.error), piece.error.answer


def test_frames_come_with_their_bytes_and_what_is_left_over_at_the_end_is_refused() -> None:
    reader = fed(CERCO1.frame + GOOD[0].frame + CERCO1.frame[:5])
    for frame in (CERCO1.frame, GOOD[0].frame):
        piece = reader.read_frame()
        assert piece is not None
        assert piece[1] == frame
    assert (reader.read_frame(), reader.is_over) == (None, False)
    assert refused(reader.end("cut short")) == (CERCO1.frame[:5], "cut short", b"")
    assert (reader.is_over, reader.end("again")) == (True, None)


@pytest.mark.parametrize("data", [b"", CERCO1.frame])
def test_an_end_between_frames_is_no_refusal(data: bytes) -> None:
    reader = fed(data)
    reader.read_frame()
    assert (reader.end("cut short"), reader.is_over, reader.buffer) == (None, True, b"")


def test_too_much_junk_ends_the_reading_and_what_comes_behind_is_dropped_up_to_a_limit() -> None:
    data = b"x" * (MAX_JUNK + 1)
    reader = fed(CERCO1.frame + data)
    reader.read_frame()
    raw, _error, answer = refused(reader.read_frame())
    assert (raw, answer) == (data[:MAX_RAW], b"")
    reader.feed(CERCO1.frame.ljust(MAX_SKIPPED))
    assert (reader.is_over, reader.buffer, reader.has_skipped_enough) == (True, b"", False)
    reader.feed(b"x")
    assert reader.has_skipped_enough


def test_what_waits_to_be_read_is_kept_while_more_comes_in() -> None:
    reader = fed(CERCO1.frame * 2)
    for _ in range(3):
        assert reader.read_frame() is not None
        assert reader.buffer
        reader.feed(CERCO1.frame)
    assert [read(reader) for _ in range(3)] == [CERCO1.serial, CERCO1.serial, None]
    assert not reader.buffer


def test_an_unlisted_peers_header_is_refused_as_such_and_only_as_the_first_thing() -> None:
    piece = fed(LINE).read_frame()
    assert isinstance(piece, Refusal)
    assert isinstance(piece.error, ProxyError)
    assert pieces(CERCO1.frame + LINE + CERCO1.frame)[1].startswith("junk")


def test_what_may_become_a_header_waits() -> None:
    reader = fed(LINE[:4])
    assert (reader.read_frame(), reader.is_over, reader.buffer) == (None, False, LINE[:4])


def test_what_is_left_at_the_end_is_named() -> None:
    assert refused(fed(LINE[:-1], awaits_header=True).end("closed in {}"))[1] == "closed in the PROXY header"
    reader = fed(LINE + CERCO1.frame[:-1], awaits_header=True)
    reader.read_header()
    assert refused(reader.end("closed in {}"))[1] == "closed in the frame"


def test_a_refusal_is_recorded_as_malformed_with_its_first_bytes() -> None:
    now = datetime(2026, 3, 14, tzinfo=UTC)
    refusal = Refusal(b"x" * (MAX_RAW + 1), FrameError("why"), StrayReason.MALFORMED, "", is_first=True)
    stray = refusal.as_stray(now, PEER)
    assert (stray.reason, stray.sender, stray.source_ip, stray.at) == (StrayReason.MALFORMED, PEER, PEER, now)
    assert (len(stray.raw), stray.detail) == (MAX_RAW, "why")


NOW_NS = 1_600_862_400_000_000_000  # 2020-09-23 12:00 UTC

REFUSED = push_notification("A1", Kind.BOOT).replace(b"A1", b"??")  # for its serial number

usual_frames = st.builds(
    push_notification,
    st.sampled_from(["A1", "smm0000000042", "Z" * 32]),
    st.sampled_from([Kind.KEEPALIVE, Kind.BOOT]),
    invoke_id=st.sampled_from([7, 0x00400F]),  # the latter may be the beginning of a frame of 64 bytes
    confirmed=st.booleans(),
    ports=st.sampled_from([(1, 1), (3, 9)]),
)
other_bytes = st.one_of(
    st.sampled_from([vector.frame for vector in GOOD]),
    st.sampled_from([JUNK, b"\0", b"\r\n", LINE, REFUSED, bytes.fromhex("0001 0001 0001 0000")]),
    st.sampled_from([REFUSED, JUNK, telegram("A1", Kind.BOOT)]),
    st.builds(lambda frame, cut: frame[:cut], usual_frames, st.integers(1, 40)),
    st.builds(lambda frame, cut: frame[cut:], usual_frames, st.integers(1, 40)),
)


def on_a_connection(data: bytes, cuts: Sequence[int], room: int, owner: str) -> list[Any]:
    """What is queued and answered of ``data``, which comes cut into segments while at most ``room`` wait."""
    listening = Listening()
    peer, queue, answered = listening.peer(), listening.queue, list[bytes]()
    if owner:
        peer.connection.belong_to(owner)
    for begin, end in pairwise([0, *cuts, len(data)]):
        queue.size = len(queue.waiting) + room
        if peer.is_asked() and not peer.end():
            peer.send(data[begin:end])
        while not peer.is_asked() and not peer.end() and queue.waiting:
            queue.store(max(1, len(queue.waiting) // 2))
            queue.make_room()
        answered.append(peer.received)
    if peer.is_asked() and not peer.end():
        peer.close_our_side()
    queue.store()
    return [*map(facts, queue.contents), answered, peer.received, peer.end()]


def facts(content: Arrival | Stray) -> object:
    if isinstance(content, Stray):
        return replace(content, at=datetime.min)  # noqa: DTZ901 - of no zone, and nobody looks at it
    assert isinstance(content, Message)
    assert content.received_us == Arrival.received_us.fget(content)  # type: ignore[attr-defined]
    return astuple(content), content.answer


@given(
    parts=st.lists(st.one_of(usual_frames, usual_frames, other_bytes), min_size=1, max_size=12),
    cuts=st.lists(st.integers(0, 500), max_size=3),
    room=st.integers(1, 8),
    most=st.integers(2, 9),
    owner=st.sampled_from(["", "", "A1"]),
)
@example([CERCO1.frame, LINE], [len(CERCO1.frame)], 8, 9, "")  # no header, because something was read before
def test_many_at_once_are_read_as_one_by_one(
    parts: list[bytes], cuts: list[int], room: int, most: int, owner: str
) -> None:
    data = b"".join(parts)
    within = sorted(cut for cut in cuts if cut < len(data))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(registry, "time_ns", lambda: NOW_NS)
        patch.setattr(tcp, "MAX_UNANSWERED", most)
        patch.setattr(module, "MAX_REFUSED", 2)
        many = on_a_connection(data, within, room, owner)
        patch.setattr(module, "read_many", lambda _buffer, start, _limit: ([], start))
        assert many == on_a_connection(data, within, room, owner)


def test_usual_frames_that_come_at_once_are_read_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    reader = fed(CERCO1.frame * 3 + telegram("A1", Kind.BOOT) + CERCO1.frame * 2 + CERCO1.frame[:-1])
    found = [reader.read_frames(2) for _ in range(5)]
    assert [len(some) if isinstance(some, list) else some for some in found] == [2, 1, 1, 2, 0]
    assert reader.buffer


def test_no_two_frames_have_the_same_time_of_receipt(monkeypatch: pytest.MonkeyPatch) -> None:
    now_us = NOW_NS // 1_000
    monkeypatch.setattr(registry, "time_ns", lambda: now_us * 1_000)
    connections = Listening().connections
    assert [connections.moments(count)[1] - now_us for count in (1, 5, 1)] == [0, 1, 6]
    now_us += 3
    assert connections.moments(2) == (datetime(2020, 9, 23, 12, 0, 0, 7, tzinfo=UTC), now_us + 4)
    now_us += 100
    assert connections.moments(1)[1] == now_us
    now_us -= 3_600_000_000  # the clock is set back
    assert connections.moments(1)[1] == now_us


def test_the_time_of_receipt_and_its_microseconds_are_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    connections, epoch = Listening().connections, datetime(1970, 1, 1, tzinfo=UTC)
    for us in range(NOW_NS // 1_000, 4_000_000_000_000_000, 1_234_567_890_123):  # up to 2096
        monkeypatch.setattr(registry, "time_ns", lambda us=us: us * 1_000)
        assert connections.moments(1) == (epoch + timedelta(microseconds=us), us)
