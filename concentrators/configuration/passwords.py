"""Passwords of concentrators, encrypted at rest with keys from the environment (CFG-2).

``CONFIGURATION_KEYS`` lists Fernet keys. The first one encrypts, all of them decrypt: to rotate, list a new one first.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, register
from django.db import connection
from django.utils.translation import gettext as _

from concentrators.models import Concentrator, ManagementPassword

LONGEST_PASSWORD: Final = 64  # characters


class NoKeyError(Exception):
    """No key in CONFIGURATION_KEYS can encrypt or decrypt it. The message is for operators."""


def set_password(concentrator: Concentrator, password: str) -> None:
    """Store ``password`` for ``concentrator``; an empty one removes it. Raises NoKeyError."""
    if not password:
        ManagementPassword.objects.filter(concentrator=concentrator).delete()
        return
    defaults = {"encrypted": encrypted(password)}
    ManagementPassword.objects.update_or_create(concentrator=concentrator, defaults=defaults)


def encrypted(password: str) -> str:
    """Raises NoKeyError. The same password looks different each time."""
    return _keys().encrypt(password.encode()).decode()


def is_same(one: str, other: str) -> bool:
    """Whether two encrypted passwords are the same one; one that no key decrypts is the same as none."""
    try:
        return decrypted(one) == decrypted(other)
    except NoKeyError:
        return False


def store_all(encrypted_by_key: Mapping[int, str]) -> None:
    """Store encrypted passwords by the keys of their concentrators, in the place of those that they have."""
    ManagementPassword.objects.bulk_create(
        [ManagementPassword(concentrator_id=key, encrypted=text) for key, text in encrypted_by_key.items()],
        update_conflicts=True,
        unique_fields=["concentrator"],
        update_fields=["encrypted", "changed_at"],
    )


def decrypted(text: str) -> bytes:
    """Raises NoKeyError if no key fits."""
    try:
        return _keys().decrypt(text.encode())
    except InvalidToken:
        raise NoKeyError(_("No key in CONFIGURATION_KEYS decrypts it.")) from None


def rotate() -> int:
    """Encrypt all passwords with the first key; return how many. Raises NoKeyError at one that no key fits."""
    keys, count = _keys(), 0
    for one in ManagementPassword.objects.all():
        decrypted(one.encrypted)
        one.encrypted = keys.rotate(one.encrypted.encode()).decode()
        one.save()
        count += 1
    return count


def _keys() -> MultiFernet:
    if not settings.CONFIGURATION_KEYS:
        raise NoKeyError(_("CONFIGURATION_KEYS is not set, so no password can be kept."))
    return MultiFernet([Fernet(key) for key in settings.CONFIGURATION_KEYS])


@register(Tags.database)
def check_keys(*, databases: Sequence[str] | None = None, **_kwargs: Any) -> list[CheckMessage]:
    """Runs with ``check --database default`` and before migrations, as all checks that read the database do."""
    if not databases or settings.CONFIGURATION_KEYS or not _has_passwords():
        return []
    seen = "Passwords of concentrators are stored, and CONFIGURATION_KEYS is not set, so none can be used."
    return [Error(seen, hint="Set it to the keys that encrypted them.", id="concentrators.E001")]


def _has_passwords() -> bool:
    table = ManagementPassword._meta.db_table
    return table in connection.introspection.table_names() and ManagementPassword.objects.exists()
