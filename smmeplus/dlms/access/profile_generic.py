"""A Profile generic, class 7: a log that a device keeps, its columns, and its entries since a time (Blue Book 4.3.6).

::

    capture objects (attribute 3)  array of structure { class id, logical name, attribute, data index }
    buffer (attribute 2)           array of structure, an element for each of the capture objects
    range, access selector 1       structure { restricting object, from, to, array of columns; empty: all }
"""

from collections.abc import Sequence
from typing import Any, Final, NamedTuple

from smmeplus.dlms import data as d
from smmeplus.dlms.access.attributes import Attribute
from smmeplus.dlms.access.coding.requests import Selection
from smmeplus.dlms.data import Data
from smmeplus.dlms.errors import FrameError

PROFILE_CLASS: Final = 7
BUFFER: Final = 2
CAPTURE_OBJECTS: Final = 3
ENTRIES_IN_USE: Final = 7
#: The device's clock, class 8.
CLOCK: Final = Attribute(8, bytes((0, 0, 1, 0, 0, 255)), 2)
MOST_COLUMNS: Final = 64
RANGE: Final = 1  # the access selector

_WHOLE_NUMBERS: Final = frozenset(
    {d.INTEGER, d.LONG, d.DOUBLE_LONG, d.UNSIGNED, d.LONG_UNSIGNED, d.DOUBLE_LONG_UNSIGNED, d.ENUM}
)
_COLUMN_PARTS: Final = 4
_RANGE_PARTS: Final = 4
_NAME_SIZE: Final = 6


class Column(NamedTuple):
    """What stands in a column: an attribute, or one ``element`` of it, counted from 1 on; 0 is all of it."""

    attribute: Attribute
    element: int = 0


class Range(NamedTuple):
    """The entries whose ``column`` is from ``begin`` to ``end``, both included: COSEM date-times of 12 bytes."""

    column: Column
    begin: bytes
    end: bytes


def encode_columns(columns: Sequence[Column]) -> Data:
    return d.ARRAY, [_encode_column(column) for column in columns]


def decode_columns(value: Data) -> list[Column]:
    """FrameError for what is no list of capture objects, or too long."""
    tag, parts = value
    if tag != d.ARRAY or len(parts) > MOST_COLUMNS:
        raise FrameError(f"capture objects are an array of at most {MOST_COLUMNS}")
    return [_decode_column(part) for part in parts]


def encode_range(wanted: Range) -> Selection:
    begin, end = ((d.OCTET_STRING, octets) for octets in (wanted.begin, wanted.end))
    return Selection(RANGE, (d.STRUCTURE, [_encode_column(wanted.column), begin, end, (d.ARRAY, [])]))


def decode_range(selection: Selection) -> Range:
    """FrameError for any other selection, and for one of some columns only."""
    tag, parts = selection.parameters
    if selection.selector != RANGE or tag != d.STRUCTURE or len(parts) != _RANGE_PARTS or parts[3] != (d.ARRAY, []):
        raise FrameError("only a range of all columns can be selected")
    if {parts[1][0], parts[2][0]} != {d.OCTET_STRING}:
        raise FrameError("a range has two times, which are octet-strings")
    return Range(_decode_column(parts[0]), parts[1][1], parts[2][1])


def entries_in(buffer: Data, most: int) -> list[Data]:
    """The entries in the value of a buffer; FrameError for what is none, or has more than ``most``."""
    tag, entries = buffer
    if tag != d.ARRAY:
        raise FrameError(f"a log is an array, not data of type {tag}")
    if len(entries) > most:
        raise FrameError(f"the log has {len(entries)} entries, where at most {most} are read")
    return list(entries)


def _encode_column(column: Column) -> Data:
    attribute = column.attribute
    parts: list[Data] = [
        (d.LONG_UNSIGNED, attribute.class_id),
        (d.OCTET_STRING, attribute.logical_name),
        (d.INTEGER, attribute.number),
        (d.LONG_UNSIGNED, column.element),
    ]
    return d.STRUCTURE, parts


def _decode_column(value: Data) -> Column:
    tag, parts = value
    if tag != d.STRUCTURE or len(parts) != _COLUMN_PARTS:
        raise FrameError(f"a capture object is a structure of {_COLUMN_PARTS} elements")
    class_id, name, number, element = parts
    if name[0] != d.OCTET_STRING or len(name[1]) != _NAME_SIZE:
        raise FrameError("a capture object has a logical name of 6 bytes")
    return Column(Attribute(_number(class_id), name[1], _number(number)), _number(element))


def _number(value: Data) -> int:
    tag, content = value
    if tag not in _WHOLE_NUMBERS:
        raise FrameError("a capture object has a class, an attribute and an index, which are whole numbers")
    number: Any = content
    return int(number)
