"""Many configurations made due at once: one transaction, one audit id, no row in Python (CFG-3)."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from concentrators.models import Company, Concentrator, Configuration
from concentrators.models.configuration import MOST_TRIES
from concentrators.procedures.actions import install
from concentrators.procedures.trying_again import to_try_again, try_all_again
from tests.factories import CompanyFactory, ConcentratorFactory, SpontaneousProfileFactory, UserFactory

pytestmark = pytest.mark.django_db

INSTALLED = timezone.now() - timedelta(days=1)
NOW = INSTALLED + timedelta(hours=1)


@pytest.fixture
def company() -> Company:
    return CompanyFactory.create()


@pytest.fixture
def operator() -> User:
    return UserFactory.create()


def failed(company: Company, number: int) -> None:
    for _ in range(number):
        ConcentratorFactory.create(company=company)
    chosen = Concentrator.objects.filter(company=company)
    install(chosen, SpontaneousProfileFactory.create(), user=None, now=INSTALLED)
    far = NOW + timedelta(hours=12)
    Configuration.objects.update(state="failed", failure="silent", failures=9, tries=MOST_TRIES, next_try_at=far)


def of_configurations(*columns: str) -> list[Any]:
    return list(Configuration.objects.order_by("pk").values_list(*columns))


def test_all_are_due_at_once_and_the_audit_says_by_one_id_who_did_it(company: Company, operator: User) -> None:
    failed(company, 3)
    done = try_all_again(Concentrator.objects.all(), user=operator, now=NOW)
    assert done.changed == 3
    assert (
        of_configurations("state", "failure", "failures", "tries", "next_try_at")
        == [("pending", "", 0, MOST_TRIES - 1, NOW)] * 3
    )
    rows = Concentrator.history.filter(history_date=NOW)
    assert {(row.history_user, row.history_change_reason) for row in rows} == {
        (operator, f"new try to write {done.audit_id}")
    }
    assert rows.count() == 3


def test_a_filter_by_the_state_that_is_changed_finds_them_all(company: Company, operator: User) -> None:
    failed(company, 3)
    Configuration.objects.filter(pk=Configuration.objects.order_by("pk")[0].pk).update(state="confirmed")
    chosen = Concentrator.objects.filter(configuration__state="failed")
    assert try_all_again(chosen, user=operator, now=NOW).changed == 2
    assert of_configurations("state") == [("confirmed",), ("pending",), ("pending",)]


def test_what_is_being_written_and_what_is_not_in_field_is_left_alone(company: Company, operator: User) -> None:
    failed(company, 4)
    first, second, third, fourth = Configuration.objects.order_by("pk")
    Configuration.objects.filter(pk=first.pk).update(state="writing")
    Configuration.objects.filter(pk=second.pk).update(profile=None)
    Configuration.objects.filter(pk=third.pk).update(state="written", held_until=NOW + timedelta(seconds=1))
    Configuration.objects.filter(pk=fourth.pk).update(held_until=NOW)
    assert to_try_again(Concentrator.objects.all(), NOW).count() == 1
    assert try_all_again(Concentrator.objects.all(), user=operator, now=NOW).changed == 1
    assert of_configurations("state") == [("writing",), ("failed",), ("written",), ("pending",)]
    assert Concentrator.history.filter(history_date=NOW).count() == 1


def test_of_none_nothing_is_said(company: Company, operator: User) -> None:
    assert try_all_again(Concentrator.objects.all(), user=operator, now=NOW) == (0, None)
    assert not Concentrator.history.exists()


def test_any_number_costs_the_same_statements(company: Company, operator: User) -> None:
    costs = []
    for number in (1, 50):
        other = CompanyFactory.create()
        failed(other, number)
        with CaptureQueriesContext(connection) as captured:
            try_all_again(Concentrator.objects.filter(company=other), user=operator, now=NOW)
        costs.append(len(captured))
    assert costs[0] == costs[1]
