"""Workbooks that go out while they are made (REP-6), read back by another hand."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any
from xml.etree import ElementTree

import openpyxl
import pytest
from django.utils.safestring import mark_safe
from django.utils.translation import gettext_lazy
from hypothesis import given
from hypothesis import strategies as st
from openpyxl.utils.escape import unescape
from openpyxl.worksheet.worksheet import Worksheet

from smmeplus.common.exporting import streamed_sheet
from smmeplus.common.exporting.streamed_sheet import BLOCK_BYTES, MAX_TEXT, Row, xlsx_blocks
from wakeup.models import Format

MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
XML = "http://www.w3.org/XML/1998/namespace"


def sheets(*rows: Row, names: tuple[str, ...] = ("value",), title: str = "") -> list[Worksheet]:
    """The sheets of a workbook of ``rows``."""
    book = openpyxl.load_workbook(io.BytesIO(b"".join(xlsx_blocks(rows, names, title))))
    return list(book.worksheets)


def values(sheet: Worksheet) -> list[tuple[Any, ...]]:
    return list(sheet.iter_rows(values_only=True))


def cell(value: object) -> Any:
    """What a cell with ``value`` shows: escapes taken back, as a spreadsheet does and openpyxl leaves to its user."""
    (sheet,) = sheets([value])
    shown = sheet["A2"].value
    return unescape(shown) if isinstance(shown, str) else shown


def distinct(count: int) -> Iterator[Row]:
    """Rows that cannot be compressed to nothing."""
    return ((f"{hash((number, 1)):x}", hash((number, 2))) for number in range(count))


def noted(rows: Iterator[Row], asked: list[Row]) -> Iterator[Row]:
    """``rows``, each noted in ``asked`` when it is asked for."""
    for row in rows:
        asked.append(row)
        yield row


@pytest.mark.parametrize("count", [0, 1, 199, 200, 201, 1_000])
def test_every_row_stands_under_the_heading_in_its_order(count: int) -> None:
    rows = [(f"A{number}", number) for number in range(count)]
    (sheet,) = sheets(*rows, names=("name", "number"))
    assert values(sheet) == [("name", "number"), *rows]


def test_columns_beyond_z_have_two_letters() -> None:
    row = tuple(range(60))
    (sheet,) = sheets(row, names=tuple(f"n{number}" for number in row))
    assert values(sheet)[1] == row
    assert sheet["BH2"].value == 59


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (0, 0),
        (-7, -7),
        (10**15, 10**15),
        (0.1, 0.1),
        (1e-300, 1e-300),
        (Decimal("99.50"), 99.5),
        (True, True),
        (False, False),
        (float("nan"), "nan"),
        (Decimal("Infinity"), "Infinity"),
        ("58692", "58692"),
        ("=1+1", "=1+1"),
        (datetime(2020, 9, 23, 12, tzinfo=UTC), "2020-09-23 12:00:00+00:00"),
        (datetime.fromisoformat("1900-02-28 12:00:00"), "1900-02-28 12:00:00"),
        (date(1, 1, 1), "0001-01-01"),
        (gettext_lazy("May"), "May"),
        (mark_safe("<b>"), "<b>"),
        (Format.PUSH, Format.PUSH.value),
    ],
)
def test_numbers_and_truth_stay_what_they_are_and_all_else_is_text(value: object, shown: object) -> None:
    assert (type(cell(value)), cell(value)) == (type(shown), shown)


@pytest.mark.parametrize(
    "text", ["1900-03-01 00:00:00", "2020-09-23 23:59:59", "2027-04-03 23:30:01", "9999-12-31 23:59:59"]
)
def test_times_are_date_cells_that_show_their_seconds_and_days_are_days(text: str) -> None:
    moment = datetime.fromisoformat(text)
    (sheet,) = sheets([moment, moment.date()], names=("at", "day"))
    at, day = sheet["A2"], sheet["B2"]
    assert (at.value, at.is_date, at.number_format) == (moment, True, r"yyyy\-mm\-dd\ hh:mm:ss")
    assert (day.value.date(), day.is_date, day.number_format) == (moment.date(), True, r"yyyy\-mm\-dd")


@given(st.datetimes(datetime.fromisoformat("1900-03-01"), datetime.fromisoformat("9999-12-31 23:59:59")))
def test_a_time_comes_back_to_the_second_and_is_never_rounded_up(moment: datetime) -> None:
    assert cell(moment) == moment.replace(microsecond=0)


def test_what_looks_like_a_formula_is_text() -> None:
    (sheet,) = sheets(["=1+1"], ['=HYPERLINK("http://x")'])
    assert [row[0].data_type for row in sheet.iter_rows(min_row=2)] == ["s", "s"]


def test_nothing_is_an_empty_cell_and_leaves_the_others_in_their_columns() -> None:
    (sheet,) = sheets((None, "b", "", 4), (None, None, None, None), (1, None, None, None), names=("a", "b", "c", "d"))
    assert values(sheet)[1:] == [(None, "b", None, 4), (None,) * 4, (1, None, None, None)]


@pytest.mark.parametrize(
    "text",
    [
        "<a href='x'>&amp;</a> \"",
        "]]>",
        " both ",
        "\n",
        "\ta\n\nb\t",
        "a\r\nb\rc",
        "\0\x01\x0b\x1f\x7f\x85\u2028",
        "\ud800 alone \udfff",
        "\ufffe\uffff\ufeff",
        "Ñuñoa Ω 漢字 🔌",
        "_x0041_",
        "_x005F_x0041_",
        "_x000d_ and _x000D_",
        "_x00_ _x0041 _X0041_ x0041_ _ __x0041__",
        "_xD83D_",
    ],
)
def test_a_hostile_text_comes_back_as_it_was(text: str) -> None:
    assert cell(text) == text


def test_a_hostile_text_may_be_the_name_of_a_column() -> None:
    name = '<x>" t="b"&\x02'
    (sheet,) = sheets([1], names=(name,))
    assert unescape(sheet["A1"].value) == name
    assert sheet["A1"].font.b
    assert not sheet["A2"].font.b


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("a" * MAX_TEXT, "a" * MAX_TEXT),
        ("a" * (MAX_TEXT + 1), "a" * MAX_TEXT),
        ("🔌" * (MAX_TEXT // 2), "🔌" * (MAX_TEXT // 2)),
        ("🔌" * MAX_TEXT, "🔌" * (MAX_TEXT // 2)),
        ("&" * (MAX_TEXT + 1), "&" * MAX_TEXT),
    ],
    ids=["as long as may be", "one more", "pairs", "cut between pairs", "longer when escaped"],
)
def test_a_text_ends_where_excel_has_texts_end(text: str, left: str) -> None:
    assert cell(text) == left


@pytest.mark.parametrize(("count", "sizes"), [(0, [0]), (2, [2]), (3, [3]), (4, [3, 1]), (6, [3, 3]), (7, [3, 3, 1])])
def test_rows_beyond_the_limit_go_on_in_a_next_sheet(
    monkeypatch: pytest.MonkeyPatch, count: int, sizes: list[int]
) -> None:
    monkeypatch.setattr(streamed_sheet, "MAX_ROWS", 4)
    written = sheets(*([number] for number in range(count)))
    assert [len(values(sheet)) - 1 for sheet in written] == sizes
    assert [sheet.title for sheet in written] == [f"Sheet{number}" for number in range(1, len(sizes) + 1)]
    assert [values(sheet)[0] for sheet in written] == [("value",)] * len(sizes)
    assert [row[0] for sheet in written for row in values(sheet)[1:]] == list(range(count))


def test_a_sheet_ends_before_it_has_more_bytes_than_a_part_may(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(streamed_sheet, "MAX_SHEET_BYTES", 1)
    written = sheets(*([number] for number in range(401)))
    assert [len(values(sheet)) - 1 for sheet in written] == [200, 200, 1]
    assert [row[0] for sheet in written for row in values(sheet)[1:]] == list(range(401))


def test_the_heading_stays_in_sight_and_columns_are_as_wide_as_their_texts() -> None:
    (sheet,) = sheets(("2020-09-23T12:00:00+00:00", 1, "x" * 500), names=("at", "a longer name", "text"))
    pane = sheet.sheet_view.pane
    assert pane is not None
    assert (pane.topLeftCell, pane.state) == ("A2", "frozen")
    assert [sheet.column_dimensions[letter].width for letter in "ABC"] == [27, 18, 60]


def test_the_first_bytes_go_out_before_a_row_is_asked_for() -> None:
    asked: list[Row] = []
    blocks = xlsx_blocks(noted(distinct(3), asked), ("a", "b"))
    assert next(blocks).startswith(b"PK\x03\x04")
    assert asked == []


def test_blocks_are_neither_tiny_nor_huge_and_rows_are_asked_for_as_they_go() -> None:
    asked: list[Row] = []
    blocks = xlsx_blocks(noted(distinct(20_000), asked), ("a", "b"))
    _start, first = next(blocks), next(blocks)
    assert len(asked) < 15_000
    assert all(BLOCK_BYTES <= len(block) < 2 * BLOCK_BYTES for block in [first, *list(blocks)[:-1]])
    assert len(asked) == 20_000


def test_who_closes_it_in_the_middle_has_no_more_rows_made() -> None:
    asked: list[Row] = []
    blocks = xlsx_blocks(noted(distinct(50_000), asked), ("a", "b"))
    next(blocks), next(blocks)
    before = len(asked)
    blocks.close()
    assert len(asked) == before < 50_000


def test_an_error_of_the_rows_is_that_of_the_workbook() -> None:
    def rows() -> Iterator[Row]:
        yield (1,)
        raise ConnectionError("the database is away")

    with pytest.raises(ConnectionError, match="away"):
        list(xlsx_blocks(rows(), ("a",)))


def test_the_archive_is_sound_and_begins_as_a_workbook_does() -> None:
    with zipfile.ZipFile(io.BytesIO(b"".join(xlsx_blocks(distinct(500), ("a", "b"))))) as archive:
        assert archive.testzip() is None
        assert archive.namelist()[0] == "_rels/.rels"
        assert all(part.flag_bits & 8 for part in archive.infolist())
        texts = list(ElementTree.fromstring(archive.read("xl/worksheets/sheet1.xml")).iter(f"{{{MAIN}}}t"))
        assert len(texts) == 502
        assert {text.get(f"{{{XML}}}space") for text in texts} == {None}


@pytest.mark.parametrize(
    ("text", "space"),
    [("a", None), ("a b", None), (" a", "preserve"), ("a ", "preserve"), ("\n", "preserve"), ("a\nb", None)],
)
def test_blanks_are_only_marked_where_they_would_be_lost(text: str, space: str | None) -> None:
    with zipfile.ZipFile(io.BytesIO(b"".join(xlsx_blocks([[text]], ["a"])))) as archive:
        texts = list(ElementTree.fromstring(archive.read("xl/worksheets/sheet1.xml")).iter(f"{{{MAIN}}}t"))
    assert texts[1].get(f"{{{XML}}}space") == space
    assert cell(text) == text


@pytest.mark.parametrize("count", [0, 1, 201])
def test_the_filter_is_over_all_rows_and_known_by_its_name(count: int) -> None:
    content = b"".join(xlsx_blocks(([number, "x"] for number in range(count)), ["a", "b"], "It's <all>"))
    book = openpyxl.load_workbook(io.BytesIO(content))
    (sheet,) = book.worksheets
    assert sheet.auto_filter.ref == f"A1:B{count + 1}"
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        assert f"'It''s &lt;all&gt;'!$A$1:$B${count + 1}</definedName>" in archive.read("xl/workbook.xml").decode()


@pytest.mark.parametrize(
    ("title", "name"),
    [
        ("Wake up messages", "Wake up messages"),
        ("", "Sheet1"),
        ("[]:*?/\\", "Sheet1"),
        ("a/b: c?", "a b c"),
        ("'quoted'", "quoted"),
        ("it's", "it's"),
        ("History", "History 1"),
        ("x" * 40, "x" * 31),
        ("🔌" * 40, "🔌" * 15),
        ("x" * 30 + "'y", "x" * 30),
        ("\ud800\x00\x1f", "Sheet1"),
        ("Messaggi & <wake up>", "Messaggi & <wake up>"),
    ],
    ids=ascii,
)
def test_a_sheet_is_named_after_its_report_as_far_as_excel_allows(title: str, name: str) -> None:
    assert [sheet.title for sheet in sheets([1], title=title)] == [name]


def test_further_sheets_are_numbered_within_the_length_of_a_name(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(streamed_sheet, "MAX_ROWS", 2)
    names = [sheet.title for sheet in sheets(*([number] for number in range(10)), title="x" * 31)]
    assert names[0] == "x" * 31
    assert names[1:] == [*(f"{'x' * 27} ({number})" for number in range(2, 10)), f"{'x' * 26} (10)"]
