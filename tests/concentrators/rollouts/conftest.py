from __future__ import annotations

import pytest

from profiles.models import SpontaneousProfile
from tests.factories import SpontaneousProfileFactory


@pytest.fixture
def profile(db: None) -> SpontaneousProfile:
    return SpontaneousProfileFactory.create()
