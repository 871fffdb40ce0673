"""A workbook that is sent while it is made: XLSX exports of any length, with constant memory and no file (REP-6).

Office Open XML (ECMA-376, ISO/IEC 29500) in a ZIP archive, written to a sink that cannot seek: the length of each part
follows it, as a data descriptor. Texts are inline in their cells, because a table of shared texts would have to be
complete before the first row.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from decimal import Decimal
from itertools import chain, islice
from typing import Any
from xml.sax.saxutils import escape
from zipfile import ZIP_DEFLATED, ZipFile

from openpyxl.utils import get_column_letter

#: Excel's limits: rows of a sheet, including its heading, and UTF-16 units of a text.
MAX_ROWS = 1_048_576
MAX_TEXT = 32_767
#: A part beyond 2 GiB would need ZIP64 with a data descriptor, which not every program reads.
MAX_SHEET_BYTES = 1 << 30

BLOCK_BYTES = 64 * 1024
ROWS_AT_ONCE = 200
COMPRESSION = 3  # 6 makes it 6 % smaller in 40 % more time
WIDTHS = (10, 60)

_XML = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
_DOCUMENT = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml"


def _content_type(name: str, kind: str = "worksheet") -> str:
    return f'<Override PartName="/xl/{name}.xml" ContentType="{_TYPE}.{kind}+xml"/>'


_LINK = f'<Relationship Id="rId{{}}" Type="{_DOCUMENT}/{{}}" Target="{{}}"/>'
_LINKS = f'{_XML}<Relationships xmlns="{_PACKAGE}/relationships">{{}}</Relationships>'
_STYLES = (
    f'{_XML}<styleSheet xmlns="{_MAIN}">'
    '<fonts count="2"><font><sz val="11"/><name val="Calibri"/></font>'
    '<font><b/><sz val="11"/><name val="Calibri"/></font></fonts>'
    '<fills count="2"><fill><patternFill patternType="none"/></fill>'
    '<fill><patternFill patternType="gray125"/></fill></fills>'
    '<borders count="1"><border><left/><right/><top/><bottom/><diagonal/></border></borders>'
    '<cellStyleXfs count="1"><xf numFmtId="0" fontId="0" fillId="0" borderId="0"/></cellStyleXfs>'
    '<cellXfs count="2"><xf numFmtId="0" fontId="0" fillId="0" borderId="0" xfId="0"/>'
    '<xf numFmtId="0" fontId="1" fillId="0" borderId="0" xfId="0" applyFont="1"/></cellXfs>'
    '<cellStyles count="1"><cellStyle name="Normal" xfId="0" builtinId="0"/></cellStyles></styleSheet>'
)
_WORKBOOK = f'{_XML}<workbook xmlns="{_MAIN}" xmlns:r="{_DOCUMENT}"><sheets>{{}}</sheets></workbook>'
_CONTENT_TYPES = (
    f'{_XML}<Types xmlns="{_PACKAGE}/content-types">'
    '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
    f'<Default Extension="xml" ContentType="application/xml"/>'
    f"{_content_type('workbook', 'sheet.main')}{_content_type('styles', 'styles')}{{}}</Types>"
)
_SHEET_HEAD = (
    f'{_XML}<worksheet xmlns="{_MAIN}"><sheetViews><sheetView workbookViewId="0">'
    '<pane ySplit="1" topLeftCell="A2" activePane="bottomLeft" state="frozen"/></sheetView></sheetViews>'
)
_SHEET_FOOT = "</sheetData></worksheet>"

Row = Sequence[object]


class _Sink:
    """A file that cannot seek, and is emptied while it fills."""

    def __init__(self) -> None:
        self._written: list[bytes] = []
        self.size = 0

    def write(self, data: bytes) -> int:
        self._written.append(bytes(data))
        self.size += len(data)
        return len(data)

    def flush(self) -> None:
        """Nothing is buffered elsewhere."""

    def take(self) -> bytes:
        taken = b"".join(self._written)
        self._written.clear()
        self.size = 0
        return taken


def xlsx_blocks(rows: Iterable[Row], names: Sequence[str]) -> Generator[bytes, None, None]:
    """A workbook of ``rows`` under a bold heading of ``names``, in blocks of about 64 KiB, the first before any row.

    int, float and Decimal become numbers, bool a truth value, None and the empty text an empty cell, everything else a
    text. Texts longer than Excel allows (32,767 UTF-16 units) are cut. Characters that XML cannot contain are written
    as ``_x0000_`` (ECMA-376 part 1, 22.9.2.19). Rows beyond Excel's 1,048,576 go to another sheet, with the same
    heading.
    """
    sink = _Sink()
    with ZipFile(sink, "w", ZIP_DEFLATED, compresslevel=COMPRESSION) as book:  # type: ignore[call-overload] # no seek
        # Programs recognise a workbook by the first part of the archive.
        book.writestr("_rels/.rels", _LINKS.format(_LINK.format(1, "officeDocument", "xl/workbook.xml")))
        book.writestr("xl/styles.xml", _STYLES)
        yield sink.take()
        sheets = 0
        for sheets, of_sheet in enumerate(_split(iter(rows)), 1):
            with book.open(f"xl/worksheets/sheet{sheets}.xml", "w") as part:
                for piece in _sheet(of_sheet, names):
                    part.write(piece)
                    if sink.size >= BLOCK_BYTES:
                        yield sink.take()
        for path, text in _index(sheets).items():
            book.writestr(path, text)
    yield sink.take()


def _split(rows: Iterator[Row]) -> Iterator[Iterator[Row]]:
    """``rows`` once, even if it is empty, and again as long as the caller has left some of them."""
    yield rows
    for first in rows:
        yield chain([first], rows)


def _sheet(rows: Iterator[Row], names: Sequence[str]) -> Iterator[bytes]:
    """The XML of a sheet with as many of ``rows`` as fit into it; the rest stays in ``rows``."""
    left = islice(rows, MAX_ROWS - 1)
    first = list(islice(left, ROWS_AT_ONCE))
    columns = [f'<c r="{get_column_letter(number)}' for number in range(1, len(names) + 1)]
    heading = _row(1, columns, names, style=' s="1"')
    yield f"{_SHEET_HEAD}{_widths([names, *first])}<sheetData>{heading}".encode()
    size, numbered = 0, enumerate(chain(first, left), 2)
    while size < MAX_SHEET_BYTES and (some := [_row(at, columns, row) for at, row in islice(numbered, ROWS_AT_ONCE)]):
        piece = "".join(some).encode()
        size += len(piece)
        yield piece
    yield _SHEET_FOOT.encode()


def _widths(shown: Iterable[Row]) -> str:
    """Columns as wide as their cells in ``shown``, in characters, within WIDTHS."""
    least, most = WIDTHS
    widths = [min(max(least, 2 + max(len(str(cell)) for cell in cells)), most) for cells in zip(*shown, strict=True)]
    columns = (f'<col min="{at}" max="{at}" width="{width}" customWidth="1"/>' for at, width in enumerate(widths, 1))
    return f"<cols>{''.join(columns)}</cols>"


def _row(number: int, columns: Sequence[str], row: Row, style: str = "") -> str:
    cells = [
        f'{column}{number}"{style}{_KINDS.get(type(cell), _other)(cell)}</c>'
        for column, cell in zip(columns, row, strict=True)
        if cell is not None and cell != ""
    ]
    return f'<row r="{number}">{"".join(cells)}</row>'


def _text(text: str) -> str:
    if len(text) > MAX_TEXT // 2:
        text = text.encode("utf-16-le", "surrogatepass")[: 2 * MAX_TEXT].decode("utf-16-le", "ignore")
    if _UNUSUAL.search(text):
        text = escape(_FORBIDDEN.sub(_escaped, text))
    return f' t="inlineStr"><is><t xml:space="preserve">{text}</t></is>'


def _escaped(found: re.Match[str]) -> str:
    return f"_x{ord(found[0]):04X}_"


def _number(number: int) -> str:
    return f"><v>{number}</v>"


def _float(number: float | Decimal) -> str:
    return f"><v>{number}</v>" if math.isfinite(number) else _text(str(number))


def _truth(truth: bool) -> str:
    return f' t="b"><v>{truth:d}</v>'


def _other(thing: object) -> str:
    """Written like the type that ``thing`` is a subclass of, such as a choice; otherwise as its text."""
    for kind in type(thing).__mro__:
        if kind in _KINDS:
            return _KINDS[kind](thing)
    return _text(str(thing))


def _index(sheets: int) -> dict[str, str]:
    """The parts that list the sheets, and so come after them: texts by their paths in the archive."""
    numbers = range(1, sheets + 1)
    of_sheets = "".join(f'<sheet name="Sheet{at}" sheetId="{at}" r:id="rId{at}"/>' for at in numbers)
    links = [_LINK.format(at, "worksheet", f"worksheets/sheet{at}.xml") for at in numbers]
    links.append(_LINK.format(sheets + 1, "styles", "styles.xml"))
    return {
        "xl/workbook.xml": _WORKBOOK.format(of_sheets),
        "xl/_rels/workbook.xml.rels": _LINKS.format("".join(links)),
        "[Content_Types].xml": _CONTENT_TYPES.format("".join(_content_type(f"worksheets/sheet{at}") for at in numbers)),
    }


#: What XML cannot contain, or would not preserve, or what looks like such an escape.
_FORBIDDEN = re.compile(r"[\x00-\x08\x0b-\x1f\ud800-\udfff\ufffe\uffff]|_(?=x[0-9A-Fa-f]{4}_)")
_UNUSUAL = re.compile(rf"[&<>]|{_FORBIDDEN.pattern}")
_KINDS: dict[type, Callable[[Any], str]] = {str: _text, int: _number, float: _float, Decimal: _float, bool: _truth}
