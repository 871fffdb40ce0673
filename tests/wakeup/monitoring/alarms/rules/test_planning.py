"""What is done so that those alarms stand that should (STA-9)."""

from __future__ import annotations

from dataclasses import replace

from tests.wakeup.monitoring.alarms.rules.incidents import LIMITS, NOON, feeder, minutes, whole
from wakeup.models.alarms import AlarmKind
from wakeup.monitoring.alarms.rules import Desk, Due, Dues, alarms_due
from wakeup.monitoring.alarms.rules.due import Seen
from wakeup.monitoring.alarms.rules.planning import plan


def dues(*seen: Seen) -> Dues:
    return alarms_due(Desk(seen=seen), LIMITS, NOON + minutes(5))


def keys(found: list[Due]) -> list[str]:
    return [due.key for due in found]


def test_what_should_stand_is_raised_once_and_then_kept() -> None:
    todo = plan({}, dues(feeder(1)))
    assert (keys(todo.raised), todo.ended, todo.moved, todo.kept) == (["incident 1"], [], [], [])
    todo = plan({"incident 1": AlarmKind.POWER}, dues(feeder(1)))
    assert (todo.raised, todo.ended, todo.moved, keys(todo.kept)) == ([], [], [], ["incident 1"])


def test_what_should_not_stand_any_more_ends_with_its_reason() -> None:
    standing = {"incident 1": AlarmKind.POWER, "incident 2": AlarmKind.POWER, "incident 3": AlarmKind.POWER}
    todo = plan(standing, dues(feeder(2, is_planned=True), feeder(3, is_flapping=True)))
    assert todo.ended == [("incident 1", "over"), ("incident 2", "planned"), ("incident 3", "flapping")]


def test_single_ones_are_taken_into_a_flood() -> None:
    todo = plan({"incident 1": AlarmKind.POWER}, dues(*(feeder(n) for n in range(1, 8))))
    assert (keys(todo.raised), todo.ended) == (["wide 1"], [("incident 1", "taken in")])


def test_the_alarm_of_many_goes_over_once() -> None:
    todo = plan({"wide 1": AlarmKind.WIDE}, dues(whole(9)))
    assert ([(key, due.key) for key, due in todo.moved], todo.raised, todo.ended) == (
        [("wide 1", "incident 9")],
        [],
        [],
    )
    todo = plan({"incident 9": AlarmKind.POWER}, dues(whole(9)))
    assert (todo.moved, keys(todo.kept)) == ([], ["incident 9"])


def test_it_goes_over_into_one_of_two_only() -> None:
    todo = plan({"wide 1": AlarmKind.WIDE}, dues(whole(8), whole(9)))
    assert ([due.key for _key, due in todo.moved], keys(todo.raised)) == (["incident 8"], ["incident 9"])


def test_what_is_left_of_the_flood_gets_an_alarm_of_many_of_its_own() -> None:
    old = [feeder(n, NOON - minutes(60)) for n in range(20, 30)]
    todo = plan({"wide 1": AlarmKind.WIDE}, dues(whole(9), *old))
    assert ([due.key for _key, due in todo.moved], keys(todo.raised), todo.ended) == (["incident 9"], ["wide 1"], [])


def test_it_does_not_go_over_into_that_of_another_company() -> None:
    todo = plan({"wide 1": AlarmKind.WIDE}, dues(replace(whole(9), company=2)))
    assert (todo.moved, todo.ended) == ([], [("wide 1", "over")])
