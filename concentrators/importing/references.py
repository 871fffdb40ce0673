"""What new rows refer to, held until the transaction ends, so that each of them need not be checked (PER-4)."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from contextlib import contextmanager

from django.contrib.auth.models import User
from django.db import IntegrityError, connection

from concentrators.models import ConcentratorType

_MAY_DECIDE = "SELECT has_parameter_privilege('session_replication_role', 'SET')"
_IS_SUPERUSER = "SELECT current_setting('is_superuser') = 'on'"  # who alone may before PostgreSQL 15
_SINCE = 150_000


def hold(types: Collection[int], user: User | None) -> None:
    """Nobody deletes these ``types`` and ``user`` before the transaction ends. Raises IntegrityError if one is gone."""
    for model, keys in ((ConcentratorType, types), (User, {user.pk} if user else set())):
        if keys and len(_held(model._meta.db_table, keys)) < len(keys):
            raise IntegrityError(f"{model._meta.label}: one has been deleted")


def _held(table: str, keys: Collection[int]) -> list[int]:
    # Others may hold them, too: every file names the same type.
    lock = "FOR KEY SHARE" if connection.features.has_select_for_update else ""
    places = ", ".join(["%s"] * len(keys))
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT id FROM {table} WHERE id IN ({places}) {lock}", sorted(keys))  # noqa: S608 - names
        return [key for (key,) in cursor.fetchall()]


@contextmanager
def without_checks() -> Iterator[None]:
    """Rows that are inserted meanwhile are not checked for what they refer to, where PostgreSQL lets us decide that.

    The caller holds all of it: company, types, profiles, procedure and user, or has made it in the same transaction.
    The checks of eleven columns take longer than writing the rows: they are one query each. Where the role may not, or
    on SQLite, they are made as ever.
    """
    may = connection.vendor == "postgresql" and _may_decide()
    if may:
        _ask("SELECT set_config('session_replication_role', 'replica', TRUE)")
    yield
    if may:  # after an error the transaction is rolled back, and the setting with it
        _ask("SELECT set_config('session_replication_role', 'origin', TRUE)")


def _may_decide() -> bool:
    """Whether this role may say which triggers fire."""
    with connection.cursor() as cursor:
        version = cursor.connection.info.server_version
    return bool(_ask(_MAY_DECIDE if version >= _SINCE else _IS_SUPERUSER))


def _ask(question: str) -> object:
    with connection.cursor() as cursor:
        cursor.execute(question)
        (answer,) = cursor.fetchone()
    return answer
