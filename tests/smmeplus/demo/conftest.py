"""The demo's past, played once for all tests of a module: it takes some seconds."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from django.db import transaction

from smmeplus.demo.past import load_demo

#: Amid the 30 days Chile puts its clocks forward.
NOW = datetime(2026, 9, 20, 2, 30, tzinfo=UTC)
PORT = 58_700


@pytest.fixture(scope="module")
def past(django_db_setup: None, django_db_blocker: Any) -> Iterator[datetime]:
    """When it was played up to; rolled back behind the module's last test."""
    with django_db_blocker.unblock(), transaction.atomic():
        assert load_demo(now=NOW, port=PORT)
        yield NOW
        transaction.set_rollback(True)
