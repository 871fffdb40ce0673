"""A file of any kind as rows of text (CON-5)."""

from __future__ import annotations

import codecs
import unicodedata
from collections.abc import Iterator
from typing import BinaryIO

from smmeplus.common.spreadsheets import words
from smmeplus.common.spreadsheets.rows import Facts, FileRow, Limits, NotATable
from smmeplus.common.spreadsheets.texts import read_text
from smmeplus.common.spreadsheets.workbooks import read_sheet

HEAD = 4096  # bytes by which a format is recognised

ZIP = (b"PK\x03\x04", b"PK\x05\x06")
OLE = b"\xd0\xcf\x11\xe0"
UTF_16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
MARKUP = (b"<", codecs.BOM_UTF8 + b"<")


def read_rows(source: BinaryIO, limits: Limits, facts: Facts) -> Iterator[FileRow]:
    """Yield the rows of ``source``, a seekable CSV or XLSX file, without the blank ones; the first is the header.

    CSV: comma, semicolon or tab; UTF-8 with or without BOM, or UTF-16 with one. XLSX: the first visible sheet. The
    format is recognised by the first bytes, not by the name. Memory does not grow with the number of rows, except for
    the shared strings of an XLSX. Raises NotATable, and nothing else but MemoryError, if this is not a table. What
    cannot be seen at the ends of cells is left out.
    """
    header_and_rows = blank = 0
    for row in _rows(source, limits, facts):
        if not any(map(str.strip, row.cells)) and not row.faults:
            blank += 1
            if blank > limits.blank_rows:
                raise NotATable(words.TOO_MANY_BLANK, most=limits.blank_rows)
            continue
        if header_and_rows > limits.rows:
            raise NotATable(words.TOO_MANY_ROWS, limits.rows)
        header_and_rows += 1
        facts.hidden_rows += row.is_hidden and header_and_rows > 1
        yield _bounded(row, limits)
    if header_and_rows == 0:
        raise NotATable(words.EMPTY)
    if header_and_rows == 1:
        raise NotATable(words.NOTHING_BELOW)


def format_of(source: BinaryIO) -> str:
    """``XLSX``, or the encoding of a CSV. Raises NotATable for anything else. ``source`` is at its beginning then."""
    source.seek(0)
    head = source.read(HEAD)
    source.seek(0)
    if head.startswith(ZIP):
        return "XLSX"
    if head.startswith(OLE):
        raise NotATable(words.OLD)
    if head.startswith(UTF_16):
        return "utf-16"
    if b"\0" in head:
        raise NotATable(words.NEITHER)
    if head.lstrip().startswith(MARKUP):  # which some programs call .xls
        raise NotATable(words.A_PAGE)
    return "utf-8-sig"


def _rows(source: BinaryIO, limits: Limits, facts: Facts) -> Iterator[FileRow]:
    found = format_of(source)
    return read_sheet(source, limits, facts) if found == "XLSX" else read_text(source, found)


def _bounded(row: FileRow, limits: Limits) -> FileRow:
    cells = row.cells
    if any(map(str.strip, cells[limits.columns :])):
        raise NotATable(words.TOO_WIDE, line=row.line, cells=len(cells))
    text = "".join(cells)
    if len(text) > limits.row_text:
        raise NotATable(
            words.TOO_LONG,
            line=row.line,
            most=limits.row_text,
        )
    return row if text.isascii() else row._replace(cells=[_seen(cell) for cell in cells])


def _seen(cell: str) -> str:
    """``cell`` without the format characters at its ends, such as the mark of the direction that comes by copying."""
    if cell.isascii():
        return cell
    start, end = 0, len(cell)
    while start < end and _is_unseen(cell[start]):
        start += 1
    while end > start and _is_unseen(cell[end - 1]):
        end -= 1
    return cell[start:end]


def _is_unseen(character: str) -> bool:
    return character.isspace() or unicodedata.category(character) == "Cf"
