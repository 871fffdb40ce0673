"""HDLC frames are recognised by the check of their header (WIR-11)."""

import pytest

from smmeplus.dlms.framing.crc import crc16_x25
from smmeplus.dlms.framing.hdlc import frame_length
from tests.smmeplus.dlms.field_frames import BY_NAME

FRAME = BY_NAME["hdlc"].frame
HEADER_END = 8


def header(addresses: str, length: int = 0x20) -> bytes:
    begin = bytes((0xA0, length)) + bytes.fromhex(addresses) + b"\x13"
    return b"\x7e" + begin + crc16_x25(begin).to_bytes(2, "little")


def test_a_frame_is_known_by_its_header() -> None:
    assert [frame_length(FRAME[:end]) for end in range(1, len(FRAME) + 1)] == [None] * (HEADER_END - 1) + [60] * 53


@pytest.mark.parametrize("addresses", ["0303", "000303", "00000005 03", "03 0002 0201", "00000005 00000007"])
def test_addresses_have_one_to_four_bytes(addresses: str) -> None:
    assert frame_length(header(addresses)) == 0x22


@pytest.mark.parametrize("place", range(1, HEADER_END))
def test_a_wrong_bit_in_the_header_is_no_frame(place: int) -> None:
    wrong = bytearray(FRAME)
    wrong[place] ^= 2
    assert not frame_length(bytes(wrong))


@pytest.mark.parametrize("data", ["41", "7e7e", "7e00", "7ea020" + "00" * 20, "7ea02003" + "00" * 20])
def test_other_bytes_are_no_frame(data: str) -> None:
    assert frame_length(bytes.fromhex(data)) == 0
