"""Tables of CSV files as rows of text, in all its habits (CON-5)."""

from __future__ import annotations

import codecs
import contextlib
import io
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smmeplus.common.spreadsheets.reading import read_rows
from smmeplus.common.spreadsheets.rows import Facts, Limits, NotATable

HEADER = "serial_number,substation\n"


def rows(content: str | bytes, **limits: int) -> list[tuple[int, list[str]]]:
    data = content.encode() if isinstance(content, str) else content
    return [(row.line, row.cells) for row in read_rows(io.BytesIO(data), Limits(**limits), Facts())]


def refusal(content: str | bytes, **limits: int) -> str:
    with pytest.raises(NotATable) as error:
        rows(content, **limits)
    return str(error.value)


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_comma_semicolon_and_tab_are_told_by_the_header(delimiter: str) -> None:
    lines = [delimiter.join(cells) for cells in (["serial_number", "substation"], ["A1", "Maipu"])]
    assert rows("\n".join(lines)) == [(1, ["serial_number", "substation"]), (2, ["A1", "Maipu"])]


def test_the_delimiter_that_cuts_the_header_into_most_columns_wins() -> None:
    assert rows("a;b;c,d\n1;2;3,4")[1] == (2, ["1", "2", "3,4"])


def test_a_delimiter_inside_quotation_marks_of_the_header_does_not_count() -> None:
    assert rows('"serial,number,of,it";substation\nA1;Maipu')[1] == (2, ["A1", "Maipu"])


def test_a_single_column_needs_no_delimiter() -> None:
    assert rows("serial_number\nA1\nA2\n") == [(1, ["serial_number"]), (2, ["A1"]), (3, ["A2"])]


def test_the_line_of_excel_that_names_the_delimiter_is_obeyed_and_counted() -> None:
    assert rows("sep=;\r\nserial_number;substation,x\r\nA1;Maipu\r\n") == [
        (2, ["serial_number", "substation,x"]),
        (3, ["A1", "Maipu"]),
    ]


@pytest.mark.parametrize("newline", ["\n", "\r\n", "\r"])
def test_lines_end_as_on_any_system(newline: str) -> None:
    assert rows(newline.join(["a,b", "1,2", "3,4"])) == [(1, ["a", "b"]), (2, ["1", "2"]), (3, ["3", "4"])]


@pytest.mark.parametrize(
    "encode",
    [
        str.encode,
        lambda text: codecs.BOM_UTF8 + text.encode(),
        lambda text: codecs.BOM_UTF16_LE + text.encode("utf-16-le"),
        lambda text: codecs.BOM_UTF16_BE + text.encode("utf-16-be"),
    ],
    ids=["UTF-8", "UTF-8 with BOM", "UTF-16 LE", "UTF-16 BE"],
)
def test_unicode_is_read_with_and_without_a_byte_order_mark(encode: Callable[[str], bytes]) -> None:
    assert rows(encode("serial_number\tsubstation\r\nA1\tÑuñoa\r\n")) == [
        (1, ["serial_number", "substation"]),
        (2, ["A1", "Ñuñoa"]),
    ]


def test_blank_lines_are_passed_over_and_counted() -> None:
    assert rows("\n \nserial_number,substation\n\nA1,Maipu\n,,,\n , \nA2,\n\n") == [
        (3, ["serial_number", "substation"]),
        (5, ["A1", "Maipu"]),
        (8, ["A2", ""]),
    ]


def test_a_row_over_several_lines_has_the_number_of_its_first() -> None:
    assert rows('a,b\n1,"x\ny\nz"\n2,\n') == [(1, ["a", "b"]), (2, ["1", "x\ny\nz"]), (5, ["2", ""])]


def test_quotation_marks_are_taken_off_and_doubled_ones_halved() -> None:
    assert rows('a,b\n"1, 2","5"" pipe"')[1] == (2, ["1, 2", '5" pipe'])


@pytest.mark.parametrize("content", ['a,b\n1,2\n3,"4\n5,6\n', 'a,b\n1,2\n3,"4"5\n', 'a,b\n1,2\n3,"' + "x\n" * 70_000])
def test_a_quotation_mark_that_goes_wrong_is_refused_with_its_line(content: str) -> None:
    assert refusal(content).startswith("Line 3 cannot be cut into cells: a quotation mark is not closed")


@pytest.mark.parametrize("line", [2, 400])
def test_another_encoding_is_refused_with_the_first_line_that_shows_it(line: int) -> None:
    lines = [b"serial_number,substation"] + [b"A,Maipu"] * 1000
    lines[line - 1] = "A,Ñuñoa".encode("cp1252")
    assert refusal(b"\r\n".join(lines)).startswith(f"Line {line} is not in UTF-8.")


def test_damaged_utf16_is_refused() -> None:
    assert "damaged" in refusal(codecs.BOM_UTF16_LE + "serial_number\nA1".encode("utf-16-le") + b"\x00\xd8")


@pytest.mark.parametrize("content", [b"", b"\n\r\n  \n", codecs.BOM_UTF8, codecs.BOM_UTF16_LE, b",,,\n,\n"])
def test_an_empty_file_is_refused(content: bytes) -> None:
    assert refusal(content) == "The file is empty."


@pytest.mark.parametrize("content", [HEADER, HEADER + "\n,,\n  \n"])
def test_a_file_with_nothing_below_its_header_is_refused(content: str) -> None:
    assert refusal(content) == "The file names no concentrator: there is nothing below its header."


@pytest.mark.parametrize(
    "content", [b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", b"%PDF-1.7\n\0\xff\xfe", "serial_number\nA1".encode("utf-16-le")]
)
def test_binary_files_are_refused(content: bytes) -> None:
    assert refusal(content) == "This is neither a CSV nor an XLSX file."


def test_an_old_or_encrypted_excel_file_is_refused_with_advice() -> None:
    assert "save it as .xlsx without a password" in refusal(bytes.fromhex("d0cf11e0a1b11ae1") + bytes(600))


def test_as_many_rows_as_allowed_are_read_and_one_more_is_refused() -> None:
    assert len(rows(HEADER + "A,\n\n" * 3, rows=3)) == 1 + 3
    assert refusal(HEADER + "A,\n\n" * 4, rows=3) == "The file has more than 3 rows; split it."


def test_half_a_million_rows_are_allowed() -> None:
    assert Limits().rows == 500_000


def test_a_row_wider_than_any_table_is_refused_and_empty_cells_are_not_counted() -> None:
    assert len(rows(HEADER + "A1" + "," * 5000)[1][1]) == 5001
    assert refusal(HEADER + "A1" + "," * 300 + "x").startswith("Line 2 has 301 columns;")


def test_the_file_of_the_caller_stays_open() -> None:
    source = io.BytesIO(HEADER.encode() + b"A1,Maipu\n")
    assert len(list(read_rows(source, Limits(), Facts()))) == 2
    assert not source.closed


@given(
    st.binary(max_size=300)
    | st.text(max_size=200).map(str.encode)
    | st.binary(max_size=100).map(lambda data: codecs.BOM_UTF16_LE + data)
    | st.binary(max_size=100).map(lambda data: b"PK\x03\x04" + data)
    | st.text('",;\t\r\n=a\0', max_size=40).map(str.encode)
)
def test_whatever_the_bytes_are_they_are_rows_or_refused(content: bytes) -> None:
    source = io.BytesIO(content)
    with contextlib.suppress(NotATable):
        found = list(read_rows(source, Limits(), Facts()))
        assert len(found) > 1
        assert [row.line for row in found] == sorted({row.line for row in found})
    assert not source.closed
