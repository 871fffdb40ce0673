"""What a sheet shows for a number, by its number format (CON-5)."""

from __future__ import annotations

import io
import zipfile

import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from smmeplus.common.spreadsheets.formats import GENERAL, Shown, shown
from smmeplus.common.spreadsheets.rows import Limits
from smmeplus.common.spreadsheets.styles import read_styles
from smmeplus.common.spreadsheets.words import A_TIME, LOST_DIGITS, POWER_OF_TEN, SHOWN_OTHERWISE

pytestmark = pytest.mark.one_database


@pytest.mark.parametrize(
    ("value", "code", "text"),
    [
        ("243", GENERAL, "243"),
        ("243.0", GENERAL, "243"),
        ("2.43E2", GENERAL, "243"),
        ("-3", GENERAL, "-3"),
        ("0", GENERAL, "0"),
        ("-0", GENERAL, "0"),
        ("1.1000000000000001", GENERAL, "1.1"),  # as Excel stores 1.1
        ("0.1", "@", "0.1"),
        ("999999999999999", GENERAL, "999999999999999"),
        ("12345678", "0000000000", "0012345678"),
        ("7", "000;-000;000", "007"),
        ("-7", "000", "-007"),
        ("-7", "0;-000", "-007"),
        ("0", "000", "000"),
        ("123456", "000", "123456"),
        ("5", "[Red]00", "05"),
        ("5", "[$-340A]00", "05"),
        ("5", "_(00_)", "05"),
        ("243", "#,##0", "243"),
        ("12.5", "0.0", "12.5"),
        ("12.5", "0.0##", "12.5"),
        ("243", "0", "243"),
        ("243", "#", "243"),
    ],
)
def test_what_is_shown_is_what_is_read(value: str, code: str, text: str) -> None:
    assert shown(value, code) == Shown(text)


@pytest.mark.parametrize(
    ("value", "code"),
    [
        ("1200", "#,##0"),
        ("12", "0.00"),
        ("12", "#,##0.00;(#,##0.00)"),
        ("225.4", "0"),
        ("225.4", "000"),
        ("0", "#"),
        ("0.333333333333333", GENERAL),
    ],
)
def test_a_number_that_is_shown_otherwise_is_right_where_a_number_is_meant(value: str, code: str) -> None:
    assert shown(value, code) == Shown(value, SHOWN_OTHERWISE, is_right_as_number=True)


@pytest.mark.parametrize(
    "code",
    ["0%", "0.0%", "0,", "0.0,,", '"N-"0', "0-00", r"00\-00", '0" m"', "$0", "# ?/?", "[>9]0;0", '"only words"', ";;;"],
)
def test_a_number_under_a_format_that_changes_it_is_refused_everywhere(code: str) -> None:
    assert shown("1234", code) == Shown("1234", SHOWN_OTHERWISE)


@pytest.mark.parametrize("value", ["100000000000000.5", "2.9999999999999996"])
def test_a_fraction_that_vanishes_by_rounding_is_refused(value: str) -> None:
    assert shown(value, "0") == shown(value, GENERAL) == Shown(value, SHOWN_OTHERWISE)


@pytest.mark.parametrize("code", ["0", "0E+00", "##0.0E+0", "General", "000"])
def test_a_number_whose_digits_are_lost_is_refused_as_a_text(code: str) -> None:
    for value in ("1000000000000000", "1234567890123460", "1.6E+051", "1E9999"):
        assert shown(value, code) == Shown(value, LOST_DIGITS, is_right_as_number=True)


@pytest.mark.parametrize(("value", "code"), [("1200000", "0.00E+00"), ("4059", "##0.0E+0"), ("4059", "0e-0")])
def test_a_power_of_ten_is_refused_everywhere(value: str, code: str) -> None:
    assert shown(value, code) == Shown(value, POWER_OF_TEN)


def test_what_is_so_small_that_it_is_shown_as_a_power_of_ten_is_refused() -> None:
    assert shown("1E-9999", GENERAL) == Shown("1E-9999", POWER_OF_TEN)


@pytest.mark.parametrize("code", ["yyyy-mm-dd", "d/m/yy", "[h]:mm", "mm:ss.0", "h:mm AM/PM", "[$-F800]dddd\\,\\ mmmm"])
def test_dates_and_times_are_refused_everywhere(code: str) -> None:
    assert shown("44098.5", code) == Shown("44098.5", A_TIME)


@pytest.mark.parametrize("code", ['0" days"', r"0\d", '"h"0'])
def test_letters_in_quotation_marks_make_no_date(code: str) -> None:
    assert shown("12", code).reason == SHOWN_OTHERWISE


@pytest.mark.parametrize("value", ["", "many", "1,5", "0x10", "nan", "inf", "1_000", "٣", "1e99999"])
def test_what_is_no_number_is_none(value: str) -> None:
    with pytest.raises(ValueError, match="is no number"):
        shown(value, GENERAL)


@given(st.text('0#?,.;"\\[]_*E+-% dmy@$', max_size=12), st.integers(-(10**16), 10**16) | st.floats(-1e6, 1e6))
def test_any_format_gives_a_text_or_a_reason(code: str, number: float) -> None:
    found = shown(repr(number), code)
    assert found.reason or float(found.text) == pytest.approx(number, rel=1e-9)


def test_the_formats_of_a_workbook_are_found_by_the_styles_of_cells() -> None:
    book = openpyxl.Workbook()
    assert book.active is not None
    for place, code in enumerate(("General", "0000000000", "yyyy-mm-dd", "0.00E+00", "@"), start=1):
        book.active.cell(1, place, 5).number_format = code
    book.save(target := io.BytesIO())
    with zipfile.ZipFile(target) as archive:
        found = read_styles(archive.open("xl/styles.xml"), Limits())
    assert list(found.values()) == ["0000000000", "yyyy-mm-dd", "0.00E+00"]
