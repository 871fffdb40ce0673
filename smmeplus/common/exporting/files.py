"""The exported files: what comes before, between and after their rows."""

from __future__ import annotations

import re
from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import closing
from itertools import islice
from typing import Generic, Self, TypeVar

from django.http import HttpResponseBase, StreamingHttpResponse
from django.utils.http import content_disposition_header

from smmeplus.common.exporting.columns import ExportColumn, Rows, for_programs
from smmeplus.common.exporting.copying import csv_copy, json_copy
from smmeplus.common.exporting.rendering import csv_line, csv_lines, json_lines, sheet_cells, sheet_names
from smmeplus.common.exporting.streamed_sheet import xlsx_blocks

_Item = TypeVar("_Item")
Blocks = Generator[bytes, None, None]


def export(
    rows: Rows, columns: Sequence[ExportColumn], *, file_format: str, name: str, title: str = ""
) -> HttpResponseBase:
    """All of ``rows`` as a file called ``name``: times ISO 8601 with offset, days ISO dates (REP-4, REP-6).

    Those of a query are read by one statement, so the file is a consistent snapshot. A workbook has date cells instead,
    and its sheet is called ``title`` (REP-9). Raises KeyError for a format that is not in
    FORMATS.
    """
    content_type, make = FORMATS[file_format]
    return Export(make(rows, columns, title), content_type=content_type, file_name=f"{_file_name(name)}.{file_format}")


class Export(StreamingHttpResponse):
    """A response with a file. Its database connection is busy from :meth:`render` until the response is closed."""

    def __init__(self, blocks: Blocks, *, content_type: str, file_name: str) -> None:
        super().__init__(blocks, content_type=content_type)
        self["Content-Disposition"] = content_disposition_header(as_attachment=True, filename=file_name) or ""
        self._blocks = blocks

    def ends_with(self, end: Callable[[], None]) -> None:
        """Call ``end`` when the last statement has ended, be it early."""
        self._blocks = _ended(self._blocks, end)

    def render(self) -> Self:
        """Make the first block. Django calls this when the view is done, as for a template.

        So an error before the first byte is an ordinary error page. A later one breaks the download off.
        """
        self.streaming_content = _Begun(self._blocks)
        return self


def _ended(blocks: Blocks, end: Callable[[], None]) -> Blocks:
    try:
        yield from blocks
    finally:
        blocks.close()
        end()


def csv_blocks(rows: Rows, columns: Sequence[ExportColumn], _title: str = "") -> Blocks:
    """A CSV file (RFC 4180, but with line feeds alone) in UTF-8, with the byte order mark that Excel needs."""
    columns = for_programs(columns)
    with closing(csv_copy(rows, columns) or csv_lines(rows, columns)) as lines:
        yield f"\ufeff{csv_line(column.name for column in columns)}".encode() + next(lines, b"")
        yield from lines


def json_blocks(rows: Rows, columns: Sequence[ExportColumn], _title: str = "") -> Blocks:
    """A JSON array (RFC 8259) with one object per line."""
    columns = for_programs(columns)
    separator = b"["
    with closing(json_copy(rows, columns) or json_lines(rows, columns)) as lines:
        for block in lines:
            yield separator + block[:-1].replace(b"\n", b",\n")  # within an object it would be escaped
            separator = b",\n"
    yield b"[]" if separator == b"[" else b"]"


def sheet_blocks(rows: Rows, columns: Sequence[ExportColumn], title: str = "") -> Blocks:
    """An XLSX workbook. Its first block comes before any row, so the first row is fetched here to find errors early."""
    with closing(_Begun(sheet_cells(rows, columns))) as found:
        yield from xlsx_blocks(found, sheet_names(rows, columns), title)


class _Begun(Generic[_Item], Iterator[_Item]):
    """Iterates over ``items``, but makes the first item at once."""

    def __init__(self, items: Generator[_Item, None, None]) -> None:
        self._items = items
        self._first = list(islice(items, 1))

    def __next__(self) -> _Item:
        return self._first.pop() if self._first else next(self._items)

    def close(self) -> None:
        """End the statement that the items come from, even if there are more: the client has gone."""
        self._items.close()


def _file_name(name: str) -> str:
    return re.sub(r"[^\w.-]+", "-", name).strip("-").lower()


FORMATS: dict[str, tuple[str, Callable[[Rows, Sequence[ExportColumn], str], Blocks]]] = {
    "csv": ("text/csv; charset=utf-8", csv_blocks),
    "xlsx": ("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", sheet_blocks),
    "json": ("application/json", json_blocks),
}
