"""The date-time in a notification's own header, in the forms that devices send (WIR-2, WIR-3).

The standard has ``00`` for none, or ``0C`` and 12 bytes; in an EventNotification behind an octet that says that there
is one. Devices send a date or a time alone (``05``, ``04``), put the tag of an octet-string or of a date-time before it
(``09 0C``, ``19``) or the mark of an EventNotification (``01``), or leave it out. What follows decides between two
forms that begin alike. A form that nobody can read costs the time, and not the message.
"""

from collections.abc import Iterator
from typing import Final

from smmeplus.dlms.clock import SIZE, Clock, decode_clock
from smmeplus.dlms.data import CONTAINERS, DATE, DATE_TIME, OCTET_STRING, TIME, TYPES
from smmeplus.dlms.errors import FrameError

_SIZES: Final = {0, 4, 5, SIZE}  # none, a time of day, a date, a date-time
_SIZE_OF_TAG: Final = {DATE_TIME: SIZE, DATE: 5, TIME: 4}
_OBJECT_SIZE: Final = 9  # class id, OBIS code and attribute of an EventNotification, before the value
_BODIES: Final = {bytes((tag,)) for tag in CONTAINERS}
_NONE: Final = b"\x00"
_DATE_TIME: Final = bytes((SIZE,))
_STARTS: Final = {bytes((start,)) for start in (SIZE, *_SIZE_OF_TAG)}  # of a time without the octet before it


def read_data_time(apdu: bytes, offset: int) -> tuple[Clock | None, int]:
    """The time at ``offset`` in a DataNotification and the offset of its body; FrameError if that cannot be found."""
    body = offset + 1 + SIZE
    if apdu[offset : offset + 1] == _DATE_TIME and apdu[body : body + 1] in _BODIES:  # as nearly all are
        return decode_clock(apdu[offset + 1 : body]), body
    if apdu[offset : offset + 1] in _BODIES:
        return _time_behind_mark(apdu, offset) or (None, offset)
    forms = [*_forms(apdu, offset), _any_size(apdu, offset)]
    for start, end in forms:
        if apdu[end : end + 1] and apdu[end] in CONTAINERS:
            return _clock(apdu[start:end]), end
    return _first(forms, apdu, "DataNotification")


def _time_behind_mark(apdu: bytes, offset: int) -> tuple[Clock, int] | None:
    """The time of 12 bytes behind the ``01`` that belongs before an EventNotification's; None if there is none.

    The library dlms-cosem writes it. Any other ``01`` or ``02`` is a body's own: the time is left out.
    """
    end = offset + 1 + SIZE
    clock = decode_clock(apdu[offset + 1 : end])
    return (clock, end) if clock and apdu[end : end + 1] in _BODIES else None


def read_event_time(apdu: bytes, offset: int) -> tuple[Clock | None, int]:
    """The time at ``offset`` in an EventNotification and the offset of its object; FrameError as above."""
    if apdu[offset : offset + 1] == _NONE:
        return None, offset + 1
    without_mark = _forms(apdu, offset) if apdu[offset : offset + 1] in _STARTS else ()
    forms = [*_forms(apdu, offset + 1), *without_mark, _any_size(apdu, offset + 1)]
    for start, end in forms:
        value = end + _OBJECT_SIZE
        if value < len(apdu) and apdu[value] in TYPES:
            return _clock(apdu[start:end]), end
    return _first(forms, apdu, "EventNotification")


def _forms(apdu: bytes, offset: int) -> Iterator[tuple[int, int]]:
    """Where a time may begin and end that is written at ``offset``; the standard's form first."""
    first, second, *_ = *apdu[offset : offset + 2], -1, -1
    if first in _SIZES:
        yield offset + 1, offset + 1 + first
    if first in (OCTET_STRING, DATE_TIME) and second in _SIZES:
        yield offset + 2, offset + 2 + second
    if first in _SIZE_OF_TAG:
        yield offset + 1, offset + 1 + _SIZE_OF_TAG[first]


def _any_size(apdu: bytes, offset: int) -> tuple[int, int]:
    """The same for a time of whatever size the octet at ``offset`` says."""
    return offset + 1, offset + 1 + (apdu[offset] if offset < len(apdu) else 0)


def _clock(value: bytes) -> Clock | None:
    return decode_clock(value) if len(value) == SIZE else None


def _first(forms: list[tuple[int, int]], apdu: bytes, name: str) -> tuple[Clock | None, int]:
    """The first form that ends within ``apdu``, although what follows looks like nothing."""
    for start, end in forms:
        if end <= len(apdu):
            return _clock(apdu[start:end]), end
    raise FrameError(f"the {name} is cut short")
