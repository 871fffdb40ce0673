"""Beginning and ending an association: AARQ, AARE, RLRQ, RLRE (BER; Green Book 9.4.2, 9.5).

::

    AARQ  60 | A1 application context | 8A 8B AC: how the client shows who it is, see below | BE InitiateRequest
    AARE  61 | A1 application context | A2 result | A3 diagnostic | BE InitiateResponse, or a confirmed-service-error
    RLRQ  62 | 80 reason
    RLRE  63 | 80 reason

The application context is that of logical names without ciphering, security is none or a password (*low level*). With
ciphering and *high level* security it is :mod:`smmeplus.dlms.access.coding.ciphered`.
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

PLAIN_NAMES: Final = 1  # the application contexts
CIPHERED_NAMES: Final = 3
NO_SECURITY: Final = 0  # the mechanisms
PASSWORD: Final = 1
GMAC: Final = 5

CONTEXT: Final = 0xA1
REQUIREMENTS: Final = 0x8A
MECHANISM: Final = 0x8B
AUTHENTICATION: Final = 0xAC
CHARACTERS: Final = 0x80
USER_INFORMATION: Final = 0xBE
AUTHENTICATED: Final = b"\x07\x80"  # a bit-string of one bit, which is set

_DLMS: Final = bytes((0x60, 0x85, 0x74, 5, 8))  # joint-iso-ccitt, country 756, organisation 1, DLMS UA
_CONTEXT_NAME: Final = 1
_MECHANISM_NAME: Final = 2
_RESULT: Final = 0xA2
_DIAGNOSTIC: Final = 0xA3
_OF_USER: Final = 0xA1
_OF_PROVIDER: Final = 0xA2
_REASON: Final = 0x80


class Verdict(NamedTuple):
    """What an AARE says of the association."""

    result: int
    diagnostic: int
    by_provider: bool

    @property
    def asks_for_authentication(self) -> bool:
        """Whether the association is not accepted before the client has shown that it knows its keys."""
        return self.diagnostic == AUTHENTICATION_REQUIRED and not self.by_provider


class AssociationRequest(NamedTuple):
    """An AARQ. ``mechanism`` is the last number of its name; ``password`` None if there is none in it."""

    context: int
    mechanism: int
    password: bytes | None
    initiate: InitiateRequest


def encode_aarq(password: bytes | None, initiate: InitiateRequest) -> bytes:
    """The AARQ with ``password``, or with no security if that is None; FrameError for a password that is too long."""
    content = encode_context(PLAIN_NAMES)
    if password is not None:
        if len(password) > MAX_PASSWORD:
            raise FrameError(f"a password has at most {MAX_PASSWORD} bytes")
        content += encode_field(REQUIREMENTS, AUTHENTICATED) + encode_mechanism(PASSWORD, MECHANISM)
        content += encode_field(AUTHENTICATION, encode_field(CHARACTERS, password))
    return encode_field(AARQ, content + encode_user_information(encode_initiate_request(initiate)))


def decode_aarq(apdu: bytes) -> AssociationRequest:
    fields = fields_of(content_of(apdu, AARQ, "AARQ"), "AARQ")
    context, mechanism = context_in(fields, "AARQ"), mechanism_in(fields, MECHANISM)
    shown = fields.get(AUTHENTICATION)
    password = None if shown is None else content_of(shown, CHARACTERS, "AARQ")
    information = content_of(field_in(fields, USER_INFORMATION, "AARQ"), OCTET_STRING, "AARQ")
    return AssociationRequest(context, mechanism, password, decode_initiate_request(information))


def encode_aare(response: InitiateResponse) -> bytes:
    """The AARE that accepts."""
    return encode_verdict(Verdict(ACCEPTED, 0, False), encode_initiate_response(response))


def encode_refusal(result: int, diagnostic: int, *, by_provider: bool = False, error: bytes = b"") -> bytes:
    """The AARE that refuses; ``error`` is a confirmed-service-error, if one says more."""
    return encode_verdict(Verdict(result, diagnostic, by_provider), error)


def encode_verdict(verdict: Verdict, information: bytes, context: int = PLAIN_NAMES, security: bytes = b"") -> bytes:
    """An AARE; ``security`` is the fields by which the server shows who it is."""
    source = _OF_PROVIDER if verdict.by_provider else _OF_USER
    content = encode_context(context)
    content += encode_field(_RESULT, bytes((2, 1, verdict.result)))
    content += encode_field(_DIAGNOSTIC, encode_field(source, bytes((2, 1, verdict.diagnostic))))
    return encode_field(AARE, content + security + (encode_user_information(information) if information else b""))


@lru_cache(64)  # devices of one kind all say the same, and it has no secrets
def decode_aare(apdu: bytes) -> InitiateResponse:
    """What an AARE has negotiated; AssociationRefusedError if it refuses, FrameError if it cannot be read.

    Also refused is an association that is accepted on condition of more authentication (*high level*): here it is none.
    """
    fields = fields_of(content_of(apdu, AARE, "AARE"), "AARE")
    verdict = verdict_in(fields)
    information = fields.get(USER_INFORMATION)
    if verdict.result != ACCEPTED or verdict.asks_for_authentication:
        raise refusal(verdict, information)
    if information is None:
        raise FrameError("the AARE accepts without an InitiateResponse")
    return decode_initiate_response(content_of(information, OCTET_STRING, "AARE"))


def verdict_in(fields: dict[int, bytes]) -> Verdict:
    """What the fields of an AARE say."""
    result = small_integer(field_in(fields, _RESULT, "AARE"), "AARE")
    sources = fields_of(field_in(fields, _DIAGNOSTIC, "AARE"), "AARE")
    if len(sources) != 1 or not sources.keys() <= {_OF_USER, _OF_PROVIDER}:
        raise FrameError("the diagnostic of the AARE is neither of the service user nor of the provider")
    ((source, content),) = sources.items()
    return Verdict(result, small_integer(content, "AARE"), source == _OF_PROVIDER)


def refusal(verdict: Verdict, information: bytes | None) -> AssociationRefusedError:
    """The error that ``verdict`` is; the user information of the AARE may say more."""
    return AssociationRefusedError(*verdict[:2], by_provider=verdict.by_provider, more=_more(information))


def encode_release(tag: int, information: bytes = b"") -> bytes:
    """An RLRQ or RLRE (``tag``) whose reason is *normal*; ``information`` proves whose it is, if it is ciphered."""
    more = encode_user_information(information) if information else b""
    return encode_field(tag, encode_field(_REASON, b"\0") + more)


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


def encode_context(context: int) -> bytes:
    return encode_field(CONTEXT, _name(_CONTEXT_NAME, context, OBJECT_IDENTIFIER))


def encode_mechanism(mechanism: int, tag: int) -> bytes:
    return _name(_MECHANISM_NAME, mechanism, tag)


def encode_user_information(octets: bytes) -> bytes:
    return encode_field(USER_INFORMATION, encode_field(OCTET_STRING, octets))


def context_in(fields: dict[int, bytes], what: str) -> int:
    return _number_in(content_of(field_in(fields, CONTEXT, what), OBJECT_IDENTIFIER, what), _CONTEXT_NAME)


def mechanism_in(fields: dict[int, bytes], tag: int) -> int:
    """The one in field ``tag``; without it there is no security."""
    return _number_in(fields[tag], _MECHANISM_NAME) if tag in fields else NO_SECURITY


def field_in(fields: dict[int, bytes], tag: int, what: str) -> bytes:
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
