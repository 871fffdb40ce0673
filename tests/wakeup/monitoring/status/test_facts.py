"""What is loaded for the status of the rows of a page: little, however long each has been in field (PER-4)."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from concentrators.models import Company, Concentrator
from tests.factories import ConcentratorFactory, OutOfServiceFactory
from tests.reports.arrivals import utc
from wakeup.models import WakeupTotal
from wakeup.monitoring.status.facts import RELATED, outs_of, rows_with_status
from wakeup.monitoring.status.rules import Status, StatusReason, Timing

NOW = utc("2020-09-24 15:00")
MINUTE = timedelta(minutes=1)
DAY = timedelta(days=1)


@pytest.fixture
def one(chile: Company) -> Concentrator:
    """In field since two days, heard ten minutes ago."""
    one = ConcentratorFactory.create(company=chile, in_field=True, installed_at=NOW - 2 * DAY)
    WakeupTotal.objects.create(concentrator=one, last_wakeup_at=NOW - 10 * MINUTE)
    return one


def rows() -> list[Any]:
    return rows_with_status(Concentrator.objects.select_related(*RELATED).order_by("pk"), NOW, Timing())


def test_a_page_is_loaded_in_one_query(one: Concentrator, chile: Company, django_assert_num_queries: Any) -> None:
    ConcentratorFactory.create_batch(2, company=chile, in_field=True, installed_at=NOW - DAY)
    ConcentratorFactory.create(company=chile)
    with django_assert_num_queries(1):
        found = [(row.status, row.status_reason) for row in rows()]
    never_called = (Status.UNREACHABLE, StatusReason.NEVER_CALLED)
    assert found == [(Status.REACHABLE, StatusReason.MESSAGE), never_called, never_called, (None, "")]


def test_times_out_of_service_take_one_more(one: Concentrator, django_assert_num_queries: Any) -> None:
    OutOfServiceFactory.create(concentrator=one, begin=NOW - DAY, end=NOW - MINUTE)
    OutOfServiceFactory.create(concentrator=one, begin=NOW, end=NOW + DAY)
    with django_assert_num_queries(2):
        (row,) = rows()
    assert (row.status, row.status_since) == (Status.OUT_OF_SERVICE, NOW)


def test_a_time_out_of_service_counts_from_when_it_was_set(one: Concentrator) -> None:
    OutOfServiceFactory.create(concentrator=one, begin=NOW - DAY, end=NOW + DAY, set_at=NOW - MINUTE)
    OutOfServiceFactory.create(concentrator=one, begin=NOW + 2 * DAY, end=NOW + 2 * DAY)
    assert [tuple(out) for out in outs_of([one.pk])[one.pk]] == [(NOW - MINUTE, NOW + DAY)]
