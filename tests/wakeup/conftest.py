"""Concentrators in the states that matter to a listener."""

from __future__ import annotations

import pytest

from concentrators.models import Company, Concentrator, State
from tests.factories import CompanyFactory, ConcentratorFactory


@pytest.fixture
def chile(db: None) -> Company:
    return CompanyFactory.create(name="Chile", time_zone="America/Santiago")


@pytest.fixture
def in_field(chile: Company) -> Concentrator:
    return ConcentratorFactory.create(company=chile, serial_number="16CEC50610036665", in_field=True)


@pytest.fixture
def removed(chile: Company) -> Concentrator:
    return ConcentratorFactory.create(company=chile, serial_number="REMOVED1", state=State.REMOVED)
