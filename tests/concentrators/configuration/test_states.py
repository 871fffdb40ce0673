"""When a configuration is tried next (CFG-3): pure, on a given clock."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from concentrators.configuration.states import (
    LONGEST,
    SHORTEST,
    NextTry,
    Rules,
    Standing,
    back_off,
    has_tries_left,
    next_try,
)
from concentrators.models.configuration import MOST_TRIES

NOON = datetime(2026, 3, 4, 12, tzinfo=UTC)
TODAY = date(2026, 3, 4)

pytestmark = pytest.mark.one_database


@pytest.mark.parametrize(
    ("failures", "minutes"), [(0, 0), (1, 10), (2, 20), (3, 40), (7, 640), (8, 720), (9, 720), (60_000, 720)]
)
def test_the_back_off_doubles_from_ten_minutes_to_twelve_hours(failures: int, minutes: int) -> None:
    assert back_off(failures) == timedelta(minutes=minutes)


@pytest.mark.parametrize(("chance", "minutes"), [(0, 7.5), (0.5, 10), (1, 12.5)])
def test_chance_moves_it_by_a_quarter_and_a_wakeup_may_come_from_its_middle_on(chance: float, minutes: float) -> None:
    assert next_try(Standing(1, TODAY, 1), NOON, chance) == NextTry(
        NOON + timedelta(minutes=minutes), NOON + timedelta(minutes=10)
    )


def test_the_last_try_of_a_day_is_followed_by_one_in_the_first_hour_of_the_next() -> None:
    before = next_try(Standing(1, TODAY, MOST_TRIES - 1), NOON, 0.5)
    after = next_try(Standing(1, TODAY, MOST_TRIES), NOON, 0.5)
    assert before.at == NOON + timedelta(minutes=10)
    assert after.at == after.wakes_from == datetime(2026, 3, 5, 0, 30, tzinfo=UTC)


@pytest.mark.parametrize(("failures", "is_last"), [(1, False), (2, False), (3, True), (4, True)])
def test_after_the_last_try_of_its_procedure_only_a_wakeup_makes_it_due(failures: int, is_last: bool) -> None:
    found = next_try(Standing(failures, TODAY, 1), NOON, 0.5, Rules(tries=3, shortest=timedelta(minutes=30)))
    wakes_from = NOON + timedelta(minutes=30 * 2 ** (failures - 1))
    assert found == NextTry(None if is_last else wakes_from, wakes_from)


def test_tries_of_yesterday_do_not_count() -> None:
    assert has_tries_left(Standing(1, TODAY - timedelta(days=1), MOST_TRIES), NOON)
    assert not has_tries_left(Standing(1, TODAY, MOST_TRIES), NOON)


@given(st.integers(1, 200), st.integers(0, 40), st.floats(0, 1))
def test_it_is_never_sooner_than_three_quarters_and_never_later_than_the_next_day(
    failures: int, tries: int, chance: float
) -> None:
    found = next_try(Standing(failures, TODAY, tries), NOON, chance)
    assert found.at is not None
    assert NOON + SHORTEST * 0.75 <= found.at <= NOON + LONGEST + timedelta(hours=13)
