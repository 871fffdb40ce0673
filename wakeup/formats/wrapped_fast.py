"""The fast path of :mod:`wakeup.formats.wrapped`: one regular expression for the most frequent frame (WIR-1, WIR-2).

That is a DataNotification without a time in layout P, with a serial number and the name of a push and nothing else. All
others are left to the slow path, which reads every frame or says what is wrong with it.
"""

import re
from typing import Final

from smmeplus.dlms.kinds import meaning_of_push
from smmeplus.dlms.notification import CONFIRMED, confirmation
from wakeup.formats.notice import Notice
from wakeup.models import Format

_FREQUENT: Final = re.compile(
    rb"\x00\x01 (..) (..) \x00(.)"  # the wrapper: version, wPorts, length
    rb"\x0F (....) \x00"  # DataNotification, long-invoke-id-and-priority, no time
    rb"\x02\x02 [\x09\x0A\x0C](.) ([0-9A-Za-z]{1,32}) \x09\x06 (..\x19\x09.\xFF)",
    re.DOTALL | re.VERBOSE,
)
_HEADER: Final = 8  # bytes before the APDU


def read_fast(buffer: bytes) -> tuple[Notice, int] | None:
    """The first frame of ``buffer`` and its length; None if it is incomplete or has to take the slow path."""
    found = _FREQUENT.match(buffer)
    if found is None:
        return None
    source, destination, length, invoke, size, serial, name = found.groups()
    end = found.end()
    if length[0] != end - _HEADER or size[0] != len(serial):
        return None
    answer = b""
    if invoke[0] & CONFIRMED:
        answer = confirmation(invoke, int.from_bytes(source, "big"), int.from_bytes(destination, "big"))
    kind, key = meaning_of_push(name, None, ())
    return Notice(serial.decode("ascii").upper(), kind, None, Format.PUSH, answer, key), end
