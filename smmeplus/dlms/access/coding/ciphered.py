"""AARQ and AARE with ciphering and high level security by GMAC (BER; Green Book 9.2.7.4, 9.5; SEC-3).

::

    AARQ  60 | A1 application context 3 | A6 system title of the client | 8A 8B mechanism 5 | AC its challenge, CtoS
             | BE glo-initiate-request
    AARE  61 | A1 application context 3 | A2 result | A3 diagnostic | A4 system title of the server
             | 88 89 mechanism 5 | AA its challenge, StoC | BE glo-initiate-response

Here the user information stays as it came; :mod:`smmeplus.dlms.access.protection` deciphers it.
"""

from typing import Final, NamedTuple

from smmeplus.dlms.access.coding.association import (
    AARE,
    AARQ,
    AUTHENTICATED,
    AUTHENTICATION,
    CHARACTERS,
    CIPHERED_NAMES,
    CONTEXT,
    GMAC,
    MECHANISM,
    REQUIREMENTS,
    USER_INFORMATION,
    Verdict,
    context_in,
    encode_context,
    encode_mechanism,
    encode_user_information,
    encode_verdict,
    mechanism_in,
    verdict_in,
)
from smmeplus.dlms.access.coding.ber import OCTET_STRING, content_of, encode_field, fields_of
from smmeplus.dlms.access.names import ACCEPTED, AUTHENTICATION_REQUIRED
from smmeplus.dlms.errors import FrameError

#: How long a challenge may be (Green Book 9.2.2.2.2.4). Ours is of a size that every device takes.
SHORTEST_CHALLENGE: Final = 8
LONGEST_CHALLENGE: Final = 64
CHALLENGE_SIZE: Final = 16

_CLIENT: Final = 0xA6
_SERVER: Final = 0xA4
_SERVERS_REQUIREMENTS: Final = 0x88
_SERVERS_MECHANISM: Final = 0x89
_SERVERS_AUTHENTICATION: Final = 0xAA


class CipheredAarq(NamedTuple):
    """``title``, ``challenge`` and ``information`` are empty where they are not there."""

    mechanism: int
    title: bytes
    challenge: bytes
    information: bytes


class CipheredAare(NamedTuple):
    """The same of the server, and whether it accepts. ``context`` is 0 where none is named.

    ``information`` is the field as it stands: who refuses puts all kinds of things there.
    """

    context: int
    verdict: Verdict
    title: bytes
    challenge: bytes
    information: bytes


def encode_ciphered_aarq(title: bytes, challenge: bytes, information: bytes) -> bytes:
    """``information`` is the InitiateRequest, ciphered."""
    content = encode_context(CIPHERED_NAMES) + encode_field(_CLIENT, encode_field(OCTET_STRING, title))
    content += encode_field(REQUIREMENTS, AUTHENTICATED) + encode_mechanism(GMAC, MECHANISM)
    content += encode_field(AUTHENTICATION, encode_field(CHARACTERS, challenge))
    return encode_field(AARQ, content + encode_user_information(information))


def is_ciphered(apdu: bytes) -> bool:
    """Whether the AARQ in ``apdu`` asks for ciphering; FrameError if it cannot be read."""
    return context_in(fields_of(content_of(apdu, AARQ, "AARQ"), "AARQ"), "AARQ") == CIPHERED_NAMES


def decode_ciphered_aarq(apdu: bytes) -> CipheredAarq:
    """Its fields, whichever mechanism it names."""
    fields = fields_of(content_of(apdu, AARQ, "AARQ"), "AARQ")
    return CipheredAarq(
        mechanism_in(fields, MECHANISM),
        _content(fields, _CLIENT, OCTET_STRING, "AARQ"),
        _content(fields, AUTHENTICATION, CHARACTERS, "AARQ"),
        _content(fields, USER_INFORMATION, OCTET_STRING, "AARQ"),
    )


def encode_ciphered_aare(title: bytes, challenge: bytes, information: bytes) -> bytes:
    """The AARE that accepts on condition that the client proves its keys; ``information`` is ciphered."""
    content = encode_field(_SERVER, encode_field(OCTET_STRING, title))
    content += encode_field(_SERVERS_REQUIREMENTS, AUTHENTICATED) + encode_mechanism(GMAC, _SERVERS_MECHANISM)
    content += encode_field(_SERVERS_AUTHENTICATION, encode_field(CHARACTERS, challenge))
    return encode_verdict(Verdict(ACCEPTED, AUTHENTICATION_REQUIRED, False), information, CIPHERED_NAMES, content)


def decode_ciphered_aare(apdu: bytes) -> CipheredAare:
    """Its fields, whether it accepts or refuses, and whichever context it names."""
    fields = fields_of(content_of(apdu, AARE, "AARE"), "AARE")
    return CipheredAare(
        context_in(fields, "AARE") if CONTEXT in fields else 0,
        verdict_in(fields),
        _content(fields, _SERVER, OCTET_STRING, "AARE"),
        _content(fields, _SERVERS_AUTHENTICATION, CHARACTERS, "AARE"),
        fields.get(USER_INFORMATION, b""),
    )


def check_challenge(challenge: bytes) -> bytes:
    """``challenge`` of the other side; FrameError if it is too short to prove anything, or too long."""
    if not SHORTEST_CHALLENGE <= len(challenge) <= LONGEST_CHALLENGE:
        raise FrameError(f"a challenge has {SHORTEST_CHALLENGE} to {LONGEST_CHALLENGE} bytes, not {len(challenge)}")
    return challenge


def _content(fields: dict[int, bytes], tag: int, inner: int, what: str) -> bytes:
    return content_of(fields[tag], inner, what) if tag in fields else b""
