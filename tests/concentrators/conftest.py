"""A company, its operator and a profile, which the tests of the pages share."""

from __future__ import annotations

import pytest

from profiles.models import SpontaneousProfile, SystemSettings
from tests.factories import SpontaneousProfileFactory


@pytest.fixture
def profile(db: None) -> SpontaneousProfile:
    """One made from the settings in force."""
    SystemSettings.objects.create(environment_name="Production", wakeup_ip="10.132.20.228")
    return SpontaneousProfileFactory.create(name="Ten")
