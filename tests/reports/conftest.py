"""A company with a concentrator and somebody who looks at its reports."""

from __future__ import annotations

from typing import Any

import pytest
import time_machine
from django.test import Client
from pytest_django.fixtures import Settings

from concentrators.models import Company, Concentrator
from reports.models import Subscription
from tests.factories import ConcentratorFactory
from tests.reports.subscribers import NEXT_MORNING, SITE, subscribe
from tests.smmeplus.users import client_of, make_viewer


@pytest.fixture
def concentrator(chile: Company) -> Concentrator:
    return ConcentratorFactory.create(company=chile, serial_number="16CEC50610036665", in_field=True)


@pytest.fixture
def client(chile: Company) -> Client:
    """That of a viewer of Chile, signed in."""
    return client_of(make_viewer(chile))


@pytest.fixture
def next_morning(settings: Settings) -> Any:
    """The morning after the day of the report, with an address for links."""
    settings.SITE_URL = SITE
    with time_machine.travel(NEXT_MORNING, tick=False) as moment:
        yield moment


@pytest.fixture
def subscription(chile: Company) -> Subscription:
    return subscribe(chile)
