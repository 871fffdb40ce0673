from __future__ import annotations

from typing import Any

import pytest


@pytest.fixture(autouse=True)
def networks(settings: Any) -> None:
    settings.WRITER_NETWORKS = ["127.0.0.0/8"]
