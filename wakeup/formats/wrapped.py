"""DataNotification and EventNotification in an IEC 62056-47 wrapper (WIR-1, WIR-2, WIR-3)."""

from smmeplus.dlms.data import STRUCTURE
from smmeplus.dlms.errors import FrameError
from smmeplus.dlms.framing.wrapper import unwrap
from smmeplus.dlms.kinds import KindKey, kind_of_object
from smmeplus.dlms.layouts import is_concentrator, read_concentrator, read_device_id, read_push
from smmeplus.dlms.notification import (
    DATA_NOTIFICATION,
    EVENT_NOTIFICATION,
    confirmable,
    confirmation,
    decode_data_notification,
    decode_event_notification,
)
from wakeup.formats.notice import Notice
from wakeup.formats.wrapped_fast import read_fast
from wakeup.models import Format


def read(buffer: bytes) -> tuple[Notice, int] | None:
    """The first frame of ``buffer`` and its length; None while it is incomplete.

    Raises FrameError for a frame that is refused. A confirmed DataNotification is confirmed even then.
    """
    return read_fast(buffer) or read_slowly(buffer)


def read_slowly(buffer: bytes) -> tuple[Notice, int] | None:
    """Like :func:`read`, without its fast path."""
    unwrapped = unwrap(buffer)
    if unwrapped is None:
        return None
    source, destination, apdu, length = unwrapped
    invoke = confirmable(apdu)
    answer = confirmation(invoke, source, destination) if invoke else b""
    try:
        return _read_apdu(apdu, answer), length
    except FrameError as error:
        error.answer = answer
        raise


def _read_apdu(apdu: bytes, answer: bytes) -> Notice:
    if apdu[0] == DATA_NOTIFICATION:
        return _read_data_notification(apdu, answer)
    if apdu[0] == EVENT_NOTIFICATION:
        return _read_event_notification(apdu)
    raise FrameError(
        f"an APDU that begins with {apdu[0]:02X}; known are DataNotification ({DATA_NOTIFICATION:02X}) "
        f"and EventNotification ({EVENT_NOTIFICATION:02X})"
    )


def _read_data_notification(apdu: bytes, answer: bytes) -> Notice:
    _, sent, (tag, elements) = decode_data_notification(apdu)
    if tag != STRUCTURE:
        raise FrameError("the body of the DataNotification is not a structure")
    if is_concentrator(elements):
        serial, kind, clock, key = read_concentrator(elements)
        format_ = Format.CONCENTRATOR
    else:
        serial, kind, clock, key = read_push(elements)
        format_ = Format.PUSH
    # The clock in the body was read when the event happened, the other one when the frame was sent.
    return Notice(serial, kind, clock or sent, format_, answer, key)


def _read_event_notification(apdu: bytes) -> Notice:
    clock, class_id, obis, _, value = decode_event_notification(apdu)
    key = KindKey("object", obis, class_id)
    return Notice(read_device_id(value), kind_of_object(class_id, obis), clock, Format.EVENT, b"", key)
