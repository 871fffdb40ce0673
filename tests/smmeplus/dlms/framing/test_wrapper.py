"""The IEC 62056-47 wrapper (WIR-1)."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from smmeplus.dlms.errors import FrameError
from smmeplus.dlms.framing.wrapper import MAX_APDU, MAX_FRAME, EmptyFrameError, apdu_length, unwrap, wrap

PORTS = st.integers(0, 65535)


@settings(derandomize=True)
@given(PORTS, PORTS, st.binary(min_size=1, max_size=MAX_APDU), st.binary(max_size=20))
def test_what_is_wrapped_unwraps_to_the_same_and_leaves_what_follows(
    source: int, destination: int, apdu: bytes, following: bytes
) -> None:
    frame = wrap(source, destination, apdu)
    assert unwrap(frame + following) == (source, destination, apdu, len(frame))


def test_the_header_is_version_ports_and_length_in_network_order() -> None:
    assert wrap(0x0102, 0x0304, b"\xaa\xbb").hex() == "0001010203040002aabb"


def test_a_frame_is_incomplete_until_its_last_byte() -> None:
    frame = wrap(1, 102, b"\x0f" * 300)
    assert all(unwrap(frame[:end]) is None for end in range(len(frame)))


@pytest.mark.parametrize("begun", ["01", "0000", "0002", "0100", "ffff", "000200010001002e0f"])
def test_a_wrong_version_is_refused_as_soon_as_it_shows(begun: str) -> None:
    with pytest.raises(FrameError, match="version"):
        unwrap(bytes.fromhex(begun))


@pytest.mark.parametrize("length", [MAX_APDU + 1, 0xFFFF])
def test_a_wrong_length_is_refused_before_any_byte_of_the_apdu(length: int) -> None:
    header = bytes.fromhex("000100010001") + length.to_bytes(2, "big")
    assert unwrap(header[:7]) is None
    with pytest.raises(FrameError, match="announces"):
        unwrap(header)


def test_an_empty_wrapper_is_told_from_a_wrong_one() -> None:
    with pytest.raises(EmptyFrameError) as empty:
        unwrap(bytes.fromhex("0001000100010000ff"))
    assert empty.value.length == 8


@pytest.mark.parametrize(
    ("begun", "length"),
    [("", None), ("00", None), ("0001", None), ("00010001000100", None), ("0001000100010022", 34)]
    + [
        (wrong, 0)
        for wrong in ("01", "0002", "0001000100010000", "00010001000109", "0001000100010801", "000100010001ffff")
    ],
)
def test_the_length_of_an_apdu_is_known_with_the_header(begun: str, length: int | None) -> None:
    assert apdu_length(bytes.fromhex(begun)) == length


def test_the_longest_apdu_passes() -> None:
    frame = wrap(0, 65535, bytes(MAX_APDU))
    assert len(frame) == MAX_FRAME
    assert unwrap(frame) == (0, 65535, bytes(MAX_APDU), MAX_FRAME)


@pytest.mark.parametrize("apdu", [b"", bytes(MAX_APDU + 1)])
def test_an_apdu_of_a_length_that_would_be_refused_is_not_wrapped(apdu: bytes) -> None:
    with pytest.raises(FrameError, match="APDU"):
        wrap(1, 1, apdu)


@pytest.mark.parametrize("ports", [(-1, 1), (1, 65536)])
def test_a_port_of_more_than_16_bits_is_not_wrapped(ports: tuple[int, int]) -> None:
    with pytest.raises(FrameError, match="wPort"):
        wrap(*ports, b"\x0f")
