"""What the APDU in a wrapper says, whichever of the messages it is (WIR-2, WIR-3, WIR-10)."""

from typing import Final, NamedTuple

from smmeplus.dlms.apdus import DATA_NOTIFICATION, EVENT_NOTIFICATION, refusal_of
from smmeplus.dlms.clock import Clock
from smmeplus.dlms.data import UnknownDataError
from smmeplus.dlms.errors import FrameError, NoDeviceIdError
from smmeplus.dlms.kinds import PUSH_SETUP, Kind, KindKey, kind_of_object, kind_of_push
from smmeplus.dlms.layouts import elements_of, is_concentrator, read_body, read_concentrator, read_push
from smmeplus.dlms.notification import decode_data_notification, decode_event_notification
from smmeplus.dlms.object_lists import is_push_name
from smmeplus.dlms.serials import no_device_id
from smmeplus.dlms.sessions import decode_session, is_session

#: The layouts of messages.
PUSH: Final = "push"
CONCENTRATOR: Final = "concentrator"
EVENT: Final = "event"
SESSION: Final = "session"


class Message(NamedTuple):
    """What an APDU says."""

    layout: str
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
        return Message(SESSION, serial, Kind.KEEPALIVE, None, None, answer=answer)
    raise refusal_of(apdu)


def _read_data_notification(apdu: bytes) -> Message:
    _, sent, body, behind = decode_data_notification(apdu)
    elements = elements_of(body)
    is_c = is_concentrator(elements)
    serial, seen, kind, clock, key = read_concentrator(elements) if is_c else read_push(elements)
    nameless = None if serial and behind is None else _nameless(serial, seen, key, behind)
    # The clock in the body was read when the event happened, the other one when the frame was sent.
    return Message(CONCENTRATOR if is_c else PUSH, serial, kind, clock or sent, key, nameless)


def _read_event_notification(apdu: bytes) -> Message:
    """Its object says the kind, or else the push whose name it or its value bears (WIR-4)."""
    sent, class_id, obis, _, value, behind = decode_event_notification(apdu)
    serial, seen, _, clock, key = read_body(value)
    if not key.name and class_id == PUSH_SETUP and is_push_name(obis):
        key = key._replace(name=obis)
    kind = kind_of_object(class_id, obis)
    if kind is Kind.OTHER and key.name:
        kind = kind_of_push(key.name, key.words)
    nameless = _nameless(serial, seen, key, behind)
    return Message(EVENT, serial, kind, clock or sent, key._replace(event_object=(class_id, obis)), nameless)


def _nameless(serial: str, seen: bytes | None, key: KindKey, behind: FrameError | None) -> NoDeviceIdError | None:
    """Why a message has no ``serial``, if it has none. Raises ``behind`` where what that speaks of may be needed.

    What is left over may be ignored behind a whole message, with a device id and what says its kind. Behind less it is
    the end of a frame that was cut.
    """
    is_cut = not isinstance(behind, UnknownDataError) and not key.name and key.code is None
    if behind is not None and (is_cut or (not serial and seen is None)):
        raise behind
    return None if serial else no_device_id(seen)
