"""Roll-outs go from wave to wave, and halt where too many fail (CFG-4)."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from hypothesis import given
from hypothesis import strategies as st

from concentrators.configuration.jobs import claim
from concentrators.configuration.rollouts import Counts, Step, advance, next_step, open_and_close
from concentrators.models import (
    Concentrator,
    Configuration,
    RollOut,
    State,
)
from concentrators.procedures.actions import install, modify, remove
from concentrators.procedures.rolling import in_waves
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
from tests.factories import ConcentratorFactory, ProcedureProfileFactory, SpontaneousProfileFactory

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("counts", "percent", "accepted", "has_next", "step"),
    [
        (Counts(), 10, 0, True, Step.RELEASE),
        (Counts(), 10, 0, False, Step.DONE),
        (Counts(unsettled=1, size=1), 10, 0, True, Step.NONE),
        (Counts(size=10), 10, 0, True, Step.RELEASE),
        (Counts(size=10, failed=1), 10, 0, True, Step.RELEASE),
        (Counts(size=10, failed=2), 10, 0, True, Step.HALT),
        (Counts(size=10, failed=2), 10, 1, True, Step.RELEASE),
        (Counts(unsettled=8, size=10, failed=2), 10, 0, True, Step.HALT),
        (Counts(unsettled=9, size=10, failed=1), 0, 0, True, Step.HALT),
        (Counts(size=10, failed=10), 100, 0, False, Step.DONE),
        (Counts(size=10, failed=10), None, 0, True, Step.RELEASE),
        (Counts(size=1, failed=1), 99, 0, False, Step.HALT),
    ],
)
def test_the_next_step(counts: Counts, percent: int | None, accepted: int, has_next: bool, step: Step) -> None:
    assert next_step(counts, percent, accepted, has_next=has_next) is step


@pytest.mark.one_database
@given(st.integers(0, 500), st.integers(0, 500), st.integers(0, 500), st.integers(0, 100))
def test_it_halts_if_and_only_if_the_share_of_the_whole_wave_is_exceeded_for_certain(
    good: int, bad: int, open_ones: int, percent: int
) -> None:
    size = good + bad + open_ones
    step = next_step(Counts(open_ones, size, bad), percent, 0, has_next=True)
    assert (step is Step.HALT) == (size > 0 and bad / size > percent / 100)


@pytest.mark.one_database
@given(st.lists(st.integers(1, 20), max_size=5), st.lists(st.integers(0, 30), max_size=6))
def test_however_they_come_in_parts_the_waves_are_the_same(sizes: list[int], parts: list[int]) -> None:
    found: dict[int, list[int]] = {}
    before = 0
    for part in parts:
        for wave, keys in in_waves([*sizes, None], before, range(before, before + part)):
            found.setdefault(wave, []).extend(keys)
        before += part
    joined = [key for wave in sorted(found) for key in found[wave]]
    assert joined == list(range(before))
    assert [len(found[wave]) for wave in sorted(found)][:-1] == sizes[: max(len(found) - 1, 0)]


def test_at_once_is_one_wave_that_is_due_at_once(profile: SpontaneousProfile) -> None:
    fleet(3)
    done = install(ALL, profile, user=None, now=NOW)
    one = RollOut.objects.get()
    assert (one.procedure.is_default, one.waves, one.size, one.audit_id) == (True, 1, 3, done.audit_id)
    assert (one.state, one.profile, one.profile_name) == ("running", profile, str(profile))
    assert due(NOW) == ["R0000", "R0001", "R0002"]
    assert outcomes() == {"released": 3}


def test_what_changes_nothing_begins_no_roll_out(profile: SpontaneousProfile) -> None:
    fleet(1)
    install(ALL, profile, user=None, now=NOW)
    modify(ALL, profile, user=None, now=NOW)
    modify(Concentrator.objects.none(), profile, user=None, now=NOW)
    remove(ALL, user=None, now=NOW)
    assert RollOut.objects.count() == 1
    assert outcomes() == {"overtaken": 1}


def test_concentrators_of_two_companies_are_two_roll_outs(profile: SpontaneousProfile) -> None:
    one, other = ConcentratorFactory.create(), ConcentratorFactory.create()
    done = install(ALL, profile, user=None, now=NOW)
    assert {found.company for found in RollOut.objects.all()} == {one.company, other.company}
    assert {found.audit_id for found in RollOut.objects.all()} == {done.audit_id}
    assert [found.size for found in RollOut.objects.all()] == [1, 1]


def test_the_next_wave_comes_when_each_of_this_one_has_called(profile: SpontaneousProfile) -> None:
    one = installed(5, profile, waves="1, 2, all")
    assert (one.waves, one.size) == (3, 5)
    assert due(NOW) == ["R0000"]
    write(["R0000"], NOW)
    assert pass_by(NOW).current_wave == 1
    call(["R0000"], NOW + MINUTE)
    assert pass_by(NOW + MINUTE).current_wave == 2
    assert due(NOW + MINUTE) == ["R0001", "R0002"]
    write(["R0001", "R0002"], NOW + MINUTE)
    call(["R0001"], NOW + 2 * MINUTE)
    assert pass_by(NOW + 2 * MINUTE).current_wave == 2
    call(["R0002"], NOW + 3 * MINUTE)
    assert pass_by(NOW + 3 * MINUTE).current_wave == 3
    assert due(NOW + 3 * MINUTE) == ["R0003", "R0004"]
    write(["R0003", "R0004"], NOW + 3 * MINUTE)
    call(["R0003", "R0004"], NOW + 4 * MINUTE)
    found = pass_by(NOW + 4 * MINUTE)
    assert (found.state, found.is_settled, outcomes()) == ("done", True, {"confirmed": 5})


def test_no_configuration_is_looked_up_among_the_members(profile: SpontaneousProfile) -> None:
    """The database has no statistics yet on members of the same transaction: that would cost the square of them."""
    fleet(3)
    install(ALL, profile, user=None, now=NOW)
    procedure = ProcedureProfileFactory.create(waves="1, all")
    with CaptureQueriesContext(connection) as captured:
        modify(ALL, SpontaneousProfileFactory.create(), user=None, now=NOW, procedure=procedure)
    table = Configuration._meta.db_table
    heads = (f'UPDATE "{table}"', f"INSERT INTO {table}")
    writes = [query["sql"] for query in captured if query["sql"].startswith(heads)]
    assert len(writes) >= 2
    assert not [sql for sql in writes if "rolloutmember" in sql]


def test_waves_without_members_do_not_count(profile: SpontaneousProfile) -> None:
    assert installed(3, profile, waves="3, 10, all").waves == 1


def test_with_wakeup_disabled_to_be_written_is_enough() -> None:
    quiet = SpontaneousProfileFactory.create(wakeup_enabled=False, wakeup_period=None)
    installed(2, quiet, waves="1, all")
    write(["R0000"], NOW)
    assert pass_by(NOW).current_wave == 2


@pytest.mark.parametrize(("within", "minutes"), [(None, 40), (7, 7)])
def test_one_that_does_not_call_in_time_has_failed_until_it_calls(
    profile: SpontaneousProfile, within: int | None, minutes: int
) -> None:
    """If the procedure does not say how long: its period of 10 minutes and half an hour."""
    installed(2, profile, first_wakeup_within_min=within, halt_percent=None)
    write(["R0000"], NOW)
    pass_by(NOW + minutes * MINUTE)
    assert outcomes() == {"released": 2}
    pass_by(NOW + minutes * MINUTE + timedelta(seconds=1))
    assert outcomes() == {"failed": 1, "released": 1}
    call(["R0000"], NOW + 60 * MINUTE)
    pass_by(NOW + 60 * MINUTE)
    assert outcomes() == {"confirmed": 1, "released": 1}


def test_a_wave_with_too_many_failures_halts_the_rest(profile: SpontaneousProfile) -> None:
    installed(6, profile, waves="4, all", halt_percent=25)
    fail(["R0000"], NOW)
    assert pass_by(NOW).state == "running"
    fail(["R0001"], NOW)
    found = pass_by(NOW)
    assert (found.state, found.halted_by, found.halted_of, found.current_wave) == ("halted", 2, 4, 1)
    assert due(NOW) == []


def test_a_failure_with_tries_left_is_none_yet(profile: SpontaneousProfile) -> None:
    installed(1, profile, tries=3)
    fail(["R0000"], NOW, failures=2)
    assert (pass_by(NOW).state, outcomes()) == ("running", {"released": 1})
    fail(["R0000"], NOW, failures=3)
    assert (pass_by(NOW).state, outcomes()) == ("halted", {"failed": 1})


def test_a_later_change_overtakes_it_and_counts_no_more(profile: SpontaneousProfile) -> None:
    one = installed(3, profile, waves="2, all", halt_percent=0)
    other = SpontaneousProfileFactory.create()
    modify(ALL.filter(serial_number="R0001"), other, user=None, now=NOW + MINUTE)
    assert outcomes(one) == {"released": 1, "overtaken": 1, "waiting": 1}
    fail(["R0001"], NOW + MINUTE)
    write(["R0000"], NOW + MINUTE)
    call(["R0000"], NOW + MINUTE)
    assert pass_by(NOW + MINUTE).current_wave == 2
    modify(ALL.filter(serial_number="R0002"), other, user=None, now=NOW + 2 * MINUTE)
    found = pass_by(NOW + 2 * MINUTE)
    assert (found.state, outcomes(one)) == ("done", {"confirmed": 1, "overtaken": 2})


def test_a_removal_that_disables_the_wakeup_is_rolled_out(profile: SpontaneousProfile) -> None:
    one = removed(profile)
    assert set(ALL.values_list("state", flat=True)) == {State.REMOVED}
    assert due(NOW + MINUTE) == ["R0000"]
    (job,) = claim("writer", 10, NOW + MINUTE)
    assert [(value.parameter, value.text) for value in job.target.values] == [("period", "0")]
    write(["R0000"], NOW + MINUTE)
    pass_by(NOW + MINUTE)
    assert (outcomes(one), due(NOW + MINUTE)) == ({"confirmed": 1, "released": 1}, ["R0001"])


def test_a_pass_costs_few_queries(profile: SpontaneousProfile, django_assert_num_queries: Any) -> None:
    with django_assert_num_queries(1):
        advance(NOW)
    installed(30, profile, waves="10, all", halt_percent=None)
    fail([f"R{index:04}" for index in range(10)], NOW)
    with django_assert_num_queries(12):  # of which four are savepoints
        assert advance(NOW)
    with django_assert_num_queries(7):
        open_and_close(NOW)
    with django_assert_num_queries(1):
        open_and_close(NOW)
