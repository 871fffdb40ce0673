"""What the APDU in a wrapper says, whichever of the messages it is (WIR-2, WIR-3, WIR-10)."""

from enum import Enum, auto
from typing import NamedTuple

from smmeplus.dlms.apdus import DATA_NOTIFICATION, EVENT_NOTIFICATION, refusal_of
from smmeplus.dlms.clock import Clock
from smmeplus.dlms.data import UnknownDataError
from smmeplus.dlms.errors import FrameError, NoDeviceIdError
from smmeplus.dlms.kinds import PUSH_SETUP, Kind, KindKey, kind_of_object, kind_of_push
from smmeplus.dlms.layouts import elements_of, is_concentrator, read_body, read_concentrator, read_push
from smmeplus.dlms.notification import decode_data_notification, decode_event_notification
from smmeplus.dlms.object_lists import is_push_name
from smmeplus.dlms.serials import decode_serial
from smmeplus.dlms.sessions import decode_session, is_session


class Layout(Enum):
    PUSH = auto()
    CONCENTRATOR = auto()
    EVENT = auto()
    SESSION = auto()


class Message(NamedTuple):
    """What an APDU says."""

    layout: Layout
    #: In upper case; empty if the message does not say which device it is of, and then ``nameless`` says why.
    serial: str
    kind: Kind
    #: The time of what happened, else that of sending; None without one that is usable.
    clock: Clock | None
    #: What says the kind, for types of concentrator with a table of their own; None if no such table applies.
    key: KindKey | None
    nameless: NoDeviceIdError | None = None
    #: The APDU that answers it, if the message itself asks for one.
    answer: bytes = b""


def read_apdu(apdu: bytes) -> Message:
    """What ``apdu``, of at least one byte, says; FrameError if it is refused."""
    if apdu[0] == DATA_NOTIFICATION:
        return _read_data_notification(apdu)
    if apdu[0] == EVENT_NOTIFICATION:
        return _read_event_notification(apdu)
    if is_session(apdu):
        serial, answer = decode_session(apdu)
        return Message(Layout.SESSION, serial, Kind.KEEPALIVE, None, None, answer=answer)
    raise refusal_of(apdu)


def _read_data_notification(apdu: bytes) -> Message:
    _, sent, body, behind = decode_data_notification(apdu)
    elements = elements_of(body)
    is_c = is_concentrator(elements)
    value, kind, clock, key = read_concentrator(elements) if is_c else read_push(elements)
    serial, nameless = _named(value, key, behind)
    # The clock in the body was read when the event happened, the other one when the frame was sent.
    return Message(Layout.CONCENTRATOR if is_c else Layout.PUSH, serial, kind, clock or sent, key, nameless)


def _read_event_notification(apdu: bytes) -> Message:
    """Its object says the kind, or else the push whose name it or its value bears (WIR-4)."""
    sent, class_id, obis, _, value, behind = decode_event_notification(apdu)
    value_id, _, clock, key = read_body(value)
    if not key.name and class_id == PUSH_SETUP and is_push_name(obis):
        key = key._replace(name=obis)
    kind = kind_of_object(class_id, obis)
    if kind is Kind.OTHER and key.name:
        kind = kind_of_push(key.name, key.words)
    serial, nameless = _named(value_id, key, behind)
    return Message(Layout.EVENT, serial, kind, clock or sent, key._replace(event_object=(class_id, obis)), nameless)


def _named(value: bytes | None, key: KindKey, behind: FrameError | None) -> tuple[str, NoDeviceIdError | None]:
    """The serial number that ``value`` is; or none, and why. Raises ``behind`` where that may have been needed.

    What is left over may be ignored behind a whole message, with a device id and what says its kind. Behind less it is
    the end of a frame that was cut.
    """
    is_cut = not isinstance(behind, UnknownDataError) and not key.name and key.code is None
    if behind is not None and (value is None or is_cut):
        raise behind
    try:
        return decode_serial(value), None
    except NoDeviceIdError as error:
        return "", error
