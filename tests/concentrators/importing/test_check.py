"""What the check of an installation file finds (CON-5)."""

from __future__ import annotations

import csv
import io
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from django.conf import settings
from django.db import connection
from django.test.utils import CaptureQueriesContext

from concentrators.importing import COLUMN_NAMES, Counts, Plan, UnreadableFile, check, plan, sifting
from concentrators.models import Company, Concentrator, ConcentratorType, RowKind, State
from concentrators.procedures.bulk import CHUNK
from tests.factories import CompanyFactory, ConcentratorFactory, ConcentratorTypeFactory, SpontaneousProfileFactory

pytestmark = pytest.mark.django_db

SAMPLES = Path(settings.BASE_DIR) / "tests" / "samples"
CHILE = Path(settings.BASE_DIR) / "concentrators" / "demo" / "installation-chile.csv"
INSTALLED_AT = datetime(2020, 9, 1, tzinfo=UTC)


@pytest.fixture
def company() -> Company:
    ConcentratorTypeFactory.create()
    return CompanyFactory.create()


def checked(company: Company, *lines: str) -> Plan:
    return check(io.BytesIO("\n".join(lines).encode()), company)


def errors(plan: Plan) -> list[str]:
    return [str(error) for error in plan.errors]


def counts(**numbers: int) -> Counts:
    return Counts(*[numbers.get(name, 0) for name in Counts._fields])


def export(company: Company) -> str:
    """The concentrators as an export of their list has them: an empty cell for nothing, texts kept from calculating."""
    target = io.StringIO()
    rows = csv.writer(target)
    rows.writerow(COLUMN_NAMES)
    for one in company.concentrators.select_related("type", "profile"):
        values = [getattr(one, column) for column in COLUMN_NAMES]
        rows.writerow(["" if value is None else _guarded(str(value)) for value in values])
    return target.getvalue()


def _guarded(text: str) -> str:
    return f"'{text}" if text.startswith(("=", "+", "-", "@")) else text


def test_the_sample_of_chile_is_90_new_concentrators(company: Company) -> None:
    with CHILE.open("rb") as source:
        found = check(source, company)
    assert found.counts == counts(new=90)
    assert found.errors == []
    assert not Concentrator.objects.exists()


SERIAL = "A serial number is 1 to 32 letters from A to Z, digits and inner hyphens."


def test_the_sample_with_errors_gives_every_error_at_once(company: Company) -> None:
    SpontaneousProfileFactory.create(name="Wake up SMMePlus 10 min")
    with (SAMPLES / "installation-errors.csv").open("rb") as source:
        found = check(source, company)
    assert errors(found) == [
        f"line 3, serial_number “16CEC50610036665X!”: {SERIAL}",
        "line 4, serial_number “16CEC50610036665”: Twice in the file; first in line 2.",
        "line 5, profile “no such profile”: No spontaneous profile has this name; there are: Wake up SMMePlus 10 min.",
        "line 6, management_ip “10.60.300.1”: An IPv4 address is four numbers from 0 to 255, like 10.60.0.10.",
        "line 6, management_port “99999”: A whole number from 1 to 65535.",
        "line 6, customers “-3”: A whole number from 0 to 2147483647.",
        "line 7, serial_number: Missing; every row needs a serial number.",
        'line 8, serial_number “=HYPERLINK("x")”: A formula; write the value itself.',
    ]
    assert found.counts == counts(new=2, rejected=6)
    assert list(found.file.rows.filter(kind=RowKind.NEW).values_list("line", flat=True)) == [2, 9]


def test_the_sample_of_excel_changes_and_installs_three(company: Company) -> None:
    SpontaneousProfileFactory.create(name="Wake up SMMePlus 10 min")
    for serial in ("16CEC50610036665", "16CEC50610036655", "16CEC50610036798"):
        ConcentratorFactory.create(serial_number=serial, company=company)
    with (SAMPLES / "installation-excel.csv").open("rb") as source:
        assert check(source, company).counts == counts(changed=3, installed=3)


def test_a_row_is_new_changed_or_unchanged(company: Company) -> None:
    ConcentratorFactory.create(serial_number="A1", company=company, feeder="F1")
    ConcentratorFactory.create(serial_number="A2", company=company, feeder="F2")
    found = checked(company, "serial_number,feeder", "a1,F1", "A2,F9", "A3,F3")
    assert found.counts == counts(new=1, changed=1, unchanged=1)


@pytest.mark.parametrize(
    ("column", "old", "new"),
    [
        ("manufacturer", "Ap System", "ap system"),
        ("management_ip", None, "10.60.0.10"),
        ("management_ip", "10.60.0.10", "10.60.0.11"),
        ("management_port", 4059, "4060"),
        ("management_address", "fixed", "as last heard"),
        ("management_address", "as last heard", "fixed"),
        ("substation", "", "Maipu"),
        ("feeder", "F1", "f1"),
        ("customers", 5, "0"),
    ],
)
def test_a_difference_in_any_column_is_a_change(company: Company, column: str, old: Any, new: str) -> None:
    ConcentratorFactory.create(serial_number="A1", company=company, **{column: old})
    assert checked(company, f"serial_number,{column}", f"A1,{new}").counts == counts(changed=1)


def test_another_type_is_a_change(company: Company) -> None:
    ConcentratorFactory.create(serial_number="A1", company=company)
    ConcentratorTypeFactory.create(name="CERCO2")
    assert checked(company, "serial_number,type", "A1,cerco1").counts == counts(unchanged=1)
    assert checked(company, "serial_number,type", "A1,cerco2").counts == counts(changed=1)


