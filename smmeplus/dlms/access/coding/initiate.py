"""InitiateRequest and InitiateResponse, the user information of AARQ and AARE (A-XDR; Green Book 9.4.6, 9.5).

::

    InitiateRequest   01 | dedicated-key: 00, or 01 and an octet-string | response-allowed: 00, or 01 and one octet
                         | quality of service: 00, or 01 and one octet | version | conformance | max PDU size(2)
    InitiateResponse  08 | quality of service: 00, or 01 and one octet
                         | version | conformance | max PDU size(2) | VAA name(2)
    conformance       5F 1F 04 00 | 24 bits
"""

from enum import IntFlag
from typing import Final, NamedTuple

from smmeplus.dlms.access.coding.octets import Octets
from smmeplus.dlms.errors import FrameError

VERSION: Final = 6
LOGICAL_NAMES: Final = 7  # the VAA name
#: The least PDU size that a side may name, apart from 0, which is no limit (Green Book 9.4.6.1).
LEAST_PDU: Final = 12

REQUEST: Final = 0x01
RESPONSE: Final = 0x08
_CONFORMANCE: Final = b"\x5f\x1f\x04\x00"
_BITS: Final = 3  # octets


class Conformance(IntFlag):
    """The services that we use, by their bits; others are kept as they are."""

    SELECTIVE_ACCESS = 1 << 2  # a part of an attribute, as the entries since a time
    SET = 1 << 3
    GET = 1 << 4
    LISTS = 1 << 9  # multiple references: several attributes in one request
    SET_IN_BLOCKS = 1 << 11
    GET_IN_BLOCKS = 1 << 12


_IN_BLOCKS: Final = Conformance.GET_IN_BLOCKS | Conformance.SET_IN_BLOCKS
WHAT_WE_USE: Final = Conformance.GET | Conformance.SET | Conformance.LISTS | _IN_BLOCKS
#: What is proposed where a log is read, too.
WITH_SELECTIVE_ACCESS: Final = WHAT_WE_USE | Conformance.SELECTIVE_ACCESS


class InitiateRequest(NamedTuple):
    """What a client proposes. ``max_pdu`` is the longest APDU that it takes; 0 is no limit."""

    conformance: Conformance
    max_pdu: int
    version: int = VERSION


class InitiateResponse(NamedTuple):
    """What has been negotiated. ``max_pdu`` is the longest APDU that the server takes; 0 is no limit."""

    conformance: Conformance
    max_pdu: int
    vaa_name: int = LOGICAL_NAMES


def encode_initiate_request(request: InitiateRequest) -> bytes:
    return bytes((REQUEST, 0, 0, 0, request.version)) + _encode_conformance(request)


def decode_initiate_request(buffer: bytes) -> InitiateRequest:
    octets = Octets(buffer, "InitiateRequest")
    octets.expect(bytes((REQUEST,)))
    if _is_present(octets):
        octets.take(octets.length())
    for _ in range(2):
        if _is_present(octets):
            octets.take(1)
    version = octets.number()
    request = InitiateRequest(_decode_conformance(octets), octets.number(2), version)
    octets.end()
    return request


def encode_initiate_response(response: InitiateResponse) -> bytes:
    return bytes((RESPONSE, 0, VERSION)) + _encode_conformance(response) + response.vaa_name.to_bytes(2, "big")


def decode_initiate_response(buffer: bytes) -> InitiateResponse:
    octets = Octets(buffer, "InitiateResponse")
    octets.expect(bytes((RESPONSE,)))
    if _is_present(octets):
        octets.take(1)
    octets.expect(bytes((VERSION,)))
    response = InitiateResponse(_decode_conformance(octets), octets.number(2), octets.number(2))
    octets.end()
    return response


def _is_present(octets: Octets) -> bool:
    presence = octets.number()
    if presence > 1:
        raise FrameError(f"{presence:02X} says neither that a field is there nor that it is not")
    return bool(presence)


def _encode_conformance(of: InitiateRequest | InitiateResponse) -> bytes:
    return _CONFORMANCE + of.conformance.to_bytes(_BITS, "big") + of.max_pdu.to_bytes(2, "big")


def _decode_conformance(octets: Octets) -> Conformance:
    """Older devices write the tag in one octet, without ``1F``."""
    octets.expect(_CONFORMANCE[:1])
    second = octets.take(1)
    octets.expect(_CONFORMANCE[2:] if second == _CONFORMANCE[1:2] else _CONFORMANCE[3:])
    if second not in (_CONFORMANCE[1:2], _CONFORMANCE[2:3]):
        raise FrameError(f"{second.hex().upper()} in the tag of the conformance")
    return Conformance(octets.number(_BITS))
