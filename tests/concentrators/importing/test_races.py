"""Somebody else writes between the check and the confirmation, or at the same moment (CON-5)."""

from __future__ import annotations

import io
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import OperationalError, connection

from concentrators.importing import InventoryChanged, Outcome, Plan, check, write
from concentrators.importing.storing import create_staged
from concentrators.models import Company, Concentrator, ConcentratorType
from concentrators.procedures import actions
from concentrators.procedures.held import InstallationError
from profiles.models import SpontaneousProfile
from tests.factories import (
    CompanyFactory,
    ConcentratorFactory,
    ConcentratorTypeFactory,
    SpontaneousProfileFactory,
    UserFactory,
)

pytestmark = pytest.mark.django_db(transaction=True)

NOW = datetime(2020, 9, 24, 10, 18, 46, tzinfo=UTC)


@pytest.fixture
def company() -> Company:
    ConcentratorTypeFactory.create()
    return CompanyFactory.create()


def checked(company: Company, *lines: str) -> Plan:
    return check(io.BytesIO("\n".join(lines).encode()), company)


def refused(plan: Plan, company: Company) -> str:
    """Why ``plan`` is not written, with proof that nothing of it was."""
    before = list(Concentrator.objects.values()), Concentrator.history.count()
    with pytest.raises(InventoryChanged) as refusal:
        write(plan, company=company, user=None, now=NOW)
    assert (list(Concentrator.objects.values()), Concentrator.history.count()) == before
    return str(refusal.value)


def at_once(*actions: Callable[[], Any]) -> list[Any]:
    """What the actions return or why they are refused, begun together in threads with connections of their own."""
    start = threading.Barrier(len(actions))

    def run(action: Callable[[], Any]) -> Any:
        start.wait()
        try:
            return action()
        except (InventoryChanged, InstallationError) as error:
            return f"refused: {error}"
        except OperationalError:
            return OperationalError
        finally:
            connection.close()

    with ThreadPoolExecutor(len(actions)) as threads:
        return list(threads.map(run, actions))


def test_a_concentrator_created_meanwhile_refuses_the_file(company: Company) -> None:
    plan = checked(company, "serial_number", "A1", "A2", "A3")
    ConcentratorFactory.create(serial_number="A2", company=company)
    assert refused(plan, company) == "Since the file was checked somebody else has changed A2; check it again."


def test_a_concentrator_created_meanwhile_by_another_company_refuses_the_file_too(company: Company) -> None:
    plan = checked(company, "serial_number", "A1")
    ConcentratorFactory.create(serial_number="A1")
    assert "A1" in refused(plan, company)


def test_a_concentrator_deleted_meanwhile_refuses_the_file(company: Company) -> None:
    ConcentratorFactory.create(serial_number="A1", company=company)
    plan = checked(company, "serial_number,feeder", "A1,F1", "B1,F1")
    Concentrator.objects.all().delete()
    assert "A1" in refused(plan, company)


def test_a_concentrator_given_to_another_company_meanwhile_refuses_the_file(company: Company) -> None:
    ConcentratorFactory.create(serial_number="A1", company=company)
    plan = checked(company, "serial_number,feeder", "A1,F1")
    Concentrator.objects.update(company=CompanyFactory.create())
    assert "A1" in refused(plan, company)


def test_a_file_written_a_second_time_from_the_same_check_is_refused(company: Company) -> None:
    ConcentratorFactory.create(serial_number="A1", company=company)
    plan = checked(company, "serial_number,feeder", "A1,F1")
    assert write(plan, company=company, user=None, now=NOW) == Outcome(0, 1, 0, 0)
    assert "Somebody else has changed the inventory" in refused(plan, company)


def test_a_profile_deleted_meanwhile_refuses_the_file(company: Company) -> None:
    SpontaneousProfileFactory.create(name="Ten")
    plan = checked(company, "serial_number,profile", "A1,Ten")
    SpontaneousProfile.objects.all().delete()
    assert refused(plan, company) == "Somebody else has changed the inventory since the check; check again."


def test_a_type_deleted_meanwhile_refuses_the_file(company: Company) -> None:
    plan = checked(company, "serial_number", "A1")
    ConcentratorType.objects.all().delete()
    assert refused(plan, company) == "Somebody else has changed the inventory since the check; check again."


def test_a_company_deleted_meanwhile_refuses_the_file(company: Company) -> None:
    plan = checked(company, "serial_number", "A1")
    Company.objects.filter(pk=company.pk).delete()
    assert refused(plan, company) == "Somebody else has changed the inventory since the check; check again."


