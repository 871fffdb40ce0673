"""Files made with many tools, and what must come of each (CON-5): ``tests/samples/tools/README.md``."""

from __future__ import annotations

from typing import Any

import pytest

from concentrators.importing import UnreadableFile
from concentrators.importing.rows import SourceFacts
from tests import ROOT
from tests.concentrators.importing.test_field_files import (
    AN_ERROR,
    DIGITS,
    LETTERS,
    PLAIN,
    assert_comes_out,
    checked,
)

pytestmark = [pytest.mark.django_db, pytest.mark.one_database]

TOOLS = ROOT / "tests" / "samples" / "tools"

OTHERWISE = "The sheet shows this number in another form"
WHOLE = "A whole number"
A_DATE = "This is a date"

#: What is read of the files that are not plain, and what is refused: line, column and the beginning of the reason.
READ: dict[str, dict[str, dict[str, Any]]] = {
    "t03-pandas-gaps.csv": {"AB1": {"customers": 5}, "AB2": {"customers": None, "substation": None}},
    "t05-pandas-utf16.csv": {"AB1": PLAIN["AB1"], "20260301": PLAIN["AB2"]},
    "t06-pandas-float-feeder.xlsx": {"AB1": {"feeder": "0.3"}, "AB2": {"feeder": "1.5"}},
    "t07-openpyxl-number-formats.xlsx": {"AB1": {"feeder": "0007", "customers": 1200}},
    "t09-openpyxl-formula-and-date.xlsx": {"AB1": PLAIN["AB1"]},
    "t11-xlsxwriter-zeros-and-codes.xlsx": {"00012345": {"feeder": "003", "customers": 5}},
    "t14-xlsxwriter-numbers-as-serials.xlsx": {"12345678": {"feeder": "2"}, "1200000": {"feeder": "3"}},
    "t17-pyexcelerate-dates.xlsx": {"AB1": {"customers": 5}, "AB2": {"customers": 46082}},
    "t21-polars-numbers.xlsx": {"2": {"customers": 6}},
    "t30-exceljs-kinds-of-cells.xlsx": {
        "AB4": {"customers": 7, "feeder": "rich"},
        "AB5": {"customers": 8, "feeder": "link"},
    },
    "t31-papaparse-quoted.csv": PLAIN | {"AB3": {"substation": 'San "Martín", norte'}},
    "t33-perl-leading-zeros-lost.xlsx": {"12345678": {"feeder": "7"}, "0012345679": {"feeder": "3"}},
    "t43-libreoffice-from-csv.xlsx": {"12345678": {"substation": "x"}},
    "t44-libreoffice-plain.xlsx": {},
    "t47-libreoffice-csv-as-shown.csv": {"AB1": {"feeder": "7", "customers": 1200}},
    "t49-gnumeric-from-csv.xlsx": PLAIN | {"12345678": {"substation": "x"}},
    "t53-r-write-csv.csv": {"AB1": {"substation": "x", "customers": 5}},
}
REFUSED = {
    "t07-openpyxl-number-formats.xlsx": [(3, "feeder", OTHERWISE), (3, "customers", OTHERWISE)],
    "t09-openpyxl-formula-and-date.xlsx": [(3, "customers", A_DATE), (3, "substation", "A formula")],
    "t14-xlsxwriter-numbers-as-serials.xlsx": [(2, "serial_number", DIGITS)],
    "t17-pyexcelerate-dates.xlsx": [(4, "customers", WHOLE)],
    "t21-polars-numbers.xlsx": [(2, "serial_number", OTHERWISE)],
    "t30-exceljs-kinds-of-cells.xlsx": [
        (2, "customers", "A formula"),
        (3, "customers", AN_ERROR),
        (4, "customers", WHOLE),
    ],
    "t33-perl-leading-zeros-lost.xlsx": [(3, "serial_number", DIGITS)],
    "t42-csvkit-stacked-twice.csv": [(4, "serial_number", "Twice"), (5, "serial_number", "Twice")],
    "t43-libreoffice-from-csv.xlsx": [
        (2, "substation", LETTERS),
        (3, "substation", LETTERS),
        (5, "serial_number", DIGITS),
        (6, "serial_number", A_DATE),
    ],
    "t44-libreoffice-plain.xlsx": [(2, "substation", LETTERS), (3, "substation", LETTERS)],
    "t47-libreoffice-csv-as-shown.csv": [(3, "customers", WHOLE)],
    "t49-gnumeric-from-csv.xlsx": [(5, "serial_number", DIGITS), (6, "serial_number", A_DATE)],
    "t53-r-write-csv.csv": [(3, "customers", WHOLE)],
}
MARKUP = "This is a page of HTML or XML, whatever its name says; save it as .xlsx."
OLD = "This is an old or a protected Excel file; save it as .xlsx without a password, or as CSV."
NAMELESS = "No name in the header for column 1."
NOT_READ = {
    "t02-pandas-with-index.xlsx": NAMELESS,
    "t23-sheetjs.fods": MARKUP,
    "t24-sheetjs-xls-html.xls": MARKUP,
    "t25-sheetjs-xlml.xls": MARKUP,
    "t26-sheetjs-biff8.xls": OLD,
    "t35-perl-writeexcel.xls": OLD,
    "t45-libreoffice.ods": "This is an ODS file; save it as .xlsx.",
    "t51-gnumeric.gnumeric": "This is neither a CSV nor an XLSX file.",
    "t54-r-write-csv2-row-names.csv": NAMELESS,
}
NAMES = sorted(path.name for path in TOOLS.glob("t*"))


def test_every_file_has_its_line_and_is_small() -> None:
    words = (TOOLS / "README.md").read_text().split()
    assert len(NAMES) >= 40
    assert [name for name in NAMES if name not in words] == []
    assert {*READ, *REFUSED, *NOT_READ} <= {*NAMES}
    assert max(path.stat().st_size for path in TOOLS.glob("t*")) < 10_000


@pytest.mark.parametrize("name", [name for name in NAMES if name not in NOT_READ])
def test_a_file_is_read_as_its_sheet_shows_it_and_the_rest_refused(name: str) -> None:
    assert_comes_out(checked(TOOLS / name), READ.get(name, PLAIN), REFUSED.get(name, []))


@pytest.mark.parametrize("name", NOT_READ)
def test_what_is_no_table_of_concentrators_is_refused_whole(name: str) -> None:
    with pytest.raises(UnreadableFile) as refusal:
        checked(TOOLS / name)
    assert str(refusal.value).startswith(NOT_READ[name])


def test_what_was_read_and_passed_over_is_said() -> None:
    assert checked(TOOLS / "t15-xlsxwriter-second-sheet-active.xlsx").source == SourceFacts(
        "Fleet", ["Cover (hidden)"], hidden_rows=1
    )


def test_merged_cells_are_a_caution() -> None:
    facts = checked(TOOLS / "t08-openpyxl-merged-cells.xlsx").source
    assert [(caution.line, caution.value) for caution in facts.cautions] == [(2, "B2:B3")]
    assert facts.other_sheets == ["Notes"]
