"""Python writes the lines of exported files: for databases without COPY, and for values of any type."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable, Generator, Iterator, Sequence
from datetime import UTC, date, datetime, tzinfo
from functools import partial
from itertools import islice
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db.models import QuerySet

from smmeplus.common.exporting.columns import ExportColumn, Rows, escape_formula

LINES_AT_ONCE = 500  # some 64 KiB
ROWS_AT_ONCE = 2_000

#: Types of numbers that nobody adds up.
KEYS = frozenset({"AutoField", "BigAutoField", "SmallAutoField", "ForeignKey", "OneToOneField"})

Lines = Generator[bytes, None, None]
Cells = Generator[tuple[Any, ...], None, None]


def csv_lines(rows: Rows, columns: Sequence[ExportColumn]) -> Lines:
    return _in_blocks(map(csv_line, cells(rows, columns, for_spreadsheet=True)))


def json_lines(rows: Rows, columns: Sequence[ExportColumn]) -> Lines:
    """Blocks of lines with one JSON object each, keyed by the names of the columns."""
    names = [column.name for column in columns]
    found = cells(rows, columns, for_spreadsheet=False)
    return _in_blocks(f"{_to_json(dict(zip(names, row, strict=True)))}\n" for row in found)


def cells(rows: Rows, columns: Sequence[ExportColumn], *, for_spreadsheet: bool) -> Cells:
    """The values of ``columns`` in each row: times and days as texts, for spreadsheets with formulas escaped."""
    write = _written_escaped if for_spreadsheet else _written
    return _converted(rows, columns, [partial(write, _zone_of(column)) for column in columns])


def sheet_cells(rows: Rows, columns: Sequence[ExportColumn]) -> Cells:
    """The values of ``columns`` in a workbook: times without a zone, formulas escaped, keys as texts (REP-9)."""
    writers = [
        _text_of_key if kind in KEYS else partial(_in_sheet, _zone_of(column))
        for column, kind in zip(columns, _types(rows, columns), strict=True)
    ]
    return _converted(rows, columns, writers)


def sheet_names(rows: Rows, columns: Sequence[ExportColumn]) -> list[str]:
    """The heading of a workbook: the name of a time ends with _utc or _local, for its cells cannot tell."""
    return [
        _of_time(column) if kind == "DateTimeField" else column.name
        for column, kind in zip(columns, _types(rows, columns), strict=True)
    ]


def _zone_of(column: ExportColumn) -> tzinfo | None:
    """In which zone times of ``column`` are written; None if they are in the right one by then."""
    return None if column.own_zone else column.zone or UTC


def _of_time(column: ExportColumn) -> str:
    end = "_local" if column.zone else "_utc"
    return column.name if column.name.endswith(end) else column.name + end


def _types(rows: Rows, columns: Sequence[ExportColumn]) -> list[str]:
    """Django's names of the types of ``columns``."""
    paths = [column.path for column in columns]
    if not isinstance(rows, QuerySet):
        return rows.types(paths)
    unique = list(dict.fromkeys(paths))
    compiler = rows.values_list(*unique).query.get_compiler(rows.db, elide_empty=False)
    compiler.setup_query()
    fields = [selected.output_field for selected, _sql, _alias in compiler.select]
    found = {path: field.get_internal_type() for path, field in zip(unique, fields, strict=True)}
    return [found[path] for path in paths]


def _converted(rows: Rows, columns: Sequence[ExportColumn], writers: Sequence[Callable[[Any], Any]]) -> Cells:
    for row in _values(rows, columns):
        yield tuple([written(value) for written, value in zip(writers, row, strict=True)])


def _values(rows: Rows, columns: Sequence[ExportColumn]) -> Iterator[Sequence[Any]]:
    paths = [column.path for column in columns]
    if not isinstance(rows, QuerySet):
        return rows.values(paths)
    local = [(place, column) for place, column in enumerate(columns) if column.own_zone]
    paths += [column.own_zone for _place, column in local]
    found = rows.values_list(*paths).iterator(chunk_size=ROWS_AT_ONCE)
    return map(partial(_at_home, local), found) if local else found


def _at_home(local: Sequence[tuple[int, ExportColumn]], row: tuple[Any, ...]) -> list[Any]:
    """``row`` without the names of zones at its end, and with times in them or in those of the columns."""
    *cells, names = *row[: -len(local)], row[-len(local) :]
    for (place, column), name in zip(local, names, strict=True):
        if cells[place] is not None:
            cells[place] = cells[place].astimezone(ZoneInfo(name) if name else column.zone)
    return cells


def _in_sheet(zone: tzinfo | None, value: Any) -> Any:
    if isinstance(value, datetime):
        return value.astimezone(zone or value.tzinfo).replace(tzinfo=None)
    if isinstance(value, str):
        return escape_formula(value)
    return str(value) if isinstance(value, UUID) else value


def _text_of_key(value: Any) -> str | None:
    return None if value is None else str(value)


def _written(zone: tzinfo | None, value: Any) -> Any:
    if isinstance(value, datetime):
        return value.astimezone(zone or value.tzinfo).isoformat(timespec="microseconds")
    if isinstance(value, UUID):
        return str(value)
    return value.isoformat() if isinstance(value, date) else value


def _written_escaped(zone: tzinfo | None, value: Any) -> Any:
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
