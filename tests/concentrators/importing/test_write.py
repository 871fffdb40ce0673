"""Writing a checked installation file (CON-5)."""

from __future__ import annotations

import io
from datetime import UTC, datetime
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.test.utils import CaptureQueriesContext

from concentrators.importing import InventoryChanged, Outcome, Plan, RowsRejected, check, references, write, writing
from concentrators.models import Company, Concentrator, ConcentratorType, State
from profiles.models import SpontaneousProfile
from tests.factories import (
    CompanyFactory,
    ConcentratorFactory,
    ConcentratorTypeFactory,
    SpontaneousProfileFactory,
    UserFactory,
)

pytestmark = pytest.mark.django_db

NOW = datetime(2020, 9, 24, 10, 18, 46, tzinfo=UTC)
BEFORE = datetime(2020, 1, 1, tzinfo=UTC)
HEADER = (
    "serial_number,type,manufacturer,profile,management_ip,management_port,substation,feeder,customers,"
    "expected_networks,management_address,region,carrier,time_zone,is_canary"
)


@pytest.fixture
def company() -> Company:
    ConcentratorTypeFactory.create()
    return CompanyFactory.create()


@pytest.fixture
def operator() -> User:
    return UserFactory.create()


@pytest.fixture
def ten() -> SpontaneousProfile:
    return SpontaneousProfileFactory.create(name="Ten")


def checked(company: Company, *lines: str) -> Plan:
    return check(io.BytesIO("\n".join(lines).encode()), company)


def written(company: Company, *lines: str, user: User | None = None, only_good_rows: bool = False) -> Outcome:
    return write(checked(company, *lines), company=company, user=user, now=NOW, only_good_rows=only_good_rows)


def values(serial: str) -> dict[str, Any]:
    fields = [field.attname for field in Concentrator._meta.concrete_fields if field.attname != "id"]
    return dict(Concentrator.objects.values(*fields).get(serial_number=serial))


def audit(serial: str) -> list[Any]:
    return list(Concentrator.history.filter(serial_number=serial).order_by("history_id"))


