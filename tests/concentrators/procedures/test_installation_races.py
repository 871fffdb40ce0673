"""Two operators at the same moment, each with their own connection (CON-2, CON-4, PRO-6)."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from typing import Any

import pytest
from django.db import OperationalError, connection, transaction

from concentrators.models import Concentrator, State
from concentrators.procedures.actions import Done, install, modify, remove
from concentrators.procedures.held import InstallationError, lock_profiles
from profiles.models import SpontaneousProfile
from tests.factories import ConcentratorFactory, SpontaneousProfileFactory

pytestmark = pytest.mark.django_db(transaction=True)

NOW = datetime(2020, 9, 24, 10, 18, 46, tzinfo=UTC)


def at_once(*actions: Callable[[], Any]) -> list[Any]:
    """The numbers that the actions change, or the refusals and database errors that they raise, begun together."""
    start = threading.Barrier(len(actions))

    def run(action: Callable[[], Any]) -> Any:
        start.wait()
        try:
            done = action()
            return done.changed if isinstance(done, Done) else done
        except (InstallationError, OperationalError) as error:
            return type(error)
        finally:
            connection.close()

    with ThreadPoolExecutor(len(actions)) as threads:
        return list(threads.map(run, actions))


def test_of_two_who_install_the_same_concentrators_one_succeeds_and_one_is_refused() -> None:
    ConcentratorFactory.create_batch(20)
    profiles = SpontaneousProfileFactory.create_batch(2)
    keys = list(Concentrator.objects.values_list("pk", flat=True))

    def installing(profile: SpontaneousProfile, order: str) -> Callable[[], Done]:
        choice = Concentrator.objects.filter(pk__in=keys).order_by(order)
        return lambda: install(choice, profile, user=None, now=NOW)

    results = at_once(installing(profiles[0], "serial_number"), installing(profiles[1], "-serial_number"))
    assert sorted(results, key=str) == sorted([20, InstallationError], key=str)
    winner = profiles[results.index(20)]
    assert set(Concentrator.objects.values_list("state", "profile")) == {(State.IN_FIELD, winner.pk)}
    assert Concentrator.history.filter(history_type="~").count() == 20


def test_of_two_who_install_what_is_available_the_second_finds_nothing_or_is_refused() -> None:
    ConcentratorFactory.create_batch(20)
    profile = SpontaneousProfileFactory.create()
    available = Concentrator.objects.filter(state=State.AVAILABLE)
    results = at_once(*[lambda: install(available.all(), profile, user=None, now=NOW)] * 2)
    assert results.count(20) == 1
    assert {*results} <= {20, 0, InstallationError}
    assert Concentrator.history.filter(history_type="~").count() == 20


def test_removal_and_modification_at_once_leave_a_consistent_concentrator() -> None:
    concentrator = ConcentratorFactory.create(in_field=True)
    other = SpontaneousProfileFactory.create()
    everything = Concentrator.objects.all()
    results = at_once(
        lambda: remove(everything.all(), user=None, now=NOW),
        lambda: modify(everything.all(), other, user=None, now=NOW),
    )
    assert results in ([1, 1], [1, InstallationError])
    concentrator.refresh_from_db()
    assert (concentrator.state, concentrator.profile) == (State.REMOVED, None)


def test_a_profile_that_is_being_installed_cannot_be_changed() -> None:
    profile = SpontaneousProfileFactory.create(wakeup_period=10)

    def change_without_waiting() -> int:
        with connection.cursor() as cursor:
            cursor.execute("SET lock_timeout = 1" if connection.vendor == "postgresql" else "PRAGMA busy_timeout = 0")
        return SpontaneousProfile.objects.filter(pk=profile.pk).update(wakeup_period=20)

    with transaction.atomic():
        lock_profiles([profile.pk])
        assert at_once(change_without_waiting) == [OperationalError]
    assert at_once(change_without_waiting) == [1]
