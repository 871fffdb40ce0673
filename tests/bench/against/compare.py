"""Runs the rounds of both commits: within each the sides are measured in turn, step by step."""

from __future__ import annotations

import sys
from collections.abc import Callable, Collection, Mapping
from contextlib import AbstractContextManager, ExitStack
from pathlib import Path
from typing import Protocol, TypeVar

from django.conf import settings

from tests.bench.against.browsing import Sites
from tests.bench.against.checkouts import checked_out, this_checkout
from tests.bench.against.listening import Listeners
from tests.bench.against.rounds import Figure, Round, Values, in_turn, results
from tests.bench.against.sides import Side
from tests.bench.figures import Result
from tests.bench.places import PLACES

ALWAYS = frozenset({"warm-up", "noise"})

S = TypeVar("S", contravariant=True)
T = TypeVar("T")


class Group(Protocol[S, T]):
    """Steps that are measured on the same running processes of a side."""

    @property
    def steps(self) -> Mapping[str, Callable[[T], Values]]: ...

    def opened(self, side: S) -> AbstractContextManager[T]: ...


def compare(
    revision: str, names: Collection[str], rounds: int, directory: Path, concentrators: int, at_least: float | None
) -> list[Result]:
    """The figures of this checkout and of ``revision`` in so many rounds, their files under ``directory``."""
    with (
        checked_out(revision, settings.BASE_DIR, directory) as other,
        PLACES["postgres"](directory) as place,
        ExitStack() as stack,
    ):
        this = this_checkout(settings.BASE_DIR)
        sides = Side("this", this, place), Side("other", other, place)
        listening = rounds_of(Listeners(stack), names, sides, rounds)
        browsing = rounds_of(Sites(concentrators), names, sides, rounds)
        return [*results(listening, other.name, at_least), *results(browsing, other.name, at_least)]


def rounds_of(group: Group[S, T], names: Collection[str], sides: tuple[S, S], count: int) -> list[Round]:
    """``count`` rounds of those steps of ``group`` that have these names, on new databases each; none without any."""
    if group.steps.keys().isdisjoint(names):
        return []
    return [_round(group, names, sides, number) for number in range(count)]


def _round(group: Group[S, T], names: Collection[str], sides: tuple[S, S], number: int) -> Round:
    sys.stderr.write(f"  round {number + 1}\n")
    with ExitStack() as stack:
        # What is opened last may find more of its database in memory.
        opened = {side: stack.enter_context(group.opened(side)) for side in in_turn(*sides, number)}
        this, other = ((opened[side], dict[Figure, float]()) for side in sides)
        for name, step in group.steps.items():
            if name in ALWAYS or name in names:
                for at, values in in_turn(this, other, number):
                    values.update(step(at))
        return Round(this[1], other[1])
