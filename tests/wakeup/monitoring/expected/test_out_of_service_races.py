"""Two operators set or end a time out of service at the same moment, each with a connection of their own (STA-1)."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection

from concentrators.models import OutOfService
from concentrators.procedures.out_of_service import OutOfServiceError, end_early, set_out_of_service
from tests.factories import ConcentratorFactory

pytestmark = pytest.mark.django_db(transaction=True)

NOW = datetime(2020, 9, 24, 15, tzinfo=UTC)
HOUR = timedelta(hours=1)


def at_once(*actions: Callable[[], object]) -> list[bool]:
    """Whether each of the actions, begun together in threads, was done and not refused."""
    start = threading.Barrier(len(actions))

    def run(action: Callable[[], object]) -> bool:
        start.wait()
        try:
            action()
        except OutOfServiceError:
            return False
        finally:
            connection.close()
        return True

    with ThreadPoolExecutor(len(actions)) as threads:
        return list(threads.map(run, actions))


def test_of_two_who_set_it_at_once_one_is_refused() -> None:
    one = ConcentratorFactory.create(in_field=True)

    def setting() -> object:
        return set_out_of_service(one, begin=None, end=NOW + HOUR, reason="Works", user=None, now=NOW)

    assert sorted(at_once(setting, setting)) == [False, True]
    assert OutOfService.objects.count() == OutOfService.history.count() == 1


def test_of_two_who_end_it_at_once_one_is_refused() -> None:
    one = ConcentratorFactory.create(in_field=True)
    out = set_out_of_service(one, begin=None, end=NOW + HOUR, reason="Works", user=None, now=NOW)

    def ending() -> object:
        return end_early(OutOfService.objects.get(pk=out.pk), user=None, now=NOW + HOUR / 2)

    assert sorted(at_once(ending, ending)) == [False, True]
    assert OutOfService.history.filter(history_type="~").count() == 1
