"""SIM-1 and SIM-3: how one concentrator behaves, on a clock that the tests turn by hand."""

from __future__ import annotations

import pytest

from concentrators.simulator.behaviour import Behaviour, Profile
from smmeplus.dlms.kinds import Kind

MINUTE = 60.0
HOUR = 60 * MINUTE
TEN_MINUTES = Profile(period=10 * MINUTE)
DISABLED = Profile(period=None)


def attempt(concentrator: Behaviour, *, reaches: bool, lasting: float = 0.0) -> tuple[float, Kind]:
    """Let it make the attempt that is due, and return when that was and what it sent."""
    assert concentrator.due is not None
    began = concentrator.due
    kind = concentrator.begin(began)
    (concentrator.succeeded if reaches else concentrator.failed)(began + lasting)
    return began, kind


def begun(concentrator: Behaviour, outcomes: str) -> list[float]:
    """The times of the attempts that end as ``outcomes`` says: ``+`` reached the service, ``-`` did not."""
    return [attempt(concentrator, reaches=outcome == "+")[0] for outcome in outcomes]


def test_a_concentrator_that_switches_on_boots_at_once() -> None:
    assert attempt(Behaviour(TEN_MINUTES, now=100.0), reaches=True) == (100.0, Kind.BOOT)


def test_after_the_boot_come_keepalives_at_the_fixed_interval() -> None:
    concentrator = Behaviour(TEN_MINUTES, now=0.0)
    sent = [attempt(concentrator, reaches=True, lasting=1.5) for _ in range(4)]
    assert sent == [(0, Kind.BOOT), (600, Kind.KEEPALIVE), (1200, Kind.KEEPALIVE), (1800, Kind.KEEPALIVE)]


def test_a_year_of_ten_minute_wakeups_is_one_for_every_ten_minutes() -> None:
    concentrator = Behaviour(TEN_MINUTES, now=0.0)
    count = 0
    while concentrator.due is not None and concentrator.due < 365 * 24 * HOUR:
        attempt(concentrator, reaches=True, lasting=0.3)
        count += 1
    assert count == 365 * 24 * 6


def test_a_failed_wakeup_is_retried_three_times_sixty_seconds_apart_and_again_after_thirty_minutes() -> None:
    concentrator = Behaviour(TEN_MINUTES, now=0.0)
    first_round = [0, 60, 120, 180]
    second_round = [180 + 1800, 180 + 1860, 180 + 1920]
    third_round = [300 + 3600, 300 + 3660, 300 + 3720]
    assert begun(concentrator, "-" * 10) == first_round + second_round + third_round


@pytest.mark.parametrize("failures", [1, 2, 3, 4, 5, 6, 7])
def test_the_first_attempt_that_gets_through_ends_the_retry_task_and_the_period_counts_from_it(failures: int) -> None:
    concentrator = Behaviour(TEN_MINUTES, now=0.0)
    *_, reached, following, one_more = begun(concentrator, "-" * failures + "+++")
    assert (following - reached, one_more - following) == (600, 600)
    assert not concentrator.retrying


def test_a_failure_long_after_a_recovery_gets_a_whole_round_of_retries_again() -> None:
    concentrator = Behaviour(TEN_MINUTES, now=0.0)
    assert begun(concentrator, "--+----+") == [0, 60, 120, 720, 780, 840, 900, 2700]


def test_retries_stay_sixty_seconds_apart_when_the_service_is_slow_to_fail() -> None:
    concentrator = Behaviour(TEN_MINUTES, now=0.0)
    assert [attempt(concentrator, reaches=False, lasting=10.0)[0] for _ in range(5)] == [0, 60, 120, 180, 1980]


def test_an_attempt_that_outlasts_the_retry_interval_is_followed_only_when_it_has_ended() -> None:
    concentrator = Behaviour(TEN_MINUTES, now=0.0)
    attempt(concentrator, reaches=False, lasting=75.0)
    assert concentrator.due == 75.0


