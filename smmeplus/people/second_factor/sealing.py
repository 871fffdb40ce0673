"""Secrets of second factors at rest: under a key made of SECRET_KEY, so that a copy of the database tells none.

After a change of SECRET_KEY the former one in SECRET_KEY_FALLBACKS still opens them.
"""

from __future__ import annotations

import base64
import binascii
import os
from collections.abc import Iterator

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.conf import settings
from django.utils.crypto import salted_hmac

_SALT = "smmeplus.people.second_factor"
_NONCE = 12  # bytes


class SealError(ValueError):
    pass


def sealed(secret: bytes) -> str:
    """Different each time; 20 bytes become 64 characters."""
    nonce = os.urandom(_NONCE)
    return base64.b64encode(nonce + next(_ciphers()).encrypt(nonce, secret, None)).decode()


def opened(text: str) -> bytes:
    """Raises SealError if no key opens it."""
    try:
        raw = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        raise SealError from None
    for cipher in _ciphers():
        try:
            return cipher.decrypt(raw[:_NONCE], raw[_NONCE:], None)
        except (InvalidTag, ValueError):
            continue
    raise SealError


def hashed(code: str) -> str:
    """What is stored of a recovery code: without SECRET_KEY nobody finds a code to it."""
    return salted_hmac(_SALT + ".recovery", code, algorithm="sha256").hexdigest()[:16]


def _ciphers() -> Iterator[AESGCM]:
    """The one that seals first."""
    for secret in (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS):
        yield AESGCM(salted_hmac(_SALT, b"", secret=secret, algorithm="sha256").digest())
