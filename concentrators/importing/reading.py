"""An installation file as rows of text, in the words of its reader's language (CON-5)."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from typing import BinaryIO

from django.utils import translation
from django.utils.translation import gettext as _

from concentrators.importing.errors import RowError, UnreadableFile
from concentrators.importing.rows import FileRow, SourceFacts
from smmeplus.common.spreadsheets import cage, reading, texts
from smmeplus.common.spreadsheets.rows import Facts, Fault, Limits, NotATable

MAX_ROWS = 500_000  # below the header; blank ones do not count
SMALL = 2**16  # bytes of a CSV that can do no harm; starting a process would take longer than reading it


def read(source: BinaryIO, facts: SourceFacts | None = None) -> Iterator[FileRow]:
    """Yield the rows of ``source``, a seekable CSV or XLSX file, without the blank ones; the first is the header.

    Anything but a small CSV is read by a process of its own. ``facts`` is filled after the last row. Raises
    UnreadableFile, and nothing else, if this is not a table, or if a limit is exceeded.
    """
    limits, found = Limits(rows=MAX_ROWS), Facts()
    yield from _in_words(_rows(source, limits, found))
    if facts is not None:
        _note(found, facts)


def read_text(source: BinaryIO, encoding: str) -> Iterator[FileRow]:
    """Yield the rows of a CSV file, including blank ones. Raises UnreadableFile if this is not one."""
    return _in_words(texts.read_text(source, encoding))


def _rows(source: BinaryIO, limits: Limits, facts: Facts) -> Iterator[FileRow]:
    is_small = reading.format_of(source) != "XLSX" and source.seek(0, os.SEEK_END) <= SMALL
    yield from (reading if is_small else cage).read_rows(source, limits, facts)


def _in_words(rows: Iterable[FileRow]) -> Iterator[FileRow]:
    try:
        yield from map(_translated, rows)
    except NotATable as error:
        message = translation.gettext(error.message)
        raise UnreadableFile(message % error.values if error.values else message) from error


def _translated(row: FileRow) -> FileRow:
    if not row.faults and not row.text_faults:
        return row
    return row._replace(faults=_faults(row.faults), text_faults=_faults(row.text_faults))


def _faults(faults: Iterable[Fault]) -> tuple[Fault, ...]:
    return tuple(Fault(fault.place, translation.gettext(fault.reason)) for fault in faults)


def _note(found: Facts, facts: SourceFacts) -> None:
    facts.sheet, facts.hidden_rows = found.sheet, found.hidden_rows
    facts.other_sheets = [_("%s (hidden)") % name if is_hidden else name for name, is_hidden in found.others]
    facts.cautions += [RowError(line, "", value, translation.gettext(reason)) for line, value, reason in found.cautions]
