"""A file of meters as rows of cells, by the reader of installation files (MET-2)."""

from __future__ import annotations

import codecs
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from io import BytesIO
from typing import Any, NamedTuple

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _l

from concentrators.importing.columns import Refusal
from concentrators.importing.compared import suited
from concentrators.importing.errors import RowError, UnreadableFile
from concentrators.importing.reading import read
from concentrators.importing.rows import FileRow, SourceFacts
from concentrators.meters.spreadsheets.headers import NUMBERS, columns_in
from concentrators.meters.spreadsheets.values import parsers
from smmeplus.common.spreadsheets import reading, words
from smmeplus.common.spreadsheets.rows import NotATable

CHUNK = 2_000  # rows
PIECE = 2**20  # bytes
#: What the reader says of installation files, in the words of this one.
_OTHERWISE = {
    words.NOTHING_BELOW: _l("The file names no meter: there is nothing below its header."),
    words.TOO_WIDE: _l("Line %(line)d has %(cells)d columns; that is no file of meters."),
    words.TOO_LONG: _l("Line %(line)d has more than %(most)d characters; that is no file of meters."),
    words.TOO_MUCH: _l("Reading this file takes longer or needs more memory than a file of meters does; split it."),
    words.TOO_MUCH_MEMORY: _l("Reading this file takes more memory than a file of meters needs; split it."),
}


@dataclass(frozen=True, slots=True)
class Table:
    """``rows`` are read while they are gone through, and ``facts`` are complete after the last one."""

    is_master: bool
    columns: tuple[str, ...]
    rows: Iterator[FileRow]
    facts: SourceFacts


class Said(NamedTuple):
    """A row: the values of the cells that have one, what stands in all of them, and what is wrong with some."""

    line: int
    values: dict[str, Any]
    seen: dict[str, str]
    faults: list[RowError]


def open_table(content: bytes) -> Table:
    """Raises UnreadableFile, also while the rows are gone through, if this is no table of meters."""
    facts = SourceFacts()
    rows = _in_words(read(BytesIO(_as_utf8(content, facts)), facts))
    is_master, columns = columns_in(next(rows).cells)
    return Table(is_master, columns, suited(rows, columns, NUMBERS), facts)


def said_in(table: Table) -> Iterator[Said]:
    parse = parsers()
    places = [(place, name, parse[name]) for place, name in enumerate(table.columns)]
    for row in table.rows:
        values, seen, faults = dict[str, Any](), dict[str, str](), _too_many(row, len(places))
        unreadable = dict(row.faults)
        for (place, name, parser), cell in zip(places, row.cells, strict=False):
            text = cell.strip()
            if not text and place not in unreadable:
                continue
            seen[name] = text
            found = Refusal(unreadable[place]) if place in unreadable else parser(text)
            if isinstance(found, Refusal):
                faults.append(RowError(row.line, name, text, found.reason))
            else:
                values[name] = found
        yield Said(row.line, values, seen, faults)


def _too_many(row: FileRow, width: int) -> list[RowError]:
    if not any(map(str.strip, row.cells[width:])):
        return []
    numbers = {"cells": len(row.cells), "columns": width}
    reason = _("%(cells)d cells, but the header names %(columns)d columns.") % numbers
    return [RowError(row.line, "", "", reason)]


def _in_words(rows: Iterable[FileRow]) -> Iterator[FileRow]:
    try:
        yield from rows
    except UnreadableFile as error:
        refused = error.__cause__
        if isinstance(refused, NotATable) and refused.message in _OTHERWISE:
            raise UnreadableFile(str(_OTHERWISE[refused.message]) % (refused.values or ())) from error
        raise


def _as_utf8(content: bytes, facts: SourceFacts) -> bytes:
    """``content``, made UTF-8 if it is a text in the encoding of Windows or ISO 8859-1, as meter software writes it."""
    try:
        is_text = reading.format_of(BytesIO(content)) == "utf-8-sig"
    except NotATable:  # which the reader says
        return content
    if not is_text or _is_utf8(content):
        return content
    facts.cautions.append(RowError(1, "", "", _("The file is not in UTF-8; it was read as Windows-1252.")))
    try:
        return content.decode("cp1252").encode()
    except UnicodeDecodeError:
        return content.decode("latin-1").encode()


def _is_utf8(content: bytes) -> bool:
    decoder = codecs.getincrementaldecoder("utf-8")()
    try:
        for begin in range(0, len(content), PIECE):
            decoder.decode(content[begin : begin + PIECE])
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return False
    return True
