"""Exports of what a list shows, streamed (REP-6): CSV, XLSX and JSON out of one query, with flat memory."""

from __future__ import annotations

import csv
import json
import re
import tempfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import date, datetime
from itertools import islice
from typing import Any, NamedTuple

import openpyxl
from django.db.models import QuerySet
from django.http import FileResponse, HttpResponseBase, StreamingHttpResponse

ROWS_AT_ONCE = 2_000
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")


class ExportColumn(NamedTuple):
    """A column by its ``name`` in the file and its ``path`` in the query; ``convert`` makes the value fit."""

    name: str
    path: str
    convert: Callable[[Any], Any] = lambda value: value


Exporter = Callable[[Iterable[tuple[Any, ...]], Sequence[str], str], HttpResponseBase]


def export(rows: QuerySet[Any], columns: Sequence[ExportColumn], *, file_format: str, name: str) -> HttpResponseBase:
    """All of ``rows`` as a file called ``name``. Times are ISO 8601 with offset, days ISO dates.

    Raises KeyError for a format that is not in FORMATS.
    """
    values = rows.values_list(*(column.path for column in columns)).iterator(chunk_size=ROWS_AT_ONCE)
    converters = [column.convert for column in columns]
    cells = (tuple(convert(value) for convert, value in zip(converters, row, strict=True)) for row in values)
    return FORMATS[file_format](cells, [column.name for column in columns], f"{_file_name(name)}.{file_format}")


def harmless(value: Any) -> Any:
    """``value`` so that no spreadsheet takes a text for a formula: an apostrophe before it, which imports take off."""
    return f"'{value}" if isinstance(value, str) and value.startswith(FORMULA_STARTS) else value


def _file_name(name: str) -> str:
    return re.sub(r"[^\w.-]+", "-", name).strip("-").lower()


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, (date, datetime)) else value


class _Echo:
    """A file that returns what is written to it, for csv to write a line to."""

    def write(self, text: str) -> str:
        return text


def _csv(rows: Iterable[tuple[Any, ...]], names: Sequence[str], file_name: str) -> HttpResponseBase:
    writer = csv.writer(_Echo())

    def lines() -> Iterator[str]:
        yield "\ufeff" + writer.writerow(names)
        for row in rows:
            yield writer.writerow([harmless(_plain(value)) for value in row])

    return _attachment(StreamingHttpResponse(_in_blocks(lines()), content_type="text/csv; charset=utf-8"), file_name)


def _json(rows: Iterable[tuple[Any, ...]], names: Sequence[str], file_name: str) -> HttpResponseBase:
    def pieces() -> Iterator[str]:
        separator = "["
        for row in rows:
            yield separator + json.dumps(dict(zip(names, map(_plain, row), strict=True)), ensure_ascii=False)
            separator = ",\n"
        yield "[]" if separator == "[" else "]"

    return _attachment(StreamingHttpResponse(_in_blocks(pieces()), content_type="application/json"), file_name)


def _xlsx(rows: Iterable[tuple[Any, ...]], names: Sequence[str], file_name: str) -> HttpResponseBase:
    book = openpyxl.Workbook(write_only=True)
    sheet = book.create_sheet()
    sheet.append(list(names))
    for row in rows:
        sheet.append([harmless(_plain(value)) for value in row])
    file = tempfile.TemporaryFile()  # noqa: SIM115 - the response closes it
    book.save(file)
    file.seek(0)
    return FileResponse(file, as_attachment=True, filename=file_name)


def _in_blocks(pieces: Iterator[str]) -> Iterator[str]:
    """``pieces`` some thousands at a time: a server takes a while over each one that it sends."""
    while block := "".join(islice(pieces, ROWS_AT_ONCE)):
        yield block


def _attachment(response: StreamingHttpResponse, file_name: str) -> HttpResponseBase:
    response["Content-Disposition"] = f'attachment; filename="{file_name}"'
    return response


FORMATS: dict[str, Exporter] = {"csv": _csv, "xlsx": _xlsx, "json": _json}
