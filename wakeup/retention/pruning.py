"""Messages older than they are kept: whole partitions are dropped, the rest is deleted in batches (OPS-4).

What is deleted is noted in Retention in the same transaction, so that a rebuild of counts knows what is missing.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

from django.db import connection, transaction
from django.db.backends.utils import CursorWrapper

from wakeup.locks import hold_counting_zones, hold_partitions
from wakeup.models import Message, Retention
from wakeup.retention import partitions
from wakeup.retention.partitions import Partition, PartitionsBusyError, change_partitions, is_partitioned

BATCH = 5_000  # on SQLite a listener waits while one of them is deleted: for some hundredths of a second
#: After each batch. A process that waits for SQLite tries every tenth of a second: with less it could miss every gap.
REST_S = 0.12
#: Before each try to drop a partition: half a minute in all, then it stays until the next run.
PAUSES_S = (0.0, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0, 10.0)


@dataclass(frozen=True, slots=True)
class Old:
    """A partition to be dropped or packed: about how many messages it holds, and how large it is with its indexes."""

    partition: Partition
    rows: int
    size: int  # bytes


@dataclass(slots=True)
class Pruned:
    """What was pruned, or would be: whole partitions, and ``rows`` one by one; ``busy`` ones stay for the next run."""

    limit: datetime
    dropped: list[Old] = field(default_factory=list)
    rows: int = 0
    busy: list[Old] = field(default_factory=list)


def limit_of(now: datetime, days: int) -> datetime:
    """The instant before which messages are pruned if they are kept for ``days``: a midnight in UTC."""
    return now.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0) - timedelta(days=days)


def to_prune(limit: datetime) -> Pruned:
    """What :func:`prune` would do; nothing is written."""
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT count(*) FROM {_rest()} WHERE received_at < %s", [_adapted(limit)])  # noqa: S608
        (rows,) = cursor.fetchone()
    return Pruned(limit, dropped=_older_than(limit), rows=rows)


def prune(limit: datetime) -> Pruned:
    """Drop the partitions that end at or before ``limit``, and delete what else was received before it.

    A partition is dropped as a whole or not at all, so one of a month up to a month late. No writer waits for long.
    This waits for a rebuild of counts. Several hosts may run it at once.
    """
    pruned = Pruned(limit)
    _drop_all(_older_than(limit), pruned)
    while deleted := _delete_batch(limit):
        pruned.rows += deleted
        time.sleep(REST_S)
    return pruned


def _older_than(limit: datetime) -> list[Old]:
    if not is_partitioned():
        return []
    with transaction.atomic():
        hold_partitions()  # or another process could drop one while it is looked at
        return [measured(partition) for partition in partitions.partitions() if partition.end <= limit]


def measured(partition: Partition) -> Old:
    with connection.cursor() as cursor:
        # Without an estimate it is small, and quickly counted.
        cursor.execute(
            "SELECT reltuples::bigint, pg_total_relation_size(oid) FROM pg_class WHERE oid = %s::regclass",
            [_quoted(partition)],
        )
        rows, size = cursor.fetchone()
        if rows < 0:
            rows = Message.objects.filter(received_at__gte=partition.begin, received_at__lt=partition.end).count()
    return Old(partition, rows, size)


def _drop_all(old: list[Old], pruned: Pruned) -> None:
    for index, one in enumerate(old):
        try:
            if change_partitions(partial(_drop, one.partition, pruned.limit), PAUSES_S):
                pruned.dropped.append(one)
        except PartitionsBusyError:
            pruned.busy = old[index:]
            return


def _drop(partition: Partition, limit: datetime, cursor: CursorWrapper) -> bool:
    """Drop it, unless another process has, while nobody uses the messages.

    PostgreSQL has no other way beside a DEFAULT partition (it refuses DETACH … CONCURRENTLY), but this takes
    milliseconds however large the partition is.
    """
    hold_counting_zones()
    if partition not in partitions.partitions():
        return False
    cursor.execute("SELECT wakeup_drop_partition(%s)", [partition.name])
    (had_messages,) = cursor.fetchone()
    if had_messages:
        Retention.advance(limit)
    return True


def _delete_batch(limit: datetime) -> int:
    """Delete the oldest messages before ``limit`` that are in no partition to be dropped; how many."""
    oldest = f"SELECT id FROM {_rest()} WHERE received_at < %s ORDER BY received_at LIMIT {BATCH}"  # noqa: S608
    with transaction.atomic(), connection.cursor() as cursor:
        hold_counting_zones()
        hold_partitions()
        cursor.execute(f"DELETE FROM {_rest()} WHERE id IN ({oldest})", [_adapted(limit)])  # noqa: S608
        if cursor.rowcount:
            Retention.advance(limit)
        return int(cursor.rowcount)


def _rest() -> str:
    """The table whose messages are deleted one by one."""
    return partitions.DEFAULT if is_partitioned() else Message._meta.db_table


def _adapted(moment: datetime) -> Any:
    return connection.ops.adapt_datetimefield_value(moment)


def _quoted(partition: Partition) -> str:
    return connection.ops.quote_name(partition.name)
