"""Partitions of days that are over are written anew in half the room (PER-9).

A packed partition is read like any other, and takes messages that come late. ``0021_packed_partitions.py`` has what the
owner of the table does: how the rows and indexes of a packed partition differ from those of others.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial

from django.db import connection, transaction
from django.db.backends.utils import CursorWrapper

from wakeup.locks import stop_counting, stop_other_packing
from wakeup.models import Message
from wakeup.retention.partitions import TABLE, Partition, PartitionsBusyError, change_partitions, partitions
from wakeup.retention.pruning import PAUSES_S, Old, measured

#: A partition is packed so long after its end: later whoever stored a batch may still ask by which transaction that was
#: (:mod:`wakeup.recording.attempts`), and a packed message no longer tells.
SETTLED = timedelta(hours=1)

_UNPACKED = """
SELECT indrelid::regclass::text FROM pg_index JOIN pg_inherits ON inhrelid = indrelid
WHERE inhparent = %s::regclass AND indisprimary
"""


@dataclass(slots=True)
class Packed:
    """Partitions as they were before they were packed; ``busy`` ones stay as they are until the next run."""

    packed: list[Old] = field(default_factory=list)
    busy: list[Old] = field(default_factory=list)


def to_pack(now: datetime, limit: datetime | None) -> list[Old]:
    """What :func:`pack` would pack: all that is over and holds messages, unless it is to be dropped at ``limit``."""
    over = [one for one in partitions() if one.end <= now - SETTLED and (limit is None or one.end > limit)]
    if not over:
        return []
    unpacked = _unpacked()
    return [measured(one) for one in over if one.name in unpacked and _has_messages(one)]


def _unpacked() -> set[str]:
    with connection.cursor() as cursor:
        cursor.execute(_UNPACKED, [TABLE])
        return {name for (name,) in cursor.fetchall()}


def pack(now: datetime, limit: datetime | None) -> Packed:
    """Pack what :func:`to_pack` returns. Nobody waits for long, and whatever happens all messages stay where they are.

    Needs as much free room on the disk as the largest of them will take. Several hosts may run it at once.
    """
    done = Packed()
    for old in to_pack(now, limit):
        try:
            if _pack(old.partition):
                done.packed.append(old)
        except PartitionsBusyError:
            done.busy.append(old)
    return done


def _pack(partition: Partition) -> bool:
    """Pack it, unless another process does; whether it was packed.

    One transaction: until it ends, the partition is what it was. It holds no lock that others wait for but at its end,
    when it exchanges the two. What comes in meanwhile is known by its number.
    """
    newest = change_partitions(partial(_newest, partition), PAUSES_S)
    with transaction.atomic(), connection.cursor() as cursor:
        if not stop_other_packing() or partition.name not in _unpacked():
            return False
        cursor.execute("SELECT wakeup_pack_partition(%s, %s)", [partition.name, newest])
        change_partitions(partial(_swap, partition, newest), PAUSES_S)
    return True


def _newest(partition: Partition, cursor: CursorWrapper) -> int:
    stop_counting()
    cursor.execute("SELECT wakeup_newest_before_packing(%s)", [partition.name])
    return int(cursor.fetchone()[0])


def _swap(partition: Partition, newest: int, cursor: CursorWrapper) -> None:
    cursor.execute("SELECT wakeup_swap_partition(%s, %s)", [partition.name, newest])


def _has_messages(partition: Partition) -> bool:
    return Message.objects.filter(received_at__gte=partition.begin, received_at__lt=partition.end).exists()
