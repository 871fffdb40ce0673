"""The values that a configuration is made of, in the types of the device (CFG-2; Blue Book, Push setup)."""

from collections.abc import Sequence
from typing import Final, NamedTuple, TypeAlias

from smmeplus.dlms import data as d
from smmeplus.dlms.access.attributes import Attribute
from smmeplus.dlms.access.errors import ValueRefusedError
from smmeplus.dlms.data import Data, encode
from smmeplus.dlms.errors import FrameError
from smmeplus.dlms.explaining.wording import type_in_words
from smmeplus.dlms.kinds import DATA_CLASS
from smmeplus.dlms.serials import decode_serial

#: Who a device says it is: its serial number, or else its logical device name.
SERIAL: Final = Attribute(DATA_CLASS, bytes((0, 0, 96, 1, 0, 255)), 2)
LOGICAL_DEVICE_NAME: Final = Attribute(DATA_CLASS, bytes((0, 0, 42, 0, 0, 255)), 2)
#: Attributes of a push setup, and the one of a Data object.
DESTINATION: Final = 3
RANDOM_START: Final = 5
RETRIES: Final = 6
RETRY_DELAY: Final = 7
VALUE: Final = 2

TCP: Final = 0
UDP: Final = 1
A_XDR: Final = 0  # the encoding of what is pushed

_DELAY_IN_PARTS: Final = 2  # the version of the push setup from which on the delay is a structure
_CONSTANT: Final = 100  # per cent by which each delay differs from the one before
_NUMBERS: Final = frozenset(
    {
        d.INTEGER,
        d.LONG,
        d.DOUBLE_LONG,
        d.LONG64,
        d.UNSIGNED,
        d.LONG_UNSIGNED,
        d.DOUBLE_LONG_UNSIGNED,
        d.LONG64_UNSIGNED,
        d.ENUM,
    }
)

#: A value without its types: a whole number, octets, or a structure of such.
Content: TypeAlias = "int | bytes | Sequence[Content]"


class PushDestination(NamedTuple):
    """Where a push goes to: ``destination`` is octets as the device has them, ``10.132.20.228:58692``."""

    transport: int
    destination: bytes
    message: int = A_XDR


def push_destination(transport: int, address: str, port: int) -> PushDestination:
    """``address`` is an IPv4 address or a name; the empty string switches the push off (CFG-2)."""
    return PushDestination(transport, f"{address}:{port}".encode() if address else b"")


def encode_destination(destination: PushDestination) -> Data:
    transport, octets, message = destination
    return d.STRUCTURE, [(d.ENUM, transport), (d.OCTET_STRING, octets), (d.ENUM, message)]


def decode_destination(value: Data) -> PushDestination:
    """FrameError for anything but a number, a string and a number, of whichever types."""
    tag, parts = value
    if tag != d.STRUCTURE or len(parts) != len(PushDestination._fields):
        raise FrameError(f"a push destination is a structure of 3 elements, not {_described(value)}")
    (transport_type, transport), (octets_type, octets), (message_type, message) = parts
    if not {transport_type, message_type} <= _NUMBERS or octets_type not in d.STRINGS:
        raise FrameError("a push destination has a number, a string and a number")
    return PushDestination(transport, octets, message)


def retry_delay(seconds: int, version: int) -> Content:
    """Attribute 7 of a push setup of ``version`` for the same delay before each retry.

    From version 2 on it is the least delay, by how many per cent it grows each time, and the most.
    """
    return seconds if version < _DELAY_IN_PARTS else (seconds, _CONSTANT, seconds)


def value_like(read: Data, wanted: Content) -> Data:
    """``wanted`` in the types of ``read``, which the device has answered with.

    ValueRefusedError if they cannot hold it; nothing is cut and no type is changed.
    """
    tag, content = read
    if isinstance(wanted, int):
        return _number_like(tag, wanted)
    if isinstance(wanted, bytes):
        if tag not in d.STRINGS:
            raise ValueRefusedError(f"the device has {_described(read)}, where octets are to be written")
        return tag, wanted
    if tag not in d.CONTAINERS or len(content) != len(wanted):
        raise ValueRefusedError(f"the device has {_described(read)}, where {len(wanted)} elements are to be written")
    return tag, [value_like(part, part_wanted) for part, part_wanted in zip(content, wanted, strict=True)]


def serial_in_value(value: Data) -> str:
    """The serial number in upper case that a device answers with; NoDeviceIdError for what is none."""
    tag, content = value
    if tag not in d.STRINGS:
        raise FrameError(f"a serial number is a string, not {_described(value)}")
    return decode_serial(content)


def _number_like(tag: int, wanted: int) -> Data:
    if tag not in _NUMBERS:
        raise ValueRefusedError(f"the device has a value of type {type_in_words(tag)}, where {wanted} is to be written")
    try:
        encode((tag, wanted))
    except FrameError:
        raise ValueRefusedError(f"{wanted} does not fit into the device's type, {type_in_words(tag)}") from None
    return tag, wanted


def _described(value: Data) -> str:
    tag, content = value
    name = type_in_words(tag)
    return f"{name} of {len(content)} elements" if tag in d.CONTAINERS else name
