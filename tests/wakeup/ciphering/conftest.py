from __future__ import annotations

import pytest
from cryptography.fernet import Fernet
from pytest_django.fixtures import Settings

from concentrators.models import Concentrator
from tests.wakeup.ciphering.devices import Device, give_keys


@pytest.fixture(autouse=True)
def _encryption(settings: Settings) -> None:
    settings.CONFIGURATION_KEYS = [Fernet.generate_key().decode()]


@pytest.fixture
def device(in_field: Concentrator) -> Device:
    """A concentrator in field that has keys."""
    give_keys(in_field)
    return Device(in_field.serial_number)
