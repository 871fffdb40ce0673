"""What a selection stands for: ticks and searches, less what was taken out again (CON-3, UI-7)."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial

import pytest
from django.db import connection
from django.db.models import QuerySet
from django.test.utils import CaptureQueriesContext
from hypothesis import given
from hypothesis import strategies as st

from concentrators.finding import Types, matching
from concentrators.models import Company, Concentrator
from smmeplus.common.choosing import Selection
from tests.factories import CompanyFactory, ConcentratorFactory

SERIALS = ("A1", "A2", "AB3", "B4", "C5")
SEARCHES = ("", " ", "A", "ab", "B", "5", "nothing")


@pytest.fixture
def company(db: None) -> Company:
    """One with SERIALS; others have concentrators that match the same searches."""
    company: Company = CompanyFactory.create()
    for serial in SERIALS:
        ConcentratorFactory.create(serial_number=serial, company=company, manufacturer="")
        ConcentratorFactory.create(serial_number=f"{serial}-0")
    return company


def offered_by(company: Company) -> QuerySet[Concentrator]:
    return Concentrator.objects.filter(company=company)


def serials(selection: Selection, company: Company) -> list[str]:
    chosen = selection.of(offered_by(company), partial(matching, types=Types()))
    return sorted(chosen.values_list("serial_number", flat=True))


def matches(serial: str, search: str) -> bool:
    return search.strip().upper() in serial


class Operator:
    """Ticks, unticks and selects all that match, and remembers serial numbers: what is selected by plain sets."""

    def __init__(self, keys: Mapping[str, int]) -> None:
        self.keys = keys
        self.selected: set[str] = set()
        self.ticked: set[int] = set()
        self.searches: list[str] = []
        self.left_out: dict[int, int] = {}

    def tick(self, serial: str) -> None:
        self.selected.add(serial)
        self.left_out.pop(self.keys[serial], None)
        self.ticked.add(self.keys[serial])

    def untick(self, serial: str) -> None:
        self.selected.discard(serial)
        self.ticked.discard(self.keys[serial])
        self.left_out[self.keys[serial]] = len(self.searches)

    def select_all(self, search: str) -> None:
        self.selected |= {serial for serial in SERIALS if matches(serial, search)}
        self.searches.append(search)

    @property
    def selection(self) -> Selection:
        return Selection(frozenset(self.ticked), tuple(self.searches), self.left_out)


STEPS = st.lists(
    st.tuples(st.sampled_from(["tick", "untick"]), st.sampled_from(SERIALS))
    | st.tuples(st.just("select_all"), st.sampled_from(SEARCHES)),
    max_size=12,
)


@pytest.mark.one_database
def test_whatever_is_ticked_unticked_and_searched_exactly_that_is_selected(company: Company) -> None:
    keys = dict(offered_by(company).values_list("serial_number", "pk"))

    @given(STEPS)
    def check(steps: list[tuple[str, str]]) -> None:
        operator = Operator(keys)
        for step, what in steps:
            getattr(operator, step)(what)
        assert serials(operator.selection, company) == sorted(operator.selected)

    check()


@pytest.mark.parametrize(
    ("selection", "selected"),
    [
        (Selection(), []),
        (Selection(searches=("A", "B")), ["A1", "A2", "AB3", "B4"]),  # AB3 matches both and comes once
        (Selection(searches=("nothing",)), []),
        (Selection(searches=("", "A")), list(SERIALS)),
    ],
)
def test_a_union_counts_nothing_twice_and_reaches_no_other_company(
    company: Company, selection: Selection, selected: list[str]
) -> None:
    assert serials(selection, company) == selected
    assert selection.of(offered_by(company), matching).count() == len(selected)


@pytest.mark.parametrize(("number", "selected"), [(0, SERIALS), (1, ("A2", "AB3", "B4", "C5")), (2, SERIALS[1:])])
def test_all_that_match_brings_back_what_was_unticked_before(
    company: Company, number: int, selected: tuple[str, ...]
) -> None:
    one = Concentrator.objects.get(serial_number="A1").pk
    assert serials(Selection(searches=("", "B"), left_out={one: number}), company) == list(selected)
    assert serials(Selection(searches=("B", "A"), left_out={one: 1}), company) == ["A1", "A2", "AB3", "B4"]


def test_a_tick_stands_against_what_was_left_out(company: Company) -> None:
    one = Concentrator.objects.get(serial_number="A1").pk
    assert serials(Selection(frozenset({one}), ("A",), {one: 1}), company) == ["A1", "A2", "AB3"]


def test_keys_of_nobody_choose_nothing(company: Company) -> None:
    strange = ConcentratorFactory.create().pk
    assert serials(Selection(frozenset({0, strange, 10**17}), (), {}), company) == []


def test_fifty_searches_and_ten_thousand_ticks_are_one_query(company: Company) -> None:
    left_out = {key: 1 + key % 50 for key in range(1_000, 2_000)}
    selection = Selection(frozenset(range(10_000_000, 10_010_000)), tuple(f"A{n}" for n in range(50)), left_out)
    with CaptureQueriesContext(connection) as captured:
        assert serials(selection, company) == ["A1", "A2"]
    assert len(captured) <= 2  # one of them for the names of types
