"""Security suite 0: AES-GCM with keys of 128 bits and tags of 96 bits (Green Book 9.2.7; SEC-3).

The nonce is the sender's system title and its invocation counter. What the authentication key authenticates::

    30  authenticated and encrypted    control(1) | authentication key(16), and the text by being encrypted
    10  authenticated                  control(1) | authentication key(16) | text
"""

from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.ciphers.algorithms import AES
from cryptography.hazmat.primitives.ciphers.modes import GCM

from smmeplus.dlms.apdus import TITLE_SIZE
from smmeplus.dlms.ciphering.errors import CipheringError, Reason
from smmeplus.dlms.ciphering.keys import Keys
from smmeplus.dlms.errors import FrameError

AUTHENTICATED: Final = 0x10
AUTHENTICATED_AND_ENCRYPTED: Final = 0x30
TAG_SIZE: Final = 12
COUNTER_SIZE: Final = 4

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
    nonce, encrypts = _nonce(title, counter, control), control & _ENCRYPTED
    head = bytes((control,)) + keys.authentication
    sealed = AESGCM(keys.unicast).encrypt(nonce, text if encrypts else b"", head if encrypts else head + text)
    return (b"" if encrypts else text) + sealed[: TAG_SIZE - 16 or None]


def opened(sealed: bytes, keys: Keys, title: bytes, counter: int, control: int) -> bytes:
    """The text of ``sealed``, which has a tag of 12 bytes behind it; CipheringError if the tag does not fit."""
    nonce, encrypts = _nonce(title, counter, control), control & _ENCRYPTED
    if len(sealed) < TAG_SIZE:
        raise CipheringError(Reason.CUT_SHORT)
    text, tag = sealed[:-TAG_SIZE], sealed[-TAG_SIZE:]
    reader = Cipher(AES(keys.unicast), GCM(nonce, tag, min_tag_length=TAG_SIZE)).decryptor()
    reader.authenticate_additional_data(bytes((control,)) + keys.authentication + (b"" if encrypts else text))
    try:
        plain = reader.update(text if encrypts else b"") + reader.finalize()
    except InvalidTag:
        raise CipheringError(Reason.WRONG_TAG) from None
    return plain if encrypts else text


def _nonce(title: bytes, counter: int, control: int) -> bytes:
    if refusal := refusal_of_control(control):
        raise CipheringError(refusal)
    if len(title) != TITLE_SIZE:
        raise FrameError(f"a system title has {TITLE_SIZE} bytes")
    try:
        return title + counter.to_bytes(COUNTER_SIZE, "big")
    except OverflowError:
        raise FrameError("an invocation counter has 32 bits and no sign") from None
