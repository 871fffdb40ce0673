"""Tables of XLSX files as rows of text (CON-5)."""

from __future__ import annotations

import contextlib
import io
import zipfile
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from smmeplus.common.exporting.streamed_sheet import xlsx_blocks
from smmeplus.common.spreadsheets.reading import read_rows
from smmeplus.common.spreadsheets.rows import Facts, FileRow, Limits, NotATable
from tests.plugins.effort import examples

SHEET = "xl/worksheets/sheet1.xml"
STRINGS = "xl/sharedStrings.xml"
STRINGS_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sharedStrings+xml"
TYPES = "[Content_Types].xml"
MAIN = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
DATE = "This is a date or time in the sheet; format the cell as text."


def workbook(*lines: list[Any]) -> bytes:
    book = openpyxl.Workbook()
    assert book.active is not None
    for line in lines:
        book.active.append(line)
    return saved(book)


def saved(book: openpyxl.Workbook) -> bytes:
    target = io.BytesIO()
    book.save(target)
    return target.getvalue()


def with_part(content: bytes, path: str, part: str) -> bytes:
    """The archive with another text in the file ``path``."""
    target = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(target, "w") as new:
        for name in old.namelist():
            if name != path:
                new.writestr(name, old.read(name))
        new.writestr(path, part)
    return target.getvalue()


def with_rows(xml: str) -> bytes:
    return with_part(workbook(["x"]), SHEET, f"<worksheet {MAIN}><sheetData>{xml}</sheetData></worksheet>")


