"""What the status follows from is kept current by whatever changes it, in the same transaction (STA-2)."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from django.db.models import QuerySet

from concentrators.models import Company, Concentrator, OutOfService, Watch
from concentrators.procedures.actions import install, make_available, modify, remove
from concentrators.procedures.out_of_service import end_early, set_out_of_service
from concentrators.procedures.watches import note_written
from profiles.models import SpontaneousProfile
from tests.factories import ConcentratorFactory, SpontaneousProfileFactory
from tests.reports.arrivals import send, utc

BEGIN = utc("2020-09-24 12:00")
MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)


@pytest.fixture
def one(chile: Company) -> Concentrator:
    one: Concentrator = ConcentratorFactory.create(company=chile)
    install(chosen(), profile(10), user=None, now=BEGIN)
    return one


def chosen() -> QuerySet[Concentrator]:
    return Concentrator.objects.all()


def profile(minutes: int | None) -> SpontaneousProfile:
    return SpontaneousProfileFactory.create(wakeup_period=minutes or 10, wakeup_enabled=minutes is not None)


def watch() -> Watch:
    return Watch.objects.get()


def test_what_is_installed_is_watched_from_then_on(one: Concentrator) -> None:
    found = watch()
    assert (found.since, found.silent_from, found.period_min, found.is_written) == (BEGIN, BEGIN, 10, False)
    assert (found.look_at, found.is_heard, found.lost_due_at, found.outs_until) == (BEGIN, False, None, None)


def test_what_is_in_the_store_is_not_watched(chile: Company) -> None:
    ConcentratorFactory.create(company=chile)
    assert not Watch.objects.exists()


def test_what_is_removed_has_no_status_and_begins_afresh_when_it_comes_back(one: Concentrator) -> None:
    note_written([one.pk], BEGIN + MINUTE)
    remove(chosen(), user=None, now=BEGIN + HOUR)
    assert (watch().since, watch().look_at) == (None, BEGIN + HOUR)
    make_available(chosen(), user=None, now=BEGIN + HOUR)
    install(chosen(), profile(60), user=None, now=BEGIN + 2 * HOUR)
    assert (watch().since, watch().period_min, watch().is_written) == (BEGIN + 2 * HOUR, 60, False)


def test_until_something_is_written_the_assigned_period_counts_from_its_assignment(one: Concentrator) -> None:
    modify(chosen(), profile(60), user=None, now=BEGIN + MINUTE)
    found = watch()
    assert (found.since, found.silent_from, found.period_min, found.lost_due_at) == (BEGIN, BEGIN + MINUTE, 60, None)


def test_another_profile_with_the_same_period_changes_nothing(one: Concentrator) -> None:
    modify(chosen(), profile(10), user=None, now=BEGIN + MINUTE)
    assert watch().silent_from == BEGIN


def test_what_is_written_counts_until_the_next_is_written(one: Concentrator) -> None:
    note_written([one.pk], BEGIN + MINUTE)
    modify(chosen(), profile(60), user=None, now=BEGIN + 2 * MINUTE)
    assert (watch().period_min, watch().silent_from) == (10, BEGIN + MINUTE)
    note_written([one.pk], BEGIN + 3 * MINUTE)
    assert (watch().period_min, watch().silent_from, watch().is_written) == (60, BEGIN + 3 * MINUTE, True)


@pytest.mark.parametrize(
    ("at", "lost"),
    [(timedelta(minutes=14), None), (timedelta(minutes=14, microseconds=1), BEGIN + 10 * MINUTE)],
)
def test_one_that_is_unreachable_stays_so_whatever_is_written(
    one: Concentrator, at: timedelta, lost: datetime | None
) -> None:
    modify(chosen(), profile(60), user=None, now=BEGIN + at)
    assert watch().lost_due_at == lost
    note_written([one.pk], BEGIN + at + MINUTE)
    assert watch().lost_due_at == lost


def test_a_wakeup_lets_it_off(one: Concentrator) -> None:
    modify(chosen(), profile(60), user=None, now=BEGIN + HOUR)
    send(one, "2020-09-24 13:05")
    note_written([one.pk], BEGIN + HOUR + 6 * MINUTE)
    assert watch().lost_due_at is None


def test_to_be_enabled_again_counts_like_an_installation(one: Concentrator) -> None:
    modify(chosen(), profile(None), user=None, now=BEGIN + HOUR)
    assert (watch().since, watch().silent_from, watch().period_min) == (BEGIN, BEGIN + HOUR, None)
    modify(chosen(), profile(10), user=None, now=BEGIN + 2 * HOUR)
    found = watch()
    assert (found.since, found.silent_from, found.period_min) == (BEGIN + 2 * HOUR, BEGIN + 2 * HOUR, 10)
    assert found.lost_due_at is None


def test_what_is_written_into_one_that_was_removed_counts_for_nothing(one: Concentrator) -> None:
    remove(chosen(), user=None, now=BEGIN + HOUR)
    note_written([one.pk], BEGIN + HOUR)
    assert watch().since is None


def test_times_out_of_service_are_known_by_the_end_of_the_last(one: Concentrator) -> None:
    def out(begin: datetime, end: datetime) -> OutOfService:
        return set_out_of_service(one, begin=begin, end=end, reason="Works", user=None, now=BEGIN + MINUTE)

    out(BEGIN + 3 * HOUR, BEGIN + 4 * HOUR)
    first = out(BEGIN, BEGIN + HOUR)
    assert first.set_at == BEGIN + MINUTE
    assert (watch().outs_until, watch().look_at) == (BEGIN + 4 * HOUR, BEGIN)
    Watch.objects.update(look_at=BEGIN + HOUR)
    end_early(first, user=None, now=BEGIN + 2 * MINUTE)
    assert (watch().outs_until, watch().look_at) == (BEGIN + 4 * HOUR, BEGIN + 2 * MINUTE)
