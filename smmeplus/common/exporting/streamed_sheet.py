"""A workbook that is sent while it is made: XLSX of any length, with constant memory and no file (REP-6, REP-9).

Office Open XML (ECMA-376, ISO/IEC 29500) in a ZIP archive, written to a sink that cannot seek: the length of each part
follows it, as a data descriptor. Texts are inline in their cells, because a table of shared texts would have to be
complete before the first row.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from datetime import date, datetime
from decimal import Decimal
from functools import cache, lru_cache
from itertools import chain, islice
from typing import Any, NamedTuple
from xml.sax.saxutils import escape
from zipfile import ZIP_DEFLATED, ZipFile

from openpyxl.utils import get_column_letter

from smmeplus.common.exporting.sheet_parts import DAY, HEADING, MAIN, MOMENT, ROOT_LINKS, STYLES, XML, Sheet, sheet_name
from smmeplus.common.exporting.sheet_parts import index as index_of

#: Excel's limits: rows of a sheet, including its heading, and UTF-16 units of a text.
MAX_ROWS = 1_048_576
MAX_TEXT = 32_767
#: A part beyond 2 GiB would need ZIP64 with a data descriptor, which not every program reads.
MAX_SHEET_BYTES = 1 << 30

BLOCK_BYTES = 64 * 1024
ROWS_AT_ONCE = 200
COMPRESSION = 2  # 3 makes it 5 % smaller in twice the time of compressing
REMEMBERED = 4_096  # texts; those of types, profiles, companies and places repeat a lot
WIDTHS = (10, 60)
ARROW = 3  # the room of the filter's arrow in the heading

#: Day 0 of spreadsheets. Before March 1900 they count a day that never was, so what is earlier is written as a text.
_ORDINAL_0 = date(1899, 12, 30).toordinal()
_FIRST_DAY = date(1900, 3, 1)
_FIRST_ORDINAL = _FIRST_DAY.toordinal()
DAY_S = 86_400

_SHEET_HEAD = (
    f'{XML}<worksheet xmlns="{MAIN}"><sheetViews><sheetView workbookViewId="0">'
    '<pane ySplit="1" topLeftCell="A2" activePane="bottomLeft" state="frozen"/></sheetView></sheetViews>'
)
#: With a filter; and without green corners where serial numbers are texts of digits.
_SHEET_FOOT = (
    '</sheetData><autoFilter ref="{cells}"/>'
    '<ignoredErrors><ignoredError sqref="{cells}" numberStoredAsText="1"/></ignoredErrors></worksheet>'
)

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


class Table(NamedTuple):
    """What becomes a sheet called ``title``, as far as Excel allows, under a bold heading of ``names``."""

    title: str
    names: Sequence[str]
    rows: Iterable[Row]


def xlsx_blocks(rows: Iterable[Row], names: Sequence[str], title: str = "") -> Generator[bytes, None, None]:
    """A workbook of one table; see :func:`workbook_blocks`."""
    return workbook_blocks([Table(title, names, rows)])


def workbook_blocks(tables: Iterable[Table]) -> Generator[bytes, None, None]:
    """A workbook of ``tables``, whose titles differ, in blocks of about 64 KiB, the first before any row.

    int, float and Decimal become numbers, bool a truth value, date and a datetime without a zone a date cell of whole
    seconds, None and the empty text an empty cell, everything else a text. Texts longer than Excel allows (32,767
    UTF-16 units) are cut. Characters that XML cannot contain are written as ``_x0000_`` (ECMA-376 part 1, 22.9.2.19).
    Rows beyond Excel's 1,048,576 go to another sheet, with the same heading.
    """
    sink = _Sink()
    with ZipFile(sink, "w", ZIP_DEFLATED, compresslevel=COMPRESSION) as book:  # type: ignore[call-overload] # no seek
        # Programs recognise a workbook by the first part of the archive.
        book.writestr("_rels/.rels", ROOT_LINKS)
        book.writestr("xl/styles.xml", STYLES)
        yield sink.take()
        sheets: list[Sheet] = []
        for name, pieces in _sheets(tables):
            with book.open(f"xl/worksheets/sheet{len(sheets) + 1}.xml", "w") as part:
                for piece in pieces:
                    part.write(piece)
                    if sink.size >= BLOCK_BYTES:
                        yield sink.take()
            sheets.append(Sheet(name, pieces.range("$")))
        for path, text in index_of(sheets).items():
            book.writestr(path, text)
    yield sink.take()


def _sheets(tables: Iterable[Table]) -> Iterator[tuple[str, _Pieces]]:
    for title, names, rows in tables:
        for number, of_sheet in enumerate(_split(iter(rows)), 1):
            yield sheet_name(title, number), _Pieces(of_sheet, names)


def _split(rows: Iterator[Row]) -> Iterator[Iterator[Row]]:
    """``rows`` once, even if it is empty, and again as long as the caller has left some of them."""
    yield rows
    for first in rows:
        yield chain([first], rows)


class _Pieces:
    """The XML of a sheet with as many of ``rows`` as fit into it; the rest stays in ``rows``."""

    def __init__(self, rows: Iterator[Row], names: Sequence[str]) -> None:
        self._rows = rows
        self._names = names
        self._letters = [get_column_letter(number) for number in range(1, len(names) + 1)]
        self._last = 1  # number of the last row

    def range(self, fixed: str = "") -> str:
        """All its cells: ``A1:C7``, with ``fixed`` before each letter and number."""
        return f"{fixed}A{fixed}1:{fixed}{self._letters[-1]}{fixed}{self._last}"

    def __iter__(self) -> Iterator[bytes]:
        left = islice(self._rows, MAX_ROWS - 1)
        first = list(islice(left, ROWS_AT_ONCE))
        columns = [f'<c r="{letter}' for letter in self._letters]
        heading = _row(1, columns, self._names, style=f' s="{HEADING}"')
        yield f"{_SHEET_HEAD}{_widths(self._names, first)}<sheetData>{heading}".encode()
        size, numbered = 0, enumerate(chain(first, left), 2)
        while size < MAX_SHEET_BYTES and (
            some := [_row(at, columns, row) for at, row in islice(numbered, ROWS_AT_ONCE)]
        ):
            piece = "".join(some).encode()
            size += len(piece)
            self._last += len(some)
            yield piece
        yield _SHEET_FOOT.format(cells=self.range()).encode()


def _widths(names: Sequence[str], shown: Iterable[Row]) -> str:
    """Columns as wide as their cells in ``shown``, in characters, within WIDTHS; the heading with room for an arrow."""
    least, most = WIDTHS
    longest = [len(name) + ARROW for name in names]
    for row in shown:
        longest = [max(length, len(str(cell))) for length, cell in zip(longest, row, strict=True)]
    widths = enumerate((min(max(least, 2 + length), most) for length in longest), 1)
    columns = (f'<col min="{at}" max="{at}" width="{width}" customWidth="1"/>' for at, width in widths)
    return f"<cols>{''.join(columns)}</cols>"


def _row(number: int, columns: Sequence[str], row: Row, style: str = "") -> str:
    cells = [
        f'{column}{number}"{style}{_KINDS.get(type(cell), _other)(cell)}</c>'
        for column, cell in zip(columns, row, strict=True)
        if cell is not None and cell != ""
    ]
    return f'<row r="{number}">{"".join(cells)}</row>'


@lru_cache(REMEMBERED)
def _text(text: str) -> str:
    if text.isalnum() and len(text) <= MAX_TEXT // 2:  # as most serial numbers, in a fraction of the time
        return f' t="inlineStr"><is><t>{text}</t></is>'
    if len(text) > MAX_TEXT // 2:
        text = text.encode("utf-16-le", "surrogatepass")[: 2 * MAX_TEXT].decode("utf-16-le", "ignore")
    # Some programs read the attribute as part of the text, so it stands only where it is needed.
    space = ' xml:space="preserve"' if text.strip() != text else ""
    if _UNUSUAL.search(text):
        text = escape(_FORBIDDEN.sub(_escaped, text))
    return f' t="inlineStr"><is><t{space}>{text}</t></is>'


def _escaped(found: re.Match[str]) -> str:
    return f"_x{ord(found[0]):04X}_"


def _number(number: int) -> str:
    return f"><v>{number}</v>"


def _float(number: float | Decimal) -> str:
    return f"><v>{number}</v>" if math.isfinite(number) else _text(str(number))


def _truth(truth: bool) -> str:
    return f' t="b"><v>{truth:d}</v>'


def _moment(moment: datetime) -> str:
    """Of whole seconds: some programs would round what is left up to the next one."""
    if moment.tzinfo or moment.toordinal() < _FIRST_ORDINAL:
        return _text(str(moment))
    time = _times()[3_600 * moment.hour + 60 * moment.minute + moment.second]
    return f' s="{MOMENT}"><v>{moment.toordinal() - _ORDINAL_0}{time}</v>'


@cache
def _times() -> list[str]:
    """What each second of a day adds to the number of the day, to the tenth of a millisecond."""
    return [f"{second / DAY_S:.9f}"[1:] for second in range(DAY_S)]


def _day(day: date) -> str:
    if day < _FIRST_DAY:
        return _text(str(day))
    return f' s="{DAY}"><v>{day.toordinal() - _ORDINAL_0}</v>'


def _other(thing: object) -> str:
    """Written like the type that ``thing`` is a subclass of, such as a choice; otherwise as its text."""
    for kind in type(thing).__mro__:
        if kind in _KINDS:
            return _KINDS[kind](thing)
    return _text(str(thing))


#: What XML cannot contain, or would not preserve, or what looks like such an escape.
_FORBIDDEN = re.compile(r"[\x00-\x08\x0b-\x1f\ud800-\udfff\ufffe\uffff]|_(?=x[0-9A-Fa-f]{4}_)")
_UNUSUAL = re.compile(rf"[&<>]|{_FORBIDDEN.pattern}")
_KINDS: dict[type, Callable[[Any], str]] = {
    str: _text,
    int: _number,
    float: _float,
    Decimal: _float,
    bool: _truth,
    datetime: _moment,
    date: _day,
}
