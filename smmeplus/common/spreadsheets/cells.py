"""The cells of an XLSX sheet, read while its XML is parsed (ECMA-376 part 1, 18.3.1 and 18.4).

A sheet of 400,000 rows takes seconds here; reading it through openpyxl's rows takes a minute and a half.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from typing import IO

from smmeplus.common.spreadsheets import formats, usual, words
from smmeplus.common.spreadsheets.rows import Caution, Facts, Fault, FileRow, Limits, NotATable
from smmeplus.common.spreadsheets.xml import PIECE, TRUE, Attributes, Parser, unescaped

ANY_FORMULA = "=…"
LAST_ROW = 2**31


def read_rows(
    source: IO[bytes], strings: Sequence[str], styles: Mapping[str, str], limits: Limits, facts: Facts
) -> Iterator[FileRow]:
    """Yield the rows that are not empty, with the line numbers that the sheet shows.

    ``styles`` are the number formats by the numbers of the cell styles.
    """
    parser = _SheetParser(strings, styles, limits, facts)
    for _piece in parser.feed(source):
        yield from parser.rows
        parser.rows.clear()


def read_strings(source: IO[bytes], limits: Limits) -> list[str]:
    """The strings that the cells of all sheets share."""
    parser = _StringsParser(limits)
    parser.parse(source)
    return parser.strings


class _StringsParser(Parser):
    def __init__(self, limits: Limits) -> None:
        super().__init__(limits)
        self.strings: list[str] = []
        self.read_texts("t")
        self.ends |= self.named({"si": self.end_string})

    def end_string(self) -> None:
        self.strings.append(self.take_text())


class _SheetParser(Parser):
    def __init__(self, strings: Sequence[str], styles: Mapping[str, str], limits: Limits, facts: Facts) -> None:
        super().__init__(limits)
        self.strings = strings
        self.styles = styles
        self.facts = facts
        self.rows: list[FileRow] = []
        self.line = self.column = self.blank_rows = 0
        self.cells: list[str] = []
        self.faults: list[Fault] = []
        self.text_faults: list[Fault] = []
        self.kind, self.style = "n", "0"
        self.is_formula = self.is_hidden = False
        self.left = b""  # of the file, and not parsed yet
        self.read_texts("v", "t")
        self.starts |= self.named(
            {"row": self.start_row, "c": self.start_cell, "f": self.start_formula, "mergeCell": self.note_merged}
        )
        self.ends |= self.named({"row": self.end_row, "c": self.end_cell})
        self.rows_begin_at = -1  # bytes
        self.starts |= self.named({"sheetData": self.start_rows})
        self.expat.XmlDeclHandler = self.note_encoding
        self.is_utf8 = True

    def feed(self, source: IO[bytes]) -> Iterator[None]:
        head = self._head(source)
        self._parse(head)
        if self.rows_begin_at == len(head) - len(usual.OPENING) and self.is_utf8:
            yield from self._usual_rows(source)
        self._parse(self.left)
        yield
        yield from super().feed(source)

    def _head(self, source: IO[bytes]) -> bytes:
        """What comes before the first row; if it is far away, something of it."""
        head = b""
        while usual.OPENING not in head and len(head) < usual.LONGEST_ROW and (piece := source.read(PIECE)):
            head += piece
        end = head.find(usual.OPENING) + len(usual.OPENING)
        self.left = head[end:] if usual.OPENING in head else b""
        return head[:end] if usual.OPENING in head else head

    def _usual_rows(self, source: IO[bytes]) -> Iterator[None]:
        """Read rows as long as they are usual. What is left then is for the parser, which has seen none of them."""
        while len(self.left) < usual.LONGEST_ROW:
            place = 0
            while found := usual.row_at(self.left, place):
                row, place = found
                self._take(row)
            self.left = self.left[place:]
            yield
            if b"</row>" in self.left or not (piece := source.read(PIECE)):
                return
            self.left += piece

    def _take(self, row: usual.UsualRow) -> None:
        self.start_row({"r": row.line, "hidden": row.hidden})
        for letters, style, kind, value, text in row.cells:
            shown = value or text
            if shown:
                self.column, self.kind, self.style = _column_of(letters), kind or "n", style or "0"
                self._put(unescaped(usual.plain(shown)))
        self.end_row()

    def start_rows(self, _attributes: Attributes) -> None:
        self.rows_begin_at = self.expat.CurrentByteIndex

    def note_encoding(self, _version: str, encoding: str | None, _standalone: int) -> None:
        self.is_utf8 = encoding is None or encoding.lower() == "utf-8"

    def start_row(self, attributes: Attributes) -> None:
        line = int(attributes.get("r", self.line + 1))
        if not self.line < line < LAST_ROW:
            raise ValueError("the rows of a sheet follow each other")
        self.line, self.column = line, 0
        self.cells, self.faults, self.text_faults = [], [], []
        self.is_hidden = attributes.get("hidden") in TRUE

    def end_row(self) -> None:
        if self.cells:
            faults, text_faults = tuple(self.faults), tuple(self.text_faults)
            self.rows.append(FileRow(self.line, self.cells, faults, self.is_hidden, text_faults))
            return
        self.blank_rows += 1
        if self.blank_rows > self.limits.blank_rows:
            raise ValueError("no sheet has as many rows")

    def start_cell(self, attributes: Attributes) -> None:
        self.column = _column(attributes["r"]) if "r" in attributes else self.column + 1
        self.kind, self.style = attributes.get("t", "n"), attributes.get("s", "0")
        self.is_formula = False
        self.texts.clear()

    def start_formula(self, _attributes: Attributes) -> None:
        self.is_formula = True

    def end_cell(self) -> None:
        if self.texts or self.is_formula:
            self._put(self.take_text())

    def _put(self, text: str) -> None:
        missing = self.column - 1 - len(self.cells)
        if missing:
            self._leave_out(missing)
        self.cells.append(ANY_FORMULA if self.is_formula else self._value(text))

    def _leave_out(self, missing: int) -> None:
        if missing < 0:
            raise ValueError("the cells of a row follow each other")
        if self.column > self.limits.columns:
            raise NotATable(words.TOO_WIDE, line=self.line, cells=self.column)
        self.cells.extend([""] * missing)

    def _value(self, text: str) -> str:
        match self.kind:
            case "n":
                return self._number(text)
            case "s":
                return self.strings[_index(text)]
            case "b":
                self.text_faults.append(Fault(self.column - 1, words.A_TRUTH))
                return "TRUE" if text in TRUE else "FALSE"
            case "d":
                self.faults.append(Fault(self.column - 1, words.A_TIME))
            case "e":
                self.faults.append(Fault(self.column - 1, words.AN_ERROR))
        return text

    def _number(self, text: str) -> str:
        shown = formats.shown(text, self.styles.get(self.style, formats.GENERAL))
        if shown.reason:
            faults = self.text_faults if shown.is_right_as_number else self.faults
            faults.append(Fault(self.column - 1, shown.reason))
        return shown.text

    def note_merged(self, attributes: Attributes) -> None:
        cells = attributes.get("ref", "")
        line = re.search("[0-9]{1,7}", cells)
        if line and len(self.facts.cautions) < self.limits.cautions:
            self.facts.cautions.append(Caution(int(line[0]), cells[:30], words.MERGED))


@cache
def _column_of(letters: str) -> int:
    if not (letters.isascii() and letters.isalpha() and len(letters) <= 3):
        raise ValueError(f"{letters} is no column")
    number = 0
    for letter in letters.upper():
        number = number * 26 + ord(letter) - ord("A") + 1
    return number


def _column(reference: str) -> int:
    """The number, from 1, of the column of a cell such as ``AB12``."""
    return _column_of(reference.rstrip("0123456789"))


def _index(text: str) -> int:
    """A place in the shared strings. Raises ValueError, also for -1, which would be the last one."""
    if not text.isdigit():
        raise ValueError(f"{text} is no index")
    return int(text)
