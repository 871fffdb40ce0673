"""A company, its operator and a profile, which the tests of the pages share."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import User
from django.test import Client

from profiles.models import SpontaneousProfile, SystemSettings
from tests.factories import SpontaneousProfileFactory


@pytest.fixture
def profile(db: None) -> SpontaneousProfile:
    """One made from the settings in force."""
    SystemSettings.objects.create(environment_name="Production", wakeup_ip="10.132.20.228")
    return SpontaneousProfileFactory.create(name="Ten")


@pytest.fixture
def client(operator: User) -> Client:
    """That of the operator, signed in."""
    client = Client()
    client.force_login(operator)
    return client