def test_an_attempt_that_outlasts_the_period_is_followed_only_when_it_has_ended() -> None:
    concentrator = Behaviour(Profile(period=MINUTE), now=0.0)
    attempt(concentrator, reaches=True, lasting=75.0)
    assert concentrator.due == 75.0


def test_only_attempts_of_the_retry_task_count_as_retries() -> None:
    concentrator = Behaviour(TEN_MINUTES, now=0.0)
    retries = []
    for reaches in (True, False, False, True, True):
        retries.append(concentrator.retrying)
        attempt(concentrator, reaches=reaches)
    assert retries == [False, False, True, True, False]


def test_a_boot_that_does_not_get_through_is_retried_as_a_boot() -> None:
    concentrator = Behaviour(TEN_MINUTES, now=0.0)
    kinds = [attempt(concentrator, reaches=False)[1] for _ in range(6)]
    kinds += [attempt(concentrator, reaches=True)[1] for _ in range(2)]
    assert kinds == [Kind.BOOT] * 7 + [Kind.KEEPALIVE]


def test_nothing_is_due_while_an_attempt_is_under_way() -> None:
    concentrator = Behaviour(TEN_MINUTES, now=0.0)
    concentrator.begin(0.0)
    assert concentrator.due is None


def test_an_attempt_begins_neither_early_nor_twice() -> None:
    concentrator = Behaviour(TEN_MINUTES, now=5.0)
    with pytest.raises(ValueError, match="Nothing is due"):
        concentrator.begin(4.9)
    concentrator.begin(5.0)
    with pytest.raises(ValueError, match="Nothing is due"):
        concentrator.begin(5.0)


def test_a_lost_supply_is_announced_once_where_the_profile_has_the_last_gasp_enabled() -> None:
    concentrator = Behaviour(Profile(period=600.0, last_gasp=True), now=0.0)
    attempt(concentrator, reaches=True)
    concentrator.power_lost(250.0)
    assert attempt(concentrator, reaches=False) == (250.0, Kind.LASTGASP)
    assert concentrator.due is None


def test_a_lost_supply_is_not_announced_where_the_profile_has_the_last_gasp_disabled() -> None:
    concentrator = Behaviour(TEN_MINUTES, now=0.0)
    concentrator.power_lost(250.0)
    assert concentrator.due is None


def test_a_supply_that_is_lost_already_is_not_announced_again() -> None:
    concentrator = Behaviour(Profile(period=600.0, last_gasp=True), now=0.0)
    concentrator.power_lost(1.0)
    attempt(concentrator, reaches=True)
    concentrator.power_lost(2.0)
    assert concentrator.due is None


def test_after_an_outage_the_concentrator_boots_at_once_even_in_the_middle_of_a_pause() -> None:
    concentrator = Behaviour(TEN_MINUTES, now=0.0)
    begun(concentrator, "+----")
    concentrator.power_lost(1000.0)
    concentrator.power_restored(1001.0)
    assert not concentrator.retrying
    assert attempt(concentrator, reaches=True) == (1001.0, Kind.BOOT)
    assert concentrator.due == 1601.0


@pytest.mark.parametrize("outcome", ["succeeded", "failed"])
def test_the_outcome_of_an_attempt_that_the_power_cut_off_changes_nothing(outcome: str) -> None:
    concentrator = Behaviour(Profile(period=600.0, last_gasp=True), now=0.0)
    concentrator.begin(0.0)
    concentrator.power_lost(1.0)
    getattr(concentrator, outcome)(2.0)
    assert (concentrator.due, concentrator.kind) == (1.0, Kind.LASTGASP)


def test_with_wakeup_disabled_neither_boot_nor_keepalive_is_sent_but_the_last_gasp_is() -> None:
    concentrator = Behaviour(Profile(period=None, last_gasp=True), now=0.0)
    assert concentrator.due is None
    concentrator.power_lost(10.0)
    assert attempt(concentrator, reaches=True) == (10.0, Kind.LASTGASP)
    concentrator.power_restored(20.0)
    assert concentrator.due is None


