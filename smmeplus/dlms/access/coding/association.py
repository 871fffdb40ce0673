"""Beginning and ending an association: AARQ, AARE, RLRQ, RLRE (BER; Green Book 9.4.2, 9.5).

::

    AARQ  60 | A1 application context | 8A 8B AC: how the client shows who it is, see below | BE InitiateRequest
    AARE  61 | A1 application context | A2 result | A3 diagnostic | BE InitiateResponse, or a confirmed-service-error
    RLRQ  62 | 80 reason
    RLRE  63 | 80 reason

The application context is that of logical names without ciphering, security is none or a password (*low level*).
"""

from functools import lru_cache
from typing import Final, NamedTuple

from smmeplus.dlms.access.coding.ber import (
    OBJECT_IDENTIFIER,
    OCTET_STRING,
    content_of,
    encode_field,
    fields_of,
    small_integer,
)
from smmeplus.dlms.access.coding.initiate import (
    InitiateRequest,
    InitiateResponse,
    decode_initiate_request,
    decode_initiate_response,
    encode_initiate_request,
    encode_initiate_response,
)
from smmeplus.dlms.access.coding.refusals import decode_confirmed_service_error
from smmeplus.dlms.access.errors import AssociationRefusedError, ConfirmedServiceError
from smmeplus.dlms.access.names import ACCEPTED, AUTHENTICATION_REQUIRED
from smmeplus.dlms.errors import FrameError

AARQ: Final = 0x60
AARE: Final = 0x61
RLRQ: Final = 0x62
RLRE: Final = 0x63
MAX_PASSWORD: Final = 128  # bytes

PLAIN_NAMES: Final = 1  # the application context
NO_SECURITY: Final = 0  # the mechanisms
PASSWORD: Final = 1

_DLMS: Final = bytes((0x60, 0x85, 0x74, 5, 8))  # joint-iso-ccitt, country 756, organisation 1, DLMS UA
_CONTEXT_NAME: Final = 1
_MECHANISM_NAME: Final = 2
_CONTEXT: Final = 0xA1
_RESULT: Final = 0xA2
_DIAGNOSTIC: Final = 0xA3
_OF_USER: Final = 0xA1
_OF_PROVIDER: Final = 0xA2
_REQUIREMENTS: Final = 0x8A
_MECHANISM: Final = 0x8B
_AUTHENTICATION: Final = 0xAC
_CHARACTERS: Final = 0x80
_USER_INFORMATION: Final = 0xBE
_AUTHENTICATED: Final = b"\x07\x80"  # a bit-string of one bit, which is set
_REASON: Final = 0x80


class AssociationRequest(NamedTuple):
    """An AARQ. ``mechanism`` is the last number of its name; ``password`` None if there is none in it."""

    context: int
    mechanism: int
    password: bytes | None
    initiate: InitiateRequest


def encode_aarq(password: bytes | None, initiate: InitiateRequest) -> bytes:
    """The AARQ with ``password``, or with no security if that is None; FrameError for a password that is too long."""
    content = encode_field(_CONTEXT, _name(_CONTEXT_NAME, PLAIN_NAMES, OBJECT_IDENTIFIER))
    if password is not None:
        if len(password) > MAX_PASSWORD:
            raise FrameError(f"a password has at most {MAX_PASSWORD} bytes")
        content += encode_field(_REQUIREMENTS, _AUTHENTICATED)
        content += _name(_MECHANISM_NAME, PASSWORD, _MECHANISM)
        content += encode_field(_AUTHENTICATION, encode_field(_CHARACTERS, password))
    return encode_field(AARQ, content + _user_information(encode_initiate_request(initiate)))


def decode_aarq(apdu: bytes) -> AssociationRequest:
    fields = fields_of(content_of(apdu, AARQ, "AARQ"), "AARQ")
    context = _number_in(content_of(_field(fields, _CONTEXT, "AARQ"), OBJECT_IDENTIFIER, "AARQ"), _CONTEXT_NAME)
    mechanism = _number_in(fields[_MECHANISM], _MECHANISM_NAME) if _MECHANISM in fields else NO_SECURITY
    shown = fields.get(_AUTHENTICATION)
    password = None if shown is None else content_of(shown, _CHARACTERS, "AARQ")
    information = content_of(_field(fields, _USER_INFORMATION, "AARQ"), OCTET_STRING, "AARQ")
    return AssociationRequest(context, mechanism, password, decode_initiate_request(information))


