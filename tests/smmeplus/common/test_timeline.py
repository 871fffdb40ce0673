"""Timelines as SVG (UI-2)."""

from __future__ import annotations

from xml.etree import ElementTree as ET

import pytest

from smmeplus.common.charts.timeline import Mark, Point, timeline

SVG = "{http://www.w3.org/2000/svg}"


def drawn(*points: Point, marks: tuple[Mark, ...] = ()) -> ET.Element:
    svg = timeline("t", title="a < b", description="“words” & more", points=points, marks=marks)
    return ET.fromstring(svg)


def paths(svg: ET.Element, kind: str) -> list[str]:
    return [path.get("d", "") for path in svg.iter("path") if path.get("class") == kind]


def test_each_value_is_a_step_and_equal_neighbours_are_one() -> None:
    svg = drawn(Point(1, 2), Point(1, 2), Point(2, 2), Point(0, 2))
    assert paths(svg, "expected") == ["M44,10H960"]
    (came,) = paths(svg, "came")
    assert came == "M44,94H502V10H731V178H960V178H44Z"


def test_a_gap_is_no_zero() -> None:
    svg = drawn(Point(1, 1), Point(None, None), Point(1, 1), Point(None, None))
    assert paths(svg, "expected") == ["M44,10H273", "M502,10H731"]
    assert len(paths(svg, "came")) == 2


@pytest.mark.parametrize("points", [[], [Point(None, None)], [Point(0, 0)]])
def test_nothing_at_all_can_be_drawn(points: list[Point]) -> None:
    assert [text.text for text in drawn(*points).iter("text")] == ["0", "0.5", "1"]


@pytest.mark.parametrize(("most", "top"), [(0.2, "1"), (1, "1"), (1.1, "2"), (4, "5"), (5.1, "10"), (667, "1000")])
def test_the_scale_ends_at_a_round_number(most: float, top: str) -> None:
    assert [text.text for text in drawn(Point(most, None)).iter("text")][-1] == top


def test_marks_stand_under_their_points_and_words_are_escaped() -> None:
    svg = drawn(Point(1, 1), Point(1, 1), marks=(Mark(1, "<06:00>"),))
    label = next(text for text in svg.iter("text") if text.text == "<06:00>")
    assert label.get("x") == "502"
    assert [svg.find(name).text for name in ("title", "desc")] == ["a < b", "“words” & more"]  # type: ignore[union-attr]
