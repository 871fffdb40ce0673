"""Device ids as they appear in frames (CON-1)."""

import re
from typing import Final

from smmeplus.dlms.errors import FrameError, NoDeviceIdError

MAX_LENGTH: Final = 32
RIGHT: Final = "1 to 32 ASCII letters, digits and inner hyphens"

_SERIAL: Final = re.compile(rb"[0-9A-Za-z](?:[0-9A-Za-z-]{0,30}[0-9A-Za-z])?")
_PADDING: Final = b"\x00 "
_MAX_SHOWN: Final = 32  # bytes of a value that is no serial


def is_serial(value: bytes) -> bool:
    """Whether ``value`` is 1 to 32 ASCII letters, digits and inner hyphens."""
    if b"-" in value:
        return _SERIAL.fullmatch(value) is not None
    return value.isalnum() and len(value) <= MAX_LENGTH  # a sixth of the time


def serial_in(value: bytes) -> str:
    """The serial number in upper case, without the NULs and blanks that fill it up (WIR-2); empty if it is none."""
    serial = value.strip(_PADDING)
    return serial.decode("ascii").upper() if is_serial(serial) else ""


def decode_serial(value: bytes | None) -> str:
    """The serial number in upper case; NoDeviceIdError, which shows ``value``, if it is not one."""
    serial = serial_in(value or b"")
    if not serial:
        raise no_device_id(value)
    return serial


def no_device_id(value: bytes | None) -> NoDeviceIdError:
    """The error of a message whose device id is ``value``, which is no serial number, or that has none at all."""
    if value is None:
        return NoDeviceIdError("the frame has no device id")
    shown = _shown(value)
    return NoDeviceIdError(f"no device id: {shown} is not {RIGHT}", identity=shown)


def encode_serial(serial: str) -> bytes:
    """``serial`` as bytes, in the case given; FrameError if it is not 1 to 32 ASCII letters, digits, inner hyphens."""
    value = serial.encode("utf-8", "replace")
    if not is_serial(value):
        raise FrameError(f"a device id is {RIGHT}")
    return value


def _shown(value: bytes) -> str:
    """Text as it is and all else in hex, as much as tells what the device was made to send."""
    begin = value[:_MAX_SHOWN]
    text = begin.decode("ascii", "replace")
    shown = text if text.isprintable() and begin.isascii() else begin.hex().upper()
    return (shown or "an empty string") + ("…" if len(value) > _MAX_SHOWN else "")
