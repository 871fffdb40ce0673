"""Ciphered APDUs, whole: general-glo-ciphering, and the ciphered service-specific ones (Green Book 9.5; SEC-3).

::

    general-glo, -ded   DB or DC | length, 08 | system title(8) | length | control(1) | counter(4) | text | tag(12)
    ciphered service    C8…CF, D0…D7 | length | control(1) | counter(4) | text | tag(12)

A length is one octet, or 81 with one or 82 with two behind it, needed or not. The length of the title may be 0.
"""

from typing import Final, NamedTuple

from smmeplus.dlms.apdus import CIPHERED_SERVICES, DEDICATED, GLOBAL, TITLE_SIZE
from smmeplus.dlms.ciphering.errors import CipheringError, Reason
from smmeplus.dlms.ciphering.keys import Keys
from smmeplus.dlms.ciphering.suite import (
    AUTHENTICATED_AND_ENCRYPTED,
    COUNTER_SIZE,
    TAG_SIZE,
    opened,
    protected,
    refusal_of_control,
)

#: glo-initiate-request, glo-initiate-response, glo-confirmed-service-error: they stand in AARQ and AARE alone.
INITIATIONS: Final = (0x21, 0x28, 0x2E)

_SERVICES: Final = frozenset({*CIPHERED_SERVICES, *INITIATIONS})
_SHORT: Final = 0x7F
_ONE_OCTET: Final = 0x81
_TWO_OCTETS: Final = 0x82
_HEAD: Final = 1 + COUNTER_SIZE  # of what is ciphered: control and counter


class Ciphered(NamedTuple):
    """The parts of a ciphered APDU, of which nothing is proven yet."""

    tag: int
    #: 8 bytes, or none: of a service-specific APDU the association knows whose it is, of a general one a login.
    title: bytes
    control: int
    counter: int
    #: The text, encrypted or not, with its tag of 12 bytes.
    sealed: bytes


def head_of(apdu: bytes) -> tuple[bytes, int, int]:
    """Title, control byte and counter of ``apdu``, however it is protected; CipheringError if they are not there."""
    title, content, _ = _parts(apdu)
    if len(content) < _HEAD:
        raise CipheringError(Reason.CUT_SHORT, identity=title.hex().upper())
    return title, content[0], int.from_bytes(content[1:_HEAD], "big")


def parse(apdu: bytes) -> Ciphered:
    """The parts of ``apdu``. CipheringError if it is no such APDU, cut short, too long, or protected otherwise."""
    title, content, end = _parts(apdu)
    identity = title.hex().upper()
    if end < len(apdu):
        raise CipheringError(Reason.LEFT_OVER, identity=identity)
    if not content:
        raise CipheringError(Reason.CUT_SHORT, identity=identity)
    if refusal := refusal_of_control(content[0]):
        raise CipheringError(refusal, identity=identity)
    if len(content) < _HEAD + TAG_SIZE:
        raise CipheringError(Reason.CUT_SHORT, identity=identity)
    return Ciphered(apdu[0], title, content[0], int.from_bytes(content[1:_HEAD], "big"), content[_HEAD:])


def _parts(apdu: bytes) -> tuple[bytes, bytes, int]:
    """The title, what is ciphered and how, and where that ends."""
    tag = apdu[0] if apdu else 0
    if tag in (GLOBAL, DEDICATED):
        title, offset = _octets(apdu, 1)
        if len(title) not in (0, TITLE_SIZE):
            raise CipheringError(Reason.BAD_TITLE)
    elif tag in _SERVICES:
        title, offset = b"", 1
    else:
        raise CipheringError(Reason.NOT_CIPHERED)
    return title, *_octets(apdu, offset, title.hex().upper())


def opened_apdu(ciphered: Ciphered, keys: Keys, title: bytes = b"") -> bytes:
    """The text of a ``ciphered`` APDU; ``title`` is that of its sender, where the APDU names none.

    CipheringError if there is none, or if the tag does not fit the keys.
    """
    title = ciphered.title or title
    if not title:
        raise CipheringError(Reason.NO_TITLE)
    try:
        return opened(ciphered.sealed, keys, title, ciphered.counter, ciphered.control)
    except CipheringError as error:
        error.identity = ciphered.title.hex().upper()
        raise


def decipher(apdu: bytes, keys: Keys, title: bytes = b"") -> bytes:
    """The text of ``apdu``, verified. ``title`` and errors as of :func:`parse` and :func:`opened_apdu`."""
    return opened_apdu(parse(apdu), keys, title)


def cipher(
    text: bytes,
    keys: Keys,
    title: bytes,
    counter: int,
    control: int = AUTHENTICATED_AND_ENCRYPTED,
    *,
    tag: int = GLOBAL,
    is_named: bool = True,
) -> bytes:
    """``text`` as a ciphered APDU of the kind that ``tag`` says; unless ``is_named`` a general one has no title in it.

    FrameError for a kind, a control byte, a title, a counter or a size that does not fit.
    """
    sealed = protected(text, keys, title, counter, control)
    content = _with_length(bytes((control,)) + counter.to_bytes(COUNTER_SIZE, "big") + sealed)
    if tag in _SERVICES:
        return bytes((tag,)) + content
    if tag not in (GLOBAL, DEDICATED):
        raise CipheringError(Reason.NOT_CIPHERED)
    return bytes((tag,)) + _with_length(title if is_named else b"") + content


def _octets(apdu: bytes, offset: int, identity: str = "") -> tuple[bytes, int]:
    """The octets with their length at ``offset``, and the offset behind them."""
    first = apdu[offset] if offset < len(apdu) else _SHORT
    if first <= _SHORT:
        begin = offset + 1
        length = first
    elif first in (_ONE_OCTET, _TWO_OCTETS):
        begin = offset + 1 + (first & _SHORT)
        length = int.from_bytes(apdu[offset + 1 : begin], "big")
    else:
        raise CipheringError(Reason.BAD_LENGTH, identity=identity)
    if begin + length > len(apdu):
        raise CipheringError(Reason.CUT_SHORT, identity=identity)
    return apdu[begin : begin + length], begin + length


def _with_length(octets: bytes) -> bytes:
    size = len(octets)
    if size <= _SHORT:
        return bytes((size,)) + octets
    if size <= 0xFF:
        return bytes((_ONE_OCTET, size)) + octets
    if size > 0xFFFF:
        raise CipheringError(Reason.BAD_LENGTH)
    return bytes((_TWO_OCTETS,)) + size.to_bytes(2, "big") + octets
