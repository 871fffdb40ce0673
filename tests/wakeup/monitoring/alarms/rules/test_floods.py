"""Many incidents at once are one alarm (STA-9)."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.wakeup.monitoring.alarms.rules.incidents import NOON, Book, feeder, minutes, whole
from wakeup.models.alarms import AlarmKind, Priority
from wakeup.models.incidents import CauseClass, IncidentScope
from wakeup.monitoring.alarms.rules.due import Seen, Span
from wakeup.monitoring.alarms.rules.floods import flood_span

DARK = {"began_at": NOON - minutes(15)}  # long enough to ring as soon as they are noticed


def every(step_s: int, number: int, first: int = 1) -> list[Seen]:
    """So many feeders, noticed one after the other."""
    return [feeder(first + n, NOON + timedelta(seconds=n * step_s), **DARK) for n in range(number)]


def followed(incidents: list[Seen], until: float, book: Book | None = None, since: float = 0) -> Book:
    """A pass each half minute from ``since`` to ``until``, in minutes after noon."""
    book = book or Book()
    for half in range(int(since * 2), int(until * 2) + 1):
        book.follow(incidents, NOON + timedelta(seconds=30 * half))
    return book


@pytest.mark.parametrize(
    ("seconds", "span"),
    [
        ([], None),
        ([0] * 5, None),
        ([0] * 6, (0, 0)),
        ([0, 1, 2, 3, 4, 600], (0, 600)),
        ([0, 1, 2, 3, 4, 601], None),
        ([0, 120, 240, 360, 480, 600, 720, 840], (0, 840)),
        ([5, 4, 3, 2, 1, 0, 9000], (0, 5)),
    ],
)
def test_a_flood_is_more_than_five_within_ten_minutes(seconds: list[int], span: tuple[int, int] | None) -> None:
    times = [NOON + timedelta(seconds=one) for one in seconds]
    wanted = span and Span(*(NOON + timedelta(seconds=one) for one in span))
    assert flood_span(times) == wanted


def test_five_at_once_are_five_alarms() -> None:
    assert sorted(followed(every(0, 5), 30).open) == [f"incident {n}" for n in range(1, 6)]


def test_the_sixth_makes_one_of_all_of_them() -> None:
    book = followed(every(60, 6), 30)
    assert list(book.open) == ["wide 1"]
    (wide,) = book.open.values()
    assert (wide.due.priority, wide.due.facts["incidents"], wide.due.facts["customers"]) == (Priority.HIGH, 6, 600)
    assert wide.due.facts["places"] == ["S0", "S1", "S2"]
    assert len(book.alarms) == 6  # the five that rang before, and this one


def test_a_place_without_a_substation_is_named_by_itself() -> None:
    seen = [feeder(n, **DARK, substation="", place=f"F{n}") for n in range(9)]
    (wide,) = followed(seen, 1).open.values()
    assert (wide.due.facts["places"], wide.due.facts["more_places"]) == (["F0", "F1", "F2", "F3", "F4"], 4)


def test_other_companies_and_wider_places_are_not_counted() -> None:
    carrier = feeder(9, **DARK, scope=IncidentScope.CARRIER)
    others = [feeder(n, **DARK, company=2) for n in (7, 8)]
    assert len(followed([*every(0, 5), carrier, *others], 30).open) == 8


def test_planned_work_is_no_flood() -> None:
    assert not followed([feeder(n, **DARK, is_planned=True) for n in range(40)], 30).alarms


def test_what_heals_itself_rings_nobody_however_many_it_is() -> None:
    seen = [feeder(n, NOON, ended_at=NOON + timedelta(seconds=90)) for n in range(40)]
    assert not followed(seen, 30).alarms


def test_one_is_raised_when_the_first_of_the_flood_has_lasted() -> None:
    seen = [feeder(n, NOON) for n in range(40)]
    assert not followed(seen, 1.5).alarms
    assert [one.due.kind for one in followed(seen, 2).alarms] == [AlarmKind.WIDE]


def test_those_that_are_left_of_a_flood_do_not_ring_one_by_one() -> None:
    healing = [feeder(n, **DARK, ended_at=NOON + minutes(n)) for n in range(1, 41)]
    book = followed(healing, 39.5)
    assert (len(book.alarms), list(book.open)) == (1, ["wide 1"])
    followed(healing, 60, book, since=40)
    assert (len(book.alarms), list(book.open)) == (1, [])


def test_after_a_flood_a_single_one_rings_again() -> None:
    seen = [*every(0, 8), feeder(99, NOON + minutes(30))]
    assert sorted(followed(seen, 40).open) == ["incident 99", "wide 1"]


def test_a_second_wave_joins_the_first() -> None:
    seen = [*every(0, 8), *(feeder(50 + n, NOON + minutes(30)) for n in range(8))]
    book = followed(seen, 40)
    assert (len(book.alarms), book.open["wide 1"].due.facts["incidents"]) == (1, 16)


def test_a_storm_of_places_that_come_and_go_is_one_alarm_too() -> None:
    seen = [feeder(n, **DARK, is_flapping=True) for n in range(20)]
    assert list(followed(seen, 1).open) == ["wide 1"]


def test_the_alarm_of_many_goes_over_into_that_of_the_company() -> None:
    feeders = every(20, 30)
    book = followed(feeders, 3)
    (wide,) = book.open.values()
    merged = whole(100, NOON + minutes(1), **DARK)
    followed([merged], 30, book, since=3.5)
    assert book.open == {"incident 100": wide}
    assert len(book.alarms) == 6
    assert {one.due.key for one in book.alarms if one.ended_at} == {f"incident {n}" for n in range(1, 6)}


def test_what_the_company_s_incident_did_not_take_in_rings_after_a_while() -> None:
    feeders = every(20, 8)
    book = followed(feeders, 3)
    merged = whole(100, NOON + minutes(1), **DARK)
    followed([merged, *feeders[:3]], 10.5, book, since=3.5)
    assert list(book.open) == ["incident 100"]
    followed([merged, *feeders[:3]], 12, book, since=11)
    assert list(book.open) == ["incident 100", "incident 1", "incident 2", "incident 3"]


def test_a_flood_while_an_older_incident_of_the_company_lasts_stands_until_it_is_over() -> None:
    older = whole(100, NOON - minutes(600), cause=CauseClass.COMMUNICATION)
    healing = [feeder(n, **DARK, ended_at=NOON + minutes(n)) for n in range(1, 9)]
    book = followed([older, *healing], 7.5)
    assert sorted(book.open) == ["incident 100", "wide 1"]
    assert len(book.alarms) == 2
    followed([older, *healing], 10, book, since=8)
    assert list(book.open) == ["incident 100"]
    assert len(book.alarms) == 2


@pytest.mark.parametrize("step_s", [0, 1, 7, 30, 59, 90, 119])
def test_a_national_blackout_is_ten_alarms_at_most_in_its_first_ten_minutes(step_s: int) -> None:
    feeders = every(step_s, 600)
    book = followed(feeders, 10)
    assert 1 <= len(book.alarms) <= 10
    merged = whole(1_000, NOON + minutes(8), **DARK)
    followed([merged], 20, book, since=10.5)
    assert len(book.alarms) <= 10
    assert list(book.open) == ["incident 1000"]
