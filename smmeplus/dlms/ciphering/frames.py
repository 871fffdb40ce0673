"""A ciphered message and its confirmation, in their wrappers, as a device sends and reads them (SEC-3)."""

from typing import NamedTuple

from smmeplus.dlms.ciphering.apdus import cipher, opened_apdu, parse
from smmeplus.dlms.ciphering.keys import Keys
from smmeplus.dlms.ciphering.suite import AUTHENTICATED_AND_ENCRYPTED
from smmeplus.dlms.errors import FrameError
from smmeplus.dlms.framing.wrapper import unwrap, wrap
from smmeplus.dlms.notification import read_confirmation


class Confirmation(NamedTuple):
    """A ciphered DataNotificationConfirm; ``title``, ``control`` and ``counter`` are those of who sent it."""

    invoke_id: int
    title: bytes
    control: int
    counter: int


def ciphered_frame(
    frame: bytes,
    keys: Keys,
    title: bytes,
    counter: int,
    control: int = AUTHENTICATED_AND_ENCRYPTED,
    *,
    is_named: bool = True,
) -> bytes:
    """The one wrapped message ``frame``, ciphered in the same wrapper. Arguments and errors as of :func:`cipher`."""
    source, destination, apdu = _only(frame)
    return wrap(source, destination, cipher(apdu, keys, title, counter, control, is_named=is_named))


def read_ciphered_confirmation(frame: bytes, keys: Keys) -> Confirmation:
    """FrameError if ``frame`` is not exactly one DataNotificationConfirm, ciphered with ``keys``."""
    source, destination, apdu = _only(frame)
    ciphered = parse(apdu)
    plain = wrap(source, destination, opened_apdu(ciphered, keys))
    return Confirmation(read_confirmation(plain), ciphered.title, ciphered.control, ciphered.counter)


def _only(frame: bytes) -> tuple[int, int, bytes]:
    unwrapped = unwrap(frame)
    if unwrapped is None or unwrapped[3] != len(frame):
        raise FrameError("this is not exactly one frame")
    return unwrapped[:3]
