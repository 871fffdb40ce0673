"""The indices of IEEE 1366, pure arithmetic on outages that the database has added up (STA-6).

Only outages of power count in them. An interruption of at most the company's limit is momentary and counts in MAIFI,
a longer one in SAIDI, SAIFI and CAIDI. `docs/reliability.md` has the formulas.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

MINUTE = 60
QUALITIES = ("measured", "restored", "inferred")
POWER, UNDECIDED = "power", "undecided"


class Group(NamedTuple):
    """Outages that are alike in the first six, added up; ``seconds`` are those up to the end of the month or now."""

    cause: str
    is_planned: bool
    is_momentary: bool
    quality: str
    is_announced: bool
    is_open: bool
    outages: int
    customers: int
    seconds: int
    customer_seconds: int


class Coverage(NamedTuple):
    """Percents of what a figure is made of, by how well begin and end are known; None where it is made of nothing."""

    measured: float | None
    restored: float | None
    inferred: float | None


class Figure(NamedTuple):
    """``value`` is None where it would be a division by nothing."""

    value: float | None
    coverage: Coverage


Weight = Callable[[Group], int]


def by_outages(group: Group) -> int:
    return group.outages


def by_customers(group: Group) -> int:
    return group.customers


def by_customer_time(group: Group) -> int:
    return group.customer_seconds


def total(groups: Iterable[Group], weight: Weight) -> int:
    return sum(weight(group) for group in groups)


def coverage(groups: Sequence[Group], weight: Weight = by_outages) -> Coverage:
    whole = total(groups, weight)
    return Coverage(*(share(total(_of(groups, quality), weight), whole) for quality in QUALITIES))


def announced(groups: Sequence[Group]) -> float | None:
    """Percent of the outages that a last gasp announced."""
    return share(total([group for group in groups if group.is_announced], by_outages), total(groups, by_outages))


def share(part: float, whole: float) -> float | None:
    return 100 * part / whole if whole else None


def _of(groups: Iterable[Group], quality: str) -> list[Group]:
    return [group for group in groups if group.quality == quality]


@dataclass(frozen=True)
class Indices:
    """The indices of ``groups``, all of one cause; ``served`` is the number of customers, an average of the month."""

    served: float
    groups: Sequence[Group]

    @cached_property
    def sustained(self) -> list[Group]:
        return [group for group in self.groups if not group.is_momentary]

    @cached_property
    def momentary(self) -> list[Group]:
        return [group for group in self.groups if group.is_momentary]

    @property
    def saidi(self) -> Figure:
        """Minutes without supply for each customer served."""
        return self._figure(total(self.sustained, by_customer_time) / MINUTE, self.served, by_customer_time)

    @property
    def saifi(self) -> Figure:
        """Interruptions for each customer served."""
        return self._figure(total(self.sustained, by_customers), self.served, by_customers)

    @property
    def caidi(self) -> Figure:
        """Minutes for each customer interrupted, which needs no number of customers served."""
        minutes = total(self.sustained, by_customer_time) / MINUTE
        return self._figure(minutes, total(self.sustained, by_customers), by_customer_time)

    @property
    def maifi(self) -> Figure:
        """Momentary interruptions for each customer served."""
        value = _divided(total(self.momentary, by_customers), self.served)
        return Figure(value, coverage(self.momentary, by_customers))

    def _figure(self, dividend: float, divisor: float, weight: Weight) -> Figure:
        return Figure(_divided(dividend, divisor), coverage(self.sustained, weight))


def _divided(dividend: float, divisor: float) -> float | None:
    return dividend / divisor if divisor else None
