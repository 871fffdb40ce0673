"""The master file of meters: created, changed from what to what, retired (MET-2)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from concentrators.meters.importing import Imported, RefusedFile, import_content
from concentrators.models import Company, ConcentratorMeters, Meter, MeterTally
from tests.factories import CompanyFactory, ConcentratorFactory

pytestmark = pytest.mark.one_database

NOW = datetime(2027, 3, 1, 12, tzinfo=UTC)
LATER = NOW + timedelta(days=1)
HEAD = "meter;manufacturer;type;kind;mac;expected_concentrator;supply_point\n"


@pytest.fixture
def chile(db: None) -> Company:
    made = CompanyFactory.create(name="Chile")
    ConcentratorFactory.create(serial_number="C1", company=made)
    return made


def take(company: Company | None, content: str, **said: Any) -> Imported:
    return import_content(content.encode(), "master.csv", **{"company": company, "user": None, "now": NOW} | said)


def counts(imported: Imported) -> dict[str, int]:
    return {kind.name.lower(): number for kind, number in sorted(imported.counts.items()) if number}


def says(imported: Imported, meter: str) -> set[tuple[str, Any, Any]]:
    (row,) = [row for row in imported.rows if row.meter == meter]
    return set(row.says)


def test_meters_are_created_with_what_their_names_tell(chile: Company) -> None:
    imported = take(chile, HEAD + "CIR2081000001;;;;;;\nx1;Maker;T;supervisor;0x40402200a1b2;c1;CL-1\n")
    assert (imported.is_master, counts(imported)) == (True, {"new": 2})
    found = Meter.objects.order_by("name").values_list(
        *("name", "manufacturer", "type", "kind", "mac", "expected_concentrator__serial_number", "supply_point")
    )
    assert list(found) == [
        ("CIR2081000001", "CIR", "", "supervisor", "", None, ""),
        ("X1", "Maker", "T", "supervisor", "40402200A1B2", "C1", "CL-1"),
    ]
    assert set(Meter.objects.values_list("in_master_since", "company")) == {(NOW, chile.pk)}


def test_an_empty_cell_and_the_same_file_change_nothing(chile: Company) -> None:
    take(chile, "meter;type;supply_point\nM1;T;S\n")
    assert counts(take(chile, "meter;type;supply_point\nM1;;S\n", now=LATER)) == {"unchanged": 1}
    assert Meter.objects.values_list("type", "supply_point", "in_master_since").get() == ("T", "S", NOW)


def test_a_dry_run_says_what_changes_from_what_to_what(chile: Company) -> None:
    take(chile, "meter;type\nM1;T\n")
    imported = take(chile, HEAD + "M1;;U;;;C1;\nM2;;;;;;\n", dry_run=True, now=LATER)
    assert counts(imported) == {"changed": 1, "new": 1}
    assert says(imported, "M1") == {("type", "T", "U"), ("expected_concentrator", "", "C1")}
    assert Meter.objects.values_list("name", "type").get() == ("M1", "T")


def test_a_meter_that_a_list_made_comes_into_the_master_file(chile: Company) -> None:
    import_content(b"concentrator;meter\nC1;M1\n", "list.csv", company=None, user=None, now=NOW)
    assert counts(take(chile, "meter\nM1\n", now=LATER)) == {"changed": 1}
    assert Meter.objects.values_list("created_at", "in_master_since").get() == (NOW, LATER)


def test_what_the_master_file_says_is_counted(chile: Company) -> None:
    import_content(b"concentrator;meter;state\nC1;M1;2\n", "list.csv", company=None, user=None, now=NOW)
    take(chile, "meter;manufacturer;kind\nM1;ZIV;supervisor\n", now=LATER)
    assert ConcentratorMeters.objects.values_list("meters", "supervisors").get() == (0, 1)
    assert MeterTally.objects.exclude(meters=0).values_list("manufacturer", "kind", "state", "meters").get() == (
        *("ZIV", "supervisor"),
        *(2, 1),
    )


@pytest.mark.parametrize(
    ("row", "why"),
    [
        ("M-1;;;;;;", "meter “M-1”: A meter name"),
        (";;T;;;;", "meter: Missing"),
        ("Total;;;;;;", "total"),
        ("2.08E+12;;;;;;", "power of ten"),
    ],
)
def test_a_row_without_a_readable_meter_is_refused_and_costs_no_other(chile: Company, row: str, why: str) -> None:
    imported = take(chile, f"{HEAD}{row}\nM2;;;;;;\n")
    assert (counts(imported), imported.rows[0].line) == ({"fault": 1, "new": 1}, 2)
    assert why in imported.rows[0].faults[0]
    assert Meter.objects.get().name == "M2"


@pytest.mark.parametrize(
    ("row", "why"),
    [
        ("M1;;;meter;;;", "One of"),
        ("M1;;;;4040;;", "12 or 16"),
        ("M1;;;;;C7;", "No concentrator of this company"),
        ("M1;;=1+1;;;;", "A formula"),
    ],
)
def test_a_faulty_cell_says_nothing_and_its_row_is_taken(chile: Company, row: str, why: str) -> None:
    ConcentratorFactory.create(serial_number="C7", company=CompanyFactory.create())
    imported = take(chile, f"{HEAD}{row}\n")
    assert (counts(imported), why in imported.rows[0].faults[0]) == ({"new": 1}, True)
    found = Meter.objects.get()
    assert (found.type, found.kind, found.mac, found.expected_concentrator_id) == ("", "customer", "", None)


def test_a_meter_twice_in_the_file_counts_once(chile: Company) -> None:
    imported = take(chile, "meter;type\nM1;T\nm1;U\n")
    assert counts(imported) == {"new": 1, "fault": 1}
    assert "Twice in the file; first in line 2." in imported.rows[0].faults[0]


def test_rows_of_another_company_are_refused(chile: Company) -> None:
    imported = take(chile, "meter;company\nM1;chile\nM2;Peru\n")
    assert (counts(imported), Meter.objects.get().name) == ({"new": 1, "fault": 1}, "M1")


def test_two_companies_may_each_have_a_meter_of_one_name(chile: Company) -> None:
    take(chile, "meter;type\nM1;T\n")
    take(CompanyFactory.create(), "meter;type\nM1;U\n")
    assert list(Meter.objects.order_by("type").values_list("name", "type")) == [("M1", "T"), ("M1", "U")]


@pytest.mark.parametrize(
    ("cell", "at"),
    [
        ("yes", LATER),
        ("2027-02-01 09:00", datetime(2027, 2, 1, 12, tzinfo=UTC)),
        ("2027-02-01T09:00Z", datetime(2027, 2, 1, 9, tzinfo=UTC)),
        ("no", None),
        ("2027-04-03 23:30", None),  # shown twice
        ("2028-01-01 00:00", None),  # still to come
    ],
)
def test_a_meter_is_retired_when_the_file_says_so(chile: Company, cell: str, at: datetime | None) -> None:
    take(chile, "meter\nM1\n")
    imported = take(chile, f"meter;retired\nM1;{cell}\n", now=LATER)
    assert counts(imported) == ({"retired": 1} if at else {"unchanged": 1})
    assert Meter.objects.get().retired_at == at


def test_that_it_is_retired_can_be_said_again_and_taken_back(chile: Company) -> None:
    take(chile, "meter;retired\nM1;yes\n")
    assert counts(take(chile, "meter;retired\nM1;yes\n", now=LATER)) == {"unchanged": 1}
    assert counts(take(chile, "meter;retired\nM1;no\n", now=LATER)) == {"changed": 1}
    assert Meter.objects.get().retired_at is None


def test_a_whole_file_retires_those_of_the_one_before_and_brings_others_back(chile: Company) -> None:
    import_content(b"concentrator;meter\nC1;OFLIST\n", "list.csv", company=None, user=None, now=NOW)
    take(chile, "meter\nM1\nM2\n")
    assert counts(take(chile, "meter\nM1\n", now=LATER)) == {"unchanged": 1}
    assert counts(take(chile, "meter\nM1\n", now=LATER, whole=True)) == {"retired": 1, "unchanged": 1}
    retired = dict(Meter.objects.values_list("name", "retired_at"))
    assert retired == {"M1": None, "M2": LATER, "OFLIST": None}
    assert counts(take(chile, "meter\nM1\nM2\n", now=LATER, whole=True)) == {"changed": 1, "unchanged": 1}
    assert not Meter.objects.filter(retired_at__isnull=False).exists()


def test_a_whole_file_with_a_refused_row_retires_nobody(chile: Company) -> None:
    take(chile, "meter\nM1\nM2\n")
    assert counts(take(chile, "meter\nM1\nM-2\n", now=LATER, whole=True)) == {"unchanged": 1, "fault": 1}


def test_the_company_has_to_be_said(chile: Company) -> None:
    with pytest.raises(RefusedFile, match="of which company"):
        take(None, "meter\nM1\n")


def test_a_file_that_breaks_off_writes_nothing(chile: Company) -> None:
    with pytest.raises(RefusedFile, match="quotation mark"):
        take(chile, "meter\n" + "".join(f"M{number}\n" for number in range(2_500)) + '"M\n')
    assert not Meter.objects.exists()
