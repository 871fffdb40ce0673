"""Passwords of low-level security, one for each concentrator that has one (CFG-2)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, register
from django.db import ProgrammingError, connection, transaction

from concentrators.keys.encryption import encrypted, encrypted_anew
from concentrators.models import Concentrator, ManagementPassword

LONGEST_PASSWORD: Final = 64  # characters


def set_password(concentrator: Concentrator, password: str) -> None:
    """Store ``password`` for ``concentrator``; an empty one removes it. Raises NoKeyError."""
    if not password:
        ManagementPassword.objects.filter(concentrator=concentrator).delete()
        return
    defaults = {"encrypted": encrypted(password.encode())}
    ManagementPassword.objects.update_or_create(concentrator=concentrator, defaults=defaults)


def store_all(encrypted_by_key: Mapping[int, str]) -> None:
    """Store encrypted passwords by the keys of their concentrators, in the place of those that they have."""
    ManagementPassword.objects.bulk_create(
        [ManagementPassword(concentrator_id=key, encrypted=text) for key, text in encrypted_by_key.items()],
        update_conflicts=True,
        unique_fields=["concentrator"],
        update_fields=["encrypted", "changed_at"],
    )


def rotate() -> int:
    """Encrypt all passwords with the first key; return how many. Raises NoKeyError at one that no key fits."""
    count = 0
    for one in ManagementPassword.objects.all():
        one.encrypted = encrypted_anew(one.encrypted)
        one.save()
        count += 1
    return count


@register(Tags.database)
def check_keys(*, databases: Sequence[str] | None = None, **_kwargs: Any) -> list[CheckMessage]:
    """Runs with ``check --database default`` and before migrations, as all checks that read the database do."""
    if not databases or settings.CONFIGURATION_KEYS or not _has_passwords():
        return []
    seen = "Passwords of concentrators are stored, and CONFIGURATION_KEYS is not set, so none can be used."
    return [Error(seen, hint="Set it to the keys that encrypted them.", id="concentrators.E001")]


def _has_passwords() -> bool:
    """Not for who may not read them, as the role of listeners: they need none."""
    table = ManagementPassword._meta.db_table
    try:
        with transaction.atomic():
            return table in connection.introspection.table_names() and ManagementPassword.objects.exists()
    except ProgrammingError:
        return False
