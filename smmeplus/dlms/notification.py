"""DataNotification and EventNotification (Green Book 9.4; WIR-2, WIR-3), and the confirmation of the former (WIR-6).

::

    DataNotification         0F | long-invoke-id-and-priority(4) | 00, or 0C and a date-time(12) | Data
    DataNotificationConfirm  10 | long-invoke-id-and-priority(4) | 00, or 0C and a date-time(12)
    EventNotification        C2 | 00, or another octet, 0C and a date-time(12)
                                | class id(2) | OBIS(6) | attribute(1) | Data

Devices send the date-time in other forms as well, see :mod:`smmeplus.dlms.sent_times`.
"""

import struct
from datetime import datetime
from typing import Final, NamedTuple, TypeAlias

from smmeplus.dlms.apdus import DATA_NOTIFICATION, EVENT_NOTIFICATION
from smmeplus.dlms.clock import SIZE, Clock, encode_clock
from smmeplus.dlms.data import Data, decode_what_is_known, encode
from smmeplus.dlms.errors import FrameError
from smmeplus.dlms.framing.wrapper import unwrap, wrap
from smmeplus.dlms.kinds import Kind, object_of_kind
from smmeplus.dlms.layouts import concentrator_body, device_id, push_body
from smmeplus.dlms.sent_times import read_data_time, read_event_time

DATA_NOTIFICATION_CONFIRM: Final = 0x10
MAX_INVOKE_ID: Final = 0xFF_FFFF
CONFIRMED: Final = 0x40  # in the first octet of the long-invoke-id-and-priority: its bit 30

_INVOKE_END: Final = 5
_HAS_TIME: Final = 1
_VALUE: Final = 2  # the attribute of a Data object
_OBJECT: Final = struct.Struct(">H6sB")


#: A DataNotification: its long-invoke-id-and-priority of 4 bytes, the time of sending, the body, and what is wrong with
#: the data behind the body, if anything is. A bare tuple for the same reason as :data:`smmeplus.dlms.layouts.Body`.
DataNotification: TypeAlias = tuple[bytes, Clock | None, Data, FrameError | None]


class EventNotification(NamedTuple):
    """An EventNotification: its time, and the object (6-byte OBIS code) and attribute with their value."""

    clock: Clock | None
    class_id: int
    obis: bytes
    attribute: int
    value: Data
    #: What is wrong with the data behind the value, if anything is.
    behind: FrameError | None


def decode_data_notification(apdu: bytes) -> DataNotification:
    """The parts of a DataNotification; FrameError if it is not one or is cut short."""
    if not apdu or apdu[0] != DATA_NOTIFICATION:
        raise FrameError("the APDU is not a DataNotification")
    if len(apdu) <= _INVOKE_END:
        raise FrameError("the DataNotification is cut short")
    clock, offset = read_data_time(apdu, _INVOKE_END)
    return apdu[1:_INVOKE_END], clock, *decode_what_is_known(apdu, offset)


def decode_event_notification(apdu: bytes) -> EventNotification:
    """The parts of an EventNotification; FrameError if it is not one or is cut short."""
    if not apdu or apdu[0] != EVENT_NOTIFICATION:
        raise FrameError("the APDU is not an EventNotification")
    clock, offset = read_event_time(apdu, 1)
    value = offset + _OBJECT.size
    if value >= len(apdu):
        raise FrameError("the EventNotification is cut short")
    class_id, obis, attribute = _OBJECT.unpack_from(apdu, offset)
    return EventNotification(clock, class_id, obis, attribute, *decode_what_is_known(apdu, value))


def confirmable(apdu: bytes) -> bytes | None:
    """The long-invoke-id-and-priority of an ``apdu`` that begins like a confirmed DataNotification, else None.

    Its body need not be readable: a frame that cannot be read is confirmed as well, or it would be sent again for ever.
    """
    if len(apdu) >= _INVOKE_END and apdu[0] == DATA_NOTIFICATION and apdu[1] & CONFIRMED:
        return apdu[1:_INVOKE_END]
    return None


def confirmation(invoke_id_and_priority: bytes, source: int, destination: int) -> bytes:
    """The wrapped DataNotificationConfirm for a frame from wPort ``source`` to ``destination``, which it swaps."""
    return wrap(destination, source, confirmation_apdu(invoke_id_and_priority))


def confirmation_apdu(invoke_id_and_priority: bytes) -> bytes:
    """The DataNotificationConfirm itself, without a time."""
    return b"%c%b\x00" % (DATA_NOTIFICATION_CONFIRM, invoke_id_and_priority)


def read_confirmation(frame: bytes) -> int:
    """The invoke id (24 bits) that a wrapped DataNotificationConfirm confirms; FrameError if it is not exactly one."""
    unwrapped = unwrap(frame)
    if unwrapped is None or unwrapped[3] != len(frame):
        raise FrameError("the answer is not exactly one frame")
    apdu = unwrapped[2]
    if len(apdu) <= _INVOKE_END or apdu[0] != DATA_NOTIFICATION_CONFIRM:
        raise FrameError("the answer is not a DataNotificationConfirm")
    end = _INVOKE_END + 1 + (SIZE if apdu[_INVOKE_END] else 0)
    if end != len(apdu):
        raise FrameError("bytes are left over behind the DataNotificationConfirm")
    return int.from_bytes(apdu[1:_INVOKE_END], "big") & MAX_INVOKE_ID


def encode_data_notification(invoke_id: int, data: Data, *, confirmed: bool, moment: datetime | None) -> bytes:
    """A DataNotification, not wrapped; ``moment`` is aware. FrameError for an invoke id of more than 24 bits."""
    if not 0 <= invoke_id <= MAX_INVOKE_ID:
        raise FrameError(f"an invoke id has 24 bits; {invoke_id} does not fit")
    service = CONFIRMED if confirmed else 0
    return bytes((DATA_NOTIFICATION, service)) + invoke_id.to_bytes(3, "big") + _encode_time(moment) + encode(data)


def push_notification(
    serial: str,
    kind: Kind,
    *,
    invoke_id: int = 1,
    confirmed: bool = True,
    moment: datetime | None = None,
    ports: tuple[int, int] = (1, 1),
) -> bytes:
    """The whole frame of layout P that says ``kind``, from and to the wPorts ``ports``; FrameError for a bad serial."""
    body = push_body(serial, kind)
    return wrap(*ports, encode_data_notification(invoke_id, body, confirmed=confirmed, moment=moment))


def concentrator_notification(
    serial: str,
    kind: Kind,
    *,
    invoke_id: int = 1,
    confirmed: bool = True,
    moment: datetime | None = None,
    ports: tuple[int, int] = (1, 1),
) -> bytes:
    """The whole frame of layout C that says ``kind``, like ``push_notification``."""
    body = concentrator_body(serial, kind, moment)
    return wrap(*ports, encode_data_notification(invoke_id, body, confirmed=confirmed, moment=moment))


def event_notification(
    serial: str, kind: Kind, *, moment: datetime | None = None, ports: tuple[int, int] = (1, 102)
) -> bytes:
    """The whole frame of an EventNotification that says ``kind``; FrameError for boot, for which it has no object."""
    class_id, obis = object_of_kind(kind)
    time = bytes((_HAS_TIME,)) + _encode_time(moment) if moment else b"\x00"
    apdu = bytes((EVENT_NOTIFICATION,)) + time + _OBJECT.pack(class_id, obis, _VALUE) + encode(device_id(serial))
    return wrap(*ports, apdu)


def _encode_time(moment: datetime | None) -> bytes:
    return bytes((SIZE,)) + encode_clock(moment) if moment else b"\x00"
