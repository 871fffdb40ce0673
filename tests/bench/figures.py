"""The arithmetic of the bench: what is measured in rounds becomes a median with its spread, a ratio and a verdict."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from operator import ge, le, lt
from statistics import median
from typing import NamedTuple

_SENSES = {"≥": ge, "≤": le, "<": lt}


class Spread(NamedTuple):
    """The median of several rounds, with the lowest and the highest."""

    median: float
    low: float
    high: float

    @classmethod
    def of(cls, values: Sequence[float]) -> Spread:
        """Raises ValueError without a single value."""
        if not values:
            raise ValueError("nothing was measured")
        return cls(median(values), min(values), max(values))


class Target(NamedTuple):
    """What section 15 of the specification asks for: ``Target("≥", 0.5)`` of a floor, ``Target("<", 20, "ms")``."""

    sense: str
    limit: float
    unit: str = "x"

    def is_met(self, value: float) -> bool:
        return bool(_SENSES[self.sense](value, self.limit))

    def __str__(self) -> str:
        return f"{self.sense} {self.limit:g} {self.unit}"


@dataclass(frozen=True)
class Result:
    """One line of the table.

    ``figure`` and ``floor`` have the same ``unit``; ``ratio`` is that of each round's two halves, which were
    measured one after the other. The target is about the ratio if there is a floor, else about the figure.
    """

    requirement: str
    what: str
    unit: str
    figure: Spread
    floor_name: str = ""
    floor: Spread | None = None
    ratio: Spread | None = None
    target: Target | None = None
    notes: list[str] = field(default_factory=list)

    @property
    def is_met(self) -> bool | None:
        """Whether the median reaches the target; None without one."""
        return self.target.is_met((self.ratio or self.figure).median) if self.target else None

    @property
    def verdict(self) -> str:
        return {True: "met", False: "missed", None: ""}[self.is_met]


def compared(
    requirement: str,
    what: str,
    unit: str,
    figures: Sequence[float],
    floor_name: str,
    floors: Sequence[float],
    target: Target | None,
    notes: Sequence[str] = (),
) -> Result:
    """The result of rounds in which a figure and its floor were measured in turn. Raises ValueError without any."""
    return Result(
        requirement,
        what,
        unit,
        Spread.of(figures),
        floor_name,
        Spread.of(floors),
        Spread.of(ratios(figures, floors)),
        target,
        list(notes),
    )


def ratios(figures: Sequence[float], floors: Sequence[float]) -> list[float]:
    """Each figure as a multiple of the floor of its own round. Raises ValueError unless they come in pairs."""
    return [figure / floor for figure, floor in zip(figures, floors, strict=True)]


def percentile(values: Sequence[float], share: float) -> float:
    """The smallest value that ``share`` (0 to 1) of all ``values`` do not exceed: the nearest rank."""
    if not values:
        raise ValueError("nothing was measured")
    return sorted(values)[max(0, math.ceil(share * len(values)) - 1)]
