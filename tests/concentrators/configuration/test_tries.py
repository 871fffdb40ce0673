"""What concentrators that are heard and never reachable cost, on a clock that is moved (CFG-3)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from concentrators.configuration import states
from concentrators.configuration.jobs import claim
from concentrators.configuration.outcomes import Outcome
from concentrators.configuration.storing import hurry, store
from concentrators.models import Concentrator, Configuration, Failure
from concentrators.models.configuration import MOST_TRIES
from concentrators.procedures.actions import install
from tests.factories import CompanyFactory, ConcentratorTypeFactory, SpontaneousProfileFactory
from tests.plugins.effort import IN_CI
from wakeup.models import WakeupTotal

pytestmark = pytest.mark.django_db

#: Half past eleven in the evening by UTC: half an hour of one day, and all of the next.
BEGIN = datetime(2027, 4, 3, 23, 30, tzinfo=UTC)
END = datetime(2027, 4, 5, tzinfo=UTC)
WRITER = "writer"
FLEET = 1_000 if IN_CI else 200


def make(number: int) -> None:
    company, type_ = CompanyFactory.create(), ConcentratorTypeFactory.create()
    Concentrator.objects.bulk_create(
        Concentrator(serial_number=f"S{place:05}", company=company, type=type_, management_ip="127.77.0.1")
        for place in range(number)
    )
    install(Concentrator.objects.all(), SpontaneousProfileFactory.create(), user=None, now=BEGIN)
    WakeupTotal.objects.bulk_create(WakeupTotal(concentrator=one) for one in Concentrator.objects.all())


def moments(step: timedelta) -> Iterator[datetime]:
    at = BEGIN
    while at < END:
        yield at
        at += step


def tries_by_day(step: timedelta) -> Counter[tuple[int, Any]]:
    """How often each was connected to on each day, if each sends a wake-up in every ``step``, and none is reachable."""
    tries: Counter[tuple[int, Any]] = Counter()
    for at in moments(step):
        WakeupTotal.objects.update(last_wakeup_at=at)
        hurry(at)
        jobs = claim(WRITER, 10_000, at)
        tries.update((job.key, at.date()) for job in jobs)
        store([(job, Outcome(failure=Failure.UNREACHABLE)) for job in jobs], WRITER, at, chance=lambda: 0.0)
    return tries


def test_a_thousand_that_are_heard_and_never_reachable_cost_a_bounded_number_of_tries_a_day() -> None:
    make(FLEET)
    tries = tries_by_day(timedelta(minutes=20))
    assert len({key for key, _day in tries}) == FLEET
    assert 1 < max(tries.values()) <= MOST_TRIES
    assert Configuration.objects.filter(unreachable_since=BEGIN).count() == FLEET


def test_without_any_pause_between_tries_it_is_the_ceiling_of_a_day_that_holds(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(states, "back_off", lambda _failures, _first: timedelta(0))
    make(10)
    tries = tries_by_day(timedelta(minutes=5))
    second = [number for (_key, day), number in tries.items() if day.day == 4]
    assert second == [MOST_TRIES] * 10
    assert max(tries.values()) == MOST_TRIES
