"""GET and SET requests (A-XDR; Green Book 9.4.3, 9.5).

::

    get-request-normal  C0 01 | invoke-id-and-priority | class id(2) | logical name(6) | attribute(1)
                              | 00, or 01 | access selector(1) | Data
    get-request-next    C0 02 | invoke-id-and-priority | block number(4)
    get-request-with-list
                        C0 03 | invoke-id-and-priority | number(1)
                              | each: class id(2) | logical name(6) | attribute(1) | 00
    set-request-normal  C1 01 | invoke-id-and-priority | class id(2) | logical name(6) | attribute(1) | 00 | Data
    set-request-with-first-datablock
                        C1 02 | invoke-id-and-priority | class id(2) | logical name(6) | attribute(1) | 00 | block
    set-request-with-datablock
                        C1 03 | invoke-id-and-priority | block
    block               last(1) | block number(4) | octet-string

Bits 0 to 3 of the invoke-id-and-priority are the invoke id; 40 asks for a reply, 80 is high priority. The 00 behind the
attribute says that all of it is meant, 01 that it is the part that the selector and its Data name.
"""

from collections.abc import Sequence
from functools import lru_cache
from typing import Final, NamedTuple, TypeAlias

from smmeplus.dlms.access.attributes import DESCRIPTOR_SIZE, Attribute, decode_attribute, encode_attribute
from smmeplus.dlms.access.coding.octets import Octets, encode_length
from smmeplus.dlms.data import Data, encode
from smmeplus.dlms.errors import FrameError

GET_REQUEST: Final = 0xC0
SET_REQUEST: Final = 0xC1
NORMAL: Final = 1
NEXT: Final = 2
LIST: Final = 3
FIRST_BLOCK: Final = 2
BLOCK: Final = 3
INVOKE_IDS: Final = 16

_CONFIRMED_HIGH: Final = 0xC0
_WHOLE: Final = b"\0"
_PART: Final = b"\1"
_BLOCK_HEAD: Final = 5  # bytes before the length of a block's octets
_MAX_LENGTH: Final = 3  # bytes of that length


class Selection(NamedTuple):
    """Selective access: the part of an attribute that is meant. What a ``selector`` means depends on the class."""

    selector: int
    parameters: Data


class GetRequest(NamedTuple):
    """``invoke`` is the whole invoke-id-and-priority, which the reply repeats. Without ``selection`` all is meant."""

    invoke: int
    attribute: Attribute
    selection: Selection | None = None


class GetListRequest(NamedTuple):
    """Several attributes at once. ``invoke`` is the whole invoke-id-and-priority, which the reply repeats."""

    invoke: int
    attributes: Sequence[Attribute]


class GetNextRequest(NamedTuple):
    """Asks for the block behind ``block``, which has come in."""

    invoke: int
    block: int


class SetRequest(NamedTuple):
    """``invoke`` is the whole invoke-id-and-priority, which the reply repeats."""

    invoke: int
    attribute: Attribute
    value: Data


class SetBlockRequest(NamedTuple):
    """A block of a value; the bytes of all blocks together are its Data. Only the first one has the ``attribute``."""

    invoke: int
    attribute: Attribute | None
    is_last: bool
    block: int
    octets: bytes


Request: TypeAlias = GetRequest | GetListRequest | GetNextRequest | SetRequest | SetBlockRequest


def invoke_id_of(invoke: int) -> int:
    """The invoke id in an invoke-id-and-priority."""
    return invoke % INVOKE_IDS


def encode_get(invoke_id: int, attribute: Attribute, selection: Selection | None = None) -> bytes:
    head = bytes((GET_REQUEST, NORMAL, _CONFIRMED_HIGH | invoke_id)) + encode_attribute(attribute)
    if selection is None:
        return head + _WHOLE
    return head + _PART + bytes((selection.selector,)) + encode(selection.parameters)


def encode_get_list(invoke_id: int, attributes: Sequence[Attribute]) -> bytes:
    return bytes((GET_REQUEST, LIST, _CONFIRMED_HIGH | invoke_id)) + _descriptors(tuple(attributes))


def encode_get_next(invoke_id: int, block: int) -> bytes:
    return bytes((GET_REQUEST, NEXT, _CONFIRMED_HIGH | invoke_id)) + block.to_bytes(4, "big")


def encode_set(invoke_id: int, attribute: Attribute, value: Data) -> bytes:
    """FrameError for a value that no APDU has room for."""
    head = bytes((SET_REQUEST, NORMAL, _CONFIRMED_HIGH | invoke_id))
    return head + encode_attribute(attribute) + _WHOLE + encode(value)


def encode_set_blocks(invoke_id: int, attribute: Attribute, value: Data, limit: int) -> list[bytes]:
    """The same in blocks, each in a request of at most ``limit`` bytes; FrameError if that has no room for any."""
    octets, blocks, requests = encode(value), 0, list[bytes]()
    while octets or not requests:
        head = bytes((SET_REQUEST, BLOCK if requests else FIRST_BLOCK, _CONFIRMED_HIGH | invoke_id))
        head += b"" if requests else encode_attribute(attribute) + _WHOLE
        size = limit - len(head) - _BLOCK_HEAD
        size -= 1 if size <= 0x80 else _MAX_LENGTH
        if size < 1:
            raise FrameError(f"a block of a value has no room in an APDU of {limit} bytes")
        blocks += 1
        block, octets = octets[:size], octets[size:]
        head += bytes((not octets,)) + blocks.to_bytes(4, "big")
        requests.append(head + encode_length(len(block)) + block)
    return requests


def decode_request(apdu: bytes) -> Request:
    """The request in ``apdu``, which begins with C0 or C1."""
    octets = Octets(apdu, "request")
    kind = octets.number(2)
    invoke = octets.number()
    request: Request
    if kind == GET_REQUEST << 8 | NEXT:
        request = GetNextRequest(invoke, octets.number(4))
    elif kind == GET_REQUEST << 8 | NORMAL:
        request = GetRequest(invoke, decode_attribute(octets.take(DESCRIPTOR_SIZE)), _selection(octets))
    elif kind == GET_REQUEST << 8 | LIST:
        request = GetListRequest(invoke, [_attribute(octets) for _ in range(octets.length())])
    elif kind == SET_REQUEST << 8 | NORMAL:
        request = SetRequest(invoke, _attribute(octets), octets.data())
    elif kind in (SET_REQUEST << 8 | FIRST_BLOCK, SET_REQUEST << 8 | BLOCK):
        attribute = _attribute(octets) if kind & 0xFF == FIRST_BLOCK else None
        is_last, number = bool(octets.number()), octets.number(4)
        request = SetBlockRequest(invoke, attribute, is_last, number, octets.take(octets.length()))
    else:
        raise FrameError(f"a request that begins with {kind:04X} is not known")
    octets.end()
    return request


@lru_cache(64)  # the same ones for all devices of a type
def _descriptors(attributes: tuple[Attribute, ...]) -> bytes:
    return encode_length(len(attributes)) + b"".join(encode_attribute(each) + _WHOLE for each in attributes)


def _attribute(octets: Octets) -> Attribute:
    attribute = decode_attribute(octets.take(DESCRIPTOR_SIZE))
    if octets.take(1) != _WHOLE:
        raise FrameError("selective access is known for a GET of one attribute alone")
    return attribute


def _selection(octets: Octets) -> Selection | None:
    choice = octets.take(1)
    if choice not in (_WHOLE, _PART):
        raise FrameError(f"{choice.hex().upper()} behind the attribute, where 00 or 01 is due")
    return Selection(octets.number(), octets.data()) if choice == _PART else None
