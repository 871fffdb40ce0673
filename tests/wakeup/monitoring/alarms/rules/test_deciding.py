"""Which alarms stand for what is known at a moment (STA-9)."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest

from tests.wakeup.monitoring.alarms.rules.incidents import LIMITS, NOON, feeder, minutes, whole
from wakeup.models.alarms import AlarmKind, Priority
from wakeup.models.incidents import CauseClass, IncidentScope
from wakeup.monitoring.alarms.rules import Desk, Due, Limits, alarms_due
from wakeup.monitoring.alarms.rules.due import Cover, Overrun, Seen, Span, Undelivered

LATER = NOON + minutes(5)
LOW, MEDIUM, HIGH = Priority
CARRIER: dict[str, Any] = {"scope": IncidentScope.CARRIER, "cause": CauseClass.COMMUNICATION, "place": "Movistar"}
OUR_SIDE = {"scope": IncidentScope.OUR_SIDE, "cause": CauseClass.OUR_SIDE, "place": "", "company": None}


def standing(*seen: Seen, now: datetime = LATER, limits: Limits = LIMITS, **known: Any) -> dict[str, Due]:
    return alarms_due(Desk(seen=seen, **known), limits, now).standing


def test_nothing_known_is_no_alarm() -> None:
    dues = alarms_due(Desk(), LIMITS, NOON)
    assert (dues.standing, dues.at_once, dues.reasons) == ({}, [], {})


@pytest.mark.parametrize(
    ("values", "kind", "priority"),
    [
        ({}, AlarmKind.POWER, LOW),
        ({"cause": CauseClass.COMMUNICATION}, AlarmKind.COMMUNICATION, LOW),
        ({"cause": CauseClass.UNDECIDED}, AlarmKind.UNDECIDED, LOW),
        ({"cause": CauseClass.OUR_SIDE}, AlarmKind.OUR_SIDE, LOW),
        ({"scope": IncidentScope.SUBSTATION}, AlarmKind.POWER, LOW),
        ({"customers": 999}, AlarmKind.POWER, LOW),
        ({"customers": 1_000}, AlarmKind.POWER, MEDIUM),
        ({"customers": 19_999}, AlarmKind.POWER, MEDIUM),
        ({"customers": 20_000}, AlarmKind.POWER, HIGH),
        ({"customers": 0}, AlarmKind.POWER, LOW),
        ({"scope": IncidentScope.COMPANY}, AlarmKind.POWER, HIGH),
        ({"scope": IncidentScope.COMPANY, "cause": CauseClass.UNDECIDED}, AlarmKind.UNDECIDED, HIGH),
        (CARRIER, AlarmKind.CARRIER, HIGH),
        (CARRIER | {"company": None}, AlarmKind.CARRIER, HIGH),
        (OUR_SIDE, AlarmKind.OUR_SIDE, HIGH),
    ],
)
def test_kind_and_priority_follow_from_place_cause_and_customers(
    values: dict[str, Any], kind: AlarmKind, priority: Priority
) -> None:
    (due,) = standing(feeder(7, **values)).values()
    assert (due.key, due.incident, due.kind, due.priority) == ("incident 7", 7, kind, priority)


def test_the_settings_say_what_is_medium_and_high() -> None:
    limits = Limits(medium_customers=50, high_customers=100)
    dues = standing(*(feeder(pk, customers=pk) for pk in (49, 50, 99, 100)), limits=limits)
    assert [due.priority for due in dues.values()] == [LOW, MEDIUM, MEDIUM, HIGH]


@pytest.mark.parametrize(("age", "number"), [(0, 0), (119, 0), (120, 1), (3600, 1)])
def test_an_incident_rings_once_it_has_lasted(age: int, number: int) -> None:
    assert len(standing(feeder(1), now=NOON + timedelta(seconds=age))) == number


def test_what_began_long_before_it_was_noticed_rings_at_once() -> None:
    assert standing(feeder(1, began_at=NOON - minutes(14)), now=NOON)


def test_what_goes_dark_again_has_to_last_again() -> None:
    again = feeder(1, began_at=NOON - minutes(90), since=NOON, again_at=NOON)
    assert not standing(again, now=NOON + timedelta(seconds=119))
    assert standing(again, now=NOON + minutes(2))


def test_without_a_delay_it_rings_at_once() -> None:
    assert standing(feeder(1), now=NOON, limits=Limits(delay=timedelta(0)))


def test_planned_work_rings_nobody() -> None:
    dues = alarms_due(Desk(seen=[feeder(1, is_planned=True, customers=50_000)]), LIMITS, LATER)
    assert (dues.standing, dues.reasons) == ({}, {"incident 1": "planned"})


def test_a_place_that_comes_and_goes_is_one_low_alarm_and_none_for_each_time() -> None:
    ended: dict[str, Any] = {"ended_at": NOON + minutes(1), "is_flapping": True, "place": "S1 · F1"}
    seen = [feeder(1, **ended), feeder(2, **ended), feeder(3, is_flapping=True, place="S1 · F1", customers=30_000)]
    (due,) = standing(*seen).values()
    assert (due.kind, due.priority, due.place, due.incident) == (AlarmKind.FLAPPING, LOW, "S1 · F1", 3)


def test_a_carrier_that_comes_and_goes_is_no_small_matter() -> None:
    (due,) = standing(feeder(1, **CARRIER, is_flapping=True)).values()
    assert (due.kind, due.priority) == (AlarmKind.FLAPPING, HIGH)


def test_names_of_any_length_make_a_key_that_fits_and_tells_places_apart() -> None:
    seen = [feeder(pk, is_flapping=True, place="x" * 300 + str(pk)) for pk in (1, 2)]
    assert [len(key) <= 200 for key in standing(*seen)] == [True, True]


def test_an_undecided_verdict_is_one_low_alarm_while_it_lasts() -> None:
    assert not standing(undecided_since=NOON, now=NOON + minutes(1))
    (due,) = standing(undecided_since=NOON).values()
    assert (due.key, due.kind, due.priority, due.company) == ("undecided", AlarmKind.UNDECIDED, LOW, None)


def test_planned_work_that_did_not_come_back_is_one_medium_alarm_a_time() -> None:
    overruns = [Overrun(pk, 1, "S1 · F1", "Pole", NOON, 3, 30) for pk in (5, 6)]
    dues = standing(overruns=overruns)
    assert list(dues) == ["planned 5", "planned 6"]
    assert {(due.kind, due.priority, due.planned) for due in dues.values()} == {
        (AlarmKind.PLANNED_OVERRUN, MEDIUM, 5),
        (AlarmKind.PLANNED_OVERRUN, MEDIUM, 6),
    }


@pytest.mark.parametrize(("hours", "priority"), [(0.5, LOW), (3.9, LOW), (4, MEDIUM), (48, MEDIUM)])
def test_a_receiver_who_is_away_for_long_is_worse(hours: float, priority: Priority) -> None:
    since = LATER - timedelta(hours=hours)
    (due,) = standing(undelivered=[Undelivered(9, 1, "Desk", since, 12, 3)]).values()
    assert (due.key, due.kind, due.priority, due.place) == (
        "receiver 9",
        AlarmKind.NOT_DELIVERED,
        priority,
        "Desk",
    )


def at_once(*missed: Seen, covers: tuple[Cover, ...] = ()) -> list[Due]:
    return alarms_due(Desk(missed=missed, covers=covers), LIMITS, LATER).at_once


@pytest.mark.parametrize(("lasted", "number"), [(0, 0), (119, 0), (120, 1), (9_999, 1)])
def test_what_was_over_before_its_alarm_is_told_if_it_had_lasted(lasted: int, number: int) -> None:
    ended: dict[str, Any] = {"began_at": NOON - timedelta(seconds=lasted), "ended_at": NOON, "customers": 30_000}
    assert [due.priority for due in at_once(feeder(1, **ended))] == [LOW] * number


def test_what_was_planned_or_comes_and_goes_is_not_told_afterwards() -> None:
    ended = {"began_at": NOON - minutes(9), "ended_at": NOON}
    assert at_once(feeder(1, **ended, is_planned=True), feeder(2, **ended, is_flapping=True)) == []


def test_what_another_alarm_stood_for_is_not_told_afterwards() -> None:
    one = feeder(1, began_at=NOON - minutes(9), ended_at=NOON)
    span = Span(NOON, NOON)
    assert at_once(one, covers=(Cover(1, None, span),)) == []
    assert at_once(one, covers=(Cover(1, one.place, span),)) == []
    assert len(at_once(one, covers=(Cover(2, None, span), Cover(1, "S0 · F0", span)))) == 1
    assert len(at_once(one, covers=(Cover(1, None, Span(NOON - minutes(9), NOON - minutes(1))),))) == 1


def test_a_night_without_a_watcher_is_one_alarm_and_not_forty() -> None:
    ended = {"began_at": NOON - minutes(60), "ended_at": NOON}
    assert len(at_once(*(feeder(pk, **ended) for pk in range(5)))) == 5
    (due,) = at_once(*(feeder(pk, **ended) for pk in range(40)))
    assert (due.kind, due.facts["incidents"]) == (AlarmKind.WIDE, 40)


def test_an_incident_of_the_whole_company_holds_back_those_noticed_with_it() -> None:
    company, near, far = whole(1), feeder(2, NOON + minutes(3)), feeder(3, NOON - minutes(11))
    assert list(standing(company, near, far, now=LATER)) == ["incident 1", "incident 3"]
    assert list(standing(company, near, far, now=NOON + minutes(10))) == ["incident 1", "incident 2", "incident 3"]


def test_another_company_s_incident_holds_back_nobody() -> None:
    assert list(standing(whole(1), feeder(2, company=2))) == ["incident 1", "incident 2"]


def test_facts_can_be_stored_as_they_are() -> None:
    import json

    desk = Desk(
        seen=[*(feeder(pk) for pk in range(9)), whole(20), feeder(30, company=2, is_flapping=True)],
        wide={1: Span(NOON, NOON)},
        overruns=[Overrun(5, 1, "S1", "Pole", NOON, 3, 30)],
        undelivered=[Undelivered(9, 1, "Desk", NOON, 12, 3)],
    )
    for due in alarms_due(desk, LIMITS, NOON + minutes(30)).standing.values():
        assert json.loads(json.dumps(due.facts)) == due.facts
