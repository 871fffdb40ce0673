"""The two layouts of a DataNotification's body (WIR-2), and the value of an EventNotification (WIR-3)."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final, TypeAlias

from smmeplus.dlms.clock import SIZE, UNSPECIFIED, Clock, decode_clock, encode_clock
from smmeplus.dlms.data import (
    DATE_TIME,
    DOUBLE_LONG_UNSIGNED,
    LONG_UNSIGNED,
    OCTET_STRING,
    STRINGS,
    STRUCTURE,
    VISIBLE_STRING,
    Data,
)
from smmeplus.dlms.errors import FrameError
from smmeplus.dlms.kinds import Kind, KindKey, code_of_kind, kind_of_code, meaning_of_push, push_of_kind
from smmeplus.dlms.serials import decode_serial, encode_serial, is_serial

MAX_ELEMENTS: Final = 8
CONCENTRATOR_ELEMENTS: Final = 3
EVENT_ELEMENTS: Final = 4
PUSH_NAME_LENGTH: Final = 6

_PUSH_CODE: Final = b"\x19\x09"
_END: Final = 255
_CLOCKS: Final = frozenset({OCTET_STRING, DATE_TIME})
_TEXTS: Final = {
    Kind.KEEPALIVE: b"Keep alive",
    Kind.BOOT: b"Power up",
    Kind.LASTGASP: b"Power down",
    Kind.OTHER: b"Other",
}
_LOGICAL_DEVICE: Final = 1


#: What the body of a frame says: the serial in upper case, the kind, the body's own clock if it has one, and the key of
#: the kind. A bare tuple, because one is made for every frame and a named one takes ten times as long.
Body: TypeAlias = tuple[str, Kind, Clock | None, KindKey]


def is_concentrator(elements: Sequence[Data]) -> bool:
    """Whether a structure with ``elements`` has layout C: serial, logical device, structure of an event."""
    if len(elements) != CONCENTRATOR_ELEMENTS:
        return False
    (serial_tag, _), (device_tag, _), (event_tag, event) = elements
    return (
        event_tag == STRUCTURE
        and device_tag == LONG_UNSIGNED
        and serial_tag in STRINGS
        and len(event) == EVENT_ELEMENTS
        and event[1][0] == LONG_UNSIGNED
    )


def read_concentrator(elements: Sequence[Data]) -> Body:
    """The elements of layout C; FrameError without a valid device id."""
    (_, serial), _, (_, ((_, clock), (_, code), _, _)) = elements
    moment = decode_clock(clock) if isinstance(clock, bytes) else None
    return decode_serial(serial), kind_of_code(code), moment, KindKey("code", number=code)


def read_push(elements: Sequence[Data]) -> Body:
    """The elements of layout P, in any order; FrameError unless they are 2 to 8 with a valid device id.

    If several elements could be the same thing, the first one counts. Other elements are ignored.
    """
    if not 1 < len(elements) <= MAX_ELEMENTS:
        raise FrameError(f"a push has 2 to {MAX_ELEMENTS} elements, not {len(elements)}")
    serial = name = alarms = clock = None
    for tag, value in elements:
        if tag == DOUBLE_LONG_UNSIGNED and alarms is None:
            alarms = value
        elif tag in STRINGS and is_serial(value):
            # Never a clock: as letters and digits its year would be over 12,000.
            serial = serial or value
        elif tag == OCTET_STRING and is_push_name(value):
            name = name or value
        elif tag in _CLOCKS:
            clock = clock or decode_clock(value)
    kind, key = meaning_of_push(name, alarms)
    return decode_serial(serial), kind, clock, key


def is_push_name(value: bytes) -> bool:
    """Whether ``value`` is the logical name of a push setup: ``xx xx 19 09 xx FF``, which is A-B:25.9.E.255."""
    return len(value) == PUSH_NAME_LENGTH and value[2:4] == _PUSH_CODE and value[5] == _END


def read_device_id(value: Data) -> str:
    """The serial that is the value of an EventNotification; FrameError if the value is not a serial."""
    tag, content = value
    return decode_serial(content if tag in STRINGS else None)


def push_body(serial: str, kind: Kind) -> Data:
    """A body in layout P; FrameError unless ``serial`` is one."""
    name, alarms = push_of_kind(kind)
    elements: list[Data] = [device_id(serial), (OCTET_STRING, name)]
    if alarms is not None:
        elements.append((DOUBLE_LONG_UNSIGNED, alarms))
    return STRUCTURE, elements


def concentrator_body(serial: str, kind: Kind, moment: datetime | None) -> Data:
    """A body in layout C, at the aware ``moment`` or without a time; FrameError unless ``serial`` is one."""
    event: list[Data] = [
        (OCTET_STRING, encode_clock(moment) if moment else UNSPECIFIED),
        (LONG_UNSIGNED, code_of_kind(kind)),
        (LONG_UNSIGNED, 0),
        (OCTET_STRING, _TEXTS[kind]),
    ]
    return STRUCTURE, [device_id(serial), (LONG_UNSIGNED, _LOGICAL_DEVICE), (STRUCTURE, event)]


def device_id(serial: str) -> Data:
    """``serial`` as an element; FrameError unless it is one."""
    value = encode_serial(serial)
    # A receiver that goes by the length alone would take an octet-string of this length in layout P for a clock.
    return VISIBLE_STRING if len(value) == SIZE else OCTET_STRING, value
