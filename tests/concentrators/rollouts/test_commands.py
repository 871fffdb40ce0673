"""Pausing, resuming, cancelling a roll-out, and trying again what failed (CFG-4)."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from typing import Any

import pytest

from concentrators.models import (
    Concentrator,
    Configuration,
    Outcome,
    RollOut,
    RollOutState,
    State,
)
from concentrators.procedures.actions import install, modify
from concentrators.rollouts.commands import RollOutError, cancel, pause, resume, retry
from profiles.models import SpontaneousProfile
from tests.concentrators.rollouts.fleet import (
    ALL,
    MINUTE,
    NOW,
    call,
    due,
    fail,
    fleet,
    installed,
    outcomes,
    pass_by,
    removed,
    write,
)
from tests.factories import ProcedureProfileFactory, SpontaneousProfileFactory

pytestmark = pytest.mark.django_db


def test_a_halted_one_that_is_resumed_goes_on_until_there_are_further_failures(profile: SpontaneousProfile) -> None:
    one = installed(5, profile, waves="3, all", halt_percent=0)
    fail(["R0000"], NOW)
    assert pass_by(NOW).state == "halted"
    resume(one, user=None, now=NOW)
    assert pass_by(NOW).state == "running"
    assert due(NOW) == ["R0001", "R0002"]
    fail(["R0001"], NOW)
    assert pass_by(NOW).state == "halted"
    resume(one, user=None, now=NOW)
    write(["R0002"], NOW)
    call(["R0002"], NOW)
    found = pass_by(NOW)
    assert (found.current_wave, found.accepted_failures, due(NOW)) == (2, 0, ["R0003", "R0004"])


def test_what_failed_is_retried_with_all_tries_and_the_halted_one_goes_on(profile: SpontaneousProfile) -> None:
    one = installed(3, profile, waves="2, all", halt_percent=0)
    fail(["R0000"], NOW)
    write(["R0001"], NOW)
    assert pass_by(NOW).state == "halted"
    assert retry(one, user=None, now=NOW + MINUTE) == 1
    found = pass_by(NOW + MINUTE)
    assert (found.state, outcomes()) == ("running", {"released": 2, "waiting": 1})
    assert due(NOW + MINUTE) == ["R0000"]
    assert Configuration.objects.get(concentrator__serial_number="R0000").failures == 0
    with pytest.raises(RollOutError):
        retry(one, user=None, now=NOW + MINUTE)


def test_of_a_paused_one_what_failed_is_retried_when_it_is_resumed(profile: SpontaneousProfile) -> None:
    one = installed(1, profile)
    fail(["R0000"], NOW)
    pass_by(NOW)
    resume(one, user=None, now=NOW)
    assert pass_by(NOW).state == "done"
    assert retry(one, user=None, now=NOW) == 1
    pause(one, user=None, now=NOW)
    fail(["R0000"], NOW)
    pass_by(NOW)
    assert retry(one, user=None, now=NOW) == 1
    assert (pass_by(NOW).state, due(NOW)) == ("paused", [])
    resume(one, user=None, now=NOW)
    assert due(NOW) == ["R0000"]


def test_a_cancelled_installation_puts_back_into_the_store_what_is_not_written(profile: SpontaneousProfile) -> None:
    one = installed(5, profile, waves="3, all", halt_percent=None)
    write(["R0000"], NOW)
    fail(["R0001"], NOW)
    pass_by(NOW)
    assert cancel(one, user=None, now=NOW + MINUTE) == 4
    states = dict(ALL.values_list("serial_number", "state"))
    assert states == {"R0000": State.IN_FIELD, **{f"R000{n}": State.AVAILABLE for n in range(1, 5)}}
    assert (outcomes(), due(NOW + MINUTE)) == ({"released": 1, "cancelled": 4}, [])
    call(["R0000"], NOW + MINUTE)
    found = pass_by(NOW + MINUTE)
    assert (found.state, found.is_settled, outcomes()) == ("cancelled", True, {"confirmed": 1, "cancelled": 4})


def test_a_cancelled_modification_gives_back_the_former_profiles_under_one_id(profile: SpontaneousProfile) -> None:
    fleet(4)
    formers = [profile, SpontaneousProfileFactory.create()]
    for index, former in enumerate(formers):
        install(ALL.filter(serial_number__in=[f"R000{index}", f"R000{index + 2}"]), former, user=None, now=NOW)
    new, later = SpontaneousProfileFactory.create(), NOW + MINUTE
    modify(ALL, new, user=None, now=later, procedure=ProcedureProfileFactory.create(waves="1, all"))
    one = RollOut.objects.latest("pk")
    write(["R0000"], later)
    assert cancel(one, user=None, now=later + MINUTE) == 3
    given = [found.profile for found in ALL.order_by("serial_number")]
    assert given == [new, formers[1], formers[0], formers[1]]
    rows = Concentrator.history.filter(history_date=later + MINUTE)
    assert len({row.history_change_reason for row in rows}) == 1
    assert rows.count() == 3
    assert one.history.latest().history_change_reason == rows[0].history_change_reason
    assert due(later + MINUTE) == ["R0001", "R0002", "R0003"]
    assert not Configuration.objects.filter(roll_out=one, waits=True).exists()


def test_what_is_put_back_is_written_within_the_hours_too(profile: SpontaneousProfile) -> None:
    fleet(1)
    install(ALL, profile, user=None, now=NOW)
    procedure = ProcedureProfileFactory.create(begin_hour=time(22), end_hour=time(5))
    modify(ALL, SpontaneousProfileFactory.create(), user=None, now=NOW + MINUTE, procedure=procedure)
    cancel(RollOut.objects.latest("pk"), user=None, now=NOW + MINUTE)
    assert Configuration.objects.get().next_try_at == datetime(2026, 11, 30, 1, tzinfo=UTC)


def test_what_has_lost_its_former_profile_stays_and_is_not_written(profile: SpontaneousProfile) -> None:
    fleet(1)
    install(ALL, profile, user=None, now=NOW)
    modify(ALL, SpontaneousProfileFactory.create(), user=None, now=NOW + MINUTE)
    profile.delete()
    assert cancel(RollOut.objects.latest("pk"), user=None, now=NOW + MINUTE) == 0
    assert due(NOW + timedelta(days=1)) == []


def test_a_later_change_is_not_undone(profile: SpontaneousProfile) -> None:
    one = installed(2, profile, waves="1, all")
    other = SpontaneousProfileFactory.create()
    modify(ALL.filter(serial_number="R0001"), other, user=None, now=NOW + MINUTE)
    assert cancel(one, user=None, now=NOW + 2 * MINUTE) == 1
    assert ALL.get(serial_number="R0001").profile == other


@pytest.mark.parametrize("command", [pause, resume, cancel, retry])
@pytest.mark.parametrize("state", RollOutState)
def test_each_command_is_for_some_states(profile: SpontaneousProfile, command: Any, state: RollOutState) -> None:
    allowed = {
        pause: {"running"},
        resume: {"paused", "halted"},
        cancel: {"running", "paused", "halted"},
        retry: {"running", "paused", "halted", "done"},
    }
    one = installed(1, profile)
    fail(["R0000"], NOW)
    one.members.update(outcome=Outcome.FAILED)
    RollOut.objects.update(state=state)
    if state.value in allowed[command]:
        command(one, user=None, now=NOW)
        assert one.history.count() > 1
    else:
        with pytest.raises(RollOutError):
            command(one, user=None, now=NOW)
        assert RollOut.objects.get().state == state


def test_a_removal_that_is_cancelled_puts_back_into_the_field(profile: SpontaneousProfile) -> None:
    one = removed(profile)
    write(["R0000"], NOW + MINUTE)
    pass_by(NOW + MINUTE)
    assert cancel(one, user=None, now=NOW + 2 * MINUTE) == 1
    assert ALL.get(serial_number="R0000").state == State.REMOVED
    assert ALL.get(serial_number="R0001").profile == profile
    assert not Configuration.objects.get(concentrator__serial_number="R0001").disables
