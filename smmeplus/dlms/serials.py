"""Device ids as they appear in frames (CON-1)."""

from smmeplus.dlms.errors import FrameError

MAX_LENGTH = 32


def is_serial(value: bytes) -> bool:
    """Whether ``value`` is 1 to 32 ASCII letters and digits."""
    return len(value) <= MAX_LENGTH and value.isalnum()


def decode_serial(value: bytes | None) -> str:
    """The serial number in upper case; FrameError if ``value`` is not one."""
    if value is None or not is_serial(value):
        raise FrameError("the frame has no valid device id (1 to 32 ASCII letters and digits)")
    return value.decode("ascii").upper()


def encode_serial(serial: str) -> bytes:
    """``serial`` as bytes, in the case given; FrameError if it is not 1 to 32 ASCII letters and digits."""
    value = serial.encode("utf-8", "replace")
    if not is_serial(value):
        raise FrameError("a device id is 1 to 32 ASCII letters and digits")
    return value
