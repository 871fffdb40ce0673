"""Thousands boot within one instant, as when a region has supply again, and call again together ever after."""

from __future__ import annotations

from collections import Counter

import pytest

from tests.plugins.effort import SOAKS
from tests.world.answered import assert_answered_once
from tests.world.scenario import Scenario
from tests.world.trace import seconds
from tests.world.world import play

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.ci_only, pytest.mark.soak]

MANY = 10_000 if SOAKS else 400
STORM = Scenario(lasts="0:09:00", groups={"all": MANY}, step_s=0, period_min=5)


def test_a_storm_of_boots_is_stored_before_anybody_is_late_and_each_turns_reachable_once() -> None:
    outcome = play(STORM, watchers=1)
    assert_answered_once(outcome)
    boots = {one.serial: one.at for one in outcome.stored if one.kind.word == "boot"}
    assert set(boots) == set(outcome.groups["all"])
    print(f"{MANY} boots stored within {max(boots.values()):.1f} s")  # noqa: T201 - a figure to read
    assert max(boots.values()) < 60
    again = [one for one in outcome.stored if one.kind.word == "keepalive"]
    assert Counter(one.serial for one in again) == dict.fromkeys(boots, 1)
    assert min(one.at for one in again) >= seconds("0:05:00")
    told = Counter((one.from_status, one.to_status, one.reason) for one in outcome.changes)
    assert told == {("", "never called", "operator"): MANY, ("never called", "reachable", "message"): MANY}
    assert {one.serial: one.at for one in outcome.changes if one.to_status == "reachable"} == boots
