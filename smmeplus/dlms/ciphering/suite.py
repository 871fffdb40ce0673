"""Security suite 0: AES-GCM with keys of 128 bits and tags of 96 bits (Green Book 9.2.7; SEC-3).

The nonce is the sender's system title and its invocation counter. What the authentication key authenticates::

    30  authenticated and encrypted    control(1) | authentication key(16), and the text by being encrypted
    10  authenticated                  control(1) | authentication key(16) | text
"""

from functools import lru_cache
from hmac import compare_digest
from typing import Final

from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from smmeplus.dlms.apdus import TITLE_SIZE
from smmeplus.dlms.ciphering.errors import CipheringError, Reason
from smmeplus.dlms.ciphering.keys import Keys
from smmeplus.dlms.errors import FrameError

AUTHENTICATED: Final = 0x10
AUTHENTICATED_AND_ENCRYPTED: Final = 0x30
TAG_SIZE: Final = 12
COUNTER_SIZE: Final = 4

_WHOLE_TAG: Final = 16
_CUT: Final = TAG_SIZE - _WHOLE_TAG
_ENCRYPTED: Final = 0x20
_BROADCAST: Final = 0x40
_COMPRESSED: Final = 0x80
_SUITE: Final = 0x0F


def refusal_of_control(control: int) -> Reason | None:
    """Why nothing with the security control byte ``control`` is read; None if it is."""
    if control in (AUTHENTICATED_AND_ENCRYPTED, AUTHENTICATED):
        return None
    if control & _COMPRESSED:
        return Reason.COMPRESSED
    if control & _BROADCAST:
        return Reason.BROADCAST
    if control & _SUITE:
        return Reason.ANOTHER_SUITE
    return Reason.NOT_AUTHENTICATED if control & _ENCRYPTED else Reason.UNPROTECTED


def protected(text: bytes, keys: Keys, title: bytes, counter: int, control: int) -> bytes:
    """``text`` and its tag, encrypted if ``control`` says so.

    FrameError for a control byte other than 30 and 10, and for a title or a counter that does not fit. Whoever calls
    sees to it that a counter is never used twice with the same key and title.
    """
    return _protected(text, _gcm(keys.unicast), _nonce(title, counter, control), keys.authentication, control)


def opened(sealed: bytes, keys: Keys, title: bytes, counter: int, control: int) -> bytes:
    """The text of ``sealed``, which has a tag of 12 bytes behind it; CipheringError if the tag does not fit.

    AESGCM opens nothing with so short a tag, and what does takes three times as long. So the text is encrypted again:
    that is what was sent if the tag fits, and to encrypt what is encrypted, with the same nonce, gives the text.
    """
    nonce, gcm = _nonce(title, counter, control), _gcm(keys.unicast)
    text = sealed[:-TAG_SIZE]
    if len(sealed) < TAG_SIZE:
        raise CipheringError(Reason.CUT_SHORT)
    if control & _ENCRYPTED:
        text = gcm.encrypt(nonce, text, None)[:-_WHOLE_TAG]
    if not compare_digest(_protected(text, gcm, nonce, keys.authentication, control), sealed):
        raise CipheringError(Reason.WRONG_TAG)
    return text


def _protected(text: bytes, gcm: AESGCM, nonce: bytes, authentication: bytes, control: int) -> bytes:
    head = bytes((control,)) + authentication
    if control & _ENCRYPTED:
        return gcm.encrypt(nonce, text, head)[:_CUT]
    return text + gcm.encrypt(nonce, b"", head + text)[:_CUT]


@lru_cache(4_096)
def _gcm(key: bytes) -> AESGCM:
    return AESGCM(key)


def _nonce(title: bytes, counter: int, control: int) -> bytes:
    if refusal := refusal_of_control(control):
        raise CipheringError(refusal)
    if len(title) != TITLE_SIZE:
        raise FrameError(f"a system title has {TITLE_SIZE} bytes")
    try:
        return title + counter.to_bytes(COUNTER_SIZE, "big")
    except OverflowError:
        raise FrameError("an invocation counter has 32 bits and no sign") from None
