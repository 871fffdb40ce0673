"""A company with a concentrator and somebody who looks at its reports."""

from __future__ import annotations

import pytest
from django.test import Client

from concentrators.models import Company, Concentrator
from tests.factories import CompanyFactory, ConcentratorFactory
from tests.smmeplus.users import make_viewer


@pytest.fixture
def chile(db: None) -> Company:
    return CompanyFactory.create(name="Chile", time_zone="America/Santiago")


@pytest.fixture
def concentrator(chile: Company) -> Concentrator:
    return ConcentratorFactory.create(company=chile, serial_number="16CEC50610036665", in_field=True)


@pytest.fixture
def client(chile: Company) -> Client:
    """That of a viewer of Chile, signed in."""
    client = Client()
    client.force_login(make_viewer(chile))
    return client
