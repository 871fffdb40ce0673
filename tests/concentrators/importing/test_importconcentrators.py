"""``manage.py importconcentrators`` (CON-5)."""

from __future__ import annotations

import contextlib
import io
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from django.conf import settings
from django.core.management import CommandError, call_command

from concentrators.importing import plan as plans
from concentrators.importing import write, writing
from concentrators.models import Company, Concentrator, InstallationFile, InstallationRow, State
from profiles.models import ProcedureProfile, SpontaneousProfile
from tests.factories import (
    CompanyFactory,
    ConcentratorFactory,
    ConcentratorTypeFactory,
    ProcedureProfileFactory,
    SpontaneousProfileFactory,
    UserFactory,
)

pytestmark = pytest.mark.django_db

SAMPLES = Path(settings.BASE_DIR) / "tests" / "samples"
CHILE = Path(settings.BASE_DIR) / "concentrators" / "demo" / "installation-chile.csv"
ERRORS = SAMPLES / "installation-errors.csv"
EXCEL = SAMPLES / "installation-excel.csv"


@pytest.fixture(autouse=True)
def chile(db: None) -> Company:
    ConcentratorTypeFactory.create()
    return CompanyFactory.create(name="Chile")


@pytest.fixture(autouse=True)
def ten(db: None) -> SpontaneousProfile:
    return SpontaneousProfileFactory.create(name="Wake up SMMePlus 10 min")


def run(file: Path, *options: str, company: str = "Chile") -> list[str]:
    """The lines that the command prints."""
    output = io.StringIO()
    call_command("importconcentrators", str(file), "--company", company, *options, stdout=output)
    return output.getvalue().splitlines()


def failure(file: Path, *options: str, company: str = "Chile") -> tuple[list[str], str]:
    """The lines that the failing command prints, and its complaint."""
    output = io.StringIO()
    with pytest.raises(CommandError) as error:
        call_command("importconcentrators", str(file), "--company", company, *options, stdout=output)
    assert error.value.returncode == 1
    return output.getvalue().splitlines(), str(error.value)


def test_the_sample_of_chile_goes_in_once() -> None:
    assert run(CHILE) == [
        "90 new, 0 changed, 0 unchanged, 0 rejected; 0 to install, 0 to give another profile",
        "Written: 90 new, 0 changed.",
    ]
    assert Concentrator.objects.filter(company__name="Chile", state=State.AVAILABLE).count() == 90
    assert run(CHILE) == [
        "0 new, 0 changed, 90 unchanged, 0 rejected; 0 to install, 0 to give another profile",
        "Written: 0 new, 0 changed.",
    ]


def test_the_sample_of_excel_changes_and_installs_three_of_them(ten: SpontaneousProfile) -> None:
    run(CHILE)
    assert run(EXCEL) == [
        "0 new, 3 changed, 0 unchanged, 0 rejected; 3 to install, 0 to give another profile",
        "Written: 0 new, 3 changed.",
    ]
    assert list(Concentrator.objects.filter(state=State.IN_FIELD).values_list("profile", flat=True)) == [ten.pk] * 3


def test_a_file_with_errors_prints_them_all_and_writes_nothing() -> None:
    lines, complaint = failure(ERRORS)
    assert [line.split(":")[0] for line in lines[:-1]] == [
        "line 3, serial_number “16CEC50610036665X!”",
        "line 4, serial_number “16CEC50610036665”",
        "line 5, profile “no such profile”",
        "line 6, management_ip “10.60.300.1”",
        "line 6, management_port “99999”",
        "line 6, customers “-3”",
        "line 7, serial_number",
        'line 8, serial_number “=HYPERLINK("x")”',
    ]
    assert lines[-1].startswith("2 new, 0 changed, 0 unchanged, 6 rejected;")
    assert complaint == "6 rows have errors; nothing was written."
    assert not Concentrator.objects.exists()


def test_only_the_good_rows_are_written_on_demand() -> None:
    assert run(ERRORS, "--only-good-rows")[-1] == "Written: 2 new, 0 changed."
    assert set(Concentrator.objects.values_list("serial_number", flat=True)) == {
        "16CEC50610036665",
        "16CEC50610099903",
    }


@pytest.mark.parametrize("options", [[], ["--only-good-rows"]])
def test_a_dry_run_writes_nothing(options: list[str]) -> None:
    assert run(CHILE, "--dry-run", *options)[-1] == "Dry run: nothing was written."
    assert not Concentrator.objects.exists()


def test_a_dry_run_of_a_file_with_errors_fails_like_the_real_one() -> None:
    assert failure(ERRORS, "--dry-run") == failure(ERRORS)
    assert run(ERRORS, "--dry-run", "--only-good-rows")[-1] == "Dry run: nothing was written."
    assert not Concentrator.objects.exists()


