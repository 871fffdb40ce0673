"""COSEM Data in A-XDR (Blue Book 4.1.5, Green Book 9.5), bounded in size and depth.

A value is a plain pair of its tag and its content, because frames tell their parts apart by tag:

=============================================  =========================================
tag                                            content
=============================================  =========================================
``NULL``, ``DONT_CARE``                        None
``ARRAY``, ``STRUCTURE``                       list of such pairs
``BOOLEAN``                                    bool
``BIT_STRING``                                 str of ``0`` and ``1``
``OCTET_STRING``, ``VISIBLE_STRING``,          bytes; text is left undecoded, so that a wrong
``UTF8_STRING``                                character in it cannot make a frame unreadable
``DATE_TIME``, ``DATE``, ``TIME``              bytes: 12, 5, 4
``FLOAT32``, ``FLOAT64``                       float
the others                                     int
=============================================  =========================================

Compact arrays (tag 19) and the delta types (28 to 33) are not known. What stands before one of them in a structure can
still be read, see :func:`decode_what_is_known`.
"""

import struct
from collections.abc import Mapping, Sequence
from typing import Any, Final, TypeAlias

from smmeplus.dlms.errors import FrameError
from smmeplus.dlms.framing.wrapper import MAX_APDU

Data: TypeAlias = tuple[int, Any]

MAX_DEPTH: Final = 8
_MOST_LENGTH: Final = 0xFFFF  # of what is sent

NULL: Final = 0
ARRAY: Final = 1
STRUCTURE: Final = 2
BOOLEAN: Final = 3
BIT_STRING: Final = 4
DOUBLE_LONG: Final = 5
DOUBLE_LONG_UNSIGNED: Final = 6
OCTET_STRING: Final = 9
VISIBLE_STRING: Final = 10
UTF8_STRING: Final = 12
BCD: Final = 13
INTEGER: Final = 15
LONG: Final = 16
UNSIGNED: Final = 17
LONG_UNSIGNED: Final = 18
LONG64: Final = 20
LONG64_UNSIGNED: Final = 21
ENUM: Final = 22
FLOAT32: Final = 23
FLOAT64: Final = 24
DATE_TIME: Final = 25
DATE: Final = 26
TIME: Final = 27
DONT_CARE: Final = 255

STRINGS: Final = frozenset({OCTET_STRING, VISIBLE_STRING, UTF8_STRING})
CONTAINERS: Final = frozenset({ARRAY, STRUCTURE})
_EMPTY: Final = frozenset({NULL, DONT_CARE})
_FIXED: Final[Mapping[int, struct.Struct]] = {
    BOOLEAN: struct.Struct(">?"),
    DOUBLE_LONG: struct.Struct(">i"),
    DOUBLE_LONG_UNSIGNED: struct.Struct(">I"),
    BCD: struct.Struct(">B"),
    INTEGER: struct.Struct(">b"),
    LONG: struct.Struct(">h"),
    UNSIGNED: struct.Struct(">B"),
    LONG_UNSIGNED: struct.Struct(">H"),
    LONG64: struct.Struct(">q"),
    LONG64_UNSIGNED: struct.Struct(">Q"),
    ENUM: struct.Struct(">B"),
    FLOAT32: struct.Struct(">f"),
    FLOAT64: struct.Struct(">d"),
    DATE_TIME: struct.Struct(">12s"),
    DATE: struct.Struct(">5s"),
    TIME: struct.Struct(">4s"),
}

#: All types that the codec knows.
TYPES: Final = STRINGS | CONTAINERS | _EMPTY | frozenset({BIT_STRING}) | frozenset(_FIXED)


def decode(buffer: bytes, offset: int = 0, limit: int = MAX_APDU) -> tuple[Data, int]:
    """The value that begins at ``offset`` and the offset behind it.

    Raises FrameError for anything cut short, unknown, or nested deeper than ``MAX_DEPTH``, and for a ``buffer`` longer
    than ``limit``: that of an APDU, but for a value that came in several.
    """
    if len(buffer) > limit:
        raise FrameError(f"there may be at most {limit} bytes, not {len(buffer)}")
    try:
        return _decode(buffer, offset, 0)
    except (IndexError, struct.error):
        raise FrameError("the data are cut short") from None


class UnknownDataError(FrameError):
    """There are data that cannot be stepped over. ``before`` is the value that holds them, up to where they begin."""

    before: Data | None = None


def decode_what_is_known(buffer: bytes, offset: int = 0) -> tuple[Data, FrameError | None]:
    """The value at ``offset``; and what is wrong behind it, if anything is (WIR-2).

    That is an UnknownDataError if unknown data end a structure or an array in it early, and another FrameError if bytes
    are left over. Raises FrameError like :func:`decode`, also if nothing stands before the unknown data.
    """
    try:
        data, end = decode(buffer, offset)
    except UnknownDataError as error:
        if error.before is None:
            raise
        return error.before, error
    left = len(buffer) - end
    return data, FrameError(f"{left} bytes are left over behind the data") if left else None


