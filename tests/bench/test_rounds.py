"""The rounds of two commits: their order, their ratios and what is said of them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager

import pytest

from tests.bench.against.compare import rounds_of
from tests.bench.against.rounds import ENOUGH, Figure, Round, Values, in_turn, results
from tests.bench.figures import Result, Spread
from tests.bench.table import table

RATE = Figure("PER-1", "at once", "messages/s")
TIME = Figure("PER-3", "alone", "ms", is_less_better=True)
COST = Figure("PER-1", "processor time", "µs", is_less_better=True, is_judged=False)


def result_of(figure: Figure, pairs: Sequence[tuple[float, float]], at_least: float | None = None) -> Result:
    (result,) = results([Round({figure: this}, {figure: other}) for this, other in pairs], "0ld", at_least)
    return result


def test_each_side_is_the_first_as_often() -> None:
    assert [in_turn("A", "B", number) for number in range(4)] == [("A", "B"), ("B", "A")] * 2


def test_each_round_is_compared_with_itself() -> None:
    result = result_of(RATE, [(10.0, 20.0), (90.0, 100.0), (33.0, 30.0)])
    assert result.ratio == Spread(0.9, 0.5, 1.1)
    assert (result.figure, result.floor, result.floor_name) == (Spread(33, 10, 90), Spread(30, 20, 100), "0ld")


def test_a_shorter_time_is_a_ratio_above_1() -> None:
    assert result_of(TIME, [(10.0, 12.0)]).ratio == Spread(1.2, 1.2, 1.2)


def test_the_ratio_of_each_round_is_printed_in_the_order_of_rounds() -> None:
    assert result_of(RATE, [(9.0, 10.0), (12.0, 10.0), (9.876, 10.0)]).notes[0] == (
        "ratio 0.988, by round 0.900 1.200 0.988"
    )


@pytest.mark.parametrize(
    ("ratios", "said"),
    [
        ([0.97, 1.02], "the spread of 2 rounds contains 1: more are due (--rounds 10)"),
        ([1.0, 1.02], "the spread of 2 rounds contains 1: more are due (--rounds 10)"),
        ([1.01, 1.02], None),
        ([0.97, 0.98], None),
        ([1.02], "one round has no spread: more are due (--rounds 10)"),
        ([0.97, 1.02] * (ENOUGH // 2), "the spread of 10 rounds contains 1: no difference was found"),
    ],
)
def test_more_rounds_are_due_where_the_spread_contains_1(ratios: list[float], said: str | None) -> None:
    assert result_of(RATE, [(ratio, 1.0) for ratio in ratios]).notes[1:] == ([said] if said else [])


def test_the_bound_is_about_the_median() -> None:
    pairs = [(0.5, 1.0), (0.97, 1.0), (1.5, 1.0)]
    assert result_of(RATE, pairs, 0.97).is_met is True
    assert result_of(RATE, pairs, 0.971).is_met is False
    assert result_of(RATE, pairs).is_met is None


def test_what_only_explains_has_neither_a_bound_nor_a_call_for_more_rounds() -> None:
    result = result_of(COST, [(1.0, 0.5), (1.0, 1.5)], 0.97)
    assert (result.is_met, len(result.notes)) == (None, 1)


def test_a_figure_that_a_round_lacks_is_an_error() -> None:
    with pytest.raises(ValueError, match="at once was not measured in each round"):
        results([Round({RATE: 1.0}, {RATE: 1.0}), Round({RATE: 1.0}, {})], "0ld", None)


def test_nothing_measured_is_no_result() -> None:
    assert results([], "0ld", None) == []


def test_the_table_names_the_other_commit() -> None:
    header, line, *_notes = table([result_of(RATE, [(9.0, 10.0)], 0.97)], "other commit").splitlines()
    assert [cell.strip() for cell in line.split("  ") if cell] == [
        "PER-1", "at once", "9.00 messages/s", "10.0 0ld", "0.90", "≥ 0.97 x", "missed"
    ]  # fmt: skip
    assert "other commit" in header


class Steps:
    """A group that notes what is opened, measured and closed, each by the name of its side."""

    def __init__(self) -> None:
        self.done: list[str] = []
        self.steps: Mapping[str, Callable[[str], Values]] = {
            "warm-up": lambda at: self._note(f"warm {at}", {}),
            "per1": lambda at: self._note(f"per1 {at}", {RATE: 1.0 if at == "this" else 2.0}),
            "per3": lambda at: self._note(f"per3 {at}", {TIME: 3.0}),
        }

    @contextmanager
    def opened(self, side: str) -> Iterator[str]:
        self.done.append(f"open {side}")
        yield side
        self.done.append(f"close {side}")

    def _note(self, what: str, values: Values) -> Values:
        self.done.append(what)
        return values


def test_both_run_in_each_round_and_are_measured_in_turn() -> None:
    group = Steps()
    assert rounds_of(group, ["per1"], ("this", "other"), 2) == [Round({RATE: 1.0}, {RATE: 2.0})] * 2
    first, second = (
        [f"{step} {side}" for step in ("open", "warm", "per1") for side in sides]
        + [f"close {side}" for side in reversed(sides)]
        for sides in (("this", "other"), ("other", "this"))
    )
    assert group.done == [*first, *second]


def test_a_group_of_which_nothing_is_asked_starts_nothing() -> None:
    group = Steps()
    assert rounds_of(group, ["upload"], ("this", "other"), 2) == []
    assert group.done == []
