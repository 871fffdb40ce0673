"""ACTION of the current association's *reply to HLS authentication*, by which each side proves its keys (A-XDR).

::

    action-request-normal   C3 01 | invoke-id-and-priority | class id(2) | logical name(6) | method(1) | 01 | Data
    action-response-normal  C7 01 | invoke-id-and-priority | result(1) | 00, or 01 | 00 | Data, or 01 | 01 | result(1)
"""

from typing import Final, NamedTuple

from smmeplus.dlms.access.attributes import DESCRIPTOR_SIZE, Attribute, encode_attribute
from smmeplus.dlms.access.coding.octets import Octets
from smmeplus.dlms.access.coding.requests import NORMAL
from smmeplus.dlms.access.names import SUCCESS
from smmeplus.dlms.data import OCTET_STRING, encode
from smmeplus.dlms.errors import FrameError

ACTION_REQUEST: Final = 0xC3
ACTION_RESPONSE: Final = 0xC7

#: Class *association LN*, that of this very conversation, method 1. A method is named as an attribute is.
_REPLY_TO_HLS: Final = encode_attribute(Attribute(15, bytes((0, 0, 40, 0, 0, 255)), 1))
_CONFIRMED_HIGH: Final = 0xC0
_PRESENT: Final = b"\1"
_DATA: Final = b"\0"


class ProofRequest(NamedTuple):
    """``invoke`` is the whole invoke-id-and-priority, which the reply repeats."""

    invoke: int
    proof: bytes


class ProofResponse(NamedTuple):
    """``result`` is an action-result; ``proof`` is empty unless that is success."""

    result: int
    proof: bytes


def encode_proof(invoke_id: int, proof: bytes) -> bytes:
    head = bytes((ACTION_REQUEST, NORMAL, _CONFIRMED_HIGH | invoke_id)) + _REPLY_TO_HLS
    return head + _PRESENT + encode((OCTET_STRING, proof))


def decode_proof(apdu: bytes) -> ProofRequest:
    """FrameError for any other ACTION, too."""
    octets = Octets(apdu, "request")
    octets.expect(bytes((ACTION_REQUEST, NORMAL)))
    invoke = octets.number()
    if octets.take(DESCRIPTOR_SIZE) != _REPLY_TO_HLS:
        raise FrameError("the only method that is known is reply to HLS authentication")
    octets.expect(_PRESENT)
    return ProofRequest(invoke, _proof_in(octets))


def encode_proof_response(invoke: int, response: ProofResponse) -> bytes:
    head = bytes((ACTION_RESPONSE, NORMAL, invoke, response.result))
    return head + (_PRESENT + _DATA + encode((OCTET_STRING, response.proof)) if response.proof else b"\0")


def decode_proof_response(apdu: bytes) -> ProofResponse:
    octets = Octets(apdu, "response")
    octets.expect(bytes((ACTION_RESPONSE, NORMAL)))
    octets.number()  # the invoke id, which has been compared
    if result := octets.number():
        return ProofResponse(result, b"")
    octets.expect(_PRESENT)
    octets.expect(_DATA)
    return ProofResponse(SUCCESS, _proof_in(octets))


def _proof_in(octets: Octets) -> bytes:
    tag, proof = octets.data()
    octets.end()
    if tag != OCTET_STRING:
        raise FrameError("what proves the keys is an octet-string")
    return bytes(proof)
