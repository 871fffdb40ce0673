"""Ciphered messages: a DataNotification or an EventNotification in general-glo-ciphering (SEC-3).

Its system title says whose it is. Whoever knows the keys of that device reads it by :func:`unsealed`; to all others it
is refused, and says no more than its title. What is read bears a seal, by which recording keeps replays out, and which
makes the answer once it is known how that went.
"""

from __future__ import annotations

from hashlib import sha256

from smmeplus.dlms.apdus import DATA_NOTIFICATION, EVENT_NOTIFICATION, refusal_of
from smmeplus.dlms.ciphering.apdus import opened_apdu, parse
from smmeplus.dlms.errors import CipheredError, FrameError
from smmeplus.dlms.kinds import Kind
from smmeplus.dlms.messages import CONCENTRATOR, EVENT, PUSH, Message, read_apdu
from smmeplus.dlms.notification import confirmable, confirmation_apdu
from wakeup.formats.notice import Notice
from wakeup.formats.seals import KeyedDevice, Seal
from wakeup.models import Format
from wakeup.models.strays import StrayReason

_FORMATS = {PUSH: Format.PUSH, CONCENTRATOR: Format.CONCENTRATOR, EVENT: Format.EVENT}


class SealedError(CipheredError):
    """A general-glo-ciphering ``apdu`` of ``length`` bytes with its wrapper: refused unless somebody knows its keys.

    ``identity`` is its system title in hexadecimal digits, empty if it has none that is readable.
    """

    def __init__(self, apdu: bytes, source: int, destination: int, length: int) -> None:
        why = refusal_of(apdu)
        super().__init__(str(why), length=length, identity=why.identity)
        self.apdu, self.source, self.destination = apdu, source, destination


def unsealed(sealed: SealedError, device: KeyedDevice) -> Notice:
    """The message in ``sealed``, which is of ``device``; CipheringError if nothing proves that.

    Its seal has a fault if the content is none that is read here, or names another device.
    """
    ciphered = parse(sealed.apdu)
    text = opened_apdu(ciphered, device.keys, bytes.fromhex(device.title))
    invoke = confirmable(text)
    seal = Seal(
        device,
        ciphered.control,
        ciphered.counter,
        sha256(sealed.apdu).digest(),
        confirmation_apdu(invoke) if invoke else b"",
        sealed.source,
        sealed.destination,
    )
    try:
        message = _read(text)
    except FrameError as error:
        seal.fault = (StrayReason.MALFORMED, f"in a ciphered message: {error}")
        return Notice(device.serial, Kind.OTHER, None, Format.PUSH, b"", None, seal)
    if message.serial and message.serial != device.serial:
        seal.fault = (StrayReason.IDENTITY, f"system title {device.title}, but in it {message.serial}")
    return Notice(device.serial, message.kind, message.clock, _FORMATS[message.layout], b"", message.key, seal)


def _read(text: bytes) -> Message:
    """What was ciphered; a message that names nobody is good, because its title does."""
    if not text:
        raise FrameError("there are no bytes")
    if text[0] not in (DATA_NOTIFICATION, EVENT_NOTIFICATION):
        raise FrameError(f"only a DataNotification or an EventNotification is read, not {text[0]:02X}")
    return read_apdu(text)