def test_a_role_that_may_not_leave_out_the_checks_writes_the_same(
    company: Company, ten: SpontaneousProfile, operator: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(references, "_may_decide", lambda: False)
    assert written(company, "serial_number,profile", "A1,Ten", "A2,", user=operator) == Outcome(2, 0, 1, 0)
    monkeypatch.undo()
    assert written(company, "serial_number,profile", "B1,Ten", "B2,", user=operator) == Outcome(2, 0, 1, 0)
    assert values("A1") | {"serial_number": "B1"} == values("B1")


def test_a_new_concentrator_has_what_the_file_says(company: Company, ten: SpontaneousProfile) -> None:
    of_place = "As last heard,Metropolitana,Entel,America/Punta_Arenas"
    line = f"a1,CERCO1,Other,ten,10.60.0.10,4060,Ñuñoa,F1,243,10.60.0.0/16,{of_place},TRUE"
    assert written(company, HEADER, line) == Outcome(1, 0, 1, 0)
    assert values("A1") == {
        "serial_number": "A1",
        "company_id": company.pk,
        "type_id": ConcentratorType.objects.get(name="CERCO1").pk,
        "manufacturer": "Other",
        "management_ip": "10.60.0.10",
        "management_port": 4060,
        "substation": "Ñuñoa",
        "feeder": "F1",
        "customers": 243,
        "expected_networks": "10.60.0.0/16",
        "management_address": "as last heard",
        "region": "Metropolitana",
        "carrier": "Entel",
        "time_zone": "America/Punta_Arenas",
        "is_canary": True,
        "state": State.IN_FIELD,
        "profile_id": ten.pk,
        "installed_at": NOW,
    }


def test_a_new_concentrator_has_the_defaults_of_the_model_for_the_rest(company: Company) -> None:
    assert written(company, "serial_number", "A1") == Outcome(1, 0, 0, 0)
    created = Concentrator.objects.get(serial_number="A1")
    like = Concentrator(pk=created.pk, serial_number="A1", company=company, type=ConcentratorTypeFactory.create())
    assert values("A1") == {name: getattr(like, name) for name in values("A1")}


def test_the_time_of_installation_can_be_searched_for(company: Company, ten: SpontaneousProfile) -> None:
    written(company, "serial_number,profile", "A1,Ten")
    assert Concentrator.objects.filter(installed_at=NOW).count() == 1
    assert Concentrator.history.filter(installed_at=NOW, history_date=NOW).count() == 1


def test_what_was_created_satisfies_the_model_and_can_be_saved(company: Company, ten: SpontaneousProfile) -> None:
    written(company, "serial_number,profile,customers", "A1,Ten,7")
    created = Concentrator.objects.get(serial_number="A1")
    created.full_clean()
    created.customers = 8
    created.save()
    ConcentratorFactory.create(company=company)  # its key must not be one that the import took


def test_only_what_the_file_says_is_changed(company: Company) -> None:
    ConcentratorFactory.create(serial_number="A1", company=company, in_field=True, feeder="F1", customers=7)
    before = values("A1")
    assert written(company, "feeder,serial_number,customers,substation", "F2,A1,,Maipu") == Outcome(0, 1, 0, 0)
    assert values("A1") == before | {"feeder": "F2", "substation": "Maipu"}


@pytest.mark.parametrize("state", [State.AVAILABLE, State.REMOVED])
def test_a_profile_installs_a_concentrator_that_is_not_in_field(
    company: Company, ten: SpontaneousProfile, state: State
) -> None:
    installed_at = BEFORE if state == State.REMOVED else None
    ConcentratorFactory.create(serial_number="A1", company=company, state=state, installed_at=installed_at)
    assert written(company, "serial_number,profile", "A1,Ten") == Outcome(0, 1, 1, 0)
    assert (values("A1")["state"], values("A1")["profile_id"], values("A1")["installed_at"]) == (
        State.IN_FIELD,
        ten.pk,
        NOW,
    )


def test_another_profile_keeps_the_time_of_installation(company: Company, ten: SpontaneousProfile) -> None:
    ConcentratorFactory.create(serial_number="A1", company=company, in_field=True, installed_at=BEFORE)
    assert written(company, "serial_number,profile", "A1,Ten") == Outcome(0, 1, 0, 1)
    assert (values("A1")["profile_id"], values("A1")["installed_at"]) == (ten.pk, BEFORE)


def test_unchanged_rows_are_neither_written_nor_audited(company: Company) -> None:
    ConcentratorFactory.create(serial_number="A1", company=company, feeder="F1")
    assert written(company, "serial_number,feeder", "A1,F1") == Outcome(0, 0, 0, 0)
    assert [row.history_type for row in audit("A1")] == ["+"]


def test_a_file_with_errors_writes_nothing(company: Company) -> None:
    with pytest.raises(RowsRejected, match="2 rows have errors; nothing was written"):
        written(company, "serial_number", "A1", "!", "?")
    assert not Concentrator.objects.exists()


def test_only_the_good_rows_are_written_when_that_was_chosen(company: Company) -> None:
    ConcentratorFactory.create(serial_number="A2", company=company)
    lines = ["serial_number,feeder,customers", "A1,F1,", "A2,F2,", "A3,F3,many", "A1,F9,"]
    assert written(company, *lines, only_good_rows=True) == Outcome(1, 1, 0, 0)
    assert list(Concentrator.objects.values_list("serial_number", "feeder")) == [("A1", "F1"), ("A2", "F2")]


def test_each_write_is_audited_with_user_time_values_and_one_id(
    company: Company, ten: SpontaneousProfile, operator: User
) -> None:
    ConcentratorFactory.create(serial_number="A2", company=company)
    written(company, "serial_number,profile,feeder", "A1,Ten,F1", "A2,Ten,F2", "A3,,", user=operator)
    rows = [audit(serial)[-1] for serial in ("A1", "A2", "A3")]
    assert [row.history_type for row in rows] == ["+", "~", "+"]
    assert {(row.history_user_id, row.history_date) for row in rows} == {(operator.pk, NOW)}
    assert len({row.history_change_reason for row in rows}) == 1
    for row in rows:
        assert {name: getattr(row, name) for name in values(row.serial_number)} == values(row.serial_number)
        assert row.id == Concentrator.objects.get(serial_number=row.serial_number).pk


def test_many_chunks_are_one_transaction(company: Company, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(writing, "CHUNK", 2)
    monkeypatch.setattr(writing, "NEW_CHUNK", 2)
    plan = checked(company, "serial_number", *[f"A{number}" for number in range(7)])
    ConcentratorFactory.create(serial_number="A6", company=company)
    with pytest.raises(InventoryChanged, match="A6"):
        write(plan, company=company, user=None, now=NOW)
    assert list(Concentrator.objects.values_list("serial_number", flat=True)) == ["A6"]
    assert not Concentrator.history.exclude(serial_number="A6").exists()


def test_many_chunks_are_all_written(company: Company, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(writing, "CHUNK", 2)
    monkeypatch.setattr(writing, "NEW_CHUNK", 2)

    def lines(customers: int) -> list[str]:
        return ["serial_number,customers", *[f"A{number},{customers + number}" for number in range(7)]]

    assert written(company, *lines(customers=0)).new == 7
    assert written(company, *lines(customers=10)).changed == 7
    assert list(Concentrator.objects.values_list("customers", flat=True)) == [10, 11, 12, 13, 14, 15, 16]


@pytest.mark.parametrize("customers", [1, 2])
def test_the_number_of_queries_does_not_grow_with_the_rows(company: Company, customers: int) -> None:
    """Of a chunk; with customers 1 the rows are new, with 2 they are changes."""

    def queries(prefix: str, rows: int) -> int:
        lines = ["serial_number,customers", *[f"{prefix}{row},{{}}" for row in range(rows)]]
        if customers > 1:
            written(company, *[line.format(1) for line in lines])
        plan = checked(company, *[line.format(customers) for line in lines])
        with CaptureQueriesContext(connection) as captured:
            assert sum(write(plan, company=company, user=None, now=NOW)) == rows
        return len(captured)

    assert queries("A", 2) == queries("B", 500) < 29


def test_a_plan_is_for_the_company_it_was_checked_for(company: Company) -> None:
    plan = checked(company, "serial_number", "A1")
    with pytest.raises(ValueError, match="another company"):
        write(plan, company=CompanyFactory.create(), user=None, now=NOW)
    assert not Concentrator.objects.exists()
