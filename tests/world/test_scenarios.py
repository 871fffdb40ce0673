"""The scenarios, asserted to the second."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import pytest
from django.test import TransactionTestCase

from smmeplus.dlms.kinds import Kind
from tests.plugins.effort import SOAKS
from tests.plugins.emptying import delete_all_rows
from tests.world import scenarios
from tests.world.answered import assert_answered_once
from tests.world.reference import arrivals
from tests.world.scenario import Scenario
from tests.world.trace import hms, seconds
from tests.world.world import Outcome, play

#: Seconds from one boot on, for a period of 100 minutes.
PERIODS = ((0, "boot"), (6_000, "keepalive"), (12_000, "keepalive"))

pytestmark = pytest.mark.django_db(transaction=True)


def texts(outcome: Outcome, name: str) -> tuple[str, ...]:
    """What is stored of a concentrator such as ``feeder 3``, as scenarios write it."""
    return tuple(f"{hms(one.at)} {one.kind.word}" for one in outcome.stored_of(outcome.serial_of(name)))


def assert_as_expected(outcome: Outcome, scenario: Scenario) -> None:
    assert {name: texts(outcome, name) for name in scenario.arrivals} == scenario.arrivals
    assert_answered_once(outcome)


def assert_as_sim_1_says(outcome: Outcome, scenario: Scenario, is_open: Callable[[str, float], bool]) -> None:
    """``is_open`` says whether the way of a group is open at a time, in seconds."""
    numbered = [(group, number) for group, count in scenario.groups.items() for number in range(count)]
    period, end = 60.0 * scenario.period_min, seconds(scenario.lasts)
    for place, (group, number) in enumerate(numbered):
        expected = arrivals(float(place * scenario.step_s), period, end, partial(is_open, group))
        assert texts(outcome, f"{group} {number}") == tuple(f"{hms(at)} {kind}" for at, kind in expected)


def test_one_dies_and_returns() -> None:
    assert_as_expected(play(scenarios.ONE_DIES), scenarios.ONE_DIES)


def test_a_feeder_goes_dark_and_most_last_gasps_are_lost() -> None:
    outcome = play(scenarios.FEEDER_DARK)
    assert_as_expected(outcome, scenarios.FEEDER_DARK)
    feeder = set(outcome.groups["feeder"])
    gasps = [one for one in outcome.stored if one.kind is Kind.LASTGASP]
    assert len(gasps) == len({one.serial for one in gasps} & feeder) == 16
    assert {hms(one.at) for one in gasps} == {"2:00:30"}
    back = [one for one in outcome.stored if one.at > seconds("2:00:35") and one.serial in feeder]
    assert {one.serial for one in back if hms(one.at) == "5:30:30" and one.kind is Kind.BOOT} == feeder
    assert min(one.at for one in back) >= seconds("5:30:30")


@pytest.mark.parametrize(
    ("scenario", "group_away"), [(scenarios.NETWORK_AWAY, "field"), (scenarios.ONE_CARRIER_AWAY, "Claro")]
)
def test_the_mobile_network_or_a_part_of_it_is_away_for_two_hours(scenario: Scenario, group_away: str) -> None:
    outcome = play(scenario)
    assert_as_expected(outcome, scenario)
    away = seconds("1:00:00"), seconds("3:00:00")
    assert_as_sim_1_says(outcome, scenario, lambda group, at: group != group_away or not away[0] <= at < away[1])


@pytest.mark.parametrize("scenario", [scenarios.LISTENER_DOWN, scenarios.BALANCER_CUT])
def test_our_side_is_down_for_an_hour(scenario: Scenario) -> None:
    outcome = play(scenario)
    assert_as_expected(outcome, scenario)
    down = seconds("1:00:00"), seconds("2:00:00")
    assert_as_sim_1_says(outcome, scenario, lambda _, at: not down[0] <= at < down[1])
    assert max(one.at for one in outcome.stored if one.at < down[0] or one.kind is Kind.BOOT) < seconds("2:30:01")


def test_one_listener_of_three_dies_and_hardly_anybody_notices() -> None:
    outcome = play(scenarios.ONE_OF_THREE_DEAD)
    assert_answered_once(outcome)
    assert len(outcome.stored) == len(PERIODS) * 90
    refused = {hms(at) for at, _, what in outcome.trace.entries if what == "fails"}
    assert 1 <= len(refused) <= 3
    assert refused <= {f"1:40:{second}" for second in range(30, 36)}
    undisturbed = {f"{hms(number + period)} {kind}" for number in range(90) for period, kind in PERIODS}
    missed = undisturbed - {f"{hms(one.at)} {one.kind.word}" for one in outcome.stored}
    assert {text.split()[0] for text in missed if text < "2"} == refused  # a minute later from then on


def test_while_the_database_is_away_nothing_is_answered_and_nothing_answered_is_lost() -> None:
    outcome = play(scenarios.DATABASE_AWAY)
    assert_answered_once(outcome)
    answers = [at for at, _, what in outcome.trace.entries if what == "is answered"]
    assert not [at for at in answers if seconds("1:00:00") <= at < seconds("2:00:00")]
    assert {serial for serial, _, at in outcome.answered if at >= seconds("2:00:00")} == set(outcome.groups["field"])


@pytest.mark.parametrize("seed", range(20 if SOAKS else 3))
def test_who_was_answered_before_the_listener_was_killed_is_stored_and_all_others_come_again(seed: int) -> None:
    outcome = play(scenarios.KILLED_IN_A_STORM, seed)
    assert_answered_once(outcome)
    at_once = {who for at, who, what in outcome.trace.entries if what == "is answered" and at < 1}
    again = {who for at, who, what in outcome.trace.entries if what == "is answered" and 60 <= at < 61}
    assert at_once
    assert again
    assert not at_once & again
    assert at_once | again == set(outcome.groups["all"])


def test_the_same_seed_gives_the_same_trace_and_another_one_another() -> None:
    traces = []
    for seed in (7, 7, 8):
        outcome = play(scenarios.EVERYTHING, seed)
        assert_answered_once(outcome)
        traces.append((outcome.trace.entries, outcome.stored))
        delete_all_rows(TransactionTestCase())
    assert len(traces[0][0]) > 100
    assert traces[0] == traces[1]
    assert traces[0] != traces[2]
