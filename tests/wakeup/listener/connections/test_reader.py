"""The reader of a connection, fed by hand: the same pieces come out wherever the bytes are split (WIR-6, WIR-7)."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from smmeplus.dlms.errors import FrameError
from smmeplus.dlms.kinds import Kind
from smmeplus.dlms.telegram import telegram
from tests.smmeplus.dlms.vectors import BY_NAME, GOOD, Vector
from tests.wakeup.listener.connections.test_proxy import BLOCK, LINE
from wakeup.listener.connections.junk import MAX_RAW
from wakeup.listener.connections.pieces import Header, Refusal
from wakeup.listener.connections.proxy import ProxyError
from wakeup.listener.connections.reader import MAX_JUNK, MAX_SKIPPED, Reader
from wakeup.listener.keys.cache import Wanted
from wakeup.models import StrayReason

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
