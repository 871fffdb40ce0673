"""Which logs a writer takes, and that nobody else has them meanwhile (STA-11, CFG-3)."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from concentrators.configuration.jobs import HOLD, claim
from concentrators.configuration.outcomes import Outcome
from concentrators.configuration.power_logs.jobs import MOST_TRIES, NOT_ENDED, claim_logs
from concentrators.configuration.power_logs.steps import ReadLog
from concentrators.configuration.power_logs.storing import LogOutcome, let_logs_go, store_logs
from concentrators.models import (
    Concentrator,
    Configuration,
    ConfigurationState,
    Failure,
    State,
)
from concentrators.procedures.actions import modify
from tests.concentrators.configuration.devices import (
    configuration_of,
)
from tests.concentrators.configuration.power_logs.booted import booted, log_of, written
from tests.factories import SpontaneousProfileFactory

pytestmark = pytest.mark.django_db

WRITER = "writer"


def test_two_writers_never_hold_one_log_and_nobody_writes_its_concentrator_meanwhile() -> None:
    (one,) = written()
    now = timezone.now()
    booted(one, now)
    (job,) = claim_logs("first", 10, now)
    assert (job.key, job.tries, job.held_until) == (one.pk, 1, now + HOLD)
    assert claim_logs("second", 10, now + HOLD / 2) == []
    Configuration.objects.update(next_try_at=now, state=ConfigurationState.PENDING)
    assert claim("second", 10, now + HOLD / 2) == []
    assert len(claim("second", 10, now + HOLD)) == 1


def test_while_a_writer_holds_the_configuration_the_log_waits() -> None:
    (one,) = written()
    now = timezone.now()
    booted(one, now)
    Configuration.objects.update(next_try_at=now, state=ConfigurationState.PENDING)
    assert len(claim("first", 10, now)) == 1
    assert claim_logs("second", 10, now + HOLD / 2) == []
    assert log_of(one).due_at == now
    assert len(claim_logs("second", 10, now + HOLD)) == 1


def test_the_longest_due_come_first_and_no_more_than_asked_for() -> None:
    ones, now = written(3), timezone.now()
    for number, one in enumerate(ones):
        booted(one, now - timedelta(minutes=number))
    assert {job.key for job in claim_logs(WRITER, 2, now)} == {ones[1].pk, ones[2].pk}
    assert claim_logs(WRITER, 0, now) == []
    assert [job.key for job in claim_logs(WRITER, 2, now)] == [ones[0].pk]


def test_what_is_not_due_yet_or_not_at_all_is_left() -> None:
    ones, now = written(2), timezone.now()
    booted(ones[0], now, due_at=now + timedelta(seconds=1))
    booted(ones[1], now, due_at=None)
    assert claim_logs(WRITER, 10, now) == []


def test_a_killed_writer_delays_the_log_by_its_hold_and_the_try_counts() -> None:
    (one,) = written()
    now = timezone.now()
    booted(one, now)
    for tries in range(1, MOST_TRIES + 1):
        (job,) = claim_logs(f"writer {tries}", 10, now)
        assert job.tries == tries
        assert claim_logs("another", 10, now + HOLD - timedelta(seconds=1)) == []
        now += HOLD
    assert claim_logs(WRITER, 10, now) == []
    assert (log_of(one).due_at, log_of(one).reason) == (None, NOT_ENDED)
    booted(one, now, tries=MOST_TRIES)
    assert [job.tries for job in claim_logs(WRITER, 10, now)] == [1]


def test_a_writer_that_ends_lets_go_of_what_it_reads() -> None:
    ones, now = written(2), timezone.now()
    for one in ones:
        booted(one, now)
    jobs = claim_logs(WRITER, 1, now)
    let_logs_go(jobs, WRITER, now)
    assert {job.tries for job in claim_logs("another", 10, now)} == {1}


@pytest.mark.parametrize(
    ("outcome", "failure"), [(Outcome(), ""), (Outcome(failure=Failure.SILENT, detail="for long"), "silent: for long")]
)
def test_one_that_boots_again_while_its_log_is_read_stays_due(outcome: Outcome, failure: str) -> None:
    (one,) = written()
    booted(one)
    again = timezone.now() + timedelta(minutes=1)
    (job,) = claim_logs(WRITER, 10, timezone.now())
    booted(one, again)
    store_logs([(job, LogOutcome(outcome))], WRITER, timezone.now())
    log = log_of(one)
    assert (log.due_at, log.tries, log.held_until, log.failure) == (again, 0, None, failure)


def test_what_is_said_of_a_failure_has_room() -> None:
    (one,) = written()
    booted(one)
    (job,) = claim_logs(WRITER, 10, timezone.now())
    store_logs([(job, LogOutcome(Outcome(failure=Failure.ACCESS, detail="x" * 200)))], WRITER, timezone.now())
    assert log_of(one).failure == f"access: {'x' * 192}"


def test_a_change_of_profile_meanwhile_is_due_as_ever() -> None:
    (one,) = written()
    booted(one)
    (job,) = claim_logs(WRITER, 10, timezone.now())
    modify(Concentrator.objects.all(), SpontaneousProfileFactory.create(), user=None, now=timezone.now())
    store_logs([(job, LogOutcome(Outcome(), ReadLog([], 0)))], WRITER, timezone.now())
    assert log_of(one).due_at is None
    assert configuration_of(one).next_try_at


def test_a_type_without_a_log_is_not_due_any_more() -> None:
    (one,) = written()
    one.type.power_log_object = ""
    one.type.save()
    booted(one)
    assert claim_logs(WRITER, 10, timezone.now()) == []
    assert (log_of(one).due_at, log_of(one).tries, log_of(one).failure) == (None, 0, "")
    assert configuration_of(one).held_until is None


@pytest.mark.parametrize("state", [State.REMOVED, State.AVAILABLE])
def test_what_is_not_in_field_is_not_due_any_more(state: State) -> None:
    (one,) = written()
    Concentrator.objects.update(state=state, profile=None)
    Configuration.objects.update(profile=None)
    booted(one)
    assert claim_logs(WRITER, 10, timezone.now()) == []
    assert log_of(one).due_at is None


def test_one_without_a_configuration_is_not_due_any_more() -> None:
    (one,) = written()
    Configuration.objects.all().delete()
    booted(one)
    assert claim_logs(WRITER, 10, timezone.now()) == []
    assert log_of(one).due_at is None
