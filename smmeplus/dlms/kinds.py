"""What a spontaneous message means, and what says so on the wire (WIR-4)."""

from collections.abc import Mapping
from enum import IntEnum
from functools import lru_cache
from typing import Final, NamedTuple

from smmeplus.dlms.errors import FrameError


class Kind(IntEnum):
    """The kinds of message; the numbers are what the database stores."""

    KEEPALIVE = 1
    BOOT = 2
    LASTGASP = 3
    OTHER = 4

    @property
    def word(self) -> str:
        """The kind as files, commands and reports write it: ``keepalive``, ``boot``, ``lastgasp``, ``other``."""
        return self.name.lower()


class KindKey(NamedTuple):
    """The parts of a message that say its kind. A type of concentrator may give them a meaning of its own."""

    #: The 6-byte logical name of the push; empty if the message bears none.
    name: bytes = b""
    #: The event code.
    code: int | None = None
    #: The alarm words in order; bit b of a word is ``word >> b & 1``, for a bit-string its bit b from the first on.
    words: tuple[int, ...] = ()
    #: The class id and 6-byte OBIS code that an EventNotification reports.
    event_object: tuple[int, bytes] | None = None


#: What is counted as a wake-up.
WAKEUPS = frozenset({Kind.KEEPALIVE, Kind.BOOT})
KIND_BY_WORD = {kind.word: kind for kind in Kind}

NO_PUSH: Final = "no push"  # what a rule calls the messages that bear no name of a push
ALARM_PUSH: Final = bytes((0, 4, 25, 9, 0, 255))
KIND_BY_PUSH: Final[Mapping[bytes, Kind]] = {
    bytes((0, 0, 25, 9, 0, 255)): Kind.BOOT,
    bytes((0, 1, 25, 9, 0, 255)): Kind.KEEPALIVE,
    bytes((0, 2, 25, 9, 0, 255)): Kind.KEEPALIVE,
    bytes((0, 3, 25, 9, 0, 255)): Kind.KEEPALIVE,
}
ALARM_LASTGASP: Final = 0b001
ALARM_BOOT: Final = 0b010
ALARM_OTHER: Final = 0b100

KIND_BY_CODE: Final[Mapping[int, Kind]] = {0: Kind.KEEPALIVE, 1: Kind.LASTGASP, 2: Kind.BOOT, 99: Kind.LASTGASP}

DATA_CLASS: Final = 1
PUSH_SETUP: Final = 40  # a class id
LASTGASP_OBJECT: Final = bytes((128, 128, 128, 128, 128, 0))
DEVICE_ID_OBJECTS: Final = bytes((0, 0, 96, 1))  # 0-0:96.1.x.255

# For senders. If several keys mean a kind, it is the first of the table above.
_PUSH_BY_KIND: Final[Mapping[Kind, tuple[bytes, tuple[int, ...]]]] = {
    Kind.KEEPALIVE: (bytes((0, 1, 25, 9, 0, 255)), ()),
    Kind.BOOT: (bytes((0, 0, 25, 9, 0, 255)), ()),
    Kind.LASTGASP: (ALARM_PUSH, (ALARM_LASTGASP,)),
    Kind.OTHER: (ALARM_PUSH, (ALARM_OTHER,)),
}
_CODE_BY_KIND: Final[Mapping[Kind, int]] = {Kind.KEEPALIVE: 0, Kind.LASTGASP: 1, Kind.BOOT: 2, Kind.OTHER: 255}
_OBJECT_BY_KIND: Final[Mapping[Kind, bytes]] = {
    Kind.KEEPALIVE: bytes((0, 0, 96, 1, 0, 255)),
    Kind.LASTGASP: LASTGASP_OBJECT,
    Kind.OTHER: bytes((0, 0, 96, 11, 0, 255)),
}