def encode(data: Data, limit: int = MAX_APDU) -> bytes:
    """The bytes of ``data``; FrameError for what ``decode`` would not take back, and for more than ``limit``."""
    encoded = _encode(data, 0)
    if len(encoded) > limit:
        raise FrameError(f"there may be at most {limit} bytes, not {len(encoded)}")
    return encoded


def _decode(buffer: bytes, offset: int, depth: int) -> tuple[Data, int]:
    tag = buffer[offset]
    offset += 1
    if tag in STRINGS:
        length = buffer[offset]
        if length < 0x80:
            offset += 1
        else:
            length, offset = _decode_length(buffer, offset)
        end = offset + length
        if end > len(buffer):
            raise IndexError
        return (tag, buffer[offset:end]), end
    if tag in _FIXED:
        fixed = _FIXED[tag]
        return (tag, fixed.unpack_from(buffer, offset)[0]), offset + fixed.size
    if tag in CONTAINERS:
        return _decode_elements(buffer, offset, tag, depth)
    if tag in _EMPTY:
        return (tag, None), offset
    if tag == BIT_STRING:
        return _decode_bits(buffer, offset)
    raise UnknownDataError(f"data of type {tag} are not known")


def _decode_elements(buffer: bytes, offset: int, tag: int, depth: int) -> tuple[Data, int]:
    if depth == MAX_DEPTH:
        raise UnknownDataError(f"data are nested deeper than {MAX_DEPTH} levels")
    count, offset = _decode_length(buffer, offset)
    elements: list[Data] = []
    try:
        for _ in range(count):  # ends where the bytes do, whatever the count claims
            element, offset = _decode(buffer, offset, depth + 1)
            elements.append(element)
    except UnknownDataError as error:
        if error.before is not None:
            elements.append(error.before)
        error.before = (tag, elements)
        raise
    return (tag, elements), offset


def _decode_bits(buffer: bytes, offset: int) -> tuple[Data, int]:
    count, offset = _decode_length(buffer, offset)
    end = offset + (count + 7) // 8
    if end > len(buffer):
        raise IndexError
    bits = "".join(f"{octet:08b}" for octet in buffer[offset:end])
    return (BIT_STRING, bits[:count]), end


def _decode_length(buffer: bytes, offset: int) -> tuple[int, int]:
    """A length in A-XDR and the offset behind it; IndexError at the end of ``buffer``."""
    first = buffer[offset]
    offset += 1
    if first < 0x80:
        return first, offset
    octets = first & 0x7F
    if not 0 < octets <= 4:
        raise UnknownDataError(f"a length of {octets} octets is not allowed")
    end = offset + octets
    if end > len(buffer):
        raise IndexError
    return int.from_bytes(buffer[offset:end], "big"), end


def _encode(data: Data, depth: int) -> bytes:
    tag, content = data
    head = bytes((tag,))
    if tag in STRINGS:
        return head + _encode_length(len(content)) + bytes(content)
    if tag in _FIXED:
        return head + _encode_fixed(_FIXED[tag], content)
    if tag in CONTAINERS:
        return head + _encode_elements(content, depth)
    if tag in _EMPTY:
        return head
    if tag == BIT_STRING:
        return head + _encode_length(len(content)) + _encode_bits(content)
    raise FrameError(f"data of type {tag} are not known")


def _encode_fixed(fixed: struct.Struct, content: Any) -> bytes:
    # struct would pad or cut a date of the wrong length silently
    if isinstance(content, bytes) and len(content) != fixed.size:
        raise FrameError(f"a value of {len(content)} bytes where {fixed.size} are due")
    try:
        return fixed.pack(content)
    except (struct.error, OverflowError):
        raise FrameError(f"{content!r} does not fit into {fixed.size} bytes") from None


def _encode_elements(elements: Sequence[Data], depth: int) -> bytes:
    if depth == MAX_DEPTH:
        raise FrameError(f"data are nested deeper than {MAX_DEPTH} levels")
    return _encode_length(len(elements)) + b"".join(_encode(element, depth + 1) for element in elements)


def _encode_bits(bits: str) -> bytes:
    octets = (len(bits) + 7) // 8
    return int("0" + bits.ljust(8 * octets, "0"), 2).to_bytes(octets, "big")


def _encode_length(length: int) -> bytes:
    """``length`` in A-XDR; FrameError for one that nothing has that is sent."""
    if length < 0x80:
        return bytes((length,))
    if length > _MOST_LENGTH:
        raise FrameError(f"a length is at most {_MOST_LENGTH}, not {length}")
    octets = 1 if length < 0x100 else 2
    return bytes((0x80 | octets,)) + length.to_bytes(octets, "big")
