"""HDLC frames (IEC 62056-46), which are recognised and refused: they belong to a serial line, not to GPRS (WIR-11).

``7E | format(2): A and 11 bits of length | destination(1, 2, 4) | source(1, 2, 4) | control(1) | HCS(2) | … | 7E``
"""

from typing import Final

from smmeplus.dlms.framing.crc import crc16_x25

FLAG: Final = 0x7E

_FORMAT: Final = 0xA0
_FORMAT_MASK: Final = 0xF0
_LENGTH_MASK: Final = 0x07FF
_ADDRESS_ENDS: Final = 0x01
_MAX_ADDRESS: Final = 4
_CRC_SIZE: Final = 2


def frame_length(buffer: bytes) -> int | None:
    """How many bytes the frame has that ``buffer`` begins with, flags included; 0 if it begins with none.

    None while more bytes are needed to tell. The check of the header tells a frame from a chance of bytes.
    """
    if buffer[0] != FLAG:
        return 0
    if len(buffer) > 1 and buffer[1] & _FORMAT_MASK != _FORMAT:
        return 0
    control = _end_of_address(buffer, _end_of_address(buffer, 3))
    if control is None:
        return None
    end = control + 1 + _CRC_SIZE if control else 0
    if end > len(buffer):
        return None
    if not end or buffer[control + 1 : end] != crc16_x25(buffer[1 : control + 1]).to_bytes(_CRC_SIZE, "little"):
        return 0
    return (int.from_bytes(buffer[1:3], "big") & _LENGTH_MASK) + 2


def _end_of_address(buffer: bytes, start: int | None) -> int | None:
    """The offset behind the address at ``start``; 0 if it does not end, None while that cannot be told."""
    if not start:
        return start
    for end in range(start + 1, start + _MAX_ADDRESS + 1):
        if end > len(buffer):
            return None
        if buffer[end - 1] & _ADDRESS_ENDS:
            return end
    return 0
