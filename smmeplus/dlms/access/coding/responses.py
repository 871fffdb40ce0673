"""GET and SET responses (A-XDR; Green Book 9.4.3, 9.5).

::

    get-response-normal          C4 01 | invoke-id-and-priority | 00 Data, or 01 data-access-result
    get-response-with-datablock  C4 02 | invoke-id-and-priority | last(1) | block number(4)
                                       | 00 and an octet-string, or 01 data-access-result
    get-response-with-list       C4 03 | invoke-id-and-priority | number(1)
                                       | each: 00 Data, or 01 data-access-result
    set-response-normal          C5 01 | invoke-id-and-priority | data-access-result
    set-response-datablock       C5 02 | invoke-id-and-priority | block number(4)
    set-response-last-datablock  C5 03 | invoke-id-and-priority | data-access-result | block number(4)
"""

from collections.abc import Sequence
from typing import Final, NamedTuple

from smmeplus.dlms.access.coding.octets import Octets, encode_length
from smmeplus.dlms.access.names import SUCCESS
from smmeplus.dlms.data import NULL, Data, decode, encode
from smmeplus.dlms.errors import FrameError
from smmeplus.dlms.framing.wrapper import MAX_APDU

GET_RESPONSE: Final = 0xC4
SET_RESPONSE: Final = 0xC5
NORMAL: Final = 1
IN_BLOCKS: Final = 2
LAST_BLOCK: Final = 3
LIST: Final = 3

_DATA: Final = 0
_RESULT: Final = 1
_NORMAL_BEGUN: Final = bytes((NORMAL,))
_DATA_BEGUN: Final = bytes((_DATA,))


class GetResponse(NamedTuple):
    """``value`` is null-data unless ``result`` is success."""

    result: int
    value: Data


class GetListResponse(NamedTuple):
    """What came of each attribute of a list, in its order."""

    results: list[GetResponse]


class GetBlock(NamedTuple):
    """A block of a value; the bytes of all blocks together are its Data, or the number and the results of a list."""

    is_last: bool
    number: int
    result: int
    octets: bytes


class SetBlockResponse(NamedTuple):
    """The reply to a block: ``result`` is None while more of them are wanted, ``number`` None if it does not say it."""

    result: int | None
    number: int | None


def encode_get_response(invoke: int, value: Data, limit: int = MAX_APDU) -> bytes:
    """FrameError for a value of more than ``limit`` bytes: that of an APDU, but for one that is sent in blocks."""
    return bytes((GET_RESPONSE, NORMAL, invoke, _DATA)) + encode(value, limit)


def encode_get_refusal(invoke: int, result: int) -> bytes:
    return bytes((GET_RESPONSE, NORMAL, invoke, _RESULT, result))


def encode_get_list_response(invoke: int, results: bytes) -> bytes:
    """``results`` are those of ``encode_results``."""
    return bytes((GET_RESPONSE, LIST, invoke)) + results


def encode_results(results: Sequence[GetResponse]) -> bytes:
    """FrameError for values that no APDU has room for."""
    each = (
        bytes((_DATA,)) + encode(one.value) if one.result == SUCCESS else bytes((_RESULT, one.result))
        for one in results
    )
    return encode_length(len(results)) + b"".join(each)


def decode_results(octets: bytes, limit: int) -> list[GetResponse]:
    """Those of a list that came in blocks, of at most ``limit`` bytes in all."""
    rest = Octets(octets, "list of results")
    results = _decode_results(rest, limit)
    rest.end()
    return results


def encode_block(invoke: int, block: GetBlock) -> bytes:
    head = bytes((GET_RESPONSE, IN_BLOCKS, invoke, block.is_last)) + block.number.to_bytes(4, "big")
    if block.result != SUCCESS:
        return head + bytes((_RESULT, block.result))
    return head + bytes((_DATA,)) + encode_length(len(block.octets)) + block.octets


def encode_set_response(invoke: int, result: int) -> bytes:
    return bytes((SET_RESPONSE, NORMAL, invoke, result))


def encode_set_block_response(invoke: int, response: SetBlockResponse) -> bytes:
    """``response`` has a number."""
    number = (response.number or 0).to_bytes(4, "big")
    if response.result is None:
        return bytes((SET_RESPONSE, IN_BLOCKS, invoke)) + number
    return bytes((SET_RESPONSE, LAST_BLOCK, invoke, response.result)) + number


def decode_get_response(apdu: bytes) -> GetResponse | GetBlock | GetListResponse:
    """A reply to a GET, which begins with C4; whose it is has been looked at before."""
    if apdu[1:2] == _NORMAL_BEGUN and apdu[3:4] == _DATA_BEGUN:  # as nearly all are
        value, end = decode(apdu, 4)
        if end == len(apdu):
            return GetResponse(SUCCESS, value)
    octets = Octets(apdu, "get-response", 1)
    kind = octets.number()
    octets.take(1)
    if kind == NORMAL:
        response: GetResponse | GetBlock | GetListResponse = _decode_normal(octets)
    elif kind == IN_BLOCKS:
        response = _decode_block(octets)
    elif kind == LIST:
        response = GetListResponse(_decode_results(octets))
    else:
        raise FrameError(f"a get-response of type {kind}")
    octets.end()
    return response


def decode_set_response(apdu: bytes) -> int:
    """The data-access-result in a reply to a SET, which begins with C5; whose it is has been looked at before."""
    octets = Octets(apdu, "set-response", 1)
    if (kind := octets.number()) != NORMAL:
        raise FrameError(f"a set-response of type {kind}")
    octets.take(1)
    result = octets.number()
    octets.end()
    return result


def decode_set_block_response(apdu: bytes) -> SetBlockResponse:
    """The same where a block was sent. A device may refuse it as it refuses a whole value."""
    octets = Octets(apdu, "set-response", 1)
    kind = octets.number()
    if kind not in (NORMAL, IN_BLOCKS, LAST_BLOCK):
        raise FrameError(f"a set-response of type {kind}")
    octets.take(1)
    result = None if kind == IN_BLOCKS else octets.number()
    number = None if kind == NORMAL else octets.number(4)
    octets.end()
    return SetBlockResponse(result, number)


def _decode_results(octets: Octets, limit: int = MAX_APDU) -> list[GetResponse]:
    return [_decode_normal(octets, limit) for _ in range(octets.length())]


def _decode_normal(octets: Octets, limit: int = MAX_APDU) -> GetResponse:
    if _is_data(octets):
        return GetResponse(SUCCESS, octets.data(limit))
    return GetResponse(_refusal(octets), (NULL, None))


def _decode_block(octets: Octets) -> GetBlock:
    is_last, number = bool(octets.number()), octets.number(4)
    if _is_data(octets):
        return GetBlock(is_last, number, SUCCESS, octets.take(octets.length()))
    return GetBlock(is_last, number, _refusal(octets), b"")


def _is_data(octets: Octets) -> bool:
    choice = octets.number()
    if choice > _RESULT:
        raise FrameError(f"{choice:02X} in the get-response, where data or a result are due")
    return choice == _DATA


def _refusal(octets: Octets) -> int:
    """A result in the place of data: one that says *success* leaves nothing to read."""
    result = octets.number()
    if result == SUCCESS:
        raise FrameError("the get-response says success and has no data")
    return result