def test_an_xlsx_file_goes_in_too(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    assert book.active is not None
    for line in (["Serial number", "Profile", "Customers"], ["a1", "WAKE UP SMMEPLUS 10 MIN", 243.0], ["a2", None, 0]):
        book.active.append(line)
    book.save(tmp_path / "installation.xlsx")
    assert run(tmp_path / "installation.xlsx")[-1] == "Written: 2 new, 0 changed."
    assert list(Concentrator.objects.values_list("serial_number", "state", "customers")) == [
        ("A1", State.IN_FIELD, 243),
        ("A2", State.AVAILABLE, 0),
    ]


def test_what_was_read_and_passed_over_is_said_and_cautions_too() -> None:
    assert run(SAMPLES / "field" / "f06-first-sheet-hidden.xlsx", "--dry-run")[0] == (
        "Sheet “Data” was read, with 0 hidden rows; not read: Sheet (hidden)."
    )
    assert run(SAMPLES / "tools" / "t08-openpyxl-merged-cells.xlsx", "--dry-run")[:2] == [
        "Caution: line 2: These cells are merged: only the first of them has the value, and the others are empty.",
        "Sheet “Sheet” was read, with 0 hidden rows; not read: Notes.",
    ]
    assert not any(line.startswith("Sheet") for line in run(EXCEL, "--dry-run"))


def test_the_user_is_in_the_audit() -> None:
    user = UserFactory.create(username="marta")
    run(CHILE, "--user", "marta")
    assert set(Concentrator.history.values_list("history_user", "history_type")) == {(user.pk, "+")}


def test_without_a_user_nobody_is_in_the_audit() -> None:
    run(CHILE)
    assert set(Concentrator.history.values_list("history_user", flat=True)) == {None}


def test_an_unknown_user_is_refused() -> None:
    assert failure(CHILE, "--user", "nobody") == ([], "There is no user “nobody”.")
    assert not Concentrator.objects.exists()


def test_an_unknown_company_lists_the_known_ones() -> None:
    CompanyFactory.create(name="Peru")
    _lines, complaint = failure(CHILE, company="Bolivia")
    assert "Bolivia" in complaint
    assert "Chile, Peru" in complaint


def test_a_company_is_needed() -> None:
    with pytest.raises(CommandError, match="--company"):
        call_command("importconcentrators", str(CHILE))


def test_a_missing_file_and_a_folder_are_refused(tmp_path: Path) -> None:
    missing = tmp_path / "missing.csv"
    assert failure(missing) == ([], f"Cannot read {missing}: No such file or directory")
    assert failure(tmp_path) == ([], f"Cannot read {tmp_path}: Is a directory")


def test_a_file_that_is_no_table_is_refused_with_its_name(tmp_path: Path) -> None:
    file = tmp_path / "empty.csv"
    file.touch()
    assert failure(file) == ([], f"{file}: The file is empty.")


def test_somebody_else_who_writes_meanwhile_is_a_clear_failure(monkeypatch: pytest.MonkeyPatch, chile: Company) -> None:
    def write_after_somebody_else(*arguments: Any, **options: Any) -> Any:
        ConcentratorFactory.create(serial_number="16CEC50610036665", company=chile)
        return write(*arguments, **options)

    monkeypatch.setattr("concentrators.management.commands.importconcentrators.write", write_after_somebody_else)
    _lines, complaint = failure(CHILE)
    assert complaint == "Since the file was checked somebody else has changed 16CEC50610036665; check it again."
    assert Concentrator.objects.count() == 1


def test_errors_beyond_those_listed_are_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(plans, "LISTED_ERRORS", 3)
    lines, _complaint = failure(ERRORS)
    assert lines[-2] == "and 5 errors more"


@pytest.fixture
def carried_out(monkeypatch: pytest.MonkeyPatch) -> list[ProcedureProfile | None]:
    """By which procedure profiles files are written."""
    found: list[ProcedureProfile | None] = []
    monkeypatch.setattr(writing, "hold_procedure", found.append)
    return found


@pytest.mark.parametrize("named", ["Careful", " CAREFUL "])
def test_a_file_is_carried_out_by_the_procedure_profile_that_is_named(carried_out: list[Any], named: str) -> None:
    careful = ProcedureProfileFactory.create(name="Careful")
    run(CHILE, "--procedure", named)
    assert carried_out == [careful]


def test_without_a_name_it_is_the_default(carried_out: list[Any]) -> None:
    run(CHILE)
    assert carried_out == [None]


@pytest.mark.parametrize("named", ["Carefree", ""])
def test_a_procedure_profile_that_is_not_there_is_refused_before_anything_is_read(named: str) -> None:
    lines, complaint = failure(CHILE, "--procedure", named)
    assert (lines, complaint) == ([], f"There is no procedure profile “{named}”. There are: “At once”.")
    assert not Concentrator.objects.exists()


def test_a_dry_run_prints_the_rows_of_the_preview(chile: Company, ten: SpontaneousProfile) -> None:
    five = SpontaneousProfileFactory.create(name="Five")
    serials = "16CEC50610036665", "16CEC50610036655", "16CEC50610036798"
    ConcentratorFactory.create(serial_number=serials[0], company=chile, in_field=True, profile=five)
    ConcentratorFactory.create(serial_number=serials[1], company=chile)
    lines = run(EXCEL, "--dry-run")
    assert lines[1] == "other profile: 1"
    assert lines[2].startswith(f"  line 2, {serials[0]}: Spontaneous profile: Five → Wake up SMMePlus 10 min; ")
    assert lines[3] == "installed: 1"
    assert f"{serials[1]}: State: available → in field; Spontaneous profile: — → Wake up SMMePlus 10 min" in lines[4]
    assert (lines[5], lines[6][:26], lines[7]) == (
        "new: 1",
        f"  line 4, {serials[2]}"[:26],
        "Dry run: nothing was written.",
    )


def test_of_many_rows_of_a_kind_a_dry_run_prints_the_first_twenty() -> None:
    lines = run(CHILE, "--dry-run")
    assert lines[1] == "new: 90, of which these are the first 20"
    assert len(lines) == 1 + 1 + 20 + 1


@pytest.mark.parametrize("options", [[], ["--dry-run"], ["--only-good-rows"]])
@pytest.mark.parametrize("file", [CHILE, ERRORS])
def test_nothing_of_the_file_is_kept_afterwards(file: Path, options: list[str]) -> None:
    with contextlib.suppress(CommandError):
        run(file, *options)
    assert not InstallationFile.objects.exists()
    assert not InstallationRow.objects.exists()
