"""XLSX files: the first visible sheet, as text (CON-5).

openpyxl finds the sheet and its formats; the rows are read by ``cells``.
"""

from __future__ import annotations

import zipfile
from collections.abc import Iterator
from typing import Any, BinaryIO

from django.utils.translation import gettext as _
from openpyxl.reader.excel import ExcelReader
from openpyxl.styles.stylesheet import Stylesheet
from openpyxl.xml.constants import ARC_STYLE, SHARED_STRINGS
from openpyxl.xml.functions import fromstring

from concentrators.importing.cells import read_rows, read_strings
from concentrators.importing.errors import UnreadableFile
from concentrators.importing.rows import FileRow, SourceFacts

MAX_UNPACKED = 400 * 2**20  # bytes; 500,000 full rows are about 300 MiB of XML


def read_sheet(source: BinaryIO, facts: SourceFacts) -> Iterator[FileRow]:
    """Yield the rows of the first visible sheet that are not blank.

    Raises UnreadableFile if this is not a sound XLSX file.

    Formulas are returned as formulas, beginning with ``=``: their stored results may be out of date.
    """
    try:
        with zipfile.ZipFile(source) as archive:
            _refuse_bombs(archive)
        yield from _rows(ExcelReader(source, read_only=True, keep_links=False), facts)
    except UnreadableFile:
        raise
    except Exception as error:  # a damaged file makes zipfile, the XML parser and openpyxl raise almost anything
        raise UnreadableFile(_("This is not an XLSX file, or a damaged one.")) from error


def _refuse_bombs(archive: zipfile.ZipFile) -> None:
    # zipfile never unpacks more than the stated size, so a false size gains nothing.
    unpacked = sum(member.file_size for member in archive.infolist())
    if unpacked > MAX_UNPACKED:
        raise UnreadableFile(_("The XLSX file unpacks to more than %d MiB; split it.") % (MAX_UNPACKED // 2**20))


def _rows(workbook: ExcelReader, facts: SourceFacts) -> Iterator[FileRow]:
    with workbook.archive as archive:
        workbook.read_manifest()
        workbook.read_workbook()
        strings = _strings(workbook)
        with archive.open(_first_sheet(workbook, facts)) as sheet:
            yield from read_rows(sheet, strings, _date_styles(archive))


def _first_sheet(workbook: ExcelReader, facts: SourceFacts) -> str:
    """The path of the first visible sheet that is no chart. Notes its name, and those of the others."""
    found = ""
    for sheet, relation in workbook.parser.find_sheets():
        path, is_hidden = str(relation.target), sheet.state != "visible"
        if "chartsheet" in relation.Type or path not in workbook.valid_files:
            continue
        if found or is_hidden:
            facts.other_sheets.append(_("%s (hidden)") % sheet.name if is_hidden else sheet.name)
        else:
            found, facts.sheet = path, sheet.name
    if not found:
        raise UnreadableFile(_("The XLSX file has no visible sheet."))
    return found


def _strings(workbook: ExcelReader) -> list[str]:
    manifest: Any = workbook.package
    part = manifest.find(SHARED_STRINGS)
    if part is None:
        return []
    with workbook.archive.open(part.PartName[1:]) as source:
        return read_strings(source)


def _date_styles(archive: zipfile.ZipFile) -> set[int]:
    """The numbers of the cell styles that show a number as a date or time."""
    if ARC_STYLE not in archive.namelist():
        return set()
    tree: Any = fromstring(archive.read(ARC_STYLE))
    styles: Any = Stylesheet.from_tree(tree)
    return set(styles.date_formats)
