"""The load that a change adds is stated before it is confirmed (CFG-4)."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from concentrators.models import Company, Concentrator
from concentrators.procedures.load import Group, Load, groups_of, groups_of_moves, load_of, stated, statement
from profiles.models import ProcedureProfile
from tests.factories import CompanyFactory, ConcentratorFactory, ProcedureProfileFactory, SpontaneousProfileFactory

GROUPS = st.lists(
    st.builds(
        Group, st.integers(0, 500), st.none() | st.integers(1, 1440), st.none() | st.just(10), st.just(value=True)
    )
)


@pytest.mark.parametrize(
    ("groups", "sizes", "load"),
    [
        ([], [None], Load(0, 0, 0)),
        ([Group(90, 100, 10)], [None], Load(90 / 6000, 90 / 600, 90)),
        ([Group(90, 100, 10)], [10, 20, None], Load(90 / 6000, 90 / 600, 60)),
        ([Group(90, 100, 10)], [80, 100, None], Load(90 / 6000, 90 / 600, 80)),
        ([Group(60, 1, 1, is_written=False), Group(60, 1, None)], [None], Load(2, 1, 0)),
        ([Group(60, None, 1)], [1, None], Load(0, 1, 59)),
    ],
)
def test_the_rate_is_the_sum_and_the_burst_the_largest_wave(
    groups: list[Group], sizes: list[int | None], load: Load
) -> None:
    assert load_of(groups, sizes) == pytest.approx(load)


@pytest.mark.one_database
@given(GROUPS, st.lists(st.integers(1, 100), max_size=3))
def test_no_burst_is_larger_than_all_that_are_written(groups: list[Group], sizes: list[int]) -> None:
    calling = sum(group.number for group in groups if group.period_after)
    found = load_of(groups, [*sizes, None])
    assert found.burst <= calling
    assert found.burst * (len(sizes) + 1) >= calling


@pytest.fixture
def company(db: None) -> Company:
    """Ten on a period of 100 minutes, ten of another company, and one in store."""
    profile = SpontaneousProfileFactory.create(name="Slow", wakeup_period=100)
    company: Company = CompanyFactory.create()
    ConcentratorFactory.create_batch(10, in_field=True, profile=profile, company=company)
    ConcentratorFactory.create_batch(10, in_field=True, profile=profile)
    ConcentratorFactory.create(company=company)
    return company


def test_what_is_chosen_is_counted_once_and_others_companies_never(company: Company) -> None:
    fast = SpontaneousProfileFactory.create(wakeup_period=10)
    of_company = Concentrator.objects.filter(company=company)
    one, store = of_company.filter(state="in field")[:1], of_company.filter(state="available")
    assert load_of(groups_of(company, one, fast), [None]) == pytest.approx(Load(10 / 6000, 9 / 6000 + 1 / 600, 1))
    assert load_of(groups_of(company, store, fast), [None]) == pytest.approx(Load(10 / 6000, 10 / 6000 + 1 / 600, 1))
    assert load_of(groups_of(company, one, None), [None]) == pytest.approx(Load(10 / 6000, 9 / 6000, 0))


def test_what_has_the_profile_already_is_not_written(company: Company) -> None:
    profile = SpontaneousProfileFactory._meta.model.objects.get(name="Slow")
    groups = groups_of(company, Concentrator.objects.filter(company=company, state="in field"), profile)
    assert load_of(groups, [None]).burst == 0


def test_a_file_is_reckoned_by_what_it_moves(company: Company) -> None:
    slow = SpontaneousProfileFactory._meta.model.objects.get(name="Slow")
    fast = SpontaneousProfileFactory.create(wakeup_period=10)
    moves = [[slow.pk, fast.pk, 4], [None, fast.pk, 2]]
    assert load_of(groups_of_moves(company, moves), [3, None]) == pytest.approx(Load(10 / 6000, 6 / 6000 + 6 / 600, 3))


def test_it_is_said_in_words(company: Company) -> None:
    fast = SpontaneousProfileFactory.create(wakeup_period=1)
    chosen, procedure = Concentrator.objects.filter(company=company), ProcedureProfileFactory.create(waves="5, all")
    assert stated(company, chosen, fast, procedure) == (
        "Wake-ups of this company: 0.002 → 0.183 messages a second. "
        "The largest burst: 6 first wake-ups, as soon as a whole wave is written."
    )
    assert stated(None, chosen, fast, ProcedureProfile.objects.default()) == ""
    assert statement(Load(0, 0, 0)) == "Wake-ups of this company: 0.000 → 0.000 messages a second."
