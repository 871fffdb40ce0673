"""Lists with several pages of everything, and who looks at them."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.contrib.auth.models import User
from django.db import transaction
from pytest_django.plugin import DjangoDbBlocker

from concentrators.models import Company
from profiles.models import SystemSettings
from tests.factories import CompanyFactory
from tests.smmeplus.populated import ALL, populate
from tests.smmeplus.users import make_operator
from wakeup.models import StrayFrame


@pytest.fixture
def full(chile: Company, operator: User) -> Company:
    """Chile with 30 of everything, in two groups of which each has one value in most columns."""
    fill(chile, operator)
    return chile


@pytest.fixture(scope="module")
def filled(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[User]:
    """The operator of a Chile that is ``full``, made once for all tests of a file: each goes back to it at its end.

    So such a test needs ``django_db`` without ``transaction``, and none of ``chile``, ``operator`` and ``full``.
    """
    with django_db_blocker.unblock(), transaction.atomic():
        chile = CompanyFactory.create(name="Chile")
        operator = make_operator(chile)
        fill(chile, operator)
        yield operator
        transaction.set_rollback(True)


def fill(chile: Company, operator: User) -> None:
    SystemSettings.objects.create(environment_name="Production", wakeup_ip="10.132.20.228")
    peru = CompanyFactory.create(name="Peru")
    peru.users.add(operator)
    populate(chile, "A", ALL)
    populate(peru, "P", 2)
    StrayFrame.objects.filter(sender="P001").update(ignored=True)
