"""Python writes the lines of exported files: for databases without COPY, and for values of any type."""

from __future__ import annotations

import csv
import json
from collections.abc import Generator, Iterator, Sequence
from datetime import UTC, date, datetime, tzinfo
from functools import partial
from itertools import islice
from typing import Any
from uuid import UUID

from django.db.models import QuerySet

from smmeplus.common.exporting.columns import ExportColumn, escape_formula

LINES_AT_ONCE = 500  # some 64 KiB
ROWS_AT_ONCE = 2_000

Lines = Generator[bytes, None, None]


def csv_lines(rows: QuerySet[Any], columns: Sequence[ExportColumn]) -> Lines:
    return _in_blocks(map(csv_line, cells(rows, columns, for_spreadsheet=True)))


def json_lines(rows: QuerySet[Any], columns: Sequence[ExportColumn]) -> Lines:
    """Blocks of lines with one JSON object each, keyed by the names of the columns."""
    names = [column.name for column in columns]
    found = cells(rows, columns, for_spreadsheet=False)
    return _in_blocks(f"{_to_json(dict(zip(names, row, strict=True)))}\n" for row in found)


def cells(
    rows: QuerySet[Any], columns: Sequence[ExportColumn], *, for_spreadsheet: bool
) -> Generator[tuple[Any, ...], None, None]:
    """The values of ``columns`` in each row: times and days as texts, for spreadsheets with formulas escaped."""
    write = _written_escaped if for_spreadsheet else _written
    writers = [partial(write, column.zone or UTC) for column in columns]
    for row in rows.values_list(*(column.path for column in columns)).iterator(chunk_size=ROWS_AT_ONCE):
        yield tuple([written(value) for written, value in zip(writers, row, strict=True)])


def _written(zone: tzinfo, value: Any) -> Any:
    if isinstance(value, datetime):
        return value.astimezone(zone).isoformat()
    if isinstance(value, UUID):
        return str(value)
    return value.isoformat() if isinstance(value, date) else value


def _written_escaped(zone: tzinfo, value: Any) -> Any:
    return escape_formula(value) if isinstance(value, str) else _written(zone, value)


class _Echo:
    """A file that returns what is written to it, for csv to write a line to."""

    def write(self, line: str) -> str:
        # Without the CR, which COPY does not write either. csv needs it to quote the cells that contain one.
        return f"{line[:-2]}\n"


csv_line = csv.writer(_Echo(), lineterminator="\r\n").writerow
_to_json = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode


def _in_blocks(lines: Iterator[str]) -> Lines:
    """``lines``, a few hundred at a time, because every piece that a server sends costs time."""
    while block := "".join(islice(lines, LINES_AT_ONCE)):
        yield block.encode()
