"""Checks rows of an installation file by the rules that need no inventory, and separates the good ones."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from itertools import repeat
from typing import BinaryIO, TypeAlias

from django.utils import translation
from django.utils.translation import gettext as _

from concentrators.importing.columns import (
    COLUMN_NAMES,
    KEY_NAMES,
    NUMBERS,
    PASSWORD,
    REQUIRED,
    SECRET_NAMES,
    STATE,
    Parser,
    Refusal,
    parsers,
)
from concentrators.importing.compared import compared, suited
from concentrators.importing.device_keys import KeysSieve
from concentrators.importing.errors import RowError, UnreadableFile, shown
from concentrators.importing.header import columns_of
from concentrators.importing.reading import read
from concentrators.importing.rows import CheckedRow, FileRow, Sifted, SourceFacts, Value, WrongRow
from concentrators.importing.spoilt import is_power_of_ten
from concentrators.keys.rules import is_like_a_key
from concentrators.models import Company
from concentrators.procedures.bulk import CHUNK
from smmeplus.common.chunks import in_chunks
from smmeplus.common.spreadsheets.words import POWER_OF_TEN

#: What is wrong with the rows of a chunk, by their places in it.
Errors: TypeAlias = defaultdict[int, list[RowError]]


def sift(
    source: BinaryIO, company: Company, facts: SourceFacts | None = None, *, may_set_keys: bool = True
) -> Iterator[Sifted]:
    """Yield the rows of a seekable CSV or XLSX file, chunk by chunk, with the good ones separated from the others.

    If two rows have the same serial number, the second is wrong, and so is a row of another company than ``company``.
    ``facts`` is filled meanwhile. Raises UnreadableFile if the file is not a table of concentrators, or has columns of
    keys though whoever sends it may not set any.
    """
    rows = read(source, facts)
    columns = columns_of(next(rows).cells)
    if not may_set_keys:
        _refuse_keys(columns)
    sieve = _Sieve(columns, company)
    for chunk in in_chunks(suited(rows, columns), CHUNK):
        yield sieve.sifted(chunk)


def _refuse_keys(columns: tuple[str, ...]) -> None:
    if named := [name for name in columns if name in KEY_NAMES]:
        said = _("You may not change keys, which administrators do. Take these columns out of the file: %s.")
        raise UnreadableFile(said % ", ".join(named))


class _Sieve:
    """Checks a chunk column by column, which takes a third of the time of doing it row by row."""

    def __init__(self, columns: tuple[str, ...], company: Company) -> None:
        self.columns = columns
        self.serial_place = columns.index(REQUIRED)
        self.parsers = parsers(company) | compared(company)
        self.lines: dict[str, int] = {}  # of the serial numbers so far
        self.keys = KeysSieve()

    def sifted(self, rows: list[FileRow]) -> Sifted:
        errors: Errors = defaultdict(list)
        cells = dict(
            zip(
                self.columns,
                zip(*[self._fitted(place, row, errors) for place, row in enumerate(rows)], strict=True),
                strict=True,
            )
        )
        said = {name: self._values(name, column, rows, errors) for name, column in cells.items()}
        self._refuse_doubles(said[REQUIRED], rows, errors)
        nothing: list[Value] = [None] * len(rows)
        serials, *values = (said.get(name, nothing) for name in COLUMN_NAMES)
        passwords = [str(value) if value else None for value in said.get(PASSWORD, nothing)]
        states = [str(value) if value else None for value in said.get(STATE, nothing)]
        lines = [row.line for row in rows]

        def refuse(place: int, column: str, reason: str) -> None:
            errors[place].append(_wrong(lines[place], column, "", reason))

        keys = self.keys.sifted(said, lines, refuse)
        checked = map(CheckedRow, lines, map(str, serials), zip(*values, strict=True), passwords, states, keys)
        good = [row for place, row in enumerate(checked) if place not in errors]
        written = cells[REQUIRED]
        wrong = [WrongRow(rows[place].line, shown(written[place].strip()), errors[place]) for place in sorted(errors)]
        return Sifted(good, wrong)

    def _fitted(self, place: int, row: FileRow, errors: Errors) -> list[str]:
        """As many cells as there are columns; missing and unreadable ones are empty."""
        cells = row.cells
        if len(cells) == len(self.columns) and cells[self.serial_place].strip() and not row.faults:
            return cells
        if wrong := self._errors_of_shape(row):
            errors[place] += wrong
        unreadable = {fault.place for fault in row.faults}
        readable = ("" if place in unreadable else cell for place, cell in enumerate(cells[: len(self.columns)]))
        return [*readable, *repeat("", len(self.columns) - len(cells))]

    def _errors_of_shape(self, row: FileRow) -> list[RowError]:
        width = len(self.columns)
        errors = [
            _wrong(row.line, self.columns[place], row.cells[place], reason)
            for place, reason in row.faults
            if place < width
        ]
        if len(row.cells) > width and any(map(str.strip, row.cells[width:])):
            numbers = {"cells": len(row.cells), "columns": width}
            reason = _("%(cells)d cells, but the header names %(columns)d columns.") % numbers
            errors.append(RowError(row.line, "", "", reason))
        if len(row.cells) <= self.serial_place or not row.cells[self.serial_place].strip():
            errors.append(RowError(row.line, REQUIRED, "", _("Missing; every row needs a serial number.")))
        return errors

    def _values(self, name: str, cells: Sequence[str], rows: list[FileRow], errors: Errors) -> list[Value]:
        """The values of the cells of the column ``name``. Adds what is wrong with them to ``errors``."""
        values = _parsed(self.parsers[name], cells)
        for place, value in enumerate(values) if Refusal in map(type, values) else ():
            if isinstance(value, Refusal):
                text = cells[place].strip()
                errors[place].append(_wrong(rows[place].line, name, text, _reason(name, text, value)))
                values[place] = None
        return values  # type: ignore[return-value] # without refusals by now

    def _refuse_doubles(self, serials: list[Value], rows: list[FileRow], errors: Errors) -> None:
        first_line = self.lines.setdefault
        for place, serial in enumerate(serials):
            line = rows[place].line
            if isinstance(serial, str) and (first := first_line(serial, line)) != line:
                reason = _("Twice in the file; first in line %d.") % first
                errors[place].append(RowError(line, REQUIRED, serial, reason))


def _wrong(line: int, column: str, value: str, reason: str) -> RowError:
    """An error that is kept and shown, and so without a password or a key, in whatever column that stands."""
    return RowError(line, column, "" if column in SECRET_NAMES or is_like_a_key(value) else value, reason)


def _reason(column: str, text: str, refusal: Refusal) -> str:
    """Why ``text`` is wrong; what a spreadsheet did to it says more than the rule that it breaks."""
    return translation.gettext(POWER_OF_TEN) if column not in NUMBERS and is_power_of_ten(text) else refusal.reason


def _parsed(parse: Parser, cells: Sequence[str]) -> list[Value | Refusal]:
    different = set(cells)
    if 2 * len(different) > len(cells):
        return [_value(parse, text) for text in cells]
    known = {text: _value(parse, text) for text in different}  # a look-up takes a third of a call
    return [known[text] for text in cells]


def _value(parse: Parser, text: str) -> Value | Refusal:
    stripped = text.strip()
    return parse(stripped) if stripped else None
