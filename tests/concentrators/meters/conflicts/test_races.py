"""Lists, reviews and decisions of the same meters at the same moment (MET-3, MET-5)."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection

from concentrators.meters.conflicts import deciding
from concentrators.meters.conflicts.deciding import DecisionError
from concentrators.meters.conflicts.reviewing import review
from concentrators.meters.lists import ListedMeter, ReceivedList
from concentrators.meters.storing import store_list
from concentrators.models import (
    Concentrator,
    ConcentratorMeters,
    Decision,
    MeterConflict,
    MeterSource,
    MeterState,
    MeterTally,
)
from tests.concentrators.meters.conflicts.held import NOW
from tests.factories import CompanyFactory, ConcentratorFactory, UserFactory

pytestmark = pytest.mark.django_db(transaction=True)
NAMES = [f"CIR{number}" for number in range(12)]
ROUNDS = 4


def at_once(*works: Callable[[], Any]) -> list[Any]:
    """What they return, begun together, each with a connection of its own."""
    start = threading.Barrier(len(works))

    def run(work: Callable[[], Any]) -> Any:
        start.wait()
        try:
            return work()
        finally:
            connection.close()

    with ThreadPoolExecutor(len(works)) as threads:
        return list(threads.map(run, works))


def listed(one: Concentrator, hour: int, names: list[str]) -> Callable[[], Any]:
    at = NOW + timedelta(hours=hour)
    rows = [ListedMeter(name, MeterState.ACTIVE, last_seen=at) for name in names]
    received = ReceivedList(one.pk, MeterSource.S24, at, True, f"{one.pk:032}{hour:032}", rows)
    return lambda: store_list(received, at)


@pytest.fixture
def concentrators(db: None) -> list[Concentrator]:
    company = CompanyFactory.create()
    return [ConcentratorFactory.create(company=company, in_field=True) for _ in range(2)]


def test_two_first_lists_open_one_conflict_a_meter(concentrators: list[Concentrator]) -> None:
    one, other = concentrators
    at_once(listed(one, 0, NAMES), listed(other, 0, NAMES[::-1]))
    assert sorted(MeterConflict.objects.open().values_list("meter__name", flat=True)) == sorted(NAMES)
    assert sum(ConcentratorMeters.objects.values_list("chosen", flat=True)) == len(NAMES)
    assert sum(MeterTally.objects.values_list("meters", flat=True)) == len(NAMES)


def test_decisions_reviews_and_lists_wait_for_each_other(concentrators: list[Concentrator]) -> None:
    """No deadlock, no decision lost, and each meter counts once."""
    one, other = concentrators
    user = UserFactory.create()
    listed(one, 0, NAMES)()
    listed(other, 0, NAMES)()
    conflicts = list(MeterConflict.objects.open())

    def decide() -> None:
        for conflict in conflicts:
            deciding.keep_at(conflict, other, user=user, now=NOW)

    def lists_of(concentrator: Concentrator, names: list[str]) -> Callable[[], Any]:
        return lambda: [listed(concentrator, hour, names)() for hour in range(1, ROUNDS)]

    def reviews() -> None:
        for hour in range(ROUNDS):
            review(NOW + timedelta(hours=hour))

    at_once(decide, lists_of(one, NAMES), lists_of(other, NAMES[::-1]), reviews)
    found = MeterConflict.objects.open().values_list("decision", "keep_at")
    assert list(found) == [(Decision.KEEP, other.pk)] * len(NAMES)
    counts = dict(ConcentratorMeters.objects.values_list("concentrator", "chosen"))
    assert counts == {one.pk: 0, other.pk: len(NAMES)}


def test_of_a_decision_and_a_list_that_ends_the_conflict_neither_is_half_done(
    concentrators: list[Concentrator],
) -> None:
    one, other = concentrators
    user = UserFactory.create()
    listed(one, 0, NAMES)()
    listed(other, 0, NAMES)()
    conflict = MeterConflict.objects.open().order_by("pk")[0]

    def decide() -> str:
        try:
            deciding.not_a_conflict(conflict, user=user, now=NOW)
        except DecisionError:
            return ""
        return Decision.NONE.value

    answer, _ = at_once(decide, listed(one, 1, []))
    conflict.refresh_from_db()
    assert conflict.closed_at is not None
    assert conflict.decision == answer
