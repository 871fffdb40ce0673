"""Messages in an IEC 62056-47 wrapper: notifications, and what GPRS modules send (WIR-1 to WIR-3, WIR-10)."""

from typing import Final

from smmeplus.dlms.apdus import GLOBAL
from smmeplus.dlms.errors import FrameError
from smmeplus.dlms.framing.wrapper import unwrap, wrap
from smmeplus.dlms.messages import CONCENTRATOR, EVENT, PUSH, SESSION, read_apdu
from smmeplus.dlms.notification import confirmable, confirmation
from wakeup.formats.notice import NamelessError, Notice
from wakeup.formats.sealed import SealedError
from wakeup.models import Format

_FORMATS: Final = {
    PUSH: Format.PUSH,
    CONCENTRATOR: Format.CONCENTRATOR,
    EVENT: Format.EVENT,
    SESSION: Format.SESSION,
}


def read(buffer: bytes) -> tuple[Notice, int] | None:
    """The first frame of ``buffer`` and its length; None while it is incomplete.

    Raises FrameError for a frame that is refused. A confirmed DataNotification is confirmed even then. A ciphered one
    is a SealedError, until somebody knows its keys.
    """
    unwrapped = unwrap(buffer)
    if unwrapped is None:
        return None
    source, destination, apdu, length = unwrapped
    if apdu[0] == GLOBAL:
        raise SealedError(apdu, source, destination, length)
    invoke = confirmable(apdu)
    answer = confirmation(invoke, source, destination) if invoke else b""
    try:
        layout, serial, kind, clock, key, nameless, asked = read_apdu(apdu)
    except FrameError as error:
        error.answer, error.length = answer, length
        raise
    if asked:
        answer = wrap(destination, source, asked)
    notice = Notice(serial, kind, clock, _FORMATS[layout], answer, key)
    if nameless is not None:
        raise NamelessError(nameless, notice, length, b"")  # it may come again behind a login
    return notice, length
