"""What is loaded for the status of the rows of a page: little, however long each has been in field (PER-4)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import pytest

from concentrators.models import Assignment, Company, Concentrator, OutOfService
from tests.factories import ConcentratorFactory
from tests.reports.arrivals import utc
from wakeup.models import WakeupTotal
from wakeup.monitoring.expected.loading import expectations
from wakeup.monitoring.expected.rules import Expectation
from wakeup.monitoring.status import facts
from wakeup.monitoring.status.facts import rows_with_status
from wakeup.monitoring.status.rules import Status, StatusReason, Timing

NOW = utc("2020-09-24 15:00")
MINUTE = timedelta(minutes=1)
DAY = timedelta(days=1)
MANY = 500


@pytest.fixture
def old(chile: Company) -> Concentrator:
    """In field since two years with a change of profile and a repair each day, heard ten minutes ago."""
    begin = NOW - MANY * DAY
    one = ConcentratorFactory.create(company=chile, in_field=True, installed_at=begin)
    days = [begin + n * DAY for n in range(MANY)]
    Assignment.objects.bulk_create(
        Assignment(concentrator=one, begin=day, end=day + DAY if day + DAY < NOW else None, period_min=10)
        for day in days
    )
    OutOfService.objects.bulk_create(OutOfService(concentrator=one, begin=day, end=day + MINUTE) for day in days)
    WakeupTotal.objects.create(concentrator=one, last_wakeup_at=NOW - 10 * MINUTE)
    return one


@pytest.fixture
def loaded(monkeypatch: pytest.MonkeyPatch) -> dict[int, Expectation]:
    """What was loaded for the rows of the last page, by the keys of the concentrators."""
    loaded: dict[int, Expectation] = {}

    def load(*args: Any) -> Mapping[int, Expectation]:
        loaded.update(found := expectations(*args))
        return found

    monkeypatch.setattr(facts, "expectations", load)
    return loaded


def rows() -> list[Any]:
    return rows_with_status(Concentrator.objects.select_related("profile", "total").order_by("pk"), NOW, Timing())


def test_what_was_over_before_the_silence_began_is_not_loaded(
    old: Concentrator, loaded: dict[int, Expectation]
) -> None:
    (row,) = rows()
    assert (len(loaded[old.pk].assigned), loaded[old.pk].outs) == (1, [])
    assert (row.status, row.due_at, row.status_reason) == (Status.REACHABLE, NOW, StatusReason.MESSAGE)


def test_one_that_is_silent_for_long_lets_nobody_elses_past_be_loaded(
    old: Concentrator, chile: Company, loaded: dict[int, Expectation]
) -> None:
    begin = NOW - 2 * MANY * DAY
    silent = ConcentratorFactory.create(company=chile, in_field=True, installed_at=begin)
    Assignment.objects.create(concentrator=silent, begin=begin, period_min=10)
    assert [row.status for row in rows()] == [Status.REACHABLE, Status.UNREACHABLE]
    assert [len(loaded[one.pk].assigned) for one in (old, silent)] == [1, 1]


def test_a_page_is_loaded_in_two_queries(old: Concentrator, chile: Company, django_assert_num_queries: Any) -> None:
    ConcentratorFactory.create_batch(3, company=chile, in_field=True, installed_at=NOW - DAY)
    ConcentratorFactory.create(company=chile)
    with django_assert_num_queries(2):
        found = [(row.status, row.status_reason) for row in rows()]
    never_called = (Status.UNREACHABLE, StatusReason.NEVER_CALLED)
    assert found == [(Status.REACHABLE, StatusReason.MESSAGE), never_called, never_called, never_called, (None, "")]


def test_a_time_out_of_service_that_was_planned_before_the_last_wakeup_counts(old: Concentrator) -> None:
    OutOfService.objects.create(concentrator=old, begin=NOW - 2 * DAY, end=NOW + MINUTE)
    (row,) = rows()
    assert (row.status, row.status_since) == (Status.OUT_OF_SERVICE, NOW - 2 * DAY)
