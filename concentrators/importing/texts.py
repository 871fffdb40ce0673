"""CSV files, as people and Excel write them (CON-5)."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Iterator
from itertools import chain
from typing import BinaryIO

from django.utils.translation import gettext as _

from concentrators.importing.errors import UnreadableFile
from concentrators.importing.rows import FileRow

DELIMITERS = ",;\t"
EXCEL_HINT = re.compile(r"sep=([,;\t])\s*", re.IGNORECASE)  # Excel's own first line, which names the delimiter


def read_text(source: BinaryIO, encoding: str) -> Iterator[FileRow]:
    """Yield the rows of a CSV file, including blank ones. Raises UnreadableFile if this is not one."""
    text = io.TextIOWrapper(source, encoding=encoding, newline="")
    try:
        yield from _rows(text)
    except UnicodeError:
        raise UnreadableFile(_wrong_encoding(source, encoding)) from None
    finally:
        text.detach()  # otherwise it would close the caller's file


def _rows(text: io.TextIOWrapper) -> Iterator[FileRow]:
    number, first = _first_line(text)
    hint = EXCEL_HINT.fullmatch(first)
    if hint:
        yield from _cells(text, hint[1], number + 1)
    else:
        yield from _cells(chain([first], text), _delimiter(first), number)


def _cells(lines: Iterable[str], delimiter: str, first: int) -> Iterator[FileRow]:
    """Yield the rows of ``lines``, which are numbered from ``first``. A row may span several lines."""
    reader = csv.reader(lines, delimiter=delimiter, strict=True)
    number = first
    try:
        for cells in reader:
            yield FileRow(number, cells)
            number = first + reader.line_num
    except csv.Error:
        raise UnreadableFile(
            _("Line %d cannot be cut into cells: a quotation mark is not closed or misplaced, or a cell is too long.")
            % number
        ) from None


def _first_line(text: io.TextIOWrapper) -> tuple[int, str]:
    """The first line that is not blank, and its number; an empty text if there is none."""
    for number, line in enumerate(text, start=1):
        if line.strip():
            return number, line
    return 1, ""


def _delimiter(header: str) -> str:
    """The delimiter that splits the header into the most columns; the comma if there is a single column."""
    return max(DELIMITERS, key=lambda delimiter: len(next(csv.reader([header], delimiter=delimiter), [])))


def _wrong_encoding(source: BinaryIO, encoding: str) -> str:
    if encoding == "utf-16":
        return _("The file is damaged: it begins as UTF-16 text, but does not go on so.")
    source.seek(0)
    number = next((number for number, line in enumerate(source, start=1) if not _is_utf8(line)), 0)
    return _("Line %d is not in UTF-8. Save the file as “CSV UTF-8”, or as XLSX.") % number


def _is_utf8(line: bytes) -> bool:
    try:
        line.decode()
    except UnicodeDecodeError:
        return False
    return True
