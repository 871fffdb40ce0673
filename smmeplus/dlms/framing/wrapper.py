"""The wrapper around an APDU on TCP and UDP (IEC 62056-47; WIR-1).

``version(2) = 0001 | source wPort(2) | destination wPort(2) | length(2) | APDU``, big-endian.
"""

import struct
from typing import Final

from smmeplus.dlms.errors import FrameError

MAX_APDU: Final = 2048

_VERSION: Final = b"\x00\x01"
_HEADER: Final = struct.Struct(">2sHHH")
MAX_FRAME: Final = _HEADER.size + MAX_APDU


def unwrap(buffer: bytes) -> tuple[int, int, bytes, int] | None:
    """Take the first frame from ``buffer``: source wPort, destination wPort, APDU, bytes consumed.

    None while more bytes are needed. Raises FrameError as soon as the header shows that the frame
    will be refused: a version other than 1, a length of 0 or over ``MAX_APDU`` bytes.
    """
    if len(buffer) < _HEADER.size:
        _check_version(buffer[:2])
        return None
    version, source, destination, length = _HEADER.unpack_from(buffer)
    if version != _VERSION:
        _check_version(version)
    if not 0 < length <= MAX_APDU:
        raise FrameError(f"the wrapper announces {length} bytes; 1 to {MAX_APDU} are allowed")
    end = _HEADER.size + length
    if len(buffer) < end:
        return None
    return source, destination, buffer[_HEADER.size : end], end


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
