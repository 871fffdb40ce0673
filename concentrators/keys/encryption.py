"""Secrets of concentrators are encrypted at rest with keys from the environment (CFG-2, SEC-3).

``CONFIGURATION_KEYS`` lists Fernet keys. The first one encrypts, all of them decrypt: to rotate, list a new one first.
"""

from __future__ import annotations

from functools import lru_cache

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.conf import settings
from django.utils.translation import gettext as _


class NoKeyError(Exception):
    """No key in CONFIGURATION_KEYS can encrypt or decrypt it. The message is for operators."""


def encrypted(secret: bytes) -> str:
    """Raises NoKeyError. The same secret looks different each time."""
    return _keys().encrypt(secret).decode()


def decrypted(text: str) -> bytes:
    """Raises NoKeyError if no key fits."""
    try:
        return _keys().decrypt(text.encode())
    except InvalidToken:
        raise NoKeyError(_("No key in CONFIGURATION_KEYS decrypts it.")) from None


def encrypted_anew(text: str) -> str:
    """The same secret under the first key. Raises NoKeyError if no key fits."""
    return encrypted(decrypted(text))


def is_under_the_first(text: str) -> bool:
    """Whether the first key has encrypted it, so that rotating has nothing to do. Raises NoKeyError without keys."""
    _keys()
    try:
        Fernet(settings.CONFIGURATION_KEYS[0]).decrypt(text.encode())
    except InvalidToken:
        return False
    return True


def is_same(one: str, other: str) -> bool:
    """Whether two encrypted secrets are the same one; one that no key decrypts is the same as none."""
    try:
        return decrypted(one) == decrypted(other)
    except NoKeyError:
        return False


def _keys() -> MultiFernet:
    if not settings.CONFIGURATION_KEYS:
        raise NoKeyError(_("CONFIGURATION_KEYS is not set, so no password or key can be kept."))
    return _fernets(tuple(settings.CONFIGURATION_KEYS))


@lru_cache(2)  # a file has hundreds of thousands of secrets
def _fernets(keys: tuple[str, ...]) -> MultiFernet:
    return MultiFernet([Fernet(key) for key in keys])
