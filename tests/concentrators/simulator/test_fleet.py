"""SIM-2: a fleet follows the inventory, sends what is due and counts what came of it.

These tests run on a loop whose time skips to the next timer, so that a day passes at once and to the second.
"""

from __future__ import annotations

import asyncio
import selectors
from collections.abc import Callable, Coroutine
from contextlib import suppress
from typing import Any, TypeVar

import pytest

from concentrators.simulator.behaviour import Profile
from concentrators.simulator.clock import Clock
from concentrators.simulator.fleet import LAST_ANSWERS, MAX_UNDER_WAY, Figures, Fleet
from concentrators.simulator.inventory import Installation, made_up
from smmeplus.dlms.kinds import Kind

TEN_MINUTES = Profile(period=600.0)
DISABLED = Profile(period=None)
Result = TypeVar("Result")


class SkippingSelector(selectors.DefaultSelector):
    """Where it would wait for a timer it moves the time on instead."""

    skipped = 0.0

    def select(self, timeout: float | None = None) -> Any:
        ready = super().select(0)
        if not ready and timeout:
            self.skipped += timeout
        return ready


class SkippingLoop(asyncio.SelectorEventLoop):
    def __init__(self) -> None:
        self._skipping = SkippingSelector()
        super().__init__(self._skipping)

    def time(self) -> float:
        return self._skipping.skipped


def at_once(scene: Coroutine[Any, Any, Result]) -> Result:
    with asyncio.Runner(loop_factory=SkippingLoop) as runner:
        return runner.run(scene)


def installed(serial: str, profile: Profile = TEN_MINUTES) -> Installation:
    return Installation(serial, profile, "127.0.0.2")


class Log:
    """Delivers nothing anywhere, notes when it was asked to (whole seconds), and answers as ``outcome`` says."""

    def __init__(self, outcome: Callable[[float], bool] = lambda _: True, lasting: float = 0.0) -> None:
        self.clock = Clock(timer=asyncio.get_running_loop().time)
        self.entries: list[tuple[int, str, Kind]] = []
        self.numbers: list[int] = []
        self.under_way = 0
        self.most_under_way = 0
        self._outcome = outcome
        self._lasting = lasting

    async def deliver(self, installation: Installation, kind: Kind, number: int) -> bool:
        now = self.clock.now()
        self.entries.append((round(now), installation.serial, kind))
        self.numbers.append(number)
        self.under_way += 1
        self.most_under_way = max(self.most_under_way, self.under_way)
        await asyncio.sleep(self._lasting)
        self.under_way -= 1
        return self._outcome(now)

    def times(self, serial: str = "A") -> list[int]:
        return [moment for moment, who, _ in self.entries if who == serial]


async def live(fleet: Fleet, *steps: tuple[float, Callable[[], None]], until: float) -> None:
    """Run ``fleet``, take each step at its time, and stop it at the time ``until``."""
    loop = asyncio.get_running_loop()
    for moment, step in steps:
        loop.call_at(moment, step)
    with suppress(TimeoutError):
        async with asyncio.timeout_at(until):
            await fleet.run()


def lived(
    *rosters: tuple[float, list[Installation]],
    until: float,
    outcome: Callable[[float], bool] = lambda _: True,
    lasting: float = 0.0,
    spread: float = 0.0,
) -> tuple[Log, Fleet]:
    """What a fleet did that follows each of ``rosters`` from its time on."""

    async def scene() -> tuple[Log, Fleet]:
        log = Log(outcome, lasting)
        fleet = Fleet(log.clock, log.deliver)
        (_, first), *later = rosters
        fleet.follow(first, spread)
        steps = [(moment, lambda roster=roster: fleet.follow(roster)) for moment, roster in later]
        await live(fleet, *steps, until=until)
        return log, fleet

    return at_once(scene())


def test_a_fleet_boots_and_then_keeps_alive_at_its_period() -> None:
    log, fleet = lived((0, [installed("A")]), until=1900)
    assert log.entries == [
        (0, "A", Kind.BOOT),
        (600, "A", Kind.KEEPALIVE),
        (1200, "A", Kind.KEEPALIVE),
        (1800, "A", Kind.KEEPALIVE),
    ]
    assert fleet.figures == Figures(sent=4, answered=4, failed=0, retries=0)


def test_the_attempts_of_a_concentrator_are_numbered() -> None:
    assert lived((0, [installed("A")]), until=1900)[0].numbers == [1, 2, 3, 4]


def test_each_concentrator_has_its_own_period() -> None:
    log, _ = lived((0, [installed("A"), installed("B", Profile(period=6000.0))]), until=6500)
    assert log.times("A") == list(range(0, 6001, 600))
    assert log.times("B") == [0, 6000]


def test_the_boots_of_a_new_fleet_are_spread_evenly() -> None:
    log, _ = lived((0, [installed(serial) for serial in "ABCD"]), until=100, spread=20.0)
    assert log.entries == [(0, "A", Kind.BOOT), (5, "B", Kind.BOOT), (10, "C", Kind.BOOT), (15, "D", Kind.BOOT)]


def test_what_does_not_get_through_is_retried_as_the_retry_task_says_and_counted() -> None:
    log, fleet = lived((0, [installed("A")]), until=3200, outcome=lambda now: now > 2000, lasting=10.0)
    assert log.times() == [0, 60, 120, 180, 1980, 2040, 2640]
    assert fleet.figures == Figures(sent=7, answered=2, failed=5, retries=5)