def test_an_empty_cell_says_nothing(company: Company) -> None:
    ConcentratorFactory.create(
        serial_number="A1",
        company=company,
        in_field=True,
        management_ip="10.60.0.10",
        management_port=4060,
        substation="Maipu",
        feeder="F1",
        customers=7,
        manufacturer="Other",
    )
    assert checked(company, ",".join(COLUMN_NAMES), "A1,,,,,,,,", "B1").counts == counts(new=1, unchanged=1)


def test_a_profile_installs_what_is_not_in_field_and_modifies_what_is(company: Company) -> None:
    ten, other = SpontaneousProfileFactory.create(name="Ten"), SpontaneousProfileFactory.create(name="Other")
    ConcentratorFactory.create(serial_number="A1", company=company)
    ConcentratorFactory.create(serial_number="A2", company=company, state=State.REMOVED, installed_at=INSTALLED_AT)
    ConcentratorFactory.create(serial_number="A3", company=company, in_field=True, profile=other)
    ConcentratorFactory.create(serial_number="A4", company=company, in_field=True, profile=ten)
    found = checked(company, "serial_number,profile", "A1,ten", "A2,ten", "A3,TEN", "A4,Ten", "A5,ten", "A6,")
    assert found.counts == counts(new=2, changed=3, unchanged=1, installed=3, modified=1)


def test_the_export_of_a_list_changes_nothing(company: Company) -> None:
    ConcentratorFactory.create(company=company, manufacturer="")
    ConcentratorFactory.create(company=company, in_field=True, management_ip="10.60.0.10", substation='Ñ, "x"; y')
    ConcentratorFactory.create(company=company, state=State.REMOVED, feeder="-1", customers=2147483647)
    ConcentratorFactory.create(company=company, substation="=x", feeder="+y", management_address="as last heard")
    assert checked(company, export(company)).counts == counts(unchanged=4)


def test_a_second_row_with_the_same_serial_number_is_rejected_whatever_its_case(company: Company) -> None:
    found = checked(company, "serial_number", "a1", "", "A1", " A1 ")
    assert errors(found) == [
        "line 4, serial_number “A1”: Twice in the file; first in line 2.",
        "line 5, serial_number “A1”: Twice in the file; first in line 2.",
    ]
    assert found.counts == counts(new=1, rejected=2)


def test_the_serial_number_of_another_company_is_refused_without_naming_it(company: Company) -> None:
    other = ConcentratorFactory.create(serial_number="A1", company=CompanyFactory.create(name="Secret"))
    found = checked(company, "serial_number,feeder", "A1,F1")
    assert errors(found) == ["line 2, serial_number “A1”: This serial number is taken."]
    assert other.company.name not in str(found.errors)
    assert found.counts == counts(rejected=1)


def test_cells_beyond_the_header_are_an_error_unless_they_are_empty(company: Company) -> None:
    found = checked(company, "serial_number,feeder", "A1,F1, ,", "A2,F2,,x")
    assert errors(found) == ["line 3: 4 cells, but the header names 2 columns."]
    assert found.counts == counts(new=1, rejected=1)


def test_a_new_concentrator_without_type_needs_the_usual_type(company: Company) -> None:
    ConcentratorType.objects.all().delete()
    ConcentratorTypeFactory.create(name="CERCO9")
    found = checked(company, "serial_number,type", "A1,", "A2,CERCO9")
    assert errors(found) == ["line 2, type: Missing; there is no type CERCO1 to take instead."]
    assert found.counts == counts(new=1, rejected=1)


def test_a_date_in_a_spreadsheet_is_one_error_of_its_cell(company: Company) -> None:
    book = openpyxl.Workbook()
    assert book.active is not None
    day = date(2020, 9, 24)
    for line in (["serial_number", "customers", "feeder"], ["A1", 7, day], [day], ["A3", 7, "F1", day]):
        book.active.append(line)
    target = io.BytesIO()
    book.save(target)
    reason = "This is a date or time in the sheet; format the cell as text."
    assert [(error.line, error.column, error.reason) for error in check(target, company).errors] == [
        (2, "feeder", reason),
        (3, "serial_number", reason),
        (4, "", "4 cells, but the header names 3 columns."),
    ]


def test_errors_come_in_the_order_of_the_lines_across_chunks(company: Company, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sifting, "CHUNK", 3)
    ConcentratorFactory.create(serial_number="A1")
    found = checked(company, "serial_number", "A1", "!", "A2", "A2", "?")
    assert [error.line for error in found.errors] == [2, 3, 5, 6]


def test_more_errors_than_can_be_listed_are_counted(company: Company, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(plan, "LISTED_ERRORS", 2)
    found = checked(company, "serial_number", *"!?.:;")
    assert (len(found.errors), found.error_count, found.rejected) == (2, 5, 5)


def test_a_file_that_is_no_table_is_refused(company: Company) -> None:
    with pytest.raises(UnreadableFile, match="Unknown in the header: dear_sirs"):
        checked(company, "Dear Sirs", "we send you")


def test_a_chunk_is_compared_with_one_query_however_many_rows_it_has(company: Company) -> None:
    def queries(rows: int) -> int:
        with CaptureQueriesContext(connection) as captured:
            assert checked(company, "serial_number", *[f"A{row}" for row in range(rows)]).counts.new == rows
        return len(captured)

    one, two, three = queries(1), queries(CHUNK), queries(CHUNK + 1)
    assert (one, two, three) == (one, one, one + 1)
    assert one <= 7  # with what is stored of the file and its rows
