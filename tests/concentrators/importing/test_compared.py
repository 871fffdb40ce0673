"""Company and state in a file: compared with the inventory, never written (CON-5)."""

from __future__ import annotations

import io
from datetime import UTC, datetime

import pytest

from concentrators.importing import Counts, Plan, check
from concentrators.models import Company, State
from tests.factories import CompanyFactory, ConcentratorFactory, ConcentratorTypeFactory, SpontaneousProfileFactory

pytestmark = pytest.mark.django_db

STAYS = "It is %s and stays so: installing and removing alone change that."


@pytest.fixture
def company() -> Company:
    ConcentratorTypeFactory.create()
    return CompanyFactory.create(name="Chile Sur")


def checked(company: Company, *lines: str) -> Plan:
    return check(io.BytesIO("\n".join(lines).encode()), company)


def cautions(plan: Plan) -> list[str]:
    return [str(caution) for caution in plan.source.cautions]


@pytest.mark.parametrize("name", ["Chile Sur", "CHILE SUR", " chile  sur ", "Chile\u00a0Sur", "Chile Sur\u200b"])
def test_the_company_of_the_upload_is_taken_however_it_is_written(company: Company, name: str) -> None:
    assert checked(company, "serial_number,company", f"A1,{name}", "A2,").counts == Counts(2, 0, 0, 0, 0, 0)


def test_a_row_of_another_company_is_refused(company: Company) -> None:
    plan = checked(company, "serial_number,Company", "A1,Peru", "A2,Chile Sur")
    assert [str(error) for error in plan.errors] == ["line 2, company “Peru”: The file is uploaded for Chile Sur."]
    assert plan.counts == Counts(1, 0, 0, 1, 0, 0)


def test_the_state_of_an_export_changes_nothing(company: Company) -> None:
    for serial, options in (
        ("A1", {}),
        ("A2", {"in_field": True}),
        ("A3", {"state": State.REMOVED, "installed_at": datetime(2020, 9, 1, tzinfo=UTC)}),
    ):
        ConcentratorFactory.create(serial_number=serial, company=company, **options)
    plan = checked(company, "serial_number,state", "A1,available", "A2,In Field", "A3,rimosso")
    assert (plan.counts, cautions(plan)) == (Counts(0, 0, 3, 0, 0, 0), [])


def test_another_state_is_a_caution_and_is_not_applied(company: Company) -> None:
    ConcentratorFactory.create(serial_number="A1", company=company, in_field=True)
    plan = checked(company, "serial_number,state,feeder", "A1,removed,", "A2,in field,", "A3,available,F1")
    assert plan.counts == Counts(2, 0, 1, 0, 0, 0)
    assert cautions(plan) == [
        f"line 2, state “removed”: {STAYS % 'in field'}",
        f"line 3, state “in field”: {STAYS % 'available'}",
    ]


def test_a_profile_makes_it_in_field_so_that_state_is_right(company: Company) -> None:
    SpontaneousProfileFactory.create(name="Ten")
    assert cautions(checked(company, "serial_number,state,profile", "A1,in field,Ten")) == []


def test_what_is_no_state_is_refused(company: Company) -> None:
    plan = checked(company, "serial_number,state", "A1,broken")
    assert [str(error) for error in plan.errors] == ["line 2, state “broken”: One of: available, in field, removed."]
