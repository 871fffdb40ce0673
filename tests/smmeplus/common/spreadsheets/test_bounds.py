"""Bounds of files (CON-5), tested with small limits and harmless files."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable

import openpyxl
import pytest

from smmeplus.common.spreadsheets.reading import read_rows
from smmeplus.common.spreadsheets.rows import Facts, FileRow, Limits, NotATable
from smmeplus.common.spreadsheets.words import DAMAGED
from tests.smmeplus.common.spreadsheets.test_workbooks import (
    MAIN,
    saved,
    with_part,
    with_rows,
    with_shared_strings,
    workbook,
)

pytestmark = pytest.mark.one_database

MIB = 2**20
BOOK = workbook(["serial_number"], ["A1"])
SPACE = " " * (MIB + 1)


def found(content: bytes, **limits: int) -> list[FileRow]:
    return list(read_rows(io.BytesIO(content), Limits(**limits), Facts()))


def refusal(content: bytes, **limits: int) -> str:
    with pytest.raises(NotATable) as error:
        found(content, **limits)
    return str(error.value)


def part_of(path: str) -> str:
    with zipfile.ZipFile(io.BytesIO(BOOK)) as archive:
        return archive.read(path).decode()


def test_the_bounds_are_those_of_the_specification() -> None:
    assert (
        Limits(
            rows=500_000,
            columns=200,
            unpacked=400 * MIB,
            index=MIB,
            styles=4 * MIB,
            strings=64 * MIB,
            depth=64,
            seconds=60,
            memory=256 * MIB,
        )
        == Limits()
    )


@pytest.mark.parametrize(
    ("path", "limit"),
    [
        ("xl/workbook.xml", "index"),
        ("_rels/.rels", "index"),
        ("xl/_rels/workbook.xml.rels", "index"),
        ("xl/styles.xml", "styles"),
    ],
)
def test_a_part_that_is_too_large_is_refused_by_its_name(path: str, limit: str) -> None:
    content = with_part(BOOK, path, part_of(path) + SPACE)
    assert len(found(content, **{limit: 2 * MIB})) == 2
    name = path.rpartition("/")[2]
    assert refusal(content, **{limit: MIB}) == f"The part {name} of the XLSX file is larger than 1 MiB."


def test_shared_strings_are_bounded() -> None:
    content = with_shared_strings(with_rows('<row><c t="s"><v>0</v></c></row>' * 2), "<si><t>x</t></si>" + SPACE)
    assert len(found(content, strings=2 * MIB)) == 2
    assert "sharedStrings.xml" in refusal(content, strings=MIB)


def test_elements_in_each_other_are_bounded() -> None:
    content = with_rows("<row><c><v>1</v></c></row>" * 2 + "<a>" * 10 + "</a>" * 10)
    assert len(found(content, depth=12)) == 2
    assert refusal(content, depth=11) == DAMAGED


def test_the_parts_of_a_file_are_bounded() -> None:
    assert refusal(BOOK, members=3) == "The XLSX file has more than 3 parts."


@pytest.mark.parametrize(
    "content", [b"serial_number\nA1\n\n\n\nA2\n", with_rows('<row><c t="str"><v>x</v></c></row>' * 2 + "<row/>" * 3)]
)
def test_blank_rows_are_bounded(content: bytes) -> None:
    assert len(found(content, blank_rows=3)) >= 2
    with pytest.raises(NotATable):
        found(content, blank_rows=2)


def test_a_cell_beyond_the_last_column_is_refused_in_both_kinds() -> None:
    sheet = with_rows('<row r="1"><c r="A1"><v>1</v></c></row><row r="2"><c r="D2"><v>2</v></c></row>')
    for content in (sheet, b"a,b\n1,2,3,4\n"):
        assert len(found(content, columns=4)) == 2
        assert refusal(content, columns=3) == "Line 2 has 4 columns; that is no installation file."


def test_the_text_of_a_row_is_bounded() -> None:
    for content in (workbook(["x"], ["y" * 20]), b"x\n" + b"y" * 20 + b"\n"):
        assert len(found(content, row_text=20)) == 2
        assert refusal(content, row_text=19) == "Line 2 has more than 19 characters; that is no installation file."


def test_a_header_cell_that_is_far_too_long_has_a_clear_message() -> None:
    for header in (b"serial_number" * 20_000, b'"' + b"serial_number" * 20_000 + b'",x'):
        assert refusal(header + b"\nA1,\n").startswith("Line 1 cannot be cut into cells")


def test_a_compression_that_no_spreadsheet_uses_is_refused() -> None:
    target = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(BOOK)) as old, zipfile.ZipFile(target, "w", zipfile.ZIP_LZMA) as new:
        for name in old.namelist():
            new.writestr(name, old.read(name))
    assert refusal(target.getvalue()) == DAMAGED


@pytest.mark.parametrize(
    "rows",
    [
        '<row r="2"><c r="A2"><v>1</v></c></row><row r="1"><c r="A1"><v>2</v></c></row>',
        '<row r="1"><c r="A1"><v>1</v></c></row><row r="1"><c r="A1"><v>2</v></c></row>',
        '<row r="1"><c r="B1"><v>1</v></c><c r="A1"><v>2</v></c></row>',
        '<row r="1"><c r="A1"><v>1</v></c><c r="A1"><v>2</v></c></row>',
        '<row r="1"><c r="A1" t="s"><v>-1</v></c></row>',
        '<row r="-1"><c><v>1</v></c></row>',
    ],
)
def test_what_could_be_read_in_two_ways_is_refused(rows: str) -> None:
    content = with_shared_strings(with_rows(rows), "<si><t>x</t></si>")
    assert refusal(content) == DAMAGED


@pytest.mark.parametrize(
    "styles", ["", "<styleSheet>", "no XML", f'<styleSheet {MAIN}><cellXfs><xf numFmtId="x"/></cellXfs>']
)
def test_styles_that_cannot_be_read_mean_no_dates(styles: str) -> None:
    book = openpyxl.load_workbook(io.BytesIO(BOOK))
    assert book.active is not None
    book.active["A3"] = 5
    book.active["A3"].number_format = "yyyy-mm-dd"
    content = saved(book)
    assert found(content)[2].faults
    assert found(with_part(content, "xl/styles.xml", styles))[2].cells == ["5"]


@pytest.mark.parametrize(
    "change", [str.lower, str.upper, lambda name: name.replace("/", "\\"), lambda name: f"/{name}"]
)
def test_the_names_of_parts_are_found_however_they_are_written(change: Callable[[str], str]) -> None:
    target = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(BOOK)) as old, zipfile.ZipFile(target, "w") as new:
        for name in old.namelist():
            new.writestr(change(name), old.read(name))
    assert found(target.getvalue())[1].cells == ["A1"]


@pytest.mark.parametrize(
    ("member", "content", "kind"),
    [
        ("mimetype", "application/vnd.oasis.opendocument.spreadsheet", "ODS"),
        ("mimetype", "application/vnd.oasis.opendocument.text", "OpenDocument"),
        ("Index/Document.iwa", "", "Apple Numbers"),
        ("Index.zip", "", "Apple Numbers"),
        ("xl/workbook.bin", "", "XLSB"),
    ],
)
def test_documents_of_other_kinds_are_refused_by_their_names(member: str, content: str, kind: str) -> None:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as archive:
        archive.writestr(member, content)
    assert refusal(target.getvalue()) == f"This is an {kind} file; save it as .xlsx."


@pytest.mark.parametrize("page", [b"<html><table>", b"\n <?xml version='1.0'?>", b"\xef\xbb\xbf<Workbook>"])
def test_pages_of_html_and_xml_are_refused(page: bytes) -> None:
    assert refusal(page) == "This is a page of HTML or XML, whatever its name says; save it as .xlsx."
