"""The floors of PER-2 and PER-3: the same rows by other ways into the same database, and the disk alone."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from itertools import cycle, islice
from pathlib import Path
from time import perf_counter

from django.db import connection, transaction
from django.utils import timezone

from smmeplus.dlms.kinds import Kind
from tests.bench.context import Context
from wakeup.models import Format, Message
from wakeup.recording.arrivals import MessageRow

SEGMENT = 16 * 2**20  # bytes of a file of PostgreSQL's log, which is written anew and again
PAGE = 8_192
RECORD = 400  # bytes, about those of a transaction with one message

_FLOOR_TABLE = "bench_message"
_COLUMNS = ("concentrator_id", "kind", "received_at", "device_time", "source_ip", "port", "format")

Way = Callable[[Sequence[MessageRow]], None]


def make_floor_table() -> None:
    """A table like that of the messages, with the same columns and indexes, for what only stores."""
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(f"CREATE TABLE {_FLOOR_TABLE} (LIKE {Message._meta.db_table} INCLUDING ALL)")
            return
        cursor.execute("SELECT sql FROM sqlite_master WHERE tbl_name = %s", [Message._meta.db_table])
        for (sql,) in cursor.fetchall():
            cursor.execute(sql.replace('"message_', '"bench_by_').replace(Message._meta.db_table, _FLOOR_TABLE))


def rows_of(context: Context, concentrators: int, count: int) -> list[MessageRow]:
    """``count`` messages of as many ``concentrators`` of the fleet as they would come in now, in turn."""
    now, port = timezone.now(), context.listener.port
    return [
        MessageRow(pk, Kind.KEEPALIVE, now, None, "127.0.1.1", port, Format.PUSH, now.date())
        for pk, _serial in islice(cycle(context.fleet[:concentrators]), count)
    ]


def rate_of(way: Way, rows: Sequence[MessageRow], batch: int) -> float:
    """Rows a second that go ``way`` in batches, each a transaction of its own."""
    began = perf_counter()
    for start in range(0, len(rows), batch):
        with transaction.atomic():
            way(rows[start : start + batch])
    return len(rows) / (perf_counter() - began)


def copy_rate(rows: Sequence[MessageRow], batch: int) -> float:
    """Rows a second of a bare COPY of messages, whose text is made beforehand."""
    texts = ["".join(map(_line, rows[start : start + batch])) for start in range(0, len(rows), batch)]
    began = perf_counter()
    for text in texts:
        with (
            transaction.atomic(),
            connection.cursor() as cursor,
            cursor.copy(f"COPY {_FLOOR_TABLE} ({', '.join(_COLUMNS)}) FROM STDIN") as copy,
        ):
            copy.write(text)
    return len(rows) / (perf_counter() - began)


def insert(rows: Sequence[MessageRow]) -> None:
    """Only store, by the driver's own executemany: what SQLite has instead of COPY."""
    marks = ", ".join(["%s"] * len(_COLUMNS))
    with connection.cursor() as cursor:
        cursor.executemany(
            f"INSERT INTO {_FLOOR_TABLE} ({', '.join(_COLUMNS)}) VALUES ({marks})",
            [(row[0], int(row[1]), str(row[2]), row[3], row[4], row[5], int(row[6])) for row in rows],
        )


def fdatasync_times(directory: Path, count: int) -> list[float]:
    """Seconds until each of ``count`` small writes into a ready file is on the disk, like the log of a commit."""
    path = directory / "fdatasync"
    file = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        os.pwrite(file, bytes(SEGMENT), 0)
        os.fsync(file)
        return list(islice(_syncs(file), count))
    finally:
        os.close(file)
        path.unlink()


def _syncs(file: int) -> Iterator[float]:
    record = os.urandom(RECORD)
    for page in cycle(range(0, SEGMENT, PAGE)):
        began = perf_counter()
        os.pwrite(file, record, page)
        os.fdatasync(file)
        yield perf_counter() - began


def _line(row: MessageRow) -> str:
    time = row.received_at.isoformat()
    return f"{row.concentrator_id}\t{int(row.kind)}\t{time}\t\\N\t{row.source_ip}\t{row.port}\t{int(row.format)}\n"