def with_shared_strings(content: bytes, xml: str) -> bytes:
    """The archive with a table of texts, as Excel writes it and openpyxl does not."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        types = archive.read(TYPES).decode()
    part = f'<Override PartName="/{STRINGS}" ContentType="{STRINGS_TYPE}"/></Types>'
    listed = with_part(content, TYPES, types.replace("</Types>", part))
    return with_part(listed, STRINGS, f"<sst {MAIN}>{xml}</sst>")


def found(content: bytes, **limits: int) -> list[FileRow]:
    return list(read_rows(io.BytesIO(content), Limits(**limits), Facts()))


def second(value: Any) -> str:
    """What a cell with ``value`` is read as."""
    (_header, row) = found(workbook(["serial_number", "x"], ["A1", value]))
    return row.cells[1]


def refusal(content: bytes, **limits: int) -> str:
    with pytest.raises(NotATable) as error:
        found(content, **limits)
    return str(error.value)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("Ñuñoa", "Ñuñoa"),
        (243, "243"),
        (243.0, "243"),
        (-3, "-3"),
        (0.5, "0.5"),
        (Decimal("4059"), "4059"),
        (True, "TRUE"),
        (False, "FALSE"),
        ("#N/A", "#N/A"),
    ],
)
def test_values_are_read_as_the_sheet_shows_them(value: Any, text: str) -> None:
    assert second(value) == text


def test_a_number_is_read_in_any_notation_until_its_digits_are_lost() -> None:
    cells = ["1000", "4.059E3", "1E14", "999999999999999", "1.2345678901234568E+16"]
    xml = "".join(f'<row r="{row}"><c><v>{cell}</v></c></row>' for row, cell in enumerate(cells, start=1))
    texts = [row.cells[0] for row in found(with_rows(xml))]
    assert texts == ["1000", "4059", "100000000000000", "999999999999999", "1.2345678901234568E+16"]


@pytest.mark.parametrize(
    "value",
    [date(2020, 9, 24), datetime(2020, 9, 24, 10, 18), time(10, 18), timedelta(minutes=100)],  # noqa: DTZ001
)
def test_dates_and_times_are_faults_of_their_cell(value: Any) -> None:
    row = found(workbook(["serial_number", "feeder"], ["A1", value]))[1]
    assert row.faults == ((1, DATE),)


def test_a_truth_value_is_no_text_because_each_language_shows_another_word() -> None:
    (_header, row) = found(workbook(["serial_number", "feeder"], ["A1", True]))
    assert (row.cells, row.faults, [fault.place for fault in row.text_faults]) == (["A1", "TRUE"], (), [1])


@pytest.mark.parametrize("formula", ["=1+1", '=HYPERLINK("x")', "=A1"])
def test_a_formula_stays_one_whatever_it_gave(formula: str) -> None:
    assert second(formula) == "=…"


def test_a_shared_formula_is_one_too() -> None:
    xml = '<row r="1"><c r="A1"><f t="shared" si="0"/><v>7</v></c><c r="B1" t="str"><f>X</f><v>text</v></c></row>'
    assert found(with_rows(xml + '<row r="2"><c r="A2"><v>1</v></c></row>'))[0].cells == ["=…", "=…"]


def test_blank_rows_and_cells_are_passed_over_and_counted() -> None:
    content = workbook([], ["serial_number", None, "feeder"], [], [None, None], ["A1", None, "F1"], [None, None, "F2"])
    assert [(row.line, row.cells) for row in found(content)] == [
        (2, ["serial_number", "", "feeder"]),
        (5, ["A1", "", "F1"]),
        (6, ["", "", "F2"]),
    ]


def test_coloured_cells_without_a_value_are_no_rows() -> None:
    coloured = '<row r="3"><c r="A3" s="1"/><c r="XFD3" s="1"/></row>'
    rows = '<row r="1"><c r="A1"><v>1</v></c></row><row r="2"><c r="A2"><v>2</v></c><c r="XFD2" s="1"/></row>'
    assert [row.cells for row in found(with_rows(rows + coloured))] == [["1"], ["2"]]


def test_rows_and_cells_without_references_follow_each_other() -> None:
    xml = "<row><c><v>1</v></c><c/><c><v>3</v></c></row><row><c><v>4</v></c></row>"
    assert [(row.line, row.cells) for row in found(with_rows(xml))] == [(1, ["1", "", "3"]), (2, ["4"])]


def test_only_the_first_sheet_is_read() -> None:
    book = openpyxl.Workbook()
    for sheet, serial in ((book.active, "A1"), (book.create_sheet("other"), "B2")):
        assert sheet is not None
        sheet.append(["serial_number"])
        sheet.append([serial])
    assert [row.cells for row in found(saved(book))] == [["serial_number"], ["A1"]]


def test_a_sheet_that_is_a_chart_is_no_first_sheet() -> None:
    book = openpyxl.Workbook()
    assert book.active is not None
    book.active.append(["serial_number"])
    book.active.append(["A1"])
    book.create_chartsheet("chart", 0)
    assert found(saved(book))[1].cells == ["A1"]


def test_the_texts_of_write_only_files_stand_in_their_cells() -> None:
    book = openpyxl.Workbook(write_only=True)
    sheet = book.create_sheet()
    sheet.append(["serial_number", "customers"])
    sheet.append(["A1", 7])
    assert [row.cells for row in found(saved(book))] == [["serial_number", "customers"], ["A1", "7"]]


def test_our_own_exports_come_back_with_every_character() -> None:
    texts = ["a\rb", "_x0041_", " blank ", "x\x07y"]
    content = b"".join(xlsx_blocks([texts], ["one", "two", "three", "four"]))
    assert found(content)[1].cells == texts


def test_shared_texts_are_joined_from_their_runs_without_the_pronunciation() -> None:
    texts = "<si><r><t>Mai</t></r><r><t>pu</t></r><rPh><t>MAIPU</t></rPh></si><si><t/></si><si><t>x &amp; y</t></si>"
    cells = "".join(f'<c t="s"><v>{number}</v></c>' for number in (0, 1, 2))
    content = with_shared_strings(with_rows(f"<row>{cells}</row>" * 2), texts)
    assert found(content)[1].cells == ["Maipu", "", "x & y"]


def test_what_the_sheet_says_about_its_size_is_not_believed() -> None:
    rows = '<row r="1"><c r="A1"><v>1</v></c></row><row r="2"><c r="B2"><v>2</v></c></row>'
    xml = f'<worksheet {MAIN}><dimension ref="A1"/><sheetData>{rows}</sheetData></worksheet>'
    assert [row.cells for row in found(with_part(workbook(["x"]), SHEET, xml))] == [["1"], ["", "2"]]


def test_an_empty_sheet_is_refused() -> None:
    assert refusal(workbook()) == "The file is empty."


def test_a_cell_far_to_the_right_is_refused() -> None:
    rows = '<row r="1"><c r="A1"><v>1</v></c></row><row r="2"><c r="XFD2"><v>2</v></c></row>'
    assert refusal(with_rows(rows)).startswith("Line 2 has 16384 columns;")


def test_archives_that_are_no_workbook_are_refused() -> None:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as archive:
        archive.writestr("serial_number.txt", "A1")
    assert refusal(target.getvalue()) == "This is not an XLSX file, or a damaged one."


@pytest.mark.parametrize(
    "xml",
    [
        '<row r="1"><c r="A1" t="s"><v>99999</v></c></row>',
        '<row r="1"><c r="ZZZZ1"><v>1</v></c></row>',
        '<row r="one"><c r="A1"><v>1</v></c></row>',
        '<row r="1"><c r="A1"><v>many</v></c></row>',
        '<row r="1"><c r="A1"><v>1</v></row>',
    ],
)
def test_a_damaged_sheet_is_refused(xml: str) -> None:
    assert refusal(with_rows(xml)) == "This is not an XLSX file, or a damaged one."


def test_a_document_type_is_refused_because_of_its_entities() -> None:
    bomb = '<!DOCTYPE x [<!ENTITY a "aaaaaaaa"><!ENTITY b "&a;&a;&a;&a;">]>'
    xml = f'{bomb}<worksheet {MAIN}><sheetData><row r="1"><c t="str"><v>&b;</v></c></row></sheetData></worksheet>'
    assert "damaged" in refusal(with_part(workbook(["x"]), SHEET, xml))


def test_an_archive_that_unpacks_to_too_much_is_refused_before_it_is_unpacked() -> None:
    assert refusal(with_rows(" " * 2**20), unpacked=2**20) == "The XLSX file unpacks to more than 1 MiB; split it."


@settings(max_examples=examples(150))
@given(st.data())
def test_a_file_with_changed_bytes_is_read_or_refused(data: st.DataObject) -> None:
    content = bytearray(CORRECT)
    for _ in range(data.draw(st.integers(1, 5))):
        content[data.draw(st.integers(4, len(content) - 1))] = data.draw(st.integers(0, 255))
    with contextlib.suppress(NotATable):
        assert found(bytes(content[: data.draw(st.integers(4, len(content)))]))


CORRECT = workbook(["serial_number", "customers"], ["A1", 7])


def test_what_was_read_and_passed_over_is_noted() -> None:
    book = openpyxl.Workbook()
    for name, state in (("old", "hidden"), ("new", "visible"), ("lists", "veryHidden"), ("notes", "visible")):
        sheet = book.create_sheet(name)
        sheet.sheet_state = state
        for value in ("serial_number", name, f"{name}2"):
            sheet.append([value])
        sheet.row_dimensions[1].hidden = sheet.row_dimensions[3].hidden = True
    del book["Sheet"]
    facts = Facts()
    assert [row.cells for row in read_rows(io.BytesIO(saved(book)), Limits(), facts)] == [
        ["serial_number"],
        ["new"],
        ["new2"],
    ]
    assert facts == Facts("new", [("old", True), ("lists", True), ("notes", False)], hidden_rows=1)


def test_a_workbook_without_a_visible_sheet_is_refused() -> None:
    book = openpyxl.Workbook()
    assert book.active is not None
    content = saved(book)
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        part = archive.read("xl/workbook.xml").decode()
    hidden = part.replace('state="visible"', 'state="hidden"')
    assert refusal(with_part(content, "xl/workbook.xml", hidden)) == "The XLSX file has no visible sheet."