def encode_aare(response: InitiateResponse) -> bytes:
    """The AARE that accepts."""
    return _encode_aare(ACCEPTED, 0, False, encode_initiate_response(response))


def encode_refusal(result: int, diagnostic: int, *, by_provider: bool = False, error: bytes = b"") -> bytes:
    """The AARE that refuses; ``error`` is a confirmed-service-error, if one says more."""
    return _encode_aare(result, diagnostic, by_provider, error)


def _encode_aare(result: int, diagnostic: int, by_provider: bool, information: bytes) -> bytes:
    source = _OF_PROVIDER if by_provider else _OF_USER
    content = encode_field(_CONTEXT, _name(_CONTEXT_NAME, PLAIN_NAMES, OBJECT_IDENTIFIER))
    content += encode_field(_RESULT, bytes((2, 1, result)))
    content += encode_field(_DIAGNOSTIC, encode_field(source, bytes((2, 1, diagnostic))))
    return encode_field(AARE, content + (_user_information(information) if information else b""))


@lru_cache(64)  # devices of one kind all say the same, and it has no secrets
def decode_aare(apdu: bytes) -> InitiateResponse:
    """What an AARE has negotiated; AssociationRefusedError if it refuses, FrameError if it cannot be read.

    Also refused is an association that is accepted on condition of more authentication (*high level*): here it is none.
    """
    fields = fields_of(content_of(apdu, AARE, "AARE"), "AARE")
    result = small_integer(_field(fields, _RESULT, "AARE"), "AARE")
    sources = fields_of(_field(fields, _DIAGNOSTIC, "AARE"), "AARE")
    if len(sources) != 1 or not sources.keys() <= {_OF_USER, _OF_PROVIDER}:
        raise FrameError("the diagnostic of the AARE is neither of the service user nor of the provider")
    ((source, content),) = sources.items()
    diagnostic = small_integer(content, "AARE")
    information = fields.get(_USER_INFORMATION)
    by_provider = source == _OF_PROVIDER
    if result != ACCEPTED or (diagnostic == AUTHENTICATION_REQUIRED and not by_provider):
        raise AssociationRefusedError(result, diagnostic, by_provider=by_provider, more=_more(information))
    if information is None:
        raise FrameError("the AARE accepts without an InitiateResponse")
    return decode_initiate_response(content_of(information, OCTET_STRING, "AARE"))


def encode_release(tag: int) -> bytes:
    """An RLRQ or RLRE (``tag``) whose reason is *normal*."""
    return encode_field(tag, encode_field(_REASON, b"\0"))


def decode_release(apdu: bytes, tag: int) -> int | None:
    """The reason in an RLRQ or RLRE (``tag``), which need not have any."""
    what = "RLRQ" if tag == RLRQ else "RLRE"
    reason = fields_of(content_of(apdu, tag, what), what).get(_REASON)
    if reason is None:
        return None
    if len(reason) != 1:
        raise FrameError(f"a reason of {len(reason)} bytes in the {what}")
    return reason[0]


def _more(information: bytes | None) -> str:
    """What a confirmed-service-error in a refusal says. Devices put other things there too, so all else is ignored."""
    try:
        return str(decode_confirmed_service_error(content_of(information or b"", OCTET_STRING, "AARE")))
    except ConfirmedServiceError as error:
        return str(error)
    except FrameError:
        return ""


def _user_information(octets: bytes) -> bytes:
    return encode_field(_USER_INFORMATION, encode_field(OCTET_STRING, octets))


def _field(fields: dict[int, bytes], tag: int, what: str) -> bytes:
    if tag not in fields:
        raise FrameError(f"the {what} has no field {tag:02X}")
    return fields[tag]


def _name(of: int, number: int, tag: int) -> bytes:
    return encode_field(tag, _DLMS + bytes((of, number)))


def _number_in(name: bytes, of: int) -> int:
    begin = _DLMS + bytes((of,))
    if not name.startswith(begin) or len(name) != len(begin) + 1:
        raise FrameError(f"{name.hex().upper()} is no name of DLMS")
    return name[-1]
