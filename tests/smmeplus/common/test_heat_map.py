"""Charts drawn on the server (CON-6, UI-3)."""

from __future__ import annotations

from collections.abc import Sequence
from xml.etree import ElementTree as ET

import pytest

from smmeplus.common.charts.heat_map import HeatCell, HeatRow, heat_map

HOSTILE = "</title><script>alert('1')</script>\"&"
FULL, NONE = HeatCell("full", "6 of 6"), HeatCell("missed", "0 of 6")


def draw(*rows: HeatRow, columns: Sequence[str] = ("00", "01", "02"), title: str = "Title") -> ET.Element:
    return ET.fromstring(heat_map("map", title=title, description="Words", columns=columns, notes="Sum", rows=rows))


def boxes(svg: ET.Element) -> list[ET.Element]:
    return svg.findall("g/g/rect")


def words(svg: ET.Element) -> list[str | None]:
    return [element.text for element in svg.iter("text")]


def number(element: ET.Element, name: str) -> float:
    return float(element.get(name, "nan"))


def test_a_map_is_an_image_with_a_name_and_a_description() -> None:
    svg = draw(HeatRow("Monday", [FULL]))
    assert (svg.tag, svg.get("role")) == ("svg", "img")
    labels = [svg.find(f"*[@id='{name}']") for name in svg.get("aria-labelledby", "").split()]
    assert [label is not None and label.text for label in labels] == ["Title", "Words"]


def test_a_row_has_its_label_its_cells_and_its_note() -> None:
    svg = draw(HeatRow("Monday", [FULL, NONE], "6"), HeatRow("Tuesday", [NONE], "0"))
    assert words(svg) == ["00", "01", "02", "Sum", "Monday", "6", "Tuesday", "0"]
    assert [(cell.get("class"), cell.findtext("title")) for cell in svg.findall("g/g")] == [
        ("full", "6 of 6"),
        ("missed", "0 of 6"),
        ("missed", "0 of 6"),
    ]


def test_cells_stand_under_their_columns_and_none_leaves_a_gap() -> None:
    svg = draw(HeatRow("", [FULL, None, NONE]))
    columns = [number(label, "x") for label in svg.findall("text")]
    left, right = ((number(box, "x"), number(box, "x") + number(box, "width")) for box in boxes(svg))
    assert left[0] < columns[0] < left[1] < columns[1] < right[0] < columns[2] < right[1]


def test_rows_stand_below_each_other_inside_of_the_picture() -> None:
    svg = draw(HeatRow("", [FULL]), HeatRow("", [FULL]))
    tops = [float(row.get("transform", "").removesuffix(")").split()[1]) for row in svg.findall("g")]
    height = number(boxes(svg)[0], "height")
    assert 0 < tops[0] < tops[0] + height <= tops[1]
    assert tops[1] + height <= float(svg.get("viewBox", "").split()[3])


@pytest.mark.parametrize(("share", "height"), [(0.0, 0), (0.5, 9), (5 / 6, 15)])
def test_a_share_fills_its_cell_from_below(share: float, height: int) -> None:
    whole, part = boxes(draw(HeatRow("", [HeatCell("partial", "", share)])))
    assert part.get("class") == "share"
    assert number(part, "height") == height
    assert number(part, "y") + height == number(whole, "height") == 18


def test_a_whole_cell_is_one_box() -> None:
    assert len(boxes(draw(HeatRow("", [FULL])))) == 1


def test_a_map_without_rows_or_columns_is_a_picture_too() -> None:
    assert boxes(draw(columns=())) == []


def test_hostile_text_stays_text() -> None:
    svg = draw(HeatRow(HOSTILE, [HeatCell(HOSTILE, HOSTILE)], HOSTILE), columns=[HOSTILE], title=HOSTILE)
    assert words(svg) == [HOSTILE, "Sum", HOSTILE, HOSTILE]
    assert [title.text for title in svg.iter("title")] == [HOSTILE, HOSTILE]
    assert svg.find("g/g[@class]").get("class") == HOSTILE  # type: ignore[union-attr]
    assert {element.tag for element in svg.iter()} == {"svg", "title", "desc", "text", "g", "rect"}


def test_nothing_in_it_needs_more_than_a_strict_policy_allows() -> None:
    svg = draw(HeatRow("Monday", [FULL, HeatCell("partial", "", 0.5)], "6"))
    names = {name for element in svg.iter() for name in element.attrib}
    assert not {name for name in names if name == "style" or name.startswith("on") or "href" in name}