def test_a_concentrator_installed_later_boots_at_once() -> None:
    log, fleet = lived((0, [installed("A")]), (100, [installed("A"), installed("B")]), until=500)
    assert log.entries == [(0, "A", Kind.BOOT), (100, "B", Kind.BOOT)]
    assert len(fleet) == 2


def test_a_fleet_that_begins_empty_wakes_for_its_first_concentrator() -> None:
    assert lived((0, []), (100, [installed("A")]), until=500)[0].times() == [100]


def test_a_removed_concentrator_sends_no_more() -> None:
    log, fleet = lived((0, [installed("A"), installed("B")]), (100, [installed("B")]), until=700)
    assert (log.times("A"), log.times("B")) == ([0], [0, 600])
    assert len(fleet) == 1


def test_a_concentrator_removed_during_an_attempt_sends_no_more_but_the_attempt_counts() -> None:
    log, fleet = lived((0, [installed("A")]), (5, []), until=2000, outcome=lambda _: False, lasting=10.0)
    assert log.times() == [0]
    assert fleet.figures == Figures(sent=1, failed=1)


def test_a_concentrator_that_is_installed_again_boots_again() -> None:
    log, _ = lived((0, [installed("A")]), (100, []), (200, [installed("A")]), until=850)
    assert log.entries == [(0, "A", Kind.BOOT), (200, "A", Kind.BOOT), (800, "A", Kind.KEEPALIVE)]


def test_an_unchanged_inventory_changes_nothing() -> None:
    log, _ = lived((0, [installed("A")]), (100, [installed("A")]), (200, [installed("A")]), until=700)
    assert log.times() == [0, 600]


def test_an_unchanged_inventory_costs_no_memory_however_often_it_is_read() -> None:
    _, fleet = lived((0, [installed("A")]), *((float(moment), [installed("A")]) for moment in range(1, 50)), until=60)
    assert len(fleet._agenda._entries) == 1


def test_a_changed_period_takes_effect_from_the_last_message_on() -> None:
    log, _ = lived((0, [installed("A")]), (100, [installed("A", Profile(period=300.0))]), until=1000)
    assert log.times() == [0, 300, 600, 900]


def test_a_period_changed_during_an_attempt_neither_loses_nor_doubles_it() -> None:
    changed = [installed("A", Profile(period=300.0))]
    log, _ = lived((0, [installed("A")]), (5, changed), until=1000, lasting=10.0)
    assert log.times() == [0, 300, 600, 900]


def test_a_period_that_changes_to_and_fro_does_not_double_the_messages() -> None:
    to, fro = [installed("A", Profile(period=300.0))], [installed("A")]
    log, _ = lived((0, fro), (10, to), (20, fro), (30, to), (40, fro), until=1300)
    assert log.times() == [0, 600, 1200]


def test_wakeup_disabled_means_silence_and_enabled_again_a_keepalive() -> None:
    log, fleet = lived((0, [installed("A")]), (100, [installed("A", DISABLED)]), (5000, [installed("A")]), until=5500)
    assert log.entries == [(0, "A", Kind.BOOT), (5000, "A", Kind.KEEPALIVE)]
    assert len(fleet) == 1


def test_attempts_under_way_are_bounded_and_none_is_lost() -> None:
    fleet = made_up(3 * MAX_UNDER_WAY, 10)
    log, _ = lived((0, fleet), until=500, lasting=10.0)
    assert log.most_under_way == MAX_UNDER_WAY
    assert {serial for _, serial, _ in log.entries} == {installation.serial for installation in fleet}
    assert {moment for moment, _, _ in log.entries} == {0, 10, 20}


def test_a_concentrator_removed_while_it_waits_for_its_turn_does_not_send() -> None:
    fleet = made_up(MAX_UNDER_WAY + 1, 10)
    log, _ = lived((0, fleet), (5, fleet[:-1]), until=500, lasting=10.0)
    assert log.times(fleet[-1].serial) == []


def test_a_fleet_that_is_stopped_awaits_the_answers_that_are_nearly_there() -> None:
    _, fleet = lived((0, [installed("A")]), until=10, lasting=10 + 0.9 * LAST_ANSWERS)
    assert fleet.figures == Figures(sent=1, answered=1)


def test_a_fleet_that_is_stopped_gives_up_answers_that_do_not_come() -> None:
    _, fleet = lived((0, [installed("A")]), until=10, lasting=10 + 1.1 * LAST_ANSWERS)
    assert fleet.figures == Figures(sent=1, failed=1)


def test_an_error_of_the_simulator_itself_is_not_taken_for_a_failed_attempt() -> None:
    async def scene() -> None:
        async def broken(_: Installation, __: Kind, ___: int) -> bool:
            raise ZeroDivisionError

        fleet = Fleet(Clock(timer=asyncio.get_running_loop().time), broken)
        fleet.follow([installed("A")])
        await fleet.run()

    with pytest.raises(ExceptionGroup) as raised:
        at_once(scene())
    assert raised.group_contains(ZeroDivisionError)


def test_a_clock_runs_as_fast_as_it_is_told_from_the_moment_it_is_made() -> None:
    moment = 1000.0
    clock = Clock(60.0, timer=lambda: moment)
    moment = 1002.5
    assert clock.now() == 150.0
    assert clock.until(180.0) == 0.5
    assert clock.until(120.0) == -0.5
