"""The fast path of :mod:`wakeup.formats`: one regular expression for the most frequent frame (WIR-1, WIR-2, WIR-6).

That is a DataNotification without a time in layout P, with a serial number and the name of a push and nothing else. All
others are left to the slow path, which reads every frame or says what is wrong with it. Many of them that come at once
are read at once.
"""

import re
from functools import lru_cache
from itertools import islice
from typing import Final

from smmeplus.dlms.kinds import Kind, KindKey, meaning_of_push
from smmeplus.dlms.notification import CONFIRMED, DATA_NOTIFICATION_CONFIRM
from wakeup.formats.notice import Notice, Said
from wakeup.models import Format

_FREQUENT: Final = re.compile(
    rb"""
    \x00\x01 .... \x00.                                             # the wrapper: version, wPorts, length
    \x0F .... \x00                                                  # DataNotification, invoke id, no time
    \x02\x02 [\x09\x0A\x0C]. [0-9A-Za-z]{1,32} \x09\x06 ..\x19\x09.\xFF
    | .                                                             # or a byte of what is none: so nothing is skipped
    """,
    re.DOTALL | re.VERBOSE,
)
_HEADER: Final = 8  # bytes before the APDU
_LENGTH, _INVOKE, _BODY, _SIZE, _SERIAL = 7, 9, 14, 17, 18  # where in the frame they are
_NAME: Final = -6
_END_OF_SERIAL: Final = -8
_AROUND: Final = _SERIAL - _END_OF_SERIAL  # bytes that are not the serial number's
_PUSH: Final = Format.PUSH
# The confirmation: version | wPorts, swapped | length of the APDU, and its tag | invoke id and no time, as they came
_VERSION: Final = b"\x00\x01"
_CONFIRM: Final = b"\x00\x06%c" % DATA_NOTIFICATION_CONFIRM


def read_many(buffer: bytes, start: int, limit: int) -> tuple[list[tuple[Said, bytes]], int]:
    """The frames of this kind that follow each other from ``start`` of ``buffer`` on, at most ``limit``; their end.

    Each comes with its bytes. The first one that is incomplete or has to take the slow path ends them.
    """
    read: list[tuple[Said, bytes]] = []
    for found in islice(_FREQUENT.finditer(buffer, start), limit):
        frame = found[0]
        size = len(frame)
        if size <= _AROUND or frame[_LENGTH] != size - _HEADER or frame[_SIZE] != size - _AROUND:
            break
        answer = _confirmed(frame[2:6]) + frame[_INVOKE:_BODY] if frame[_INVOKE] & CONFIRMED else b""
        kind, key = _meaning_of(frame[_NAME:])
        serial = frame[_SERIAL:_END_OF_SERIAL].upper().decode()
        read.append(((serial, kind, None, _PUSH, answer, key, None), frame))
        start += size
    return read, start


def read_fast(buffer: bytes, start: int) -> tuple[Notice, int] | None:
    """The frame at ``start`` of ``buffer`` and its length; None if it is incomplete or has to take the slow path."""
    read, end = read_many(buffer, start, 1)
    return (Notice(*read[0][0]), end - start) if read else None


@lru_cache(64)
def _meaning_of(name: bytes) -> tuple[Kind, KindKey]:
    return meaning_of_push(name, None, ())


@lru_cache(64)
def _confirmed(ports: bytes) -> bytes:
    """The confirmation up to the invoke id, for a frame with these wPorts; what wraps any APDU takes far longer."""
    return _VERSION + ports[2:] + ports[:2] + _CONFIRM
