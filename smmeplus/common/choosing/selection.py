"""What an operator has chosen, in a shape whose size does not grow with the rows that it stands for (CON-3)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import reduce
from itertools import groupby
from operator import or_
from typing import Any, TypeVar

from django.db.models import Model, QuerySet

_M = TypeVar("_M", bound=Model)

#: Of a list and a search, the rows that match.
Matching = Callable[[QuerySet[_M], str], QuerySet[_M]]


@dataclass(frozen=True)
class Selection:
    """Rows that were ticked one by one, and all that match one of ``searches`` now, but for those taken out again.

    ``left_out`` says of how many of the searches, from the first on, a row was taken out. So *select all that match*
    brings back what was unticked before, and not what is unticked after it.
    """

    ticked: frozenset[int] = frozenset()
    searches: tuple[str, ...] = ()
    left_out: Mapping[int, int] = field(default_factory=dict)

    def __bool__(self) -> bool:
        return bool(self.ticked or self.searches)

    def of(self, offered: QuerySet[_M], matching: Matching[_M]) -> QuerySet[_M]:
        """Those of ``offered`` that are chosen, each once. The searches are made again now, all by one query."""
        parts = [offered.filter(pk__in=self.ticked)] if self.ticked else []
        places = range(len(self.searches))
        for without, group in groupby(places, self._left_out_of):
            found = _any_of([matching(offered, self.searches[place]) for place in group])
            parts.append(found.exclude(pk__in=without) if without else found)
        return _any_of(parts) if parts else offered.none()

    def _left_out_of(self, place: int) -> frozenset[int]:
        return frozenset(key for key, number in self.left_out.items() if number > place and key not in self.ticked)


def _any_of(querysets: list[QuerySet[Any]]) -> QuerySet[Any]:
    return reduce(or_, querysets)
