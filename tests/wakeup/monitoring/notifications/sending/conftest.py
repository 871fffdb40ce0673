from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from cryptography.fernet import Fernet

from tests.wakeup.monitoring.notifications.sending.answering import Answering, answering


@pytest.fixture(autouse=True)
def networks(settings: Any) -> None:
    settings.NOTIFY_NETWORKS = ["127.0.0.0/8"]
    settings.CONFIGURATION_KEYS = [Fernet.generate_key().decode()]


@pytest.fixture
def web() -> Iterator[Answering]:
    with answering() as told:
        yield told
