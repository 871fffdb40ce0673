from __future__ import annotations

from typing import Any

import pytest
from cryptography.fernet import Fernet


@pytest.fixture(autouse=True)
def keys_at_rest(settings: Any) -> None:
    settings.CONFIGURATION_KEYS = [Fernet.generate_key().decode()]
