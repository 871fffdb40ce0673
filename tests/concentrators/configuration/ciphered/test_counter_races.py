"""Writers that reserve counters of the same concentrators at once (SEC-3)."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection

from concentrators.keys.counters import Reserved, reserve
from tests.concentrators.configuration.ciphered.keyed import give_keys
from tests.factories import ConcentratorFactory

pytestmark = pytest.mark.django_db(transaction=True)
__test__ = connection.vendor == "postgresql"  # elsewhere one at a time writes

TIMES = 50


def test_they_never_get_the_same_and_never_wait_for_each_other_in_a_ring() -> None:
    keys = [give_keys(ConcentratorFactory.create()).pk for _ in range(5)]

    def work(number: int) -> list[dict[int, Reserved]]:
        try:
            order = keys if number % 2 else list(reversed(keys))
            return [reserve(order, 7) for _ in range(TIMES)]
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as threads:
        looks = [look for looks in threads.map(work, range(4)) for look in looks]
    for key in keys:
        counters = [counter for look in looks for counter in look[key].counters]
        assert sorted(counters) == list(range(1, 1 + 4 * TIMES * 7))
