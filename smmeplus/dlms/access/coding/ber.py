"""The fields of AARQ, AARE, RLRQ and RLRE in BER: ``tag | length | content``, tags and lengths of few octets."""

from typing import Final

from smmeplus.dlms.access.coding.octets import Octets, encode_length
from smmeplus.dlms.errors import FrameError

INTEGER: Final = 0x02
OCTET_STRING: Final = 0x04
OBJECT_IDENTIFIER: Final = 0x06

_LONG_TAG: Final = 0x1F


def encode_field(tag: int, content: bytes) -> bytes:
    return bytes((tag,)) + encode_length(len(content)) + content


def content_of(buffer: bytes, tag: int, what: str) -> bytes:
    """The content of the one field in ``buffer``; FrameError if it has another tag, is cut, or more follows."""
    octets = Octets(buffer, what)
    octets.expect(bytes((tag,)))
    content = octets.take(octets.length())
    octets.end()
    return content


def fields_of(buffer: bytes, what: str) -> dict[int, bytes]:
    """The contents of the fields in ``buffer`` by their tags, in whatever order; FrameError if one comes twice."""
    octets = Octets(buffer, what)
    fields: dict[int, bytes] = {}
    while octets.left:
        tag = octets.number()
        if tag in fields:
            raise FrameError(f"the field {tag:02X} comes twice in the {what}")
        if tag & _LONG_TAG == _LONG_TAG:
            raise FrameError(f"a tag of several octets in the {what}")
        fields[tag] = octets.take(octets.length())
    return fields


def small_integer(buffer: bytes, what: str) -> int:
    """The INTEGER field ``02 01 xx`` that is all of ``buffer``."""
    octets = Octets(buffer, what)
    octets.expect(bytes((INTEGER, 1)))
    number = octets.number()
    octets.end()
    return number
