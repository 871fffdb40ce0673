"""Files that are kept lie encrypted in the database: they may hold keys and passwords of concentrators (CON-5)."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterator

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.conf import settings
from django.utils.encoding import force_bytes


def sealed(content: bytes) -> str:
    return _fernet().encrypt(content).decode()


def unsealed(text: str) -> bytes | None:
    """None if the secret key of the product was changed meanwhile."""
    try:
        return _fernet().decrypt(text.encode())
    except InvalidToken:
        return None


def _fernet() -> MultiFernet:
    return MultiFernet([*_keys()])


def _keys() -> Iterator[Fernet]:
    for secret in (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS):
        digest = hashlib.sha256(b"files that are kept:" + force_bytes(secret)).digest()
        yield Fernet(base64.urlsafe_b64encode(digest))
