"""Settings and users that the tests of profiles share."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import User
from django.test import Client

from concentrators.models import Company
from profiles.models import SystemSettings
from tests.smmeplus.users import client_of, make_operator, make_viewer

WAKEUP_IP = "10.132.20.228"


@pytest.fixture
def configured(db: None) -> SystemSettings:
    """Settings with a wake-up IP, last gasp not configurable."""
    return SystemSettings.objects.create(environment_name="Production", wakeup_ip=WAKEUP_IP)


@pytest.fixture
def with_last_gasp(configured: SystemSettings) -> SystemSettings:
    """The same where last gasp is configurable."""
    configured.last_gasp_configurable, configured.last_gasp_ip = True, "10.132.20.230"
    configured.save()
    return configured


@pytest.fixture
def operator(db: None) -> User:
    """One of all companies, who may change the profiles that all of them use, too."""
    user = make_operator()
    user.is_superuser = True
    user.save()
    return user


@pytest.fixture
def viewer(chile: Company) -> User:
    return make_viewer(chile)


@pytest.fixture
def viewer_client(viewer: User) -> Client:
    return client_of(viewer)
