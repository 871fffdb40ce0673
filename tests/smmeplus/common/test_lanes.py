"""Lanes as SVG: places, what is slim, and text that is hostile."""

from __future__ import annotations

from xml.etree.ElementTree import fromstring

from smmeplus.common.charts.lanes import SLIMMEST, WIDTH, Bar, Lane, Tick, lanes

SVG = "{http://www.w3.org/2000/svg}"


def drawn(*rows: Lane, ticks: tuple[Tick, ...] = ()) -> list[tuple[float, float]]:
    """The left ends and widths of all bars."""
    svg = fromstring(lanes("x", title="t", description="d", rows=rows, ticks=ticks))
    return [(float(bar.get("x", "")), float(bar.get("width", ""))) for bar in svg.iter("rect")]


def test_bars_lie_where_their_time_does_and_touch_the_next() -> None:
    (first, second) = drawn(Lane("up", "a", [Bar(0, 0.5, "")]), Lane("down", "b", [Bar(0.5, 1, "")]))
    assert first[0] + first[1] == second[0]
    assert second[0] + second[1] == WIDTH


def test_what_lasted_no_time_at_all_is_seen_also_at_the_very_end() -> None:
    for begin in (0, 0.3, 1):
        ((left, width),) = drawn(Lane("up", "a", [Bar(begin, begin, "")]))
        assert width == SLIMMEST
        assert left + width <= WIDTH


def test_no_lane_is_a_drawing_without_bars() -> None:
    assert drawn() == []


def test_no_text_becomes_markup() -> None:
    hostile = "<script>&\"'"
    svg = lanes(
        "x",
        title=hostile,
        description=hostile,
        rows=[Lane(hostile, "a", [Bar(0, 1, hostile)])],
        ticks=[Tick(0, hostile)],
    )
    assert "<script>" not in svg
    assert [text.text for text in fromstring(svg).iter("text")] == [hostile, hostile]
