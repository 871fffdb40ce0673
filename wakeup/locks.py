"""The advisory locks of PostgreSQL: what each protects, and in which order they are taken.

All are held until the transaction ends. Any numbers would do that all of our processes agree on, those of the version
before included, for listeners of two versions run side by side during an upgrade. So numbers, forms and order stay.

A transaction takes them in the order in which they stand below. One does not: to drop a partition takes the zones after
the partitions, and gives up after a fraction of a second if it has to wait
(:func:`wakeup.retention.partitions.change_partitions`). So none waits for ever for another.

Elsewhere nothing is locked: on SQLite a transaction that writes is alone anyway (``transaction_mode`` IMMEDIATE).
"""

from __future__ import annotations

from typing import Final

from django.db import connection

#: The zones in which days are counted (:class:`wakeup.models.CountingZone`). Shared by all that count or prune; alone
#: by a rebuild, which may put another zone into force.
_ZONES: Final = 58_692
#: The partitions of the messages: who makes or drops one, or deletes from the DEFAULT partition, is alone.
_PARTITIONS: Final = 58_693
#: The attempt at storing a batch, by a random second number, so that the next attempt can wait for its end. Locks of
#: two numbers are a space of their own: this is not the lock of the partitions.
_ATTEMPTS: Final = 58_693

#: What :func:`hold_counting_zones` executes, to be sent together with other statements.
HOLD_ZONES: Final = f"SELECT pg_advisory_xact_lock_shared({_ZONES})"
#: The same and the lock of the attempt $1 (int).
HOLD_ZONES_AND_ATTEMPT: Final = f"{HOLD_ZONES}, pg_advisory_xact_lock({_ATTEMPTS}, $1)"


def hold_counting_zones() -> None:
    """Keep the zones in force as they are until the transaction ends. Any number of transactions may at a time."""
    _lock(HOLD_ZONES)


def stop_counting() -> None:
    """Wait until nobody counts any more, and let nobody count until the transaction ends."""
    _lock(f"SELECT pg_advisory_xact_lock({_ZONES})")


def hold_partitions() -> None:
    """Wait until nobody else changes partitions, and let nobody do so until the transaction ends."""
    _lock(f"SELECT pg_advisory_xact_lock({_PARTITIONS})")


def _lock(statement: str) -> None:
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute(statement)
