"""The lines of exported files as Python writes them: for databases without COPY, and for values of any type."""

from __future__ import annotations

import csv
import json
from collections.abc import Generator, Iterator, Sequence
from datetime import UTC, date, datetime, tzinfo
from functools import partial
from itertools import islice
from typing import Any

from django.db.models import QuerySet

from smmeplus.common.exporting.columns import ExportColumn, escape_formula

LINES_AT_ONCE = 500  # some 64 KiB
ROWS_AT_ONCE = 2_000

Lines = Generator[bytes, None, None]


def csv_lines(rows: QuerySet[Any], columns: Sequence[ExportColumn]) -> Lines:
    """Blocks of lines of CSV, one a row."""
    return _in_blocks(map(csv_line, cells(rows, columns, for_spreadsheet=True)))


def json_lines(rows: QuerySet[Any], columns: Sequence[ExportColumn]) -> Lines:
    """Blocks of lines with a JSON object each, by the columns' names."""
    names = [column.name for column in columns]
    found = cells(rows, columns, for_spreadsheet=False)
    return _in_blocks(f"{_to_json(dict(zip(names, row, strict=True)))}\n" for row in found)


def cells(
    rows: QuerySet[Any], columns: Sequence[ExportColumn], *, for_spreadsheet: bool
) -> Generator[tuple[Any, ...], None, None]:
    """What ``columns`` have in each row: times and days as texts, all else as it is; for spreadsheets no formulas."""
    write = _written_harmless if for_spreadsheet else _written
    writers = [partial(write, column.zone or UTC) for column in columns]
    for row in rows.values_list(*(column.path for column in columns)).iterator(chunk_size=ROWS_AT_ONCE):
        yield tuple([written(value) for written, value in zip(writers, row, strict=True)])


def _written(zone: tzinfo, value: Any) -> Any:
    if isinstance(value, datetime):
        return value.astimezone(zone).isoformat()
    return value.isoformat() if isinstance(value, date) else value


def _written_harmless(zone: tzinfo, value: Any) -> Any:
    return escape_formula(value) if isinstance(value, str) else _written(zone, value)


class _Echo:
    """A file that returns what is written to it, for csv to write a line to."""

    def write(self, line: str) -> str:
        # Without its CR, which COPY writes neither. It is there because csv quotes what has a part of a line's end.
        return f"{line[:-2]}\n"


csv_line = csv.writer(_Echo(), lineterminator="\r\n").writerow
_to_json = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode


def _in_blocks(lines: Iterator[str]) -> Lines:
    """``lines`` some hundred at a time: a server takes a while over each piece that it sends."""
    while block := "".join(islice(lines, LINES_AT_ONCE)):
        yield block.encode()
