"""The parts of a workbook beside its sheets: styles, names, and the lists that come last (ECMA-376, part 1)."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple
from xml.sax.saxutils import escape, quoteattr

XML = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
_DOCUMENT = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml"

#: Places of the formats of cells in STYLES.
HEADING, MOMENT, DAY = 1, 2, 3
MAX_NAME = 31  # of a sheet, in UTF-16 units
_NOT_IN_NAMES = re.compile(r"[\[\]:*?/\\\x00-\x1f\x7f\ud800-\udfff\ufffe\uffff]+")
_RESERVED = "history"  # by Excel


class Sheet(NamedTuple):
    name: str
    range: str  # of all its cells, such as $A$1:$C$7


def _content_type(name: str, kind: str = "worksheet") -> str:
    return f'<Override PartName="/xl/{name}.xml" ContentType="{_TYPE}.{kind}+xml"/>'


_LINK = f'<Relationship Id="rId{{}}" Type="{_DOCUMENT}/{{}}" Target="{{}}"/>'
_LINKS = f'{XML}<Relationships xmlns="{_PACKAGE}/relationships">{{}}</Relationships>'
ROOT_LINKS = _LINKS.format(_LINK.format(1, "officeDocument", "xl/workbook.xml"))
STYLES = (
    f'{XML}<styleSheet xmlns="{MAIN}">'
    r'<numFmts count="2"><numFmt numFmtId="164" formatCode="yyyy\-mm\-dd\ hh:mm:ss"/>'
    r'<numFmt numFmtId="165" formatCode="yyyy\-mm\-dd"/></numFmts>'
    '<fonts count="2"><font><sz val="11"/><name val="Calibri"/></font>'
    '<font><b/><sz val="11"/><name val="Calibri"/></font></fonts>'
    '<fills count="2"><fill><patternFill patternType="none"/></fill>'
    '<fill><patternFill patternType="gray125"/></fill></fills>'
    '<borders count="1"><border><left/><right/><top/><bottom/><diagonal/></border></borders>'
    '<cellStyleXfs count="1"><xf numFmtId="0" fontId="0" fillId="0" borderId="0"/></cellStyleXfs>'
    '<cellXfs count="4"><xf numFmtId="0" fontId="0" fillId="0" borderId="0" xfId="0"/>'
    '<xf numFmtId="0" fontId="1" fillId="0" borderId="0" xfId="0" applyFont="1"/>'
    '<xf numFmtId="164" fontId="0" fillId="0" borderId="0" xfId="0" applyNumberFormat="1"/>'
    '<xf numFmtId="165" fontId="0" fillId="0" borderId="0" xfId="0" applyNumberFormat="1"/></cellXfs>'
    '<cellStyles count="1"><cellStyle name="Normal" xfId="0" builtinId="0"/></cellStyles></styleSheet>'
)
_WORKBOOK = (
    f'{XML}<workbook xmlns="{MAIN}" xmlns:r="{_DOCUMENT}"><sheets>{{}}</sheets>'
    "<definedNames>{}</definedNames></workbook>"
)
_CONTENT_TYPES = (
    f'{XML}<Types xmlns="{_PACKAGE}/content-types">'
    '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
    f'<Default Extension="xml" ContentType="application/xml"/>'
    f"{_content_type('workbook', 'sheet.main')}{_content_type('styles', 'styles')}{{}}</Types>"
)


def sheet_name(title: str, number: int) -> str:
    """The name of the sheet of that ``number``, from 1, of a report called ``title``, as Excel allows names.

    No brackets, colons, asterisks, question marks and slashes, no apostrophe at either end, at most MAX_NAME.
    """
    end = f" ({number})" if number > 1 else ""
    tidy = " ".join(_NOT_IN_NAMES.sub(" ", title).split()).strip("' ")
    units = tidy.encode("utf-16-le")[: 2 * (MAX_NAME - len(end))]
    name = units.decode("utf-16-le", "ignore").rstrip("' ")
    if not name:
        return f"Sheet{number}"
    return f"{name}{end}" if name.lower() != _RESERVED else f"{name} {number}"


def index(sheets: Sequence[Sheet]) -> dict[str, str]:
    """The parts that list the sheets, and so come after them: texts by their paths in the archive."""
    numbered = list(enumerate(sheets, 1))
    of_sheets = "".join(f'<sheet name={quoteattr(one.name)} sheetId="{at}" r:id="rId{at}"/>' for at, one in numbered)
    filters = "".join(_filter(at - 1, sheet) for at, sheet in numbered)
    links = [_LINK.format(at, "worksheet", f"worksheets/sheet{at}.xml") for at, _sheet in numbered]
    links.append(_LINK.format(len(sheets) + 1, "styles", "styles.xml"))
    types = "".join(_content_type(f"worksheets/sheet{at}") for at, _sheet in numbered)
    return {
        "xl/workbook.xml": _WORKBOOK.format(of_sheets, filters),
        "xl/_rels/workbook.xml.rels": _LINKS.format("".join(links)),
        "[Content_Types].xml": _CONTENT_TYPES.format(types),
    }


def _filter(place: int, sheet: Sheet) -> str:
    """The name by which Excel and LibreOffice know the range of a sheet's filter."""
    name = escape(sheet.name.replace("'", "''"))
    of_filter = f'name="_xlnm._FilterDatabase" localSheetId="{place}" hidden="1"'
    return f"<definedName {of_filter}>'{name}'!{sheet.range}</definedName>"
