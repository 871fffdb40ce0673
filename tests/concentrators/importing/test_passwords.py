"""Management passwords in installation files: read, and shown nowhere (CFG-2, CON-5)."""

from __future__ import annotations

import io
from typing import Any

import pytest
from cryptography.fernet import Fernet
from django.utils import timezone

from concentrators.importing import COLUMN_NAMES, Counts, Outcome, Plan, RowsRejected, check, write
from concentrators.keys.encryption import decrypted
from concentrators.keys.passwords import set_password
from concentrators.models import Company, Concentrator, InstallationFile, InstallationRow, ManagementPassword
from tests.factories import CompanyFactory, ConcentratorFactory, ConcentratorTypeFactory

pytestmark = pytest.mark.django_db

HEADER = "serial_number,management_password"
SECRET = "S3cr3t-9"
OLD, NEW = (Fernet.generate_key().decode() for _ in range(2))


@pytest.fixture
def company(settings: Any) -> Company:
    settings.CONFIGURATION_KEYS = [OLD]
    ConcentratorTypeFactory.create()
    return CompanyFactory.create()


def source(*lines: str) -> io.BytesIO:
    return io.BytesIO("\n".join(lines).encode())


def checked(company: Company, *lines: str) -> Plan:
    return check(source(*lines), company)


def written(company: Company, *lines: str) -> Outcome:
    return write(checked(company, *lines), company=company, user=None, now=timezone.now())


def passwords() -> dict[str, bytes]:
    rows = ManagementPassword.objects.values_list("concentrator__serial_number", "encrypted")
    return {serial: decrypted(encrypted) for serial, encrypted in rows}


def make(company: Company, serial: str, password: str = "") -> Concentrator:
    one: Concentrator = ConcentratorFactory.create(serial_number=serial, company=company)
    set_password(one, password)
    return one


def test_new_and_known_ones_get_their_passwords(company: Company) -> None:
    make(company, "A1")
    make(company, "A2", "old")
    make(company, "A3", "kept")
    assert written(company, HEADER, f"A1,{SECRET}", "A2,new", "A3,", "A4,fourth") == Outcome(1, 2, 0, 0, 3)
    assert passwords() == {"A1": SECRET.encode(), "A2": b"new", "A3": b"kept", "A4": b"fourth"}


def test_the_same_password_changes_nothing_and_another_one_does(company: Company) -> None:
    make(company, "A1", SECRET)
    assert checked(company, HEADER, f"A1,{SECRET}").counts == Counts(0, 0, 1, 0, 0, 0, 0)
    assert checked(company, HEADER, "A1,other").counts == Counts(0, 1, 0, 0, 0, 0, 1)
    assert checked(company, f"{HEADER},feeder", f"A1,{SECRET},F1").counts == Counts(0, 1, 0, 0, 0, 0, 0)


def test_one_that_no_key_decrypts_any_more_is_taken_for_another(company: Company, settings: Any) -> None:
    make(company, "A1", SECRET)
    settings.CONFIGURATION_KEYS = [NEW]
    assert written(company, HEADER, f"A1,{SECRET}") == Outcome(0, 1, 0, 0, 1)
    assert passwords() == {"A1": SECRET.encode()}


def test_what_is_kept_of_a_file_until_its_confirmation_does_not_show_it(company: Company) -> None:
    plan = checked(company, HEADER, f"A1,{SECRET}", f"A!,{SECRET}")
    kept = str([*InstallationFile.objects.values_list(), *InstallationRow.objects.values_list()])
    assert "A1" in kept
    assert SECRET not in kept
    assert SECRET not in str(plan.errors)
    write(plan, company=company, user=None, now=timezone.now(), only_good_rows=True)
    assert passwords() == {"A1": SECRET.encode()}
    assert not InstallationRow.objects.filter(password__isnull=False).exists()


def test_neither_is_it_in_the_history(company: Company) -> None:
    make(company, "A1", "old")
    written(company, HEADER, f"A1,{SECRET}")
    assert SECRET not in str(list(Concentrator.history.values_list()))
    assert Concentrator.history.filter(serial_number="A1", history_change_reason__startswith="file").count() == 1


@pytest.mark.one_database
@pytest.mark.parametrize("wrong", ["x" * 65, f"{SECRET}\x07", f"={SECRET}"])
def test_a_refused_one_is_not_told(company: Company, wrong: str) -> None:
    plan = checked(company, HEADER, f"A1,{wrong}")
    (error,) = plan.errors
    assert (error.column, error.value) == ("management_password", "")
    assert SECRET not in str(error)
    with pytest.raises(RowsRejected):
        write(plan, company=company, user=None, now=timezone.now())


@pytest.mark.one_database
def test_without_a_key_each_is_refused_and_says_why(company: Company, settings: Any) -> None:
    settings.CONFIGURATION_KEYS = []
    (error,) = checked(company, HEADER, f"A1,{SECRET}", "A2,").errors
    assert (error.line, error.reason) == (2, "CONFIGURATION_KEYS is not set, so no password or key can be kept.")


@pytest.mark.one_database
def test_a_leading_apostrophe_guards_one_that_looks_like_a_formula(company: Company) -> None:
    written(company, HEADER, "A1,'=x")
    assert passwords() == {"A1": b"=x"}


@pytest.mark.one_database
def test_one_of_another_company_is_not_touched(company: Company) -> None:
    make(CompanyFactory.create(), "A1", "theirs")
    plan = checked(company, HEADER, f"A1,{SECRET}")
    assert (plan.rejected, plan.passwords) == (1, 0)
    assert passwords() == {"A1": b"theirs"}


@pytest.mark.one_database
def test_no_file_of_ours_has_the_column() -> None:
    assert "management_password" not in COLUMN_NAMES
