"""Who fills in forms while sessions end."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.auth.models import User

from concentrators.models import Company
from profiles.models import SystemSettings
from tests.factories import CompanyFactory
from tests.smmeplus.kept.browsers import with_password
from tests.smmeplus.users import make_operator


@pytest.fixture(autouse=True)
def quick_passwords(settings: Any) -> None:
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


@pytest.fixture(autouse=True)
def configured(db: None) -> SystemSettings:
    return SystemSettings.objects.create(wakeup_ip="10.0.0.1")


@pytest.fixture
def company() -> Company:
    return CompanyFactory.create()


@pytest.fixture
def operator(company: Company) -> User:
    return with_password(make_operator(company))
