"""What planned work covers at a time, and what has ended (STA-8)."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest

from concentrators.models import Company, Concentrator, PlannedWindow, PlannedWork, State
from concentrators.procedures.planned import Place, PlannedIndex, ended_between, planned_for, windows_between
from tests.factories import CompanyFactory, ConcentratorFactory, SpontaneousProfileFactory
from tests.reports.arrivals import utc

BEGIN = utc("2026-12-31 23:30")
HOUR, TICK = timedelta(hours=1), timedelta(microseconds=1)


def window(company: Company, scope: str, begin: datetime = BEGIN, hours: float = 1, **work: Any) -> int:
    end = begin + hours * HOUR
    made = PlannedWork.objects.create(company=company, scope=scope, title="Work", begin=begin, end=end, **work)
    return PlannedWindow.objects.create(work=made, begin=begin, end=end).pk


def index() -> PlannedIndex:
    return windows_between(BEGIN - 24 * HOUR, BEGIN + 24 * HOUR)


def test_where_nothing_is_planned_nothing_is_covered(chile: Company) -> None:
    assert index().of(chile.pk, "North", "F1", 1, BEGIN) is None
    assert index().of_place(chile.pk, "", "", BEGIN) is None
    assert ended_between(BEGIN, BEGIN + HOUR) == []


def test_a_time_has_its_beginning_and_not_its_end(chile: Company) -> None:
    pk = window(chile, "company")
    found = index()
    times = (BEGIN - TICK, BEGIN, BEGIN + HOUR - TICK, BEGIN + HOUR)
    assert [found.of(chile.pk, "", "", 1, at) for at in times] == [None, pk, pk, None]
    assert [found.of_place(chile.pk, "", "", at) for at in times] == [None, pk, pk, None]


def test_each_scope_covers_what_lies_in_it(chile: Company) -> None:
    italy = CompanyFactory.create(name="Italy")
    one = ConcentratorFactory.create(company=chile, substation="North", feeder="F1").pk
    pks = {
        "concentrator": window(chile, "concentrator", hours=1, concentrator_id=one),
        "feeder": window(chile, "feeder", hours=2, substation="North", feeder="F1"),
        "any feeder": window(chile, "feeder", hours=3, feeder="F1"),
        "substation": window(chile, "substation", hours=4, substation="North"),
        "company": window(chile, "company", hours=5),
    }
    names = {pk: name for name, pk in pks.items()}
    places = {
        "itself": (chile.pk, "North", "F1", one),
        "of its feeder": (chile.pk, "North", "F1", one + 1),
        "of the feeder with its name": (chile.pk, "South", "F1", one + 1),
        "of its substation": (chile.pk, "North", "F2", one + 1),
        "without places": (chile.pk, "", "", one + 1),
        "of another company": (italy.pk, "North", "F1", one + 1),
    }
    covered: dict[str, list[str]] = {name: [] for name in places}
    for name, place in places.items():
        for pk in pks.values():
            PlannedWork.objects.exclude(windows=pk).update(cancelled_at=BEGIN)
            PlannedWork.objects.filter(windows=pk).update(cancelled_at=None)
            if (found := index().of(*place, BEGIN)) is not None:
                covered[name].append(names[found])
    assert covered == {
        "itself": ["concentrator", "feeder", "any feeder", "substation", "company"],
        "of its feeder": ["feeder", "any feeder", "substation", "company"],
        "of the feeder with its name": ["any feeder", "company"],
        "of its substation": ["substation", "company"],
        "without places": ["company"],
        "of another company": [],
    }


@pytest.mark.parametrize(
    ("place", "covered"),
    [
        (("North", "F1"), ["feeder", "any feeder", "substation", "company"]),
        (("South", "F1"), ["any feeder", "company"]),
        (("", "F1"), ["any feeder", "company"]),
        (("North", ""), ["substation", "company"]),
        (("", ""), ["company"]),
    ],
)
def test_a_whole_place_is_covered_by_itself_or_a_wider_one(
    chile: Company, place: tuple[str, str], covered: list[str]
) -> None:
    works: dict[str, dict[str, Any]] = {
        "concentrator": {
            "scope": "concentrator",
            "concentrator_id": ConcentratorFactory.create(company=chile, substation="North", feeder="F1").pk,
        },
        "feeder": {"scope": "feeder", "substation": "North", "feeder": "F1"},
        "any feeder": {"scope": "feeder", "feeder": "F1"},
        "substation": {"scope": "substation", "substation": "North"},
        "company": {"scope": "company"},
    }
    found = []
    for name, work in works.items():
        PlannedWork.objects.all().delete()
        window(chile, **work)
        if index().of_place(chile.pk, *place, BEGIN) is not None:
            found.append(name)
    assert found == covered


def test_of_times_that_overlap_the_one_that_ends_last_counts(chile: Company) -> None:
    wide = window(chile, "company", hours=10)
    window(chile, "substation", begin=BEGIN + HOUR, hours=2, substation="North")
    late = window(chile, "substation", begin=BEGIN + 5 * HOUR, hours=8, substation="North")
    found = index()
    hours = (0, 1.5, 5, 9.5, 10, 12.9, 13)
    assert [found.of(chile.pk, "North", "", 1, BEGIN + hour * HOUR) for hour in hours] == [
        wide, wide, late, late, late, late, None
    ]  # fmt: skip


def test_of_times_that_end_together_it_is_always_the_same(chile: Company) -> None:
    first = window(chile, "company")
    window(chile, "feeder", feeder="F1")
    assert index().of(chile.pk, "", "F1", 1, BEGIN) == first


def test_a_place_without_a_name_is_no_place(chile: Company) -> None:
    window(chile, "feeder")
    window(chile, "substation")
    assert index().of(chile.pk, "", "", 1, BEGIN) is None
    assert index().of_place(chile.pk, "", "", BEGIN) is None


def test_what_is_cancelled_counts_until_then(chile: Company) -> None:
    pk = window(chile, "company")
    PlannedWork.objects.update(cancelled_at=BEGIN + HOUR / 2)
    found = index()
    assert found.of(chile.pk, "", "", 1, BEGIN) == pk
    assert found.of(chile.pk, "", "", 1, BEGIN + HOUR / 2) is None


@pytest.mark.parametrize("cancelled_at", [BEGIN - HOUR, BEGIN])
def test_what_is_cancelled_before_it_begins_never_was(chile: Company, cancelled_at: datetime) -> None:
    window(chile, "company", cancelled_at=cancelled_at)
    assert index().of(chile.pk, "", "", 1, BEGIN) is None
    assert ended_between(BEGIN, BEGIN + 2 * HOUR) == []


def test_times_at_the_ends_of_the_span_are_found_by_one_query(chile: Company, django_assert_num_queries: Any) -> None:
    for day in range(40):
        window(chile, "feeder", begin=BEGIN + 24 * HOUR * day, feeder="F1")
    with django_assert_num_queries(1):
        found = windows_between(BEGIN + HOUR - TICK, BEGIN + 24 * HOUR)
    assert found.of(chile.pk, "", "F1", 1, BEGIN + HOUR - TICK) is not None
    assert found.of(chile.pk, "", "F1", 1, BEGIN + 24 * HOUR) is not None


def test_each_end_is_told_in_one_span_and_says_what_it_covers(chile: Company, django_assert_num_queries: Any) -> None:
    later = window(chile, "feeder", hours=2, substation="North", feeder="F1")
    sooner = window(chile, "company")
    window(chile, "company", hours=4)
    with django_assert_num_queries(1):
        ended = ended_between(BEGIN, BEGIN + 2 * HOUR)
    assert [(one.window_id, one.end) for one in ended] == [(sooner, BEGIN + HOUR), (later, BEGIN + 2 * HOUR)]
    assert ended[1].place == Place(chile.pk, "feeder", "North", "F1")
    assert [one.window_id for one in ended_between(BEGIN + HOUR, BEGIN + 2 * HOUR)] == [later]


def test_a_place_knows_its_concentrators_in_field(chile: Company) -> None:
    profile = SpontaneousProfileFactory.create()

    def made(name: str, **facts: Any) -> Concentrator:
        facts = {"company": chile, "state": State.IN_FIELD, "profile": profile, "installed_at": BEGIN, **facts}
        one: Concentrator = ConcentratorFactory.create(serial_number=name, **facts)
        return one

    one = made("A", substation="North", feeder="F1")
    made("B", substation="South", feeder="F1")
    made("C", substation="North", feeder="F2")
    made("D", substation="North", feeder="F1", state=State.AVAILABLE, profile=None, installed_at=None)
    made("E", substation="North", feeder="F1", company=CompanyFactory.create(name="Italy"))
    names = {
        Place(chile.pk, "feeder", "North", "F1"): "A",
        Place(chile.pk, "feeder", "", "F1"): "AB",
        Place(chile.pk, "substation", "North"): "AC",
        Place(chile.pk, "company"): "ABC",
        Place(chile.pk, "concentrator", concentrator_id=one.pk): "A",
    }
    assert {place: "".join(sorted(one.serial_number for one in place.in_field())) for place in names} == names


def test_a_concentrator_has_the_next_times_of_all_that_covers_it(
    chile: Company, django_assert_num_queries: Any
) -> None:
    one = ConcentratorFactory.create(company=chile, substation="North", feeder="F1")
    now = BEGIN + HOUR / 2
    lasts = window(chile, "company")
    later = [
        window(chile, "feeder", begin=BEGIN + 3 * HOUR, feeder="F1"),
        window(chile, "feeder", begin=BEGIN + 4 * HOUR, feeder="F1", substation="North"),
        window(chile, "substation", begin=BEGIN + 5 * HOUR, substation="North"),
        window(chile, "concentrator", begin=BEGIN + 6 * HOUR, concentrator=one),
    ]
    window(chile, "company", begin=BEGIN - 2 * HOUR)
    window(chile, "company", begin=BEGIN + 2 * HOUR, cancelled_at=BEGIN)
    window(chile, "feeder", begin=BEGIN + HOUR, feeder="F1", substation="South")
    window(CompanyFactory.create(name="Italy"), "company", begin=BEGIN + HOUR)
    with django_assert_num_queries(1):
        found = planned_for(one, now)
    assert [row.pk for row in found] == [lasts, *later]
    assert [row.pk for row in planned_for(ConcentratorFactory.create(company=chile), now)] == [lasts]
    assert [row.pk for row in planned_for(one, now, most=2)] == [lasts, later[0]]
