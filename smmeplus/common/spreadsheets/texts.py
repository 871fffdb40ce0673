"""CSV files, as people and programs write them (CON-5)."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Iterator
from itertools import chain
from typing import BinaryIO

from smmeplus.common.spreadsheets import words
from smmeplus.common.spreadsheets.rows import FileRow, NotATable

DELIMITERS = ",;\t"
#: Excel's own first line, which names the delimiter. Programs that know nothing of it fill it up like any other row.
EXCEL_HINT = re.compile(r"sep=([,;\t])[,;\t]*\s*", re.IGNORECASE)
QUOTED_HINT = re.compile(r'"sep=([,;\t])"[,;\t"]*\s*', re.IGNORECASE)
LONGEST_HEADER = 2**16  # characters


def read_text(source: BinaryIO, encoding: str) -> Iterator[FileRow]:
    """Yield the rows of a CSV file, including blank ones. Raises NotATable if this is not one."""
    text = io.TextIOWrapper(source, encoding=encoding, newline="")
    try:
        yield from _rows(text)
    except UnicodeError:
        raise _wrong_encoding(source, encoding) from None
    finally:
        if not source.closed:  # as it may be by then: nobody reads a refused file to its end
            text.detach()  # otherwise it would close the caller's file


def _rows(text: io.TextIOWrapper) -> Iterator[FileRow]:
    lines = iter(text)
    number, first = _first_line(lines)
    if hint := EXCEL_HINT.fullmatch(first):
        yield from _cells(lines, hint[1], number + 1)
        return
    if QUOTED_HINT.fullmatch(first):  # written by a program that may have used another delimiter than it says
        blank, first = _first_line(lines)
        number += blank
    header = _header(first, lines)
    yield from _cells(chain(header, lines), _delimiter(header), number)


def _cells(lines: Iterable[str], delimiter: str, first: int) -> Iterator[FileRow]:
    """Yield the rows of ``lines``, which are numbered from ``first``. A row may span several lines."""
    reader = csv.reader(lines, delimiter=delimiter, strict=True)
    number = first
    try:
        for cells in reader:
            yield FileRow(number, cells)
            number = first + reader.line_num
    except csv.Error:
        raise NotATable(
            words.NO_CELLS,
            number,
        ) from None


def _first_line(lines: Iterator[str]) -> tuple[int, str]:
    """The first line that is not blank, and its number; an empty text if there is none.

    Programs that join files, or write a mark of their own, leave more than one byte order mark before it.
    """
    for number, line in enumerate(lines, start=1):
        line = line.lstrip("\N{ZERO WIDTH NO-BREAK SPACE}")
        if line.strip():
            return number, line
    return 1, ""


def _header(first: str, lines: Iterator[str]) -> list[str]:
    """The lines of the header: more than one if a name in quotation marks has line breaks."""
    header, length, marks = [first], len(first), first.count('"')
    while marks % 2 and length < LONGEST_HEADER:
        line = next(lines, "")
        if not line:
            break
        header.append(line)
        length, marks = length + len(line), marks + line.count('"')
    return header


def _delimiter(header: list[str]) -> str:
    """The delimiter that splits the header into the most columns; the comma if there is a single column."""
    return max(DELIMITERS, key=lambda delimiter: _columns(header, delimiter))


def _columns(header: list[str], delimiter: str) -> int:
    try:
        return len(next(csv.reader(header, delimiter=delimiter), []))
    except csv.Error:  # a cell is too long, which is said when the rows are read
        return 0


def _wrong_encoding(source: BinaryIO, encoding: str) -> NotATable:
    if encoding == "utf-16":
        return NotATable(words.NO_UTF_16)
    source.seek(0)
    number = next((number for number, line in enumerate(source, start=1) if not _is_utf8(line)), 0)
    return NotATable(words.NO_UTF_8, number)


def _is_utf8(line: bytes) -> bool:
    try:
        line.decode()
    except UnicodeDecodeError:
        return False
    return True
