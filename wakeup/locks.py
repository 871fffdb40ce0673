"""The advisory locks of PostgreSQL: what each protects, and in which order they are taken.

All are held until the transaction ends. The numbers are arbitrary, but all processes have to agree on them, even those
of the previous version: listeners of both run side by side during an upgrade. So numbers, forms and order must stay.

A transaction takes its locks in the order in which they stand below. There is one exception: to drop a partition takes
the lock of the zones after that of the partitions, and gives up if it has to wait for more than a fraction of a second
(:func:`wakeup.retention.partitions.change_partitions`). So no two transactions wait for each other for ever.

Elsewhere nothing is locked: on SQLite a transaction that writes is alone anyway (``transaction_mode`` IMMEDIATE).
"""

from __future__ import annotations

from typing import Final

from django.db import connection

#: The zones in which days are counted (:class:`wakeup.models.CountingZone`). All that count or prune share the lock; a
#: rebuild, which may put another zone into force, holds it alone.
_ZONES: Final = 58_692
#: The partitions of the messages: one transaction at a time makes or drops one, or deletes from the DEFAULT partition.
_PARTITIONS: Final = 58_693
#: A try to store a batch, with a random second number, so that the next try can wait for its end. Locks of two numbers
#: are a space of their own: this is not the lock of the partitions.
_ATTEMPTS: Final = 58_693

#: What :func:`hold_counting_zones` executes, to be sent together with other statements.
HOLD_ZONES: Final = f"SELECT pg_advisory_xact_lock_shared({_ZONES})"
#: The same and the lock of the try $1 (int).
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
