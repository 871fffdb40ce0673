"""Weeks of a whole fleet, in which much happens by chance."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Mapping
from datetime import timedelta
from itertools import chain, pairwise
from zoneinfo import ZoneInfo

import pytest

from smmeplus.dlms.kinds import WAKEUPS, Kind
from tests.plugins.effort import SOAKS
from tests.world.answered import assert_answered_once
from tests.world.events import (
    BalancerCut,
    BalancerRestored,
    DatabaseLost,
    DatabaseRestored,
    Event,
    ListenerDies,
    ListenerStarts,
    NetworkLost,
    NetworkRestored,
    PowerLost,
    PowerRestored,
)
from tests.world.scenario import Scenario
from tests.world.told import expected, recorded
from tests.world.trace import hms, seconds
from tests.world.world import Outcome, play
from wakeup.models import DailyCount

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.ci_only, pytest.mark.soak]

#: A month takes a minute and a half on PostgreSQL and three on SQLite, nearly all of it in the database.
DAYS = 30 if SOAKS else 1
GROUPS = {"feeder": 20, "substation": 30, "valley": 40}
PERIOD_S = 6_000.0
SANTIAGO = ZoneInfo("America/Santiago")
#: A year of a few of them, in which much else happens, too: both nights in which the clocks change, and New Year.
LONG_DAYS = 365 if SOAKS else 3
FEW = {"feeder": 2, "substation": 2, "valley": 2}

TROUBLES: tuple[tuple[Event, Event], ...] = (
    (PowerLost("feeder", gasps_lost=0.6), PowerRestored("feeder")),
    (PowerLost("substation", gasps_lost=0.1), PowerRestored("substation")),
    (NetworkLost(("valley",)), NetworkRestored(("valley",))),
    (NetworkLost(tuple(GROUPS)), NetworkRestored(tuple(GROUPS))),
    (ListenerDies(), ListenerStarts()),
    (BalancerCut(), BalancerRestored()),
    (DatabaseLost(), DatabaseRestored()),
)


def quiet(days: int) -> Scenario:
    return Scenario(lasts=f"{24 * days}:00:00", groups=GROUPS, step_s=66)


def troubled(days: int, chance: random.Random, groups: Mapping[str, int] = GROUPS) -> Scenario:
    """Troubles one after the other, each at any moment and for a second to three hours."""
    events, moment, end = list[tuple[str, Event]](), 0.0, days * 86_400.0
    while (moment := moment + chance.uniform(60, 4 * 3_600)) < end:
        begins, ends = chance.choice(TROUBLES)
        events.append((precisely(moment), begins))
        moment += chance.choice((1, 60, 3_600)) * chance.uniform(1, 3)
        events.append((precisely(moment), ends))
    return Scenario(
        lasts=f"{24 * days + 4}:00:00", groups=groups, events=tuple(events), step_s=66, pause_s=(5.0, 12 * 3_600.0)
    )


def precisely(moment: float) -> str:
    return f"{hms(moment)}.{int(moment % 1 * 1_000):03}"


def test_in_quiet_weeks_each_concentrator_is_heard_every_period() -> None:
    scenario = quiet(DAYS)
    outcome = play(scenario)
    assert_answered_once(outcome)
    assert len(outcome.stored) == len(outcome.answered)
    for number, serial in enumerate(chain.from_iterable(outcome.groups.values())):
        times = [one.at for one in outcome.stored_of(serial)]
        boot, end = int(number * scenario.step_s), seconds(scenario.lasts)
        assert [int(at) for at in times] == list(range(boot, int(end), int(PERIOD_S)))


def test_in_troubled_weeks_nothing_answered_is_lost_and_everybody_is_heard_again() -> None:
    scenario = troubled(DAYS, random.Random(DAYS))
    outcome = play(scenario)
    assert_answered_once(outcome)
    assert {one.kind for one in outcome.stored} == {Kind.BOOT, Kind.KEEPALIVE, Kind.LASTGASP}
    heard_since = {one.serial for one in outcome.stored if one.at > seconds(scenario.lasts) - 2 * PERIOD_S}
    assert heard_since == {serial for serials in outcome.groups.values() for serial in serials}
    for serial in heard_since:
        times = [one.at for one in outcome.stored_of(serial)]
        assert all(earlier < later for earlier, later in pairwise(times))


def test_in_a_troubled_year_each_change_is_told_and_each_day_is_counted() -> None:
    scenario = troubled(LONG_DAYS, random.Random(LONG_DAYS), FEW)
    outcome = play(scenario, watchers=1)
    assert_answered_once(outcome)
    for serial in chain.from_iterable(outcome.groups.values()):
        assert recorded(outcome, serial) == expected(outcome, serial, scenario)
        assert days_counted(serial) == days_heard(outcome, serial, scenario)


def days_counted(serial: str) -> dict[str, int]:
    counts = DailyCount.objects.filter(concentrator__serial_number=serial)
    return {str(day): count for day, count in counts.values_list("day", "wakeup_count")}


def days_heard(outcome: Outcome, serial: str, scenario: Scenario) -> dict[str, int]:
    """By the calendar of Santiago."""
    wakeups = [one for one in outcome.stored_of(serial) if one.kind in WAKEUPS]
    moments = [(scenario.start + timedelta(seconds=one.at)).astimezone(SANTIAGO) for one in wakeups]
    return Counter(str(moment.date()) for moment in moments)
