"""What something was over a time as SVG, drawn on the server: one lane for each thing that it was.

The lanes are told apart by place and label; colours are classes of ``static/charts.css``.
"""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from typing import NamedTuple

from django.utils.safestring import SafeString, mark_safe

WIDTH = 960  # of the drawing, in the SVG's units
LETTER = 7  # of a label, at most
PITCH = 22  # from one lane to the next
THICK = 16  # of a bar
FOOT = 20  # room for the times
SLIMMEST = 1.5  # of a bar: what lasted seconds is seen, too


class Bar(NamedTuple):
    """A stretch of time, its ends as shares (0 to 1) of the whole; ``title`` is its tooltip."""

    begin: float
    end: float
    title: str


class Lane(NamedTuple):
    """``level`` is the class that colours its bars."""

    label: str
    level: str
    bars: Sequence[Bar]


class Tick(NamedTuple):
    """A label at ``place``, a share of the whole time."""

    place: float
    label: str


def lanes(name: str, *, title: str, description: str, rows: Sequence[Lane], ticks: Sequence[Tick]) -> SafeString:
    """The lanes as an ``svg`` element; ``name``, unique on the page, begins its ids.

    To a screen reader it is one image with title and description: give the times in a table, too.
    """
    left = 12 + max((LETTER * len(row.label) for row in rows), default=0)
    height = PITCH * len(rows)
    body = [_tick(tick, left, height) for tick in ticks]
    body += [_lane(row, PITCH * place, left) for place, row in enumerate(rows)]
    return mark_safe(  # noqa: S308 - all text in it is escaped
        f'<svg class="lanes" viewBox="0 0 {WIDTH} {height + FOOT}" role="img"'
        f' aria-labelledby="{escape(name)}-title {escape(name)}-description">'
        f'<title id="{escape(name)}-title">{escape(title)}</title>'
        f'<desc id="{escape(name)}-description">{escape(description)}</desc>{"".join(body)}</svg>'
    )


def _x(share: float, left: int) -> float:
    return round(left + (WIDTH - left) * share, 1)


def _lane(row: Lane, top: int, left: int) -> str:
    label = f'<text x="{left - 8}" y="{THICK - 3}" text-anchor="end">{escape(row.label)}</text>'
    bars = "".join(_bar(bar, left) for bar in row.bars)
    return f'<g class="{escape(row.level)}" transform="translate(0 {top})">{label}{bars}</g>'


def _bar(bar: Bar, left: int) -> str:
    begin = min(_x(bar.begin, left), WIDTH - SLIMMEST)
    width = max(round(_x(bar.end, left) - begin, 1), SLIMMEST)
    return f'<rect x="{begin:g}" width="{width:g}" height="{THICK}"><title>{escape(bar.title)}</title></rect>'


def _tick(tick: Tick, left: int, height: int) -> str:
    x = _x(tick.place, left)
    line = f'<path class="level" d="M{x:g},0V{height}"/>'
    return f'{line}<text x="{x + 3:g}" y="{height + FOOT - 6}">{escape(tick.label)}</text>'
