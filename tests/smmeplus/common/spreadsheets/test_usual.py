"""Rows that are read the short way are read as the XML parser reads them (CON-5)."""

from __future__ import annotations

import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smmeplus.common.spreadsheets import usual
from smmeplus.common.spreadsheets.cells import read_rows
from smmeplus.common.spreadsheets.rows import Facts, FileRow, Limits
from tests.smmeplus.common.spreadsheets.test_workbooks import MAIN

pytestmark = pytest.mark.one_database

CELL = '<c r="A{0}"><v>7</v></c>'
HEAD = f'<worksheet {MAIN} xmlns:x14ac="more"><sheetData>'
FOOT = '</sheetData><mergeCells><mergeCell ref="A1:A2"/></mergeCells></worksheet>'


def read(xml: str | bytes) -> list[FileRow] | str:
    """The rows, or that it is refused."""
    data = xml if isinstance(xml, bytes) else xml.encode()
    try:
        return list(read_rows(io.BytesIO(data), ["zero", "one"], {"1": "0000", "2": "yyyy"}, Limits(), Facts()))
    except Exception:
        return "refused"


def both_ways(rows: str, monkeypatch: pytest.MonkeyPatch) -> tuple[object, object]:
    """What is read the short way where that can be gone, and by the parser alone."""
    short = read(HEAD + rows + FOOT)
    with monkeypatch.context() as patch:
        patch.setattr(usual, "OPENING", b"<never>")
        return short, read(HEAD + rows + FOOT)


texts = st.lists(
    st.sampled_from(
        ["Ñ", "a", " ", "&amp;", "&lt;", "&quot;", "&#65;", "&", "<", "]]>", "_x0041_", "\t", "\n", "\r", "1", "é"]
    ),
    max_size=4,
).map("".join)
columns = st.sampled_from(["A", "B", "C", "AA", "a", "XFD", "ABCD", ""])
attributes = st.sampled_from(
    [
        "",
        ' s="1"',
        ' s="2"',
        ' t="s"',
        ' t="str"',
        ' t="inlineStr"',
        ' s="1" t="n"',
        ' t="e"',
        ' t="b"',
        ' t="n" s="1"',
        ' cm="1"',
    ]
)
bodies = st.one_of(
    st.builds("><v>{}</v></c>".format, texts),
    st.builds("><v>{}</v></c>".format, st.sampled_from(["0", "1", "5", "1.5", "1E3", "-1", "12345678901234567"])),
    st.builds("><is><t>{}</t></is></c>".format, texts),
    st.builds('><is><t xml:space="preserve">{}</t></is></c>'.format, texts),
    st.sampled_from(
        ["/>", "></c>", "><f>A1</f><v>5</v></c>", "><is><r><t>x</t></r></is></c>", "><v/></c>", "><!-- --></c>"]
    ),
)
cells = st.builds(lambda column, rest, body: f'<c r="{column}1"{rest}{body}', columns, attributes, bodies)
row_attributes = st.sampled_from(
    [
        "",
        ' spans="1:4"',
        ' hidden="1"',
        ' hidden="true"',
        ' hidden="0"',
        ' ht="15.5" hidden="1"',
        ' ht="1" ht="2"',
        ' xmlns="x"',
        ' r="9"',
        ' x14ac:dyDescent="0.2"',
    ]
)
rows = st.builds(
    lambda line, rest, inner, end: f'<row r="{line}"{rest}>{"".join(inner)}</row>{end}',
    st.integers(0, 6),
    row_attributes,
    st.lists(cells, max_size=4),
    st.sampled_from(["", "", "", "\n", "<!-- </row> -->", "<row/>", "<![CDATA[</row>]]>"]),
)


@given(st.lists(rows, max_size=4).map("".join))
def test_the_short_way_leads_to_the_same_rows(rows: str) -> None:
    with pytest.MonkeyPatch.context() as patch:
        short, long = both_ways(rows, patch)
    assert short == long


@pytest.mark.parametrize(
    "rows",
    [
        (
            '<row r="1"><c r="A1" s="1"><v>7</v></c></row>'
            '<row r="2" hidden="1"><c r="B2" t="inlineStr"><is><t>Ñ &amp; ñ</t></is></c></row>'
        ),
        '<row r="1"><c r="A1"/><c r="B1" t="s"><v>1</v></c></row>',
    ],
)
def test_usual_rows_go_the_short_way(rows: str) -> None:
    place = 0
    while found := usual.row_at(rows.encode(), place):
        place = found[1]
    assert place == len(rows.encode())


@pytest.mark.parametrize(
    "row",
    [
        "<row r='1'></row>",
        '<row r="1"><c r="A1"><f>1</f><v>2</v></c></row>',
        '<row r="1"><c r="A1"><v>1</v></c>',
        '<row r="1"><c r="A1"><v>\x07</v></c></row>',
        '<row r="1"><c r="A1"><v>&#65;</v></c></row>',
        '<row r="1" xmlns="other"></row>',
        "<!-- --><row></row>",
    ],
)
def test_others_are_left_to_the_parser(row: str) -> None:
    assert usual.row_at(row.encode(), 0) is None


def test_a_row_that_comes_in_pieces_is_read_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("smmeplus.common.spreadsheets.cells.PIECE", 7)
    found = read(HEAD + "".join(f'<row r="{line}">{CELL.format(line)}</row>' for line in range(1, 50)) + FOOT)
    assert [row.line for row in found if isinstance(row, FileRow)] == list(range(1, 50))


@pytest.mark.parametrize(
    "xml",
    [
        f"<worksheet {MAIN}><!-- <sheetData> --><sheetData><row><c><v>7</v></c></row></sheetData></worksheet>",
        (
            "<x:worksheet xmlns:x="
            f"{MAIN.partition('=')[2]}><x:sheetData><x:row><x:c><x:v>7</x:v></x:c></x:row></x:sheetData></x:worksheet>"
        ),
        f"\ufeff{HEAD}<row><c><v>7</v></c></row>{FOOT}",
        f'\ufeff{HEAD}<row r="1"><c r="A1"><v>7</v></c></row>{FOOT}',
    ],
)
def test_sheets_that_begin_in_other_ways_are_read_too(xml: str) -> None:
    assert read(xml) == [FileRow(1, ["7"])]


@pytest.mark.parametrize("encoding", ["iso-8859-1", "utf-16"])
def test_another_encoding_is_left_to_the_parser(encoding: str) -> None:
    xml = f'<?xml version="1.0" encoding="{encoding}"?>{HEAD}<row r="1"><c r="A1" t="str"><v>Ñ</v></c></row>{FOOT}'
    assert read(xml.encode(encoding)) == [FileRow(1, ["Ñ"])]


def test_what_only_looks_like_a_sheet_of_rows_is_none() -> None:
    other = '<worksheet xmlns="other"><sheetData><row r="1"><c r="A1"><v>7</v></c></row></sheetData></worksheet>'
    assert read(other) == []
