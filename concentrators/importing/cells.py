"""The cells of an XLSX sheet, read while its XML is parsed (ECMA-376 part 1, 18.3.1 and 18.4).

A sheet of 400,000 rows takes seconds here; reading it through openpyxl's rows takes a minute and a half.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from functools import cache
from typing import IO
from xml.parsers import expat

from django.utils.translation import gettext as _
from openpyxl.utils import column_index_from_string
from openpyxl.utils.escape import unescape
from openpyxl.xml.constants import SHEET_MAIN_NS

from concentrators.importing.rows import Fault, FileRow

PIECE = 2**16  # bytes
EXACT_DIGITS = 10**15  # a spreadsheet keeps 15 digits of a number
ANY_FORMULA = "=…"
TRUE = ("1", "true")

ROW, CELL, FORMULA, VALUE, TEXT, PHONETIC, STRING = (
    f"{SHEET_MAIN_NS} {name}" for name in ("row", "c", "f", "v", "t", "rPh", "si")
)


def read_rows(source: IO[bytes], strings: Sequence[str], date_styles: Collection[int]) -> Iterator[FileRow]:
    """Yield the rows that are not empty, with the line numbers that the sheet shows."""
    parser = _SheetParser(strings, date_styles)
    for _piece in parser.feed(source):
        yield from parser.rows
        parser.rows.clear()


def read_strings(source: IO[bytes]) -> list[str]:
    """The strings that the cells of all sheets share."""
    parser = _StringsParser()
    for _piece in parser.feed(source):
        pass
    return parser.strings


class _Parser:
    """Calls a method at the start or end of each element. ``text`` collects the content of ``VALUE`` and ``TEXT``."""

    def __init__(self) -> None:
        self.text = ""
        self.parts: list[str] = []
        self.in_phonetic = False  # how to pronounce the text, beside it
        self.starts: dict[str, Callable[[dict[str, str]], None]] = {
            VALUE: self.start_text,
            TEXT: self.start_text,
            PHONETIC: self.start_phonetic,
        }
        self.ends: dict[str, Callable[[], None]] = {
            VALUE: self.end_text,
            TEXT: self.end_text,
            PHONETIC: self.end_phonetic,
        }
        self.expat = expat.ParserCreate(namespace_separator=" ")
        self.expat.buffer_text = True
        self.expat.StartElementHandler = self.start
        self.expat.EndElementHandler = self.end
        self.expat.CharacterDataHandler = self.parts.append
        self.expat.StartDoctypeDeclHandler = _refuse_doctype

    def feed(self, source: IO[bytes]) -> Iterator[None]:
        while piece := source.read(PIECE):
            self.expat.Parse(piece)
            yield
        self.expat.Parse(b"", True)
        yield

    def start(self, name: str, attributes: dict[str, str]) -> None:
        handle = self.starts.get(name)
        if handle:
            handle(attributes)

    def end(self, name: str) -> None:
        handle = self.ends.get(name)
        if handle:
            handle()

    def start_text(self, _attributes: dict[str, str]) -> None:
        self.parts.clear()

    def end_text(self) -> None:
        if not self.in_phonetic:
            self.text += unescape("".join(self.parts))  # ``_x000D_`` and the like, 22.9.2.19

    def start_phonetic(self, _attributes: dict[str, str]) -> None:
        self.in_phonetic = True

    def end_phonetic(self) -> None:
        self.in_phonetic = False


class _StringsParser(_Parser):
    def __init__(self) -> None:
        super().__init__()
        self.strings: list[str] = []
        self.ends[STRING] = self.end_string

    def end_string(self) -> None:
        self.strings.append(self.text)
        self.text = ""


class _SheetParser(_Parser):
    def __init__(self, strings: Sequence[str], date_styles: Collection[int]) -> None:
        super().__init__()
        self.strings = strings
        self.date_styles = {str(style) for style in date_styles}
        self.rows: list[FileRow] = []
        self.line = self.column = 0
        self.cells: list[str] = []
        self.faults: list[Fault] = []
        self.kind, self.style = "n", "0"
        self.is_formula = self.is_hidden = False
        self.starts |= {ROW: self.start_row, CELL: self.start_cell, FORMULA: self.start_formula}
        self.ends |= {ROW: self.end_row, CELL: self.end_cell}

    def start_row(self, attributes: dict[str, str]) -> None:
        self.line = int(attributes.get("r", self.line + 1))
        self.column, self.cells, self.faults = 0, [], []
        self.is_hidden = attributes.get("hidden") in TRUE

    def end_row(self) -> None:
        if self.cells:
            self.rows.append(FileRow(self.line, self.cells, tuple(self.faults), self.is_hidden))

    def start_cell(self, attributes: dict[str, str]) -> None:
        self.column = _column(attributes["r"]) if "r" in attributes else self.column + 1
        self.kind, self.style = attributes.get("t", "n"), attributes.get("s", "0")
        self.is_formula = False
        self.text = ""

    def start_formula(self, _attributes: dict[str, str]) -> None:
        self.is_formula = True

    def end_cell(self) -> None:
        if self.text or self.is_formula:
            self._put(self.text)

    def _put(self, text: str) -> None:
        missing = self.column - 1 - len(self.cells)
        if missing:
            self.cells.extend([""] * missing)
        if self._is_time():
            reason = _("This is a date or time in the sheet; format the cell as text.")
            self.faults.append(Fault(self.column - 1, reason))
        self.cells.append(ANY_FORMULA if self.is_formula else self._value(text))

    def _is_time(self) -> bool:
        return self.kind == "d" or (self.kind == "n" and self.style in self.date_styles)

    def _value(self, text: str) -> str:
        match self.kind:
            case "s":
                return self.strings[int(text)]
            case "n":
                return _number(text)
            case "b":
                return "TRUE" if text == "1" else "FALSE"
        return text


_column_of = cache(column_index_from_string)


def _column(reference: str) -> int:
    """The number, from 1, of the column of a cell such as ``AB12``."""
    return _column_of(reference.rstrip("0123456789"))


def _number(text: str) -> str:
    """A number as people write it: ``243`` for ``243.0`` and ``2.43E2``. Unchanged if digits may have been lost."""
    if text.isdigit():
        return text
    value = float(text)
    return str(int(value)) if value.is_integer() and abs(value) < EXACT_DIGITS else text


def _refuse_doctype(*_declaration: object) -> None:
    raise ValueError("no XLSX file has a document type, whose entities may grow without end")