def test_disabling_wakeup_ends_keepalives_and_retries() -> None:
    concentrator = Behaviour(TEN_MINUTES, now=0.0)
    begun(concentrator, "+--")
    concentrator.profile_changed(DISABLED, 700.0)
    assert (concentrator.due, concentrator.retrying) == (None, False)


def test_wakeup_disabled_during_an_attempt_stays_disabled_after_it() -> None:
    for outcome in ("succeeded", "failed"):
        concentrator = Behaviour(TEN_MINUTES, now=0.0)
        concentrator.begin(0.0)
        concentrator.profile_changed(DISABLED, 1.0)
        getattr(concentrator, outcome)(2.0)
        assert concentrator.due is None


def test_wakeup_enabled_for_the_first_time_sends_a_keepalive_at_once() -> None:
    concentrator = Behaviour(DISABLED, now=0.0)
    concentrator.profile_changed(TEN_MINUTES, 5000.0)
    assert attempt(concentrator, reaches=True) == (5000.0, Kind.KEEPALIVE)
    assert concentrator.due == 5600.0


def test_disabling_and_enabling_in_the_middle_of_a_round_does_not_bring_attempts_closer_together() -> None:
    concentrator = Behaviour(TEN_MINUTES, now=0.0)
    begun(concentrator, "--")
    concentrator.profile_changed(DISABLED, 70.0)
    concentrator.profile_changed(TEN_MINUTES, 80.0)
    assert attempt(concentrator, reaches=True) == (120.0, Kind.KEEPALIVE)


@pytest.mark.parametrize(("changed_at", "due"), [(100.0, 300.0), (299.0, 300.0), (550.0, 550.0)])
def test_a_shorter_period_counts_from_the_last_message_and_what_it_makes_overdue_goes_at_once(
    changed_at: float, due: float
) -> None:
    concentrator = Behaviour(TEN_MINUTES, now=0.0)
    attempt(concentrator, reaches=True)
    concentrator.profile_changed(Profile(period=300.0), changed_at)
    assert concentrator.due == due


def test_a_longer_period_counts_from_the_last_message() -> None:
    concentrator = Behaviour(TEN_MINUTES, now=0.0)
    begun(concentrator, "++")
    concentrator.profile_changed(Profile(period=6000.0), 900.0)
    assert concentrator.due == 6600.0


@pytest.mark.parametrize("earlier", [0, 1, 5])
def test_a_period_changed_during_an_attempt_holds_after_it(earlier: int) -> None:
    concentrator = Behaviour(TEN_MINUTES, now=0.0)
    begun(concentrator, "+" * earlier)
    began = 600.0 * earlier
    concentrator.begin(began)
    concentrator.profile_changed(Profile(period=6000.0), began + 1)
    assert concentrator.due is None
    concentrator.succeeded(began + 2)
    assert concentrator.due == began + 6000


def test_a_changed_period_leaves_the_retry_task_and_an_untold_boot_as_they_are() -> None:
    retrying = Behaviour(TEN_MINUTES, now=0.0)
    begun(retrying, "+----")
    retrying.profile_changed(Profile(period=60.0), 800.0)
    switched_on_later = Behaviour(TEN_MINUTES, now=50.0)
    switched_on_later.profile_changed(Profile(period=60.0), 10.0)
    assert (retrying.due, retrying.retrying) == (780.0 + 1800.0, True)
    assert (switched_on_later.due, switched_on_later.kind) == (50.0, Kind.BOOT)


def test_a_profile_written_while_the_supply_is_away_holds_from_the_restart() -> None:
    concentrator = Behaviour(DISABLED, now=0.0)
    concentrator.power_lost(1.0)
    concentrator.profile_changed(TEN_MINUTES, 2.0)
    assert concentrator.due is None
    concentrator.power_restored(3.0)
    assert attempt(concentrator, reaches=True) == (3.0, Kind.BOOT)
