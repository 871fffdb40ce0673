"""What every table of the product keeps: order, pages, sizes (REP-6)."""

from __future__ import annotations

from itertools import groupby

import pytest
from django.contrib.auth.models import User
from django.test import Client

from concentrators.models import MeterState
from concentrators.planned.listing import ORDER
from concentrators.planned.wording import PlannedState
from smmeplus.common.lists import PAGE_SIZES
from tests.plugins.effort import IN_CI
from tests.smmeplus.common.all_lists import LISTS, List, cells, list_views, total_items
from tests.smmeplus.translation.markup import rows, with_class
from wakeup.monitoring.incidents.states import IncidentState
from wakeup.monitoring.status.rules import Status

pytestmark = [pytest.mark.django_db, pytest.mark.one_database(in_ci=True)]
#: Of meters, by their numbers.
STATES = [str(state.label) for state in MeterState]
every_list = pytest.mark.parametrize("listed", LISTS, ids=str)


@pytest.fixture
def operator(filled: User) -> User:
    """Who sees all of the lists, made once for this file: its tests only read."""
    return filled


def as_meant(shown: str) -> tuple[int, str]:
    """By which values that are shown as ``shown`` sort: numbers by size, statuses the worst first."""
    if shown in IncidentState.values:
        return IncidentState(shown).rank, shown
    if shown in Status.values:
        return Status(shown).rank, shown
    if shown in STATES:
        return STATES.index(shown), shown
    if shown in PlannedState.values:
        return ORDER.index(PlannedState(shown)), shown
    meant = shown.lstrip("▲◆ ")
    if meant in STATES:
        return STATES.index(meant), meant
    return (int(shown) if shown.isdecimal() else 0, shown)


def test_no_list_is_forgotten_here() -> None:
    assert list_views().keys() == {listed.view for listed in LISTS}


@every_list
def test_each_column_sorts_both_ways_and_ties_never_move_between_pages(operator: User, listed: List) -> None:
    for name in listed.orderable if IN_CI else (listed.key, listed.orderable[-1]):
        up, down = (listed.all_rows(operator, listed.key, name, sort=sign + name) for sign in ("", "-"))
        for shown in (up, down):
            assert len({key for key, _value in shown}) == len(shown) == listed.rows, name
        values = [value for value, _rows in groupby(value for _key, value in up)]
        assert len(values) == len(set(values)) > 1, f"{name} does not sort"
        assert [value for value in values if value != "—"] == sorted(set(values) - {"—"}, key=as_meant), name
        assert [value for value, _rows in groupby(value for _key, value in down)] == values[::-1], name
        ties = [{wanted: [key for key, value in shown if value == wanted] for wanted in values} for shown in (up, down)]
        assert ties[0] == ties[1], f"ties of {name} depend on the direction"


@every_list
def test_pages_of_any_size_show_the_same_rows_in_the_same_order(operator: User, listed: List) -> None:
    tied = listed.orderable[-1]
    assert listed.all_rows(operator, listed.key, sort=tied) == listed.all_rows(
        operator, listed.key, sort=tied, per_page=250
    )


@every_list
def test_several_sort_keys_apply_one_after_the_other(operator: User, listed: List) -> None:
    first, second = listed.tied or next(name for name in listed.orderable if name != listed.key), listed.key
    shown = listed.all_rows(operator, first, second, sort=[f"-{first}", f"-{second}"], per_page=250)
    groups = [[row[1] for row in group] for _value, group in groupby(shown, key=lambda row: row[0])]
    assert 1 < len(groups) < len(shown)
    assert groups == [sorted(group, reverse=True) for group in groups]


@every_list
def test_an_unknown_sort_key_leaves_the_order_at_first(operator: User, listed: List) -> None:
    at_first = cells(listed.table(operator), listed.key)
    for unknown in ("", "-", "--", "pk", "-pk", "password", "choice", "actions", ";drop", "\0", f"-{listed.key}\0"):
        assert cells(listed.table(operator, sort=unknown), listed.key) == at_first, unknown


@every_list
def test_a_page_past_the_end_is_the_last_one(operator: User, listed: List) -> None:
    last = cells(listed.table(operator, page=-(-listed.rows // 25)), listed.key)
    for past in ("4000", "9" * 18, "0", "-1"):
        assert cells(listed.table(operator, page=past), listed.key) == last, past


@every_list
def test_a_page_that_is_no_number_is_the_first_one(operator: User, listed: List) -> None:
    first = cells(listed.table(operator, page=1), listed.key)
    for wrong in ("", "abc", "1.5", "9" * 5000, "\0"):
        assert cells(listed.table(operator, page=wrong), listed.key) == first, wrong


@every_list
def test_a_page_is_as_long_as_asked_among_a_few_sizes_and_else_short(operator: User, listed: List) -> None:
    asked = {str(size): min(size, listed.rows) for size in PAGE_SIZES}
    wrong = dict.fromkeys(("100000", "251", "26", "0", "-1", "abc", "", "25 ", "9" * 5000, "\0"), 25)
    for size, length in (asked | wrong).items():
        assert len(cells(listed.table(operator, per_page=size))) == length, size


@every_list
def test_a_table_shows_its_total_its_order_and_its_size(client: Client, listed: List) -> None:
    table = listed.get(client, per_page=25)
    assert (total_items(table), len(rows(table))) == (listed.rows, 25)
    sorted_by = {head.get("class"): head.get("aria-sort") for head in table.iter("th")}
    alias = listed.table_class._meta.order_by[0]
    assert sorted_by[f"column-{alias.lstrip('-')}"] == ("descending" if alias.startswith("-") else "ascending")
    assert [one.text for one in with_class(table, "sizes")[0] if one.get("aria-current")] == ["25"]
    assert table.find(".//h1") is None


@every_list
def test_an_emptied_list_has_one_page_and_says_what_to_do(client: Client, listed: List) -> None:
    search = {"c-": "c-q", "p-": "p-q"}.get(listed.prefix, "q")
    emptied = List(listed.view, listed.table_class, 0, "", query={**listed.query, search: "nothing"}, part=listed.part)
    shown = emptied.get(client, page=2)
    (said,) = with_class(shown, "empty")
    assert (rows(shown), total_items(shown)) == ([], 0)
    assert said.text
    assert said.text != "None"
