"""A timeline as SVG, drawn on the server: what came, as an area, and what was expected, as a line.

Colours are classes of ``static/charts.css``, as those of the heat map are.
"""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from typing import NamedTuple

from django.utils.safestring import SafeString, mark_safe

WIDTH, HEIGHT = 960, 200  # of the drawing, in the SVG's units
LEFT, FOOT, TOP = 44, 22, 10  # room for the numbers, for the times, above


class Point(NamedTuple):
    """What came and what was expected in one stretch of time, in the same unit; None where nobody counted."""

    came: float | None
    expected: float | None


class Mark(NamedTuple):
    """A label at ``place``, counted in points from the left."""

    place: float
    label: str


def timeline(name: str, *, title: str, description: str, points: Sequence[Point], marks: Sequence[Mark]) -> SafeString:
    """The timeline as an ``svg`` element; ``name``, unique on the page, begins its ids.

    To a screen reader it is one image with title and description: give the figures in a table, too.
    """
    most = _round_up(max([1.0, *(value for point in points for value in point if value is not None)]))
    scale = _Scale(len(points), most)
    body = [_level(scale, share) for share in (0.0, 0.5, 1.0)]
    body += [_label(scale, mark) for mark in marks]
    body += [f'<path class="came" d="{_area(scale, run)}"/>' for run in _runs([point.came for point in points])]
    body += [f'<path class="expected" d="{_line(scale, run)}"/>' for run in _runs([point.expected for point in points])]
    return mark_safe(  # noqa: S308 - all text in it is escaped
        f'<svg class="timeline" viewBox="0 0 {WIDTH} {HEIGHT}" role="img"'
        f' aria-labelledby="{escape(name)}-title {escape(name)}-description">'
        f'<title id="{escape(name)}-title">{escape(title)}</title>'
        f'<desc id="{escape(name)}-description">{escape(description)}</desc>{"".join(body)}</svg>'
    )


class _Scale(NamedTuple):
    points: int
    most: float

    def x(self, place: float) -> float:
        return round(LEFT + (WIDTH - LEFT) * place / max(self.points, 1), 1)

    def y(self, value: float) -> float:
        return round(HEIGHT - FOOT - (HEIGHT - FOOT - TOP) * value / self.most, 1)


def _runs(values: Sequence[float | None]) -> list[list[tuple[int, float]]]:
    """The stretches without a gap, each a list of place and value."""
    runs: list[list[tuple[int, float]]] = []
    is_open = False
    for place, value in enumerate(values):
        if value is None:
            is_open = False
            continue
        if not is_open:
            runs.append([])
            is_open = True
        runs[-1].append((place, value))
    return runs


def _line(scale: _Scale, run: Sequence[tuple[int, float]]) -> str:
    """Steps, because each value holds for all of its time; equal neighbours are one step."""
    steps, last = [], None
    for place, value in run:
        if value != last:
            steps.append(f"{scale.x(place):g},{scale.y(value):g}H{scale.x(place + 1):g}")
        else:
            steps[-1] = steps[-1].rpartition("H")[0] + f"H{scale.x(place + 1):g}"
        last = value
    return "M" + "V".join(_vertical(steps))


def _vertical(steps: Sequence[str]) -> list[str]:
    """The first step with its whole beginning, the others with their height alone."""
    return [steps[0], *(step.partition(",")[2] for step in steps[1:])]


def _area(scale: _Scale, run: Sequence[tuple[int, float]]) -> str:
    floor, begin = scale.y(0), scale.x(run[0][0])
    return f"{_line(scale, run)}V{floor:g}H{begin:g}Z"


def _level(scale: _Scale, share: float) -> str:
    y = scale.y(scale.most * share)
    number = f"{scale.most * share:g}"
    return (
        f'<path class="level" d="M{LEFT},{y:g}H{WIDTH}"/>'
        f'<text x="{LEFT - 6}" y="{y + 4:g}" text-anchor="end">{number}</text>'
    )


def _label(scale: _Scale, mark: Mark) -> str:
    return f'<text x="{scale.x(mark.place):g}" y="{HEIGHT - 6}" text-anchor="middle">{escape(mark.label)}</text>'


def _round_up(value: float) -> float:
    """The next number of the series 1, 2, 5, 10, 20, … so that half of it is readable as well."""
    step = 1.0
    while step < value:
        for factor in (1, 2, 5):
            if step * factor >= value:
                return step * factor
        step *= 10
    return step
