"""The fast path of ciphered messages: the most frequent frame (:mod:`wakeup.formats.wrapped_fast`), ciphered (SEC-3).

All others, and whatever is wrong in any way, are left to the slow path, :func:`wakeup.formats.sealed.unsealed`.
"""

import re
from collections.abc import Callable
from hashlib import sha256
from typing import Final

from smmeplus.dlms.ciphering.errors import CipheringError
from smmeplus.dlms.ciphering.suite import opened
from smmeplus.dlms.notification import CONFIRMED, confirmation_apdu
from wakeup.formats.notice import Notice
from wakeup.formats.seals import KeyedDevice, Seal
from wakeup.formats.wrapped_fast import read_many

_FREQUENT: Final = re.compile(
    rb"\x00\x01 (..) (..) \x00(.)"  # the wrapper: version, wPorts, length
    rb"\xDB\x08 (.{8}) ([\x12-\x7F]) ([\x10\x30]) (....)",  # title, length, control, counter
    re.DOTALL | re.VERBOSE,
)
_GLOBAL: Final = b"\xdb"
_HEADER: Final = 8  # bytes before the APDU
_BEFORE: Final = 11  # bytes of the APDU before what its second length counts
_PLAIN: Final = b"\x00\x01\x00\x01\x00\x01\x00%c"  # a wrapper for what was ciphered


def read_sealed_fast(
    buffer: bytes, start: int, find: Callable[[bytes], KeyedDevice | None]
) -> tuple[Notice, int] | None:
    """The ciphered message at ``start`` of ``buffer`` and its length; None if it has to take the slow path.

    ``find`` gives the device with a system title of 8 bytes, if it is known.
    """
    if buffer[start + _HEADER : start + _HEADER + 1] != _GLOBAL:  # the cheapest question, for what is plain
        return None
    found = _FREQUENT.match(buffer, start)
    if found is None:
        return None
    source, destination, length, title, size, control, counter = found.groups()
    end = start + _HEADER + length[0]
    device = find(title)
    if device is None or length[0] != size[0] + _BEFORE or len(buffer) < end:
        return None
    number = int.from_bytes(counter, "big")
    try:
        text = opened(buffer[found.end() : end], device.keys, title, number, control[0])
    except CipheringError:
        return None
    plain, _end = read_many(_PLAIN % len(text) + text, 0, 1)
    if not plain:
        return None
    (serial, kind, clock, format_, _answer, key, _none), _frame = plain[0]
    if serial != device.serial:
        return None
    seal = Seal(
        device,
        control[0],
        number,
        sha256(buffer[start + _HEADER : end]).digest(),
        confirmation_apdu(text[1:5]) if text[1] & CONFIRMED else b"",
        int.from_bytes(source, "big"),
        int.from_bytes(destination, "big"),
    )
    return Notice(serial, kind, clock, format_, b"", key, seal), end - start
