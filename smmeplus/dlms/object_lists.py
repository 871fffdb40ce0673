"""The object list that a push may begin with: which of its elements is what (Blue Book, Push setup; WIR-2)."""

from collections.abc import Sequence
from typing import Final, NamedTuple

from smmeplus.dlms.data import ARRAY, INTEGER, LONG_UNSIGNED, OCTET_STRING, STRUCTURE, Data
from smmeplus.dlms.kinds import DATA_CLASS, PUSH_SETUP

PUSH_NAME_LENGTH: Final = 6

_PUSH_CODE: Final = b"\x19\x09"
_DEVICE_ID: Final = bytes((0, 0, 96, 1))  # 0-0:96.1.x; the one with x = 0 before others
_ALARM_WORD: Final = bytes((0, 0, 97, 98))  # 0-0:97.98.x
_END: Final = 255
_ENTRY: Final = (LONG_UNSIGNED, OCTET_STRING, INTEGER)  # class id, logical name, attribute; more may follow


class ObjectList(NamedTuple):
    """What an object list says of the elements, by their places in the body."""

    #: The push's own logical name; empty if the list does not say it.
    name: bytes = b""
    #: The place of the device id, if it is in the list.
    device_id: int | None = None
    #: The places of the alarm words.
    words: frozenset[int] = frozenset()
    #: All places that the list names.
    named: frozenset[int] = frozenset()


NO_LIST: Final = ObjectList()


def object_list_of(elements: Sequence[Data]) -> ObjectList:
    """What the first of ``elements`` says if it is an object list, else ``NO_LIST``."""
    if not elements or elements[0][0] != ARRAY:
        return NO_LIST
    entries = _entries(elements[0][1])
    if not entries:
        return NO_LIST
    # The list is an element itself, and mostly its own first entry. The order counts: devices say wrong attributes.
    first = 1 if len(entries) == len(elements) - 1 or entries[0][0] != PUSH_SETUP else 0
    at = dict(enumerate(entries, first))
    name = next((obis for class_id, obis in entries if class_id == PUSH_SETUP and is_push_name(obis)), b"")
    ids = sorted((obis[4], place) for place, (class_id, obis) in at.items() if _is_device_id(class_id, obis))
    words = frozenset(place for place, (_, obis) in at.items() if obis.startswith(_ALARM_WORD))
    return ObjectList(name, ids[0][1] if ids else None, words, frozenset(at))


def is_push_name(value: bytes) -> bool:
    """Whether ``value`` is the logical name of a push setup: ``xx xx 19 09 xx FF``, which is A-B:25.9.E.255."""
    return len(value) == PUSH_NAME_LENGTH and value[2:4] == _PUSH_CODE and value[5] == _END


def _entries(content: Sequence[Data]) -> list[tuple[int, bytes]]:
    """The class ids and logical names of an object list; empty if it is not one."""
    if not all(map(_is_entry, content)):
        return []
    return [(class_id, obis) for _, ((_, class_id), (_, obis), *_) in content]


def _is_entry(data: Data) -> bool:
    tag, parts = data
    if tag != STRUCTURE or tuple(part for part, _ in parts[: len(_ENTRY)]) != _ENTRY:
        return False
    return len(parts[1][1]) == PUSH_NAME_LENGTH


def _is_device_id(class_id: int, obis: bytes) -> bool:
    return class_id == DATA_CLASS and obis[:4] == _DEVICE_ID and obis[5] == _END
