"""One bad frame costs itself alone, and so do bytes that no format begins with (WIR-1, WIR-9)."""

from __future__ import annotations

import random
import sys
import tracemalloc
from types import FrameType

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smmeplus.dlms.framing.wrapper import wrap
from smmeplus.dlms.kinds import Kind
from smmeplus.dlms.telegram import NAK, telegram
from tests.wakeup.listener.connections.peers import Listening
from tests.wakeup.listener.connections.test_field_frames import GOOD, PUSH, answers, pieces, said
from wakeup.listener.connections.limits import Limits
from wakeup.listener.connections.pieces import Refusal
from wakeup.listener.connections.reader import MAX_JUNK, MAX_REFUSED
from wakeup.models import StrayReason

FRAME = PUSH.frame
TELEGRAM = telegram("A1", Kind.BOOT)
BAD = wrap(1, 1, bytes.fromhex("c20000000001"))
EMPTY = bytes.fromhex("0001000100010000")
PROXY_SIGNATURE = 12  # bytes, of version 2
GREETINGS = [
    b"\r\nCONNECT 9600\r\n",
    b"AT+CIPSEND=0,42\r\r\n> ",
    b"+++",
    b"GET / HTTP/1.1\r\nHost: h/\r\n\r\n",
    b"/",
    b"//",
    b"/x/y\r\n\r\n",
    b"/a\r\n\r\n",
    b"\0",
    b"\0" * 9,
    b"\xff" * 64,
    b"\x7e",
    b"\x7e\xa0",
    b"\0\1" * 7,
    b"\0\1\0\1\0\1\xff\xff",
    b"\0\1\0\1\0\1\x08\x01",
    bytes.fromhex("000200010001002e0f"),
]


@pytest.mark.parametrize("junk", GREETINGS, ids=lambda junk: junk[:12].hex())
@pytest.mark.parametrize("frame", [FRAME, TELEGRAM], ids=["push", "telegram"])
def test_the_frame_behind_junk_is_read_wherever_the_bytes_are_split(junk: bytes, frame: bytes) -> None:
    data = junk + frame
    whole = said(pieces(data))
    assert whole[-1][0] in (PUSH.serial, "A1")
    assert {first for first, _ in whole[:-1]} <= {StrayReason.JUNK, StrayReason.MALFORMED}
    assert len(whole) in (2, 3)
    for cut in range(1, len(data)):
        assert said(pieces(data[:cut], data[cut:])) == whole, cut


@pytest.mark.parametrize("size", [1, 2, 3, 7, 8, 9, 100, 1_024, 2_056, MAX_JUNK - 1, MAX_JUNK])
def test_a_frame_is_answered_behind_as_much_junk_as_there_may_be(size: int) -> None:
    randomness = random.Random(size)
    for _ in range(20):
        junk = randomness.randbytes(size).replace(b"\0\1", b"\0\0")
        found = pieces(junk + FRAME)
        assert said(found)[-1] == GOOD, junk.hex()
        assert answers(found).endswith(PUSH.answer)


@pytest.mark.parametrize("size", [MAX_JUNK + 1, 65_536])
@pytest.mark.parametrize("octet", [b"\0", b"\xff", b"x"])
def test_more_junk_closes_the_connection_with_one_stray(size: int, octet: bytes) -> None:
    listening = Listening()
    peer = listening.peer()
    peer.send(octet * size + FRAME)
    (stray,) = listening.queue.strays
    assert (stray.reason, stray.connections, listening.queue.serials) == (StrayReason.JUNK, 1, [])
    assert f"{size} bytes" in stray.detail or size > MAX_JUNK
    listening.queue.store()
    assert (peer.received, peer.end()) == (b"", "closed")


