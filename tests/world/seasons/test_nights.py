from __future__ import annotations

import pytest

from tests.world.answered import assert_answered_once
from tests.world.seasons.nights import AUTUMN, SPRING, Night
from tests.world.told import expected, recorded
from tests.world.world import play
from wakeup.models import DailyCount

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.mark.parametrize("night", [AUTUMN, SPRING], ids=["autumn", "spring"])
def test_clocks_change_and_no_status_does(night: Night) -> None:
    outcome = play(night.scenario, watchers=1)
    assert_answered_once(outcome)
    named = {name: recorded(outcome, outcome.serial_of(name)) for name in night.scenario.changes}
    assert named == night.scenario.changes
    for name in named:
        assert named[name] == expected(outcome, outcome.serial_of(name), night.scenario)
    counts = DailyCount.objects.filter(concentrator__serial_number=outcome.serial_of("steady 0")).order_by("day")
    assert {str(count.day): count.wakeup_count for count in counts} == night.days
