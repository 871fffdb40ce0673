"""Two watchers at the same moment, each with a connection of its own, and operators beside them (STA-3)."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime

import pytest
from django.db import connection
from django.db.models import Count

from concentrators.models import Concentrator, PastWatch, Watch
from concentrators.procedures.actions import install, modify
from tests.factories import CompanyFactory, ConcentratorFactory, SpontaneousProfileFactory
from tests.reports.arrivals import utc
from wakeup.models import StatusChange
from wakeup.monitoring.changes import watcher
from wakeup.monitoring.changes.watcher import watch
from wakeup.monitoring.status.rules import Timing

pytestmark = pytest.mark.django_db(transaction=True)

BEGIN, LATER, END = (utc(f"2020-09-24 {clock}") for clock in ("12:00", "12:30", "13:00"))
MANY = 300


@pytest.fixture(autouse=True)
def fleet() -> None:
    company, profile = CompanyFactory.create(), SpontaneousProfileFactory.create(wakeup_period=10)
    ConcentratorFactory.create_batch(MANY, company=company)
    install(Concentrator.objects.all(), profile, user=None, now=BEGIN)


def at_once(*actions: Callable[[], object]) -> None:
    start = threading.Barrier(len(actions))

    def run(action: Callable[[], object]) -> object:
        start.wait()
        try:
            return action()
        finally:
            connection.close()

    with ThreadPoolExecutor(len(actions)) as threads:
        list(threads.map(run, actions))


def told() -> set[tuple[str, int]]:
    """Each status that some came into, with how many did."""
    return set(StatusChange.objects.order_by().values_list("to_status").annotate(n=Count("pk")))


def test_each_change_is_made_by_one_of_them() -> None:
    at_once(*[lambda: watch(LATER)] * 3)
    watch(LATER)
    assert told() == {("never called", MANY), ("unreachable", MANY)}


def test_what_an_operator_changes_meanwhile_is_not_lost() -> None:
    disabled = SpontaneousProfileFactory.create(wakeup_enabled=False)

    def disable() -> object:
        return modify(Concentrator.objects.all(), disabled, user=None, now=LATER)

    at_once(lambda: watch(LATER), disable, lambda: watch(LATER))
    watch(END)
    assert told() == {("never called", MANY), ("unreachable", MANY), ("disabled", MANY)}
    assert not PastWatch.objects.exists()
    assert set(Watch.objects.values_list("status", flat=True)) == {"disabled"}


def test_what_is_changed_between_finding_and_recording_waits_for_the_next_pass(monkeypatch: pytest.MonkeyPatch) -> None:
    disabled, found = SpontaneousProfileFactory.create(wakeup_enabled=False), watcher._candidates

    def then_changed(until: datetime, timing: Timing) -> set[int]:
        keys = found(until, timing)
        modify(Concentrator.objects.all(), disabled, user=None, now=LATER)
        return keys

    with monkeypatch.context() as patched:
        patched.setattr(watcher, "_candidates", then_changed)
        watch(LATER)
    watch(END)
    assert told() == {("never called", MANY), ("unreachable", MANY), ("disabled", MANY)}
    assert not PastWatch.objects.exists()
