"""Charts as SVG, drawn on the server: no script, and no style that a strict Content-Security-Policy would refuse.

Colours are classes of ``static/charts.css``, so that a chart is light or dark as its page is.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from html import escape

from django.utils.safestring import SafeString, mark_safe

SIDE = 18  # of a cell, in the SVG's units, which are pixels where there is room
PITCH = 20  # from one cell to the next
BASELINE = 13  # of the text beside a cell, from its top
HEAD = 18
LABELS = 116  # at least
LETTER = 8  # of a label, at most
NOTES = 56


@dataclass(frozen=True, slots=True)
class HeatCell:
    """``level`` is the class that colours the cell, ``share`` (0 to 1) how much of it, ``title`` its tooltip."""

    level: str
    title: str
    share: float = 1.0


@dataclass(frozen=True, slots=True)
class HeatRow:
    """A row with its label before and a note behind the cells, which stand under the columns; None leaves a gap."""

    label: str
    cells: Sequence[HeatCell | None]
    note: str = ""


def heat_map(
    name: str, *, title: str, description: str, columns: Sequence[str], notes: str = "", rows: Sequence[HeatRow]
) -> SafeString:
    """A heat map as an ``svg`` element; ``name``, unique on the page, begins its ids; ``notes`` heads the rows' notes.

    To a screen reader it is one image with title and description: give the figures in a table, too.
    """
    left = max([LABELS, *(LETTER * len(row.label) for row in rows)])
    width = left + PITCH * len(columns) + NOTES
    head = [_text(label, left + PITCH * place + SIDE // 2, HEAD - 5, "middle") for place, label in enumerate(columns)]
    head.append(_text(notes, width, HEAD - 5, "end"))
    body = (_row(row, HEAD + PITCH * place, left, width) for place, row in enumerate(rows))
    return mark_safe(  # noqa: S308 - all text in it is escaped
        f'<svg class="heat-map" viewBox="0 0 {width} {HEAD + PITCH * len(rows)}" role="img"'
        f' aria-labelledby="{escape(name)}-title {escape(name)}-description">'
        f'<title id="{escape(name)}-title">{escape(title)}</title>'
        f'<desc id="{escape(name)}-description">{escape(description)}</desc>'
        f"{''.join(head)}{''.join(body)}</svg>"
    )


def _row(row: HeatRow, top: int, left: int, width: int) -> str:
    label, note = _text(row.label, left - 6, BASELINE, "end"), _text(row.note, width, BASELINE, "end")
    return f'<g transform="translate(0 {top})">{label}{"".join(_cells(row, left))}{note}</g>'


def _cells(row: HeatRow, left: int) -> Iterator[str]:
    for place, cell in enumerate(row.cells):
        if cell is not None:
            boxes = _boxes(cell, left + PITCH * place)
            yield f'<g class="{escape(cell.level)}"><title>{escape(cell.title)}</title>{boxes}</g>'


def _boxes(cell: HeatCell, left: int) -> str:
    whole = f'<rect x="{left}" width="{SIDE}" height="{SIDE}" rx="2"/>'
    if cell.share == 1:
        return whole
    height = round(SIDE * cell.share)
    return f'{whole}<rect class="share" x="{left}" y="{SIDE - height}" width="{SIDE}" height="{height}" rx="2"/>'


def _text(text: str, x: int, y: int, anchor: str) -> str:
    return f'<text x="{x}" y="{y}" text-anchor="{anchor}">{escape(text)}</text>'