def test_junk_of_a_connection_is_recorded_once_and_limited_in_all() -> None:
    listening = Listening()
    peer = listening.peer()
    for _ in range(MAX_JUNK // 64):
        peer.send(b"\xff" * 64 + FRAME)
    assert len(listening.queue.serials) == MAX_JUNK // 64
    peer.send(b"\xff" + FRAME)
    listening.queue.store()
    assert [stray.reason for stray in listening.queue.strays] == [StrayReason.JUNK]
    assert (len(listening.queue.serials), peer.end()) == (MAX_JUNK // 64, "closed")


@pytest.mark.parametrize("leave", ["close_our_side", "vanish", "fall silent"])
def test_junk_alone_is_recorded_when_the_connection_ends(leave: str) -> None:
    listening = Listening(Limits(idle_s=60))
    peer = listening.peer()
    peer.send(b"GET / HTTP/1.1\r\n\r\n")
    assert not listening.queue.contents
    if leave == "fall silent":
        listening.sweep_after(61)
    else:
        getattr(peer, leave)()
    (stray,) = listening.queue.strays
    assert (
        stray.detail
        == "junk, 18 bytes without a frame: no format begins with 47; known are 00 (wrapped), 2F (telegram)"
    )
    listening.queue.store()
    assert peer.end() == ("gone" if leave == "vanish" else "closed")
    assert not listening.connections.open


def test_padding_behind_a_frame_does_not_cut_the_connection() -> None:
    listening = Listening(Limits(idle_s=600, frame_s=10))
    peer = listening.peer()
    for _ in range(5):
        peer.send(FRAME + b"\r\n\0")
        listening.queue.store()
        listening.sweep_after(60)
    assert (peer.received, peer.end()) == (PUSH.answer * 5, "")


@pytest.mark.parametrize("cut", range(1, len(FRAME)))
def test_a_cut_frame_does_not_cost_the_next_one(cut: int) -> None:
    data = FRAME[:cut] + FRAME + TELEGRAM
    whole = said(pieces(data))
    assert whole[-2:] == [GOOD, ("A1", Kind.BOOT)]
    # Where only the name of the push was cut, the message still says that the device is alive.
    assert all(isinstance(first, StrayReason) or kind is Kind.OTHER for first, kind in whole[:-2])
    for split in range(cut, len(data)):
        assert said(pieces(data[:split], data[split:])) == whole


@pytest.mark.parametrize("cut", range(1, len(TELEGRAM)))
def test_a_cut_telegram_does_not_cost_the_next_frame(cut: int) -> None:
    for frame in (FRAME, TELEGRAM):
        whole = said(pieces(TELEGRAM[:cut] + frame))
        assert whole[-1] == (GOOD if frame is FRAME else ("A1", Kind.BOOT))
        assert all(isinstance(first, StrayReason) for first, _ in whole[:-1])


def test_empty_wrappers_leave_no_trace_however_many() -> None:
    assert said(pieces(EMPTY * 5_000 + FRAME + EMPTY)) == [GOOD]
    for cut in range(1, len(EMPTY) * 2):
        assert said(pieces((EMPTY * 2)[:cut], (EMPTY * 2)[cut:] + FRAME)) == [GOOD]


def test_a_refused_frame_is_skipped_by_its_length_and_the_connection_stays() -> None:
    listening = Listening()
    peer = listening.peer()
    peer.send(BAD + FRAME + BAD + FRAME)
    listening.queue.store()
    assert (peer.received, peer.end(), len(listening.queue.strays)) == (PUSH.answer * 2, "", 2)
    assert [stray.connections for stray in listening.queue.strays] == [1, 0]


@pytest.mark.parametrize("unknown", ["55", "10400000010000", "60", "ff" * 40, "000100010001"])
def test_an_unknown_apdu_in_a_whole_wrapper_is_skipped_too(unknown: str) -> None:
    frame = wrap(1, 102, bytes.fromhex(unknown))
    whole = said(pieces(frame + FRAME))
    assert [first for first, _ in whole] == [StrayReason.MALFORMED, PUSH.serial]
    assert said(pieces(frame))[0] == whole[0]


def test_too_many_refused_frames_in_a_row_close_the_connection() -> None:
    listening = Listening()
    peer = listening.peer()
    peer.send((BAD * (MAX_REFUSED - 1) + FRAME) * 2 + BAD * MAX_REFUSED + FRAME)
    listening.queue.store()
    assert len(listening.queue.strays) == 3 * MAX_REFUSED - 2
    assert (len(listening.queue.serials), peer.end()) == (2, "closed")


def test_a_refused_telegram_is_answered_and_skipped() -> None:
    wrong = TELEGRAM.replace(b"A1", b"A2")
    found = pieces(wrong + TELEGRAM + wrong + FRAME)
    assert answers(found) == NAK + b"\x06" + NAK + PUSH.answer


@given(
    st.lists(
        st.sampled_from([FRAME, TELEGRAM, BAD, EMPTY, *GREETINGS]) | st.binary(max_size=20), min_size=1, max_size=6
    ),
    st.data(),
)
def test_wherever_a_stream_is_split_the_same_pieces_come_out(parts: list[bytes], data: st.DataObject) -> None:
    stream = b"".join(parts)
    cuts = sorted(data.draw(st.sets(st.integers(0, len(stream)), max_size=4)))
    segments = [stream[start:end] for start, end in zip([0, *cuts], [*cuts, len(stream)], strict=True)]
    assert [_of(piece) for piece in pieces(*segments)] == [_of(piece) for piece in pieces(stream)]


def _of(piece: object) -> object:
    """What the piece says. Of a PROXY header that ends the connection as much is kept as has come by then."""
    if not isinstance(piece, Refusal):
        return piece
    raw = piece.raw[:PROXY_SIGNATURE] if "PROXY header" in str(piece.error) else piece.raw
    return raw, str(piece.error), piece.reason


@pytest.mark.parametrize(
    "pattern",
    [b"\0", b"\0\1", b"/", b"/a\r\n\r\n", b"\x7e\xa0\x20", BAD, EMPTY, b"/x" * 20 + b"\r\n\r\n", TELEGRAM[:-1]],
)
def test_the_work_is_linear_in_the_bytes(pattern: bytes) -> None:
    def steps(size: int) -> int:
        calls = 0

        def count(_frame: FrameType, event: str, _arg: object) -> None:
            nonlocal calls
            calls += event in ("call", "c_call")

        stream = (pattern * size)[:size]
        before = sys.getprofile()
        sys.setprofile(count)
        try:
            pieces(*(stream[at : at + 512] for at in range(0, size, 512)))
        finally:
            sys.setprofile(before)
        return calls

    assert steps(65_536) <= 2.5 * steps(32_768) + 2_000


@pytest.mark.parametrize("pattern", [b"\0\1", b"/a\r\n\r\n", b"\xff", EMPTY])
def test_memory_stays_flat_under_a_flood_of_junk(pattern: bytes) -> None:
    listening = Listening()
    peer = listening.peer()
    chunk = (pattern * 4_096)[:4_096]
    tracemalloc.start()
    try:
        for _ in range(50):
            if peer.is_asked():
                peer.send(chunk)
        assert tracemalloc.get_traced_memory()[1] < 200_000
    finally:
        tracemalloc.stop()
