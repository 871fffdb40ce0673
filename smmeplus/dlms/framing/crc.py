"""The two checksums of the formats: CRC-16/ARC of text telegrams, CRC-16/X-25 of HDLC frames and session messages."""

from typing import Final


def crc16_arc(data: bytes) -> int:
    """CRC-16/ARC: polynomial 0x8005 reflected, initial value 0, no final XOR."""
    return _crc(_ARC, data, 0)


def crc16_x25(data: bytes) -> int:
    """CRC-16/X-25: polynomial 0x1021 reflected, initial value and final XOR FFFF; sent low byte first."""
    return _crc(_X25, data, 0xFFFF) ^ 0xFFFF


def _crc(table: tuple[int, ...], data: bytes, crc: int) -> int:
    for octet in data:
        crc = crc >> 8 ^ table[(crc ^ octet) & 0xFF]
    return crc


def _table(polynomial: int) -> tuple[int, ...]:
    """The checksums of the single octets, for a reflected ``polynomial``."""
    return tuple(_crc_of_octet(octet, polynomial) for octet in range(256))


def _crc_of_octet(octet: int, polynomial: int) -> int:
    for _ in range(8):
        octet = octet >> 1 ^ (polynomial if octet & 1 else 0)
    return octet


_ARC: Final = _table(0xA001)
_X25: Final = _table(0x8408)
