"""The fast path of :mod:`wakeup.formats`: one regular expression for the most frequent frame (WIR-1, WIR-2, WIR-6).

That is a DataNotification without a time in layout P, with a serial number and the name of a push and nothing else. All
others are left to the slow path, which reads every frame or says what is wrong with it.
"""

import re
from typing import Final

from smmeplus.dlms.kinds import meaning_of_push
from smmeplus.dlms.notification import CONFIRMED, DATA_NOTIFICATION_CONFIRM
from wakeup.formats.notice import Notice
from wakeup.models import Format

_FREQUENT: Final = re.compile(
    rb"\x00\x01 (..) (..) \x00(.)"  # the wrapper: version, wPorts, length
    rb"\x0F (....) \x00"  # DataNotification, long-invoke-id-and-priority, no time
    rb"\x02\x02 [\x09\x0A\x0C](.) ([0-9A-Za-z]{1,32}) \x09\x06 (..\x19\x09.\xFF)",
    re.DOTALL | re.VERBOSE,
)
_HEADER: Final = 8  # bytes before the APDU
_PUSH: Final = Format.PUSH
# The confirmation: version | wPorts, swapped | length of the APDU, and its tag | long-invoke-id-and-priority | no time
_VERSION: Final = b"\x00\x01"
_CONFIRM: Final = b"\x00\x06%c" % DATA_NOTIFICATION_CONFIRM
_NO_TIME: Final = b"\x00"


def read_fast(buffer: bytes, start: int) -> tuple[Notice, int] | None:
    """The frame at ``start`` of ``buffer`` and its length; None if it is incomplete or has to take the slow path."""
    found = _FREQUENT.match(buffer, start)
    if found is None:
        return None
    source, destination, length, invoke, size, serial, name = found.groups()
    whole = found.end() - start
    if length[0] != whole - _HEADER or size[0] != len(serial):
        return None
    # Put together here, because what wraps any APDU takes three times as long.
    answer = _VERSION + destination + source + _CONFIRM + invoke + _NO_TIME if invoke[0] & CONFIRMED else b""
    kind, key = meaning_of_push(name, None, ())
    return Notice(serial.decode("ascii").upper(), kind, None, _PUSH, answer, key), whole
