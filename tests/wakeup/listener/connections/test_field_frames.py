"""What devices in the field really send: alone, before and behind good frames, split anywhere, in datagrams (WIR-8)."""

from __future__ import annotations

import random
from datetime import datetime
from typing import Final

import pytest

from smmeplus.dlms.kinds import Kind, keys_of
from tests.plugins.effort import examples
from tests.smmeplus.dlms.field_frames import BY_NAME, FIELD_FRAMES, FieldFrame
from tests.smmeplus.dlms.vectors import BY_NAME as VECTORS
from wakeup.listener.connections.datagrams import read_datagram
from wakeup.listener.connections.pieces import Piece, Refusal
from wakeup.listener.connections.reader import Reader
from wakeup.listener.keys.cache import Wanted
from wakeup.models import Format, StrayReason

Said = list[tuple[str, Kind] | tuple[StrayReason, str]]
PEER: Final = "10.60.0.10"
PUSH: Final = VECTORS["DN-P-cerco1"]
GOOD: Final = (PUSH.serial, Kind.KEEPALIVE)
SMM: Final = "SMM0000000012345"
MUTATIONS: Final = examples(in_ci=2_000, at_the_desk=300)  # of each frame

#: The messages of each line, or the reason and a part of the text of its refusal.
EXPECTED: Final[dict[str, Said]] = {
    "login-0A": [("210600990041", Kind.KEEPALIVE)],
    "heartbeat-0C": [("211200990077", Kind.KEEPALIVE)],
    "login+heartbeat+push": [("210600990041", Kind.KEEPALIVE), ("210600990041", Kind.KEEPALIVE), GOOD],
    "heartbeat-DD": [("000189699912", Kind.KEEPALIVE)],
    "event-without-id": [(StrayReason.NAMELESS, "no device id")],
    "junk+push": [(StrayReason.JUNK, "junk, 2 bytes before a frame"), GOOD],
    "event-code-12": [("702299059", Kind.OTHER)],
    "hdlc": [(StrayReason.MALFORMED, "HDLC frame")],
    "object-list": [("97600990951", Kind.BOOT)],
    "list-names-the-id": [("97600990951", Kind.KEEPALIVE)],
    "12-elements": [("ISK1030990283067", Kind.OTHER)],
    "time-09": [("7340157030990045", Kind.KEEPALIVE)],
    "c2-structure": [("34157300998003", Kind.OTHER)],
    "hyphens": [("660-00995D-1125", Kind.BOOT)],
    "no-id": [(StrayReason.NAMELESS, "no device id")],
    "ciphered": [(StrayReason.CIPHERED, "ciphered (general-glo-ciphering), system title 414C4C0000009999")],
    "c2-push": [("KFM2020089900006", Kind.OTHER)],
    "bit-string-last-gasp": [("PCR54000000990", Kind.OTHER)],
    "bit-string-first-breath": [("PCR54000000990", Kind.OTHER)],
    "cut-short": [(StrayReason.MALFORMED, "EventNotification is cut short")],
    "second-word": [(SMM, Kind.OTHER)],
    "smr5-power-up": [("EXXXX123456789012", Kind.KEEPALIVE)],
    "smr5-last-gasp": [("EXXXX123456789012", Kind.KEEPALIVE)],
    "nul-padding": [("SMM000012345", Kind.KEEPALIVE)],
    "later-type-behind": [(SMM, Kind.KEEPALIVE)],
    "word-as-long-unsigned": [(SMM, Kind.LASTGASP)],
    "word-as-bit-string": [(SMM, Kind.LASTGASP)],
    "word-as-octets": [(SMM, Kind.LASTGASP)],
    "word-as-unsigned": [(SMM, Kind.LASTGASP)],
    "array-around": [(SMM, Kind.KEEPALIVE)],
    "time-tag-19": [(SMM, Kind.KEEPALIVE)],
    "two-in-a-datagram": [GOOD, GOOD],
    "length-0": [],
    "bcd-id": [(StrayReason.NAMELESS, "0000210600990041")],
}
#: The texts by which a rule can give a message a kind, as far as a line speaks of them.
KEYS: Final = {
    "event-code-12": {"code 12"},
    "object-list": {f"push 0-0:25.9.0.255 word 1 bit {bit}" for bit in (1, 4, 13)},
    "c2-structure": {"object 20012 0-0:128.0.12.255"},
    "c2-push": {"push 0-4:25.9.0.255 word 1 bit 24"},
    "bit-string-last-gasp": {"push 0-4:25.9.0.255 word 1 bit 85"},
    "bit-string-first-breath": {"push 0-4:25.9.0.255 word 1 bit 86"},
    "second-word": {"push 0-4:25.9.0.255 word 2 bit 0"},
    "smr5-power-up": {"push 0-1:25.9.0.255 word 1 bit 2"},
    "smr5-last-gasp": {"push 0-3:25.9.0.255 word 1 bit 0"},
}
each_frame = pytest.mark.parametrize("frame", FIELD_FRAMES, ids=lambda frame: frame.name)


