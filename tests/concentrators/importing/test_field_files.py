"""Files as real tools write them, and what must come of each (CON-5): ``tests/samples/field/README.md``.

Each file is read by ``check``, in a process of its own as an upload is.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from concentrators.importing import UnreadableFile, check
from concentrators.importing.columns import ATTRIBUTES
from concentrators.importing.plan import Plan
from concentrators.importing.rows import SourceFacts
from concentrators.models import RowKind
from tests import ROOT
from tests.factories import CompanyFactory, ConcentratorTypeFactory

pytestmark = [pytest.mark.django_db, pytest.mark.one_database]

FIELD = ROOT / "tests" / "samples" / "field"

PLAIN = {
    "AB1": {"type_id": "CERCO1", "substation": "Ñuñoa", "customers": 5},
    "AB2": {"type_id": "CERCO1", "substation": "Maipú", "customers": 6},
}
DIGITS = "A number of more than 15 digits"
POWER = "A spreadsheet has made a number of this"
SERIAL = "A serial number is 1 to 32"
AN_ERROR = "An error of the spreadsheet"
LETTERS = "Letters are lost"

#: What is read: the values that matter by serial number.
READ: dict[str, dict[str, dict[str, Any]]] = {
    "e01-export-for-r-openxlsx.xlsx": {
        "0012345678": {"manufacturer": "=SUM(A1)", "substation": "007", "feeder": "-F1", "customers": 5},
        "1234567890123456": {"manufacturer": 'a"b', "substation": "a,b;c"},
        "12E5": {"manufacturer": "+1", "substation": "1E3", "feeder": "@x"},
        "AB2": {"manufacturer": "_x0041_", "substation": "12:30"},
        "AB3": {"manufacturer": "-1+1", "substation": "0.10"},
        "AB4": {"manufacturer": "''quoted", "feeder": "50%"},
        "TRUE": {"manufacturer": "Ñuñoa €😀", "substation": "<b>&amp;"},
    },
    "f01-serial-16-digits-by-libreoffice.xlsx": {"123456789012345": {"manufacturer": "c"}},
    "f03-leading-zeros-by-number-format.xlsx": {"0012345678": {"manufacturer": "shown 0012345678"}},
    "f05-serial-scientific.xlsx": {},
    "f06-first-sheet-hidden.xlsx": {"AB9": {"manufacturer": "visible"}},
    "f08-filtered-out-row.xlsx": {"AB1": {}, "AB2": {"manufacturer": "hidden by the filter"}, "AB3": {}},
    "f09-mojibake.csv": {},
    "f11-invisible-characters.xlsx": {
        "AB1": {},
        "AB2": {"manufacturer": "Ap System", "substation": "Maipú"},
        "AB7": {"manufacturer": "Ap System", "substation": "Maipu"},
        "AB9": {"manufacturer": "Ñuñoa", "substation": "Ñuñoa"},
        "AB11": {"manufacturer": "Ap System", "substation": "Ap System"},
    },
    "f13-error-cell-newer-kind.xlsx": {"AB1": {"substation": "Ñuñoa"}},
    "f14-error-words-other-languages.xlsx": {"AB1": {"manufacturer": "NULL", "substation": "N/A", "feeder": "-"}},
    "f15-total-row.csv": {"AB1": {"customers": 5}},
    "f18-line-separator.csv": {"AB1": {"substation": "x y"}, "AB2": {"substation": "x y"}},
    "f20-empty-fill.xlsx": PLAIN,
    "f22-font-family.xlsx": PLAIN,
    "f23-vertalign.xlsx": PLAIN,
    "f24-strict.xlsx": PLAIN,
    "f26-backslash-names.xlsx": PLAIN,
    "f27-header-line-break.csv": {"AB1": {"type_id": "CERCO1", "customers": 5}},
    "f28-sep-line-resaved-by-libreoffice.csv": PLAIN,
    "f30-pandas-floats.csv": {
        "16CEC50610036665": {"management_port": 4059, "customers": 225},
        "16CEC50610036655": {"management_port": 4060, "customers": 0},
        "0012345678": {"management_port": None, "customers": 1200, "feeder": "007"},
        "12E5": {"manufacturer": "Città € 😀", "substation": "two spaces", "customers": None},
    },
    "f31-two-boms.csv": PLAIN,
    "f34-header-hyphens.xlsx": {"AB1": {"management_ip": "10.0.0.1"}},
    "f35-header-spanish.xlsx": {
        "AB1": {
            "type_id": "CERCO1",
            "manufacturer": "Ap System",
            "substation": "x",
            "feeder": "y",
            "customers": 5,
        }
    },
    "f38-serial-scientific-text.xlsx": {"123456789012345": {"manufacturer": "c"}},
}
#: What is refused of these files: line, column and the beginning of the reason.
REFUSED = {
    "f01-serial-16-digits-by-libreoffice.xlsx": [(2, "serial_number", DIGITS), (3, "serial_number", DIGITS)],
    "f05-serial-scientific.xlsx": [
        (2, "serial_number", POWER),
        (3, "serial_number", POWER),
        (4, "serial_number", DIGITS),
    ],
    "f09-mojibake.csv": [(2, "substation", LETTERS), (3, "substation", LETTERS)],
    "f11-invisible-characters.xlsx": [
        (4, "serial_number", SERIAL),
        (5, "serial_number", SERIAL),
        (6, "management_ip", "An IPv4 address"),
        (7, "customers", "A whole number"),
        (9, "serial_number", SERIAL),
        (11, "serial_number", SERIAL),
    ],
    "f13-error-cell-newer-kind.xlsx": [(3, "substation", AN_ERROR)],
    "f14-error-words-other-languages.xlsx": [
        (3, "feeder", AN_ERROR),
        *[(line, column, AN_ERROR) for line in (4, 5) for column in ("manufacturer", "substation", "feeder")],
    ],
    "f15-total-row.csv": [(3, "serial_number", "This row is a total")],
    "f38-serial-scientific-text.xlsx": [(2, "serial_number", DIGITS), (3, "serial_number", DIGITS)],
}
#: Files of which nothing is read, and why.
NOT_READ = {
    "f36-libreoffice.ods": "This is an ODS file; save it as .xlsx.",
    "f37-sheetjs.xlsb": "This is an XLSB file; save it as .xlsx.",
}


def checked(path: Path) -> Plan:
    ConcentratorTypeFactory.create()
    with path.open("rb") as source:
        return check(source, CompanyFactory.create())


def values_of(plan: Plan) -> dict[str, dict[str, Any]]:
    """The values of the new concentrators by serial number; the type is the only one that there is, by its name."""
    new = plan.file.rows.filter(kind=RowKind.NEW)
    found = {row.serial_number: {name: getattr(row, name) for name in ATTRIBUTES} for row in new}
    return {serial: values | {"type_id": values["type_id"] and "CERCO1"} for serial, values in found.items()}


def assert_comes_out(plan: Plan, read: dict[str, dict[str, Any]], refused: list[tuple[int, str, str]]) -> None:
    """``read`` are values that matter by serial number; ``refused`` lines, columns and beginnings of reasons."""
    found = values_of(plan)
    assert found.keys() == read.keys()
    assert {serial: {key: found[serial][key] for key in values} for serial, values in read.items()} == read
    assert [(error.line, error.column) for error in plan.errors] == [(line, column) for line, column, _why in refused]
    for error, (_line, _column, reason) in zip(plan.errors, refused, strict=True):
        assert error.reason.startswith(reason)


def test_every_file_has_its_line() -> None:
    files = {path.name for path in FIELD.iterdir()} - {"README.md"}
    assert files == READ.keys() | NOT_READ.keys()
    assert all(name in (FIELD / "README.md").read_text() for name in files)


@pytest.mark.parametrize("name", READ)
def test_a_file_is_read_as_its_sheet_shows_it_and_the_rest_refused(name: str) -> None:
    assert_comes_out(checked(FIELD / name), READ[name], REFUSED.get(name, []))


@pytest.mark.parametrize("name", NOT_READ)
def test_a_file_of_another_kind_is_refused_by_its_name(name: str) -> None:
    with pytest.raises(UnreadableFile) as refusal:
        checked(FIELD / name)
    assert str(refusal.value) == NOT_READ[name]


def test_the_sheet_that_was_read_is_named_with_the_others() -> None:
    assert checked(FIELD / "f06-first-sheet-hidden.xlsx").source == SourceFacts("Data", ["Sheet (hidden)"])


def test_hidden_rows_are_counted() -> None:
    assert checked(FIELD / "f08-filtered-out-row.xlsx").source == SourceFacts("Sheet", hidden_rows=1)