def kind_of_push(logical_name: bytes, words: tuple[int, ...]) -> Kind:
    """The kind by the push's 6-byte logical name and, for ``0-4:25.9.0.255``, by the bits of its first alarm word."""
    if logical_name == ALARM_PUSH:
        return _kind_of_alarms(words[0] if words else 0)
    return KIND_BY_PUSH.get(logical_name, Kind.OTHER)


@lru_cache(maxsize=256)  # asked for every frame, and there are few answers
def meaning_of_push(logical_name: bytes, code: int | None, words: tuple[int, ...]) -> tuple[Kind, KindKey]:
    """The kind by the logical name, or by the event code where there is no name (b"")."""
    is_by_code = not logical_name and code is not None
    kind = kind_of_code(code) if is_by_code else kind_of_push(logical_name, words)
    return kind, KindKey(logical_name, code, words)


def kind_of_code(code: int | None) -> Kind:
    """The kind by the event code of a concentrator's notification or of a text telegram."""
    return Kind.OTHER if code is None else KIND_BY_CODE.get(code, Kind.OTHER)


def kind_of_object(class_id: int, obis: bytes) -> Kind:
    """The kind by the object (6-byte OBIS code) that an EventNotification reports."""
    if obis == LASTGASP_OBJECT:
        return Kind.LASTGASP
    if class_id == DATA_CLASS and obis[:4] == DEVICE_ID_OBJECTS and obis[5] == 255:
        return Kind.KEEPALIVE
    return Kind.OTHER


def keys_of(key: KindKey) -> tuple[str, ...]:
    """``key`` as text in the forms that a table of kinds may have it; the first one that it has counts (WIR-4).

    ``push 0-4:25.9.0.255 word 1 bit 0``, ``push 0-1:25.9.0.255 code 12`` and ``push 0-1:25.9.0.255`` (whatever else it
    says) are about a push of that name; ``word 1 bit 0``, ``code 12`` and ``no push`` about what bears no name of a
    push. An EventNotification is first of all its object, ``object 1 0-0:96.1.0.255`` (class, then OBIS code).
    """
    if key.event_object is None:
        return _keys_of_push(key)
    class_id, obis = key.event_object
    return (f"object {class_id} {_obis(obis)}", *(_keys_of_push(key) if key.name else ()))


def kind_by(table: Mapping[str, Kind], key: KindKey, default: Kind) -> Kind:
    return next((table[text] for text in keys_of(key) if text in table), default)


def push_of_kind(kind: Kind) -> tuple[bytes, tuple[int, ...]]:
    """The logical name, and the alarm words where they are needed, that say ``kind``."""
    return _PUSH_BY_KIND[kind]


def code_of_kind(kind: Kind) -> int:
    return _CODE_BY_KIND[kind]


def object_of_kind(kind: Kind) -> tuple[int, bytes]:
    """The class id and OBIS code that say ``kind``; FrameError for boot, which an EventNotification cannot say."""
    if kind not in _OBJECT_BY_KIND:
        raise FrameError(f"an EventNotification cannot say {kind.word}")
    return DATA_CLASS, _OBJECT_BY_KIND[kind]


def _keys_of_push(key: KindKey) -> tuple[str, ...]:
    start = f"push {_obis(key.name)}" if key.name else ""
    alarms = [
        f"{start} word {number} bit {bit}".lstrip()
        for number, word in enumerate(key.words, 1)
        for bit in range(word.bit_length())
        if word >> bit & 1
    ]
    codes = [] if key.code is None else [f"{start} code {key.code}".lstrip()]
    return (*alarms, *codes, start or NO_PUSH)


def _obis(name: bytes) -> str:
    a, b, *rest = name
    return f"{a}-{b}:" + ".".join(map(str, rest))


def _kind_of_alarms(alarms: int) -> Kind:
    if alarms & ALARM_LASTGASP:
        return Kind.LASTGASP
    return Kind.BOOT if alarms & ALARM_BOOT else Kind.OTHER