def pieces(*segments: bytes) -> list[Piece]:
    """What comes out of a connection that brings ``segments`` and is closed."""
    reader, found = Reader(PEER, awaits_header=False), []
    for segment in segments:
        reader.feed(segment)
        while (piece := reader.read_frame()) is not None:
            assert not isinstance(piece, Wanted)
            found.append(piece)
    rest = reader.end("closed in the middle of {}")
    return [*found, rest] if rest else found


def said(found: list[Piece]) -> Said:
    return [
        (piece.reason, str(piece.error)) if isinstance(piece, Refusal) else (piece[0].serial, piece[0].kind)
        for piece in found
    ]


def answers(found: list[Piece]) -> bytes:
    return b"".join(piece.error.answer if isinstance(piece, Refusal) else piece[0].answer for piece in found)


def assert_as_expected(found: list[Piece], expected: Said) -> None:
    texts = said(found)
    assert [first for first, _ in texts] == [first for first, _ in expected]
    for (_, is_said), (_, is_due) in zip(texts, expected, strict=True):
        assert is_due in is_said if isinstance(is_due, str) and isinstance(is_said, str) else is_due == is_said


def test_each_line_of_the_file_is_expected_to_be_something() -> None:
    assert list(BY_NAME) == list(EXPECTED)


@each_frame
def test_a_frame_alone_is_read_answered_or_refused_as_it_has_to_be(frame: FieldFrame) -> None:
    found = pieces(frame.frame)
    assert_as_expected(found, EXPECTED[frame.name])
    assert answers(found) == frame.answer


@each_frame
def test_between_good_frames_it_costs_itself_alone_wherever_the_bytes_are_split(frame: FieldFrame) -> None:
    data = PUSH.frame + frame.frame + PUSH.frame
    whole = pieces(data)
    assert_as_expected(whole, [GOOD, *EXPECTED[frame.name], GOOD])
    assert answers(whole) == PUSH.answer + frame.answer + PUSH.answer
    for cut in range(1, len(data)):
        assert said(pieces(data[:cut], data[cut:])) == said(whole), cut
    assert said(pieces(*(bytes((octet,)) for octet in data))) == said(whole)


@each_frame
def test_a_datagram_is_read_as_a_connection_is(frame: FieldFrame) -> None:
    assert said(list(read_datagram(frame.frame, PEER))) == said(pieces(frame.frame))
    with_others = list(read_datagram(PUSH.frame + frame.frame + PUSH.frame + bytes(7), PEER))
    assert_as_expected(with_others, [GOOD, *EXPECTED[frame.name], GOOD])


@pytest.mark.parametrize(("name", "keys"), KEYS.items())
def test_a_rule_can_name_what_a_message_says(name: str, keys: set[str]) -> None:
    ((notice, _raw),) = [piece for piece in pieces(BY_NAME[name].frame) if not isinstance(piece, Refusal)]
    assert notice.kind_key is not None
    found = keys_of(notice.kind_key)
    assert keys <= set(found)
    bits = {key for key in found if " bit " in key}
    assert not bits or bits == keys


@pytest.mark.parametrize("name", ["time-09", "time-tag-19"])
def test_a_time_with_a_tag_before_it_is_read(name: str) -> None:
    ((notice, _raw),) = [piece for piece in pieces(BY_NAME[name].frame) if not isinstance(piece, Refusal)]
    assert notice.clock is not None
    assert (notice.clock.local, notice.clock.deviation) == (datetime(2023, 10, 20, 18, 58, 15), -60)  # noqa: DTZ001


@pytest.mark.parametrize("session", ["login-0A", "heartbeat-0C", "heartbeat-DD"])
def test_behind_a_login_a_message_without_a_device_id_is_the_modules(session: str) -> None:
    (serial, _), *_ = EXPECTED[session]
    nameless = BY_NAME["event-without-id"].frame
    found = pieces(BY_NAME[session].frame + nameless + PUSH.frame + nameless)
    assert said(found) == [(serial, Kind.KEEPALIVE), (serial, Kind.OTHER), GOOD, (serial, Kind.OTHER)]
    assert [piece[0].format for piece in found if not isinstance(piece, Refusal)] == [
        Format.SESSION,
        Format.EVENT,
        Format.PUSH,
        Format.EVENT,
    ]


def test_the_last_login_counts_and_a_refused_frame_is_recorded_under_it() -> None:
    frames = (BY_NAME[name].frame for name in ("login-0A", "heartbeat-0C", "cut-short"))
    *_, refusal = pieces(b"".join(frames))
    assert isinstance(refusal, Refusal)
    assert refusal.identity == "211200990077"


@each_frame
def test_mutations_give_the_decoders_error_only(frame: FieldFrame) -> None:
    randomness = random.Random(frame.name)
    for _ in range(MUTATIONS):
        data = _mutated(frame.frame, randomness)
        assert len(pieces(data)) <= len(data)


def _mutated(frame: bytes, randomness: random.Random) -> bytes:
    """``frame`` with one to three of its bytes changed, left out or doubled."""
    changed = bytearray(frame)
    for _ in range(randomness.randint(1, 3)):
        at = randomness.randrange(len(changed))
        match randomness.randrange(3):
            case 0:
                changed[at] = randomness.randrange(256)
            case 1 if len(changed) > 1:
                del changed[at]
            case _:
                changed[at:at] = changed[at : at + 4]
    return bytes(changed)
