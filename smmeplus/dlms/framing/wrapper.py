"""The wrapper around an APDU on TCP and UDP (IEC 62056-47; WIR-1).

``version(2) = 0001 | source wPort(2) | destination wPort(2) | length(2) | APDU``, big-endian.
"""

import struct
from typing import Final

from smmeplus.dlms.errors import FrameError

MAX_APDU: Final = 2048

_VERSION: Final = b"\x00\x01"
_HEADER: Final = struct.Struct(">2sHHH")
HEADER_SIZE: Final = _HEADER.size
MAX_FRAME: Final = HEADER_SIZE + MAX_APDU

_LENGTH: Final = HEADER_SIZE - 2  # where it stands
_MAX_APDU_BEGUN: Final = bytes((MAX_APDU >> 8,))


class EmptyFrameError(FrameError):
    """A wrapper without an APDU, which some stacks send to keep their connection: it is stepped over."""


def unwrap(buffer: bytes) -> tuple[int, int, bytes, int] | None:
    """Take the first frame from ``buffer``: source wPort, destination wPort, APDU, bytes consumed.

    None while more bytes are needed. Raises FrameError as soon as the header shows that the frame will be refused: a
    version other than 1, or a length over ``MAX_APDU`` bytes. Raises EmptyFrameError for a length of 0.
    """
    if len(buffer) < _HEADER.size:
        _check_version(buffer[:2])
        return None
    version, source, destination, length = _HEADER.unpack_from(buffer)
    if version != _VERSION:
        _check_version(version)
    if not length:
        raise EmptyFrameError("an empty wrapper, the keep-alive of some stacks", length=HEADER_SIZE)
    if length > MAX_APDU:
        raise FrameError(f"the wrapper announces {length} bytes; at most {MAX_APDU} are allowed")
    end = _HEADER.size + length
    if len(buffer) < end:
        return None
    return source, destination, buffer[_HEADER.size : end], end


def apdu_length(begun: bytes) -> int | None:
    """The length that the header at the start of ``begun`` announces; 0 if it has no APDU that could be taken.

    None while more bytes are needed to tell.
    """
    if not _VERSION.startswith(begun[:2]) or begun[_LENGTH : _LENGTH + 1] > _MAX_APDU_BEGUN:
        return 0
    if len(begun) < HEADER_SIZE:
        return None
    length = int.from_bytes(begun[_LENGTH:HEADER_SIZE], "big")
    return length if length <= MAX_APDU else 0


def wrap(source: int, destination: int, apdu: bytes) -> bytes:
    """``apdu`` in its wrapper; FrameError unless it has 1 to ``MAX_APDU`` bytes and the wPorts 16 bits."""
    if not 0 < len(apdu) <= MAX_APDU:
        raise FrameError(f"an APDU has 1 to {MAX_APDU} bytes, not {len(apdu)}")
    try:
        return _HEADER.pack(_VERSION, source, destination, len(apdu)) + apdu
    except struct.error:
        raise FrameError("a wPort is a number from 0 to 65535") from None


def _check_version(begun: bytes) -> None:
    if not _VERSION.startswith(begun):
        raise FrameError(f"the wrapper's version is {begun.hex()}, not {_VERSION.hex()}")
