"""XLSX files: the first visible sheet, as text (CON-5)."""

from __future__ import annotations

import zipfile
from collections.abc import Iterator
from typing import BinaryIO, NamedTuple

from smmeplus.common.spreadsheets import words
from smmeplus.common.spreadsheets.cells import read_rows, read_strings
from smmeplus.common.spreadsheets.parts import Parts, Relation
from smmeplus.common.spreadsheets.rows import Facts, FileRow, Limits, NotATable
from smmeplus.common.spreadsheets.styles import read_styles
from smmeplus.common.spreadsheets.xml import Attributes, Parser

WORKBOOK = "xl/workbook.xml"

OPEN_DOCUMENT = b"application/vnd.oasis.opendocument."
#: Kinds of documents in archives, by a part that only they have.
OTHERS = {
    "Apple Numbers": ("index/document.iwa", "index.zip"),
    "XLSB": ("xl/workbook.bin",),
}


class Sheet(NamedTuple):
    name: str
    is_hidden: bool
    key: str  # of its relation


def read_sheet(source: BinaryIO, limits: Limits, facts: Facts) -> Iterator[FileRow]:
    """Yield the rows of the first visible sheet that are not blank. Raises NotATable if this is not a sound XLSX file.

    Formulas are returned as formulas, beginning with ``=``: their stored results may be out of date.
    """
    try:
        with zipfile.ZipFile(source) as archive:
            parts = Parts(archive, limits)
            _refuse_others(parts)
            yield from _rows(parts, facts)
    except (NotATable, MemoryError):
        raise
    except Exception as error:  # a damaged file makes zipfile and the XML parser raise almost anything
        raise NotATable(words.DAMAGED) from error


def _refuse_others(parts: Parts) -> None:
    if "mimetype" in parts:
        with parts.open("mimetype", parts.limits.index) as source:
            mime = source.read(100)
        if mime.startswith(OPEN_DOCUMENT):
            raise NotATable(words.ANOTHER_KIND, kind="ODS" if b"spreadsheet" in mime else "OpenDocument")
    for kind, members in OTHERS.items():
        if any(member in parts for member in members):
            raise NotATable(words.ANOTHER_KIND, kind=kind)


def _rows(parts: Parts, facts: Facts) -> Iterator[FileRow]:
    limits = parts.limits
    workbook = next((path for kind, path in parts.relations("").values() if kind == "officeDocument"), WORKBOOK)
    relations = parts.relations(workbook)
    path = _first_sheet(parts, workbook, relations, facts)
    strings: list[str] = []
    if listed := _path_of("sharedStrings", relations, parts):
        with parts.open(listed, limits.strings) as part:
            strings = read_strings(part, limits)
    with parts.open(path, limits.unpacked) as sheet:
        yield from read_rows(sheet, strings, _styles(relations, parts), limits, facts)


def _path_of(kind: str, relations: dict[str, Relation], parts: Parts) -> str:
    """The path of the part of the workbook that is of ``kind``; empty if there is none."""
    named = [relation.path for relation in relations.values() if relation.kind == kind]
    return next((path for path in (*named, f"xl/{kind}.xml") if path in parts), "")


def _styles(relations: dict[str, Relation], parts: Parts) -> dict[str, str]:
    """The number formats by styles. Styles that cannot be read have none: colours and fonts matter to nobody here."""
    path = _path_of("styles", relations, parts)
    if not path:
        return {}
    with parts.open(path, parts.limits.styles) as source:
        try:
            return read_styles(source, parts.limits)
        except (NotATable, MemoryError):
            raise
        except Exception:
            return {}


def _first_sheet(parts: Parts, workbook: str, relations: dict[str, Relation], facts: Facts) -> str:
    """The path of the first visible sheet that is no chart. Notes its name, and those of the others."""
    parser = _WorkbookParser(parts.limits)
    with parts.open(workbook, parts.limits.index) as source:
        parser.parse(source)
    found = ""
    for sheet in parser.sheets:
        kind, path = relations.get(sheet.key, Relation("", ""))
        if kind != "worksheet" or path not in parts:
            continue
        if found or sheet.is_hidden:
            facts.others.append((sheet.name, sheet.is_hidden))
        else:
            found, facts.sheet = path, sheet.name
    if not found:
        raise NotATable(words.NOTHING_VISIBLE if facts.others else words.NO_SHEET)
    return found


class _WorkbookParser(Parser):
    def __init__(self, limits: Limits) -> None:
        super().__init__(limits)
        self.sheets: list[Sheet] = []
        self.starts = self.named({"sheet": self.add})

    def add(self, attributes: Attributes) -> None:
        key = next((value for name, value in attributes.items() if name.endswith(" id")), "")
        is_hidden = attributes.get("state", "visible") != "visible"
        self.sheets.append(Sheet(attributes.get("name", "")[:100], is_hidden, key))