@pytest.mark.parametrize("exists", [False, True])
def test_of_two_files_for_one_company_at_once_one_is_written_and_one_refused(
    company: Company, exists: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("concentrators.importing.writing.CHUNK", 3)
    monkeypatch.setattr("concentrators.importing.writing.NEW_CHUNK", 3)
    serials = [f"A{number}" for number in range(10)]
    for serial in serials if exists else []:
        ConcentratorFactory.create(serial_number=serial, company=company)
    lines = ["serial_number,feeder", *[f"{serial},F1" for serial in serials]]
    plans = checked(company, *lines), checked(company, lines[0], *lines[:0:-1])
    audited = Concentrator.history.count()

    def writing(plan: Plan) -> Callable[[], Outcome]:
        return lambda: write(plan, company=company, user=None, now=NOW)

    results = at_once(*map(writing, plans))
    written = Outcome(0, 10, 0, 0) if exists else Outcome(10, 0, 0, 0)
    some = "A0, A1, A2" if exists else "A0, A1, A2 and 7 more"  # of a chunk of changes; of all that are there by now
    reason = f"refused: Since the file was checked somebody else has changed {some}; check it again."
    assert results in ([written, reason], [reason, written])
    assert Concentrator.objects.filter(feeder="F1").count() == 10
    assert Concentrator.history.count() == audited + 10


def test_of_two_companies_that_bring_the_same_serial_numbers_at_once_one_is_refused_as_a_whole(
    company: Company, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("concentrators.importing.writing.NEW_CHUNK", 1)
    serials = [f"A{number}" for number in range(10, 40)]
    # In opposite orders, in which the two would wait for each other if they wrote in them.
    plans = [
        (company, checked(company, "serial_number", *serials)),
        (other := CompanyFactory.create(), checked(other, "serial_number", *reversed(serials))),
    ]

    def writing(one: Company, plan: Plan) -> Callable[[], Outcome]:
        return lambda: write(plan, company=one, user=None, now=NOW)

    results = at_once(*[writing(*plan) for plan in plans])
    assert [isinstance(result, str) for result in results].count(True) == 1
    winner = plans[results.index(Outcome(30, 0, 0, 0))][0]
    assert list(Concentrator.objects.values_list("serial_number", "company")) == [(one, winner.pk) for one in serials]


def test_a_profile_cannot_be_changed_while_a_file_with_it_is_written(
    company: Company, monkeypatch: pytest.MonkeyPatch
) -> None:
    SpontaneousProfileFactory.create(name="Ten", wakeup_period=10)
    plan = checked(company, "serial_number,profile", "A1,Ten")
    meanwhile: list[Any] = []

    def change_without_waiting() -> int:
        with connection.cursor() as cursor:
            cursor.execute("SET lock_timeout = 1" if connection.vendor == "postgresql" else "PRAGMA busy_timeout = 0")
        return SpontaneousProfile.objects.update(wakeup_period=20)

    def create_meanwhile(*arguments: Any) -> list[int]:
        meanwhile.extend(at_once(change_without_waiting))
        return create_staged(*arguments)

    monkeypatch.setattr("concentrators.importing.writing.create_staged", create_meanwhile)
    assert write(plan, company=company, user=None, now=NOW) == Outcome(1, 0, 1, 0)
    assert meanwhile == [OperationalError]
    assert at_once(change_without_waiting) == [1]


def test_of_a_file_and_an_installation_at_once_one_is_refused(company: Company) -> None:
    ten, other = SpontaneousProfileFactory.create(name="Ten"), SpontaneousProfileFactory.create()
    serials = sorted(one.serial_number for one in ConcentratorFactory.create_batch(20, company=company))
    plan = checked(company, "serial_number,profile", *[f"{serial},Ten" for serial in reversed(serials)])
    earlier = NOW - timedelta(days=1)
    results = at_once(
        lambda: write(plan, company=company, user=None, now=NOW),
        lambda: actions.install(company.concentrators.all(), other, user=None, now=earlier),
    )
    if results[0] == Outcome(0, 20, 20, 0):
        assert set(Concentrator.objects.values_list("profile", "installed_at")) == {(ten.pk, NOW)}
        assert "In field already" in results[1]
    else:  # the file was checked when they were not in field
        assert set(Concentrator.objects.values_list("profile", "installed_at")) == {(other.pk, earlier)}
        assert "somebody else has changed" in results[0]


@pytest.mark.parametrize("gone", [ConcentratorType, User])
def test_what_rows_refer_to_cannot_be_deleted_while_they_are_written(
    company: Company, gone: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """They are not checked one by one where the database lets us decide that, so nothing may go meanwhile."""
    user = UserFactory.create()
    plan = checked(company, "serial_number", "A1")
    meanwhile: list[Any] = []

    def delete_without_waiting() -> None:
        with connection.cursor() as cursor:
            cursor.execute("SET lock_timeout = 1" if connection.vendor == "postgresql" else "PRAGMA busy_timeout = 0")
        gone.objects.all()._raw_delete("default")

    def create_meanwhile(*arguments: Any) -> list[int]:
        meanwhile.extend(at_once(delete_without_waiting))
        return create_staged(*arguments)

    monkeypatch.setattr("concentrators.importing.writing.create_staged", create_meanwhile)
    assert write(plan, company=company, user=user, now=NOW) == Outcome(1, 0, 0, 0)
    assert meanwhile == [OperationalError]
    assert Concentrator.history.get().history_user == user


def test_a_user_deleted_meanwhile_refuses_the_file(company: Company) -> None:
    user = UserFactory.create()
    plan = checked(company, "serial_number", "A1")
    User.objects.filter(pk=user.pk).delete()
    with pytest.raises(InventoryChanged, match="check again"):
        write(plan, company=company, user=user, now=NOW)
    assert not Concentrator.objects.exists()
