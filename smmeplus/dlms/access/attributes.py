"""An attribute of a COSEM object, and how it is named on the wire: class id(2), logical name(6), attribute(1)."""

import re
import struct
from functools import lru_cache
from typing import Final, NamedTuple

from smmeplus.dlms.errors import FrameError
from smmeplus.dlms.explaining.wording import obis_in_words

_DESCRIPTOR: Final = struct.Struct(">H6sB")
DESCRIPTOR_SIZE: Final = _DESCRIPTOR.size
_NAME_SIZE: Final = 6
_LOGICAL_NAME: Final = re.compile(r"(\d{1,3})-(\d{1,3}):(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})", re.ASCII)


class Attribute(NamedTuple):
    """``logical_name`` has six bytes."""

    class_id: int
    logical_name: bytes
    number: int

    def __str__(self) -> str:
        return f"class {self.class_id}, {obis_in_words(self.logical_name)}, attribute {self.number}"


@lru_cache(512)  # the same few for every device
def encode_attribute(attribute: Attribute) -> bytes:
    """FrameError for what has no place in the descriptor; a name of another length would be filled up or cut."""
    try:
        descriptor = _DESCRIPTOR.pack(*attribute)
    except struct.error:
        descriptor = b""
    if not descriptor or len(attribute.logical_name) != _NAME_SIZE:
        raise FrameError("an attribute has a class id of 16 bits, a logical name of 6 bytes and a number of 8 bits")
    return descriptor


def decode_attribute(descriptor: bytes) -> Attribute:
    """The attribute that ``descriptor``, of ``DESCRIPTOR_SIZE`` bytes, names."""
    return Attribute(*_DESCRIPTOR.unpack(descriptor))


def logical_name(text: str) -> bytes:
    """``0-1:25.9.0.255`` as six bytes; FrameError if it is not written so."""
    found = _LOGICAL_NAME.fullmatch(text)
    parts = [int(part) for part in found.groups()] if found else [256]
    if max(parts) > 255:
        raise FrameError(f"a logical name is written like 0-1:25.9.0.255, not {text!r:.40}")
    return bytes(parts)
