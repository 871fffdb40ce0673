"""What the body of a notification says, in whatever layout it comes (WIR-2, WIR-3, WIR-4).

A body is read as far as it helps: any number of elements in any order, a structure or an array around them, and unknown
data behind what was needed.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any, Final, TypeAlias

from smmeplus.dlms.clock import SIZE, UNSPECIFIED, Clock, decode_clock, encode_clock
from smmeplus.dlms.data import (
    ARRAY,
    BIT_STRING,
    CONTAINERS,
    DATE_TIME,
    DOUBLE_LONG,
    DOUBLE_LONG_UNSIGNED,
    ENUM,
    INTEGER,
    LONG,
    LONG64,
    LONG64_UNSIGNED,
    LONG_UNSIGNED,
    OCTET_STRING,
    STRINGS,
    STRUCTURE,
    UNSIGNED,
    VISIBLE_STRING,
    Data,
)
from smmeplus.dlms.kinds import Kind, KindKey, code_of_kind, kind_of_code, meaning_of_push, push_of_kind
from smmeplus.dlms.object_lists import PUSH_NAME_LENGTH, ObjectList, is_push_name, object_list_of
from smmeplus.dlms.serials import encode_serial, serial_in

MAX_WORDS: Final = 16  # alarm words that rules may name
MAX_BITS: Final = 256  # of a bit-string that is an alarm word

_COUNTS: Final = frozenset({UNSIGNED, LONG_UNSIGNED, DOUBLE_LONG_UNSIGNED, LONG64_UNSIGNED})
_CODES: Final = frozenset({INTEGER, LONG, DOUBLE_LONG, LONG64, ENUM})
_WHOLE_NUMBERS: Final = _COUNTS | _CODES
_WORD_SIZES: Final = frozenset({1, 2, 4, 8})  # of an octet-string that is an alarm word
_TEXTS: Final = {
    Kind.KEEPALIVE: b"Keep alive",
    Kind.BOOT: b"Power up",
    Kind.LASTGASP: b"Power down",
    Kind.OTHER: b"Other",
}
_LOGICAL_DEVICE: Final = 1
_CONCENTRATOR_ELEMENTS: Final = 3

#: What the body of a frame says: the serial number in upper case, empty if there is none, and then the value that may
#: have been meant for it, if there is one; the kind, the body's own clock if it has one, and the key of the kind. It is
#: a bare tuple because one is made for every frame, and a named one takes ten times as long.
Body: TypeAlias = tuple[str, bytes | None, Kind, Clock | None, KindKey]


def read_body(body: Data) -> Body:
    """A body in either layout."""
    elements = elements_of(body)
    return read_concentrator(elements) if is_concentrator(elements) else read_push(elements)


def elements_of(body: Data) -> Sequence[Data]:
    """The elements of ``body``, without what is around them; of several structures in an array, those of the first."""
    tag, content = body
    while tag in CONTAINERS and content and content[0][0] in CONTAINERS:
        if len(content) > 1 and (tag != ARRAY or content[0][0] != STRUCTURE):
            break
        tag, content = content[0]
    return content if tag in CONTAINERS else ((tag, content),)


def is_concentrator(elements: Sequence[Data]) -> bool:
    """Whether a structure with ``elements`` has layout C: serial, logical device, structure of an event."""
    if len(elements) < _CONCENTRATOR_ELEMENTS:
        return False
    (serial_tag, _), (device_tag, _), (event_tag, event) = elements[:_CONCENTRATOR_ELEMENTS]
    return (
        event_tag == STRUCTURE
        and device_tag == LONG_UNSIGNED
        and serial_tag in STRINGS
        and len(event) > 1
        and event[1][0] in _WHOLE_NUMBERS
    )


def read_concentrator(elements: Sequence[Data]) -> Body:
    """The elements of layout C."""
    (_, serial), _, (_, ((_, clock), (_, code), *_)), *_ = elements
    moment = decode_clock(clock) if isinstance(clock, bytes) else None
    return serial_in(serial), serial, kind_of_code(code), moment, KindKey(code=code)


def read_push(elements: Sequence[Data]) -> Body:
    """The elements of layout P, in any order.

    Their object list says which is what, if they begin with one, and else their content. If several could be the same
    thing, the first one counts.
    """
    push = _Push(object_list_of(elements))
    for place, (tag, value) in enumerate(elements):
        take = _TAKE.get(tag)
        if take is not None:
            take(push, place, value)
    kind, key = meaning_of_push(push.name, push.code, tuple(push.words[:MAX_WORDS]))
    return *push.device_id(elements), kind, push.clock, key


class _Push:
    """What the elements of a push have turned out to be so far."""

    __slots__ = ("_listed", "_seen", "_serial", "clock", "code", "name", "words")

    def __init__(self, listed: ObjectList) -> None:
        self._listed = listed
        self._serial = ""
        self._seen: bytes | None = None  # what may have been meant for the device id
        self.name = listed.name
        self.code: int | None = None
        self.clock: Clock | None = None
        self.words: list[int] = []

    def take_octets(self, place: int, value: bytes) -> None:
        size = len(value)
        if is_push_name(value):
            self.name = self.name or value
        elif serial := serial_in(value):
            # Never a clock: as letters and digits its year would be over 12,000.
            self._serial = self._serial or serial
        elif size == SIZE:
            self.clock = self.clock or decode_clock(value)
        elif size in _WORD_SIZES and self._is_word(place, value):
            self.take_word(place, int.from_bytes(value, "big"))
        elif size != PUSH_NAME_LENGTH:
            self._seen = self._seen or value

    def take_text(self, _place: int, value: bytes) -> None:
        self._serial = self._serial or serial_in(value)
        self._seen = self._seen or value

    def take_word(self, place: int, word: int) -> None:
        """An alarm word, unless the list names others as those."""
        if not self._listed.words or place in self._listed.words:
            self.words.append(word)

    def take_bits(self, place: int, bits: str) -> None:
        self.take_word(place, int(bits[MAX_BITS - 1 :: -1] or "0", 2))

    def take_code(self, _place: int, code: int) -> None:
        if self._serial and self.code is None:
            self.code = code

    def take_time(self, _place: int, value: bytes) -> None:
        self.clock = self.clock or decode_clock(value)

    def device_id(self, elements: Sequence[Data]) -> tuple[str, bytes | None]:
        """Where the list says that it is, else the first serial number; and what may have been meant for it."""
        place = self._listed.device_id
        if place is not None and place < len(elements) and elements[place][0] in STRINGS:
            value = elements[place][1]
            return serial_in(value), value
        return self._serial, self._seen

    def _is_word(self, place: int, value: bytes) -> bool:
        if place in self._listed.named:
            return place in self._listed.words
        return bool(self._serial and self.name) and not (value.isascii() and value.decode("ascii").isprintable())


_TAKE: Final[Mapping[int, Callable[[_Push, int, Any], None]]] = {
    OCTET_STRING: _Push.take_octets,
    BIT_STRING: _Push.take_bits,
    DATE_TIME: _Push.take_time,
    **dict.fromkeys(STRINGS - {OCTET_STRING}, _Push.take_text),
    **dict.fromkeys(_COUNTS, _Push.take_word),
    **dict.fromkeys(_CODES, _Push.take_code),
}


def push_body(serial: str, kind: Kind) -> Data:
    """A body in layout P; FrameError unless ``serial`` is one."""
    name, words = push_of_kind(kind)
    return STRUCTURE, [device_id(serial), (OCTET_STRING, name), *((DOUBLE_LONG_UNSIGNED, word) for word in words)]


def concentrator_body(serial: str, kind: Kind, moment: datetime | None) -> Data:
    """A body in layout C, at the aware ``moment`` or without a time; FrameError unless ``serial`` is one."""
    event: list[Data] = [
        (OCTET_STRING, encode_clock(moment) if moment else UNSPECIFIED),
        (LONG_UNSIGNED, code_of_kind(kind)),
        (LONG_UNSIGNED, 0),
        (OCTET_STRING, _TEXTS[kind]),
    ]
    return STRUCTURE, [device_id(serial), (LONG_UNSIGNED, _LOGICAL_DEVICE), (STRUCTURE, event)]


def device_id(serial: str) -> Data:
    """``serial`` as an element; FrameError unless it is one."""
    value = encode_serial(serial)
    # A receiver that goes by the length alone would take an octet-string of this length in layout P for a clock.
    return VISIBLE_STRING if len(value) == SIZE else OCTET_STRING, value
