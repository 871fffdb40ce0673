"""The advisory locks of PostgreSQL: what each protects, and in which order they are taken.

All are held until the transaction ends. The numbers are arbitrary, but all processes have to agree on them, even those
of the previous version: listeners of both run side by side during an upgrade. So numbers, forms and order must stay.

A transaction takes its locks in the order in which they stand below. There is one exception: to drop or pack a
partition takes the lock of the zones after that of the partitions, and gives up if it has to wait for more than a
fraction of a second (:func:`wakeup.retention.partitions.change_partitions`). So no two transactions wait for each other
for ever.

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
#: Outages, incidents, alarms and what is told of them: one transaction at a time works on them.
_DESK: Final = 58_694
#: Changes of status. All that record some share the lock; who holds it alone for a moment knows that all changes below
#: the highest key are committed. It is held alone in a transaction of its own, without any other lock.
_CHANGES: Final = 58_695
#: The packing of a partition, which takes minutes. Nobody waits for it: whoever does not get it does not pack.
_PACKING: Final = 58_699

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


def stop_other_packing() -> bool:
    """Whether nobody else packs a partition, and nobody will until the transaction ends."""
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT pg_try_advisory_xact_lock({_PACKING})")
        return bool(cursor.fetchone()[0])


def hold_desk() -> None:
    """Wait until nobody else works on outages, incidents and alarms, and let nobody do so until the transaction ends.

    The first lock of its transaction: who waits for it holds no row that another one may need.
    """
    _lock(f"SELECT pg_advisory_xact_lock({_DESK})")


def hold_changes() -> None:
    """Record changes of status until the transaction ends. Any number of transactions may at a time."""
    _lock(f"SELECT pg_advisory_xact_lock_shared({_CHANGES})")


def await_changes() -> None:
    """Wait until all who have begun to record changes of status have committed them, or given them up."""
    _lock(f"SELECT pg_advisory_xact_lock({_CHANGES})")


def _lock(statement: str) -> None:
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute(statement)
