"""What paired rounds say: the figures of both commits, their ratio round by round, and whether that is enough."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from statistics import median
from typing import NamedTuple, TypeVar

from tests.bench.figures import Result, Spread, Target, ratios

ENOUGH = 10  # rounds; where these show no difference, more of them will not either

S = TypeVar("S")


class Figure(NamedTuple):
    """One figure of both commits. A bound is set to those that are judged; the others explain them."""

    requirement: str
    what: str
    unit: str
    is_less_better: bool = False
    is_judged: bool = True


Values = Mapping[Figure, float]


class Round(NamedTuple):
    """What both commits reached, one directly after the other."""

    this: Values
    other: Values


def in_turn(first: S, second: S, number: int) -> tuple[S, S]:
    """The order of round ``number``, from 0: whatever helps the first or the second helps both as often."""
    return (second, first) if number % 2 else (first, second)


def results(rounds: Sequence[Round], other: str, at_least: float | None) -> list[Result]:
    """A result for each figure; ``other`` is the name of the other commit, ``at_least`` the bound of its ratio.

    A ratio above 1 means that this checkout is the better one, be it by a higher rate or by a shorter time.
    Raises ValueError where a round lacks one of the figures.
    """
    figures = rounds[0].this if rounds else ()
    return [_result(figure, rounds, other, at_least) for figure in figures]


def _result(figure: Figure, rounds: Sequence[Round], other: str, at_least: float | None) -> Result:
    try:
        ours, theirs = ([side[figure] for side in sides] for sides in zip(*rounds, strict=True))
    except KeyError as error:
        raise ValueError(f"{figure.what} was not measured in each round") from error
    by_round = ratios(theirs, ours) if figure.is_less_better else ratios(ours, theirs)
    return Result(
        figure.requirement,
        figure.what,
        figure.unit,
        Spread.of(ours),
        other,
        Spread.of(theirs),
        Spread.of(by_round),
        Target("≥", at_least) if figure.is_judged and at_least is not None else None,
        list(_notes(figure, by_round)),
    )


def _notes(figure: Figure, by_round: Sequence[float]) -> Iterable[str]:
    each = " ".join(f"{ratio:.3f}" for ratio in by_round)
    yield f"ratio {median(by_round):.3f}, by round {each}"
    if not figure.is_judged:
        return
    if len(by_round) == 1:
        yield f"one round has no spread: more are due (--rounds {ENOUGH})"
    elif min(by_round) <= 1 <= max(by_round):
        is_enough = len(by_round) >= ENOUGH
        rest = "no difference was found" if is_enough else f"more are due (--rounds {ENOUGH})"
        yield f"the spread of {len(by_round)} rounds contains 1: {rest}"
