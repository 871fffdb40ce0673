"""Processes of two versions keep out of each other's way by the same locks, while one replaces the other."""

from __future__ import annotations

import pytest
from django.db import connection

from tests.contract.names import check
from tests.contract.running import advisory_locks

__test__ = connection.vendor == "postgresql"  # elsewhere there are none

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.process]


def test_the_advisory_locks_keep_their_numbers() -> None:
    check("advisory locks", advisory_locks())
