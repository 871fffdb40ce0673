"""Whose fault silence is, minute by minute: while it is our side nobody turns unreachable (STA-4)."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.world import scenarios
from tests.world.scenario import Scenario
from tests.world.trace import hms
from tests.world.world import Outcome, play

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.ci_only]

#: Canaries fail from 1:00 on. As SIM-1 has it they try again from 1:33 and then from 2:05 on: heard in time for 2:06.
BACK = "2:06:00 ok"


def verdicts(outcome: Outcome) -> list[str]:
    return [f"{hms(at)} {what}" for at, who, what in outcome.trace.entries if who == "verdict"]


@pytest.mark.parametrize(
    ("scenario", "expected"),
    [
        # No sign of life for 15 s.
        pytest.param(
            replace(scenarios.LISTENER_DOWN, lasts="2:40:00"),
            ["0:01:00 ok", "1:01:00 our side", BACK],
            id="listener down",
        ),
        # The canaries were heard at 0:59, and fail 150 s later.
        pytest.param(
            replace(scenarios.BALANCER_CUT, lasts="2:40:00"),
            ["0:01:00 ok", "1:02:00 our side", BACK],
            id="balancer cut",
        ),
        # Nobody can judge before it is back.
        pytest.param(
            replace(scenarios.DATABASE_AWAY, lasts="2:40:00"),
            ["0:01:00 ok", "2:00:00 our side", BACK],
            id="database away",
        ),
        pytest.param(replace(scenarios.ONE_OF_THREE_DEAD, lasts="2:00:00"), ["0:01:00 ok"], id="one of three dead"),
    ],
)
def test_our_own_outage_makes_nobody_unreachable(scenario: Scenario, expected: list[str]) -> None:
    outcome = play(replace(scenario, canaries=2), watchers=1)
    assert verdicts(outcome) == expected
    field = {serial for group in scenario.groups for serial in outcome.groups[group]}
    assert {one.serial for one in outcome.changes if one.to_status == "reachable"} >= field
    assert not [one for one in outcome.changes if one.serial in field and one.to_status == "unreachable"]


def test_where_the_field_is_dark_it_is_not_our_side() -> None:
    outcome = play(replace(scenarios.NETWORK_AWAY, canaries=2, lasts="3:40:00"), watchers=1)
    assert [text.split(maxsplit=1)[1] for text in verdicts(outcome)] == ["ok", "field", "ok"]
    changed = {one.serial for one in outcome.changes if one.to_status == "unreachable"}
    assert changed == set(outcome.groups["field"])
