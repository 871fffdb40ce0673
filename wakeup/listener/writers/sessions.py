"""The sessions of a listener's threads with PostgreSQL: what each needs, and whether it still has one of its own.

What a session needs is set after connecting. Sent along with the connection, as ``options``, it would be lost to the
operator's own ``options``, and poolers refuse it.
"""

from __future__ import annotations

import threading
from collections.abc import Mapping
from itertools import chain
from typing import Any

from django.db import DEFAULT_DB_ALIAS, connection, connections
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.backends.signals import connection_created
from django.dispatch import receiver

from wakeup.recording.libpq import is_lost

#: Without the first two a writer would hang when a lock is held for long.
SETTINGS = {
    "statement_timeout": "20s",
    "lock_timeout": "15s",
    # Protects other sessions: a listener whose host has vanished must not keep its locks.
    "idle_in_transaction_session_timeout": "20s",
    # A commit that has not waited for its standby to the end says so in a warning.
    "client_min_messages": "warning",
}
#: What is no loss if a standby takes over without it, and has to go on while there is none.
ON_ONE_MACHINE = SETTINGS | {"synchronous_commit": "local"}

_of_this_thread = threading.local()

#: Asked of the primary, even where pgpool shares reading out. Two servers may give two processes the same number.
_WHO = "/*NO LOAD BALANCE*/ SELECT pg_backend_pid(), pg_postmaster_start_time()"


def use_settings(settings: Mapping[str, str]) -> None:
    """Give ``settings`` to each connection that this thread opens from now on."""
    _of_this_thread.settings = settings


def drop_if_lost() -> None:
    """Close this thread's connection if it was cut off while nobody used it: the next statement opens another one."""
    raw = connection.connection
    if connection.vendor == "postgresql" and raw is not None and is_lost(raw.pgconn):
        connection.close()


@receiver(connection_created)
def _set_up(connection: BaseDatabaseWrapper, **_: object) -> None:
    settings: Mapping[str, str] = getattr(_of_this_thread, "settings", {})
    if settings and connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            words = ", ".join(["set_config(%s, %s, false)"] * len(settings))
            cursor.execute(f"SELECT {words}", list(chain.from_iterable(settings.items())))


def are_shared() -> bool:
    """Whether a pooler gives the transactions of a connection now this session of the server and now another one.

    Raises Django's database errors.
    """
    if connection.vendor != "postgresql":
        return False
    one, other = (connections.create_connection(DEFAULT_DB_ALIAS) for _ in range(2))
    try:
        # Twice in a row: a pooler that goes round gives a connection another session. One that gives out the session
        # used last gives the same one to both.
        seen = [(who, _session_of(who)) for who in (one, one, other, other) * 2]
    finally:
        one.close()
        other.close()
    ones, others = ({session for who, session in seen if who is mine} for mine in (one, other))
    return len(ones) > 1 or len(others) > 1 or ones == others


def _session_of(database: BaseDatabaseWrapper) -> Any:
    with database.cursor() as cursor:
        cursor.execute(_WHO)
        return cursor.fetchone()
