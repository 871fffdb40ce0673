"""An installation file as rows of text, whatever its format (CON-5)."""

from __future__ import annotations

import codecs
from collections.abc import Iterator
from typing import BinaryIO

from django.utils.translation import gettext as _

from concentrators.importing.errors import UnreadableFile
from concentrators.importing.rows import FileRow, SourceFacts
from concentrators.importing.sheets import read_sheet
from concentrators.importing.texts import read_text

MAX_ROWS = 500_000  # below the header; blank ones do not count
MAX_CELLS = 256  # of a row; no installation file has nearly as many
HEAD = 4096  # bytes by which a format is recognised

ZIP = (b"PK\x03\x04", b"PK\x05\x06")
OLE = b"\xd0\xcf\x11\xe0"
UTF_16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)


def read(source: BinaryIO, facts: SourceFacts | None = None) -> Iterator[FileRow]:
    """Yield the rows of ``source``, a seekable CSV or XLSX file, without the blank ones; the first is the header.

    CSV: comma, semicolon or tab; UTF-8 with or without BOM, or UTF-16 with one. XLSX: the first visible sheet. The
    format is recognised by the first bytes, not by the name. Memory does not grow with the number of rows, except for
    the shared strings of an XLSX. ``facts`` is filled meanwhile. Raises UnreadableFile, and nothing else, if this is
    not a table.
    """
    facts = facts or SourceFacts()
    header_and_rows = -1
    for header_and_rows, row in enumerate(_rows_with_content(source, facts)):
        if header_and_rows > MAX_ROWS:
            raise UnreadableFile(_("The file has more than %d rows; split it.") % MAX_ROWS)
        if any(map(str.strip, row.cells[MAX_CELLS:])):
            raise UnreadableFile(
                _("Line %(line)d has %(cells)d columns; that is no installation file.")
                % {"line": row.line, "cells": len(row.cells)}
            )
        facts.hidden_rows += row.is_hidden and header_and_rows > 0
        yield row
    if header_and_rows < 0:
        raise UnreadableFile(_("The file is empty."))
    if header_and_rows == 0:
        raise UnreadableFile(_("The file names no concentrator: there is nothing below its header."))


def _rows_with_content(source: BinaryIO, facts: SourceFacts) -> Iterator[FileRow]:
    return (row for row in _rows(source, facts) if any(map(str.strip, row.cells)) or row.faults)


def _rows(source: BinaryIO, facts: SourceFacts) -> Iterator[FileRow]:
    source.seek(0)
    head = source.read(HEAD)
    source.seek(0)
    if head.startswith(ZIP):
        return read_sheet(source, facts)
    if head.startswith(OLE):
        raise UnreadableFile(
            _("This is an old or a protected Excel file; save it as .xlsx without a password, or as CSV.")
        )
    if head.startswith(UTF_16):
        return read_text(source, "utf-16")
    if b"\0" in head:
        raise UnreadableFile(_("This is neither a CSV nor an XLSX file."))
    return read_text(source, "utf-8-sig")
