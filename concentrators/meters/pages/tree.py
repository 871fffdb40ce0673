"""The tree of repeaters of one concentrator, as lines of nested lists (MET-6).

The tree is walked without recursion, and nested no deeper than MOST_NESTED: a browser lays out what is nested further
beside it instead. What lies deeper stands at the last depth, each with its level.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import pairwise

from django.utils.translation import gettext as _

from concentrators.meters.topology.rules import Behind, Forest, Node, Place
from concentrators.models import Concentrator, MeterConflict, MeterKind, MeterState, Sighting

MOST_NESTED = 24
#: So many meters are unfolded at first; of more, the repeaters alone.
MOST_UNFOLDED = 150


@dataclass(frozen=True, slots=True)
class Row:
    """A meter of the tree. ``level`` is as told, else as its way says."""

    meter: int
    name: str
    state: int | None
    is_supervisor: bool
    level: int | None
    is_in_conflict: bool
    is_looped: bool
    behind: Behind


@dataclass(frozen=True, slots=True)
class Line:
    """``opens`` if the next line is behind this one; after it so many lists end as ``closes`` says."""

    row: Row
    opens: bool
    closes: int


@dataclass(frozen=True, slots=True)
class Branch:
    """Of the tree's branches the first, who is reached directly; those of no known parent; those of no known place."""

    title: str
    note: str
    number: int
    lines: list[Line]


@dataclass(frozen=True, slots=True)
class ShownTree:
    branches: list[Branch]
    number: int
    is_told: bool

    @property
    def is_small(self) -> bool:
        return self.number <= MOST_UNFOLDED


def tree_of(concentrator: Concentrator) -> ShownTree:
    """Two queries, whatever its size."""
    nodes, facts = list[Node](), dict[int, tuple[int, str, int | None]]()
    columns = ("pk", "meter__name", "meter__mac", "level", "sid", "lsid", "repeater")
    found = Sighting.objects.filter(concentrator=concentrator, in_list=True).order_by("meter__name")
    for *node, meter, kind, state in found.values_list(*columns, "meter", "meter__kind", "state"):
        nodes.append(Node(*node))
        facts[node[0]] = (meter, kind, state)
    open_ones = MeterConflict.objects.open().filter(meter__sightings__concentrator=concentrator)
    in_conflict = set(open_ones.values_list("meter", flat=True)) if nodes else set()
    return _Drawing(Forest(nodes, [concentrator.serial_number]), facts, in_conflict).tree()


class _Drawing:
    def __init__(
        self, forest: Forest, facts: Mapping[int, tuple[int, str, int | None]], in_conflict: Iterable[int]
    ) -> None:
        self._forest, self._facts, self._in_conflict = forest, facts, set(in_conflict)
        customers = {key for key, (_meter, kind, _state) in facts.items() if kind == MeterKind.CUSTOMER}
        self._behind = forest.behind(customers)

    def tree(self) -> ShownTree:
        titles = {
            Place.DIRECT: (_("Reached directly or through repeaters"), ""),
            Place.ORPHAN: (
                _("Parent unknown"),
                _("They are behind a repeater that is not in this list, that several may be, or in a loop."),
            ),
            Place.UNTOLD: (_("Place unknown"), _("No list has said how they are reached.")),
        }
        branches = []
        for place, (title, note) in titles.items():
            roots = [key for key in self._forest.nodes if self._forest.places[key] is place]
            lines = list(self._lines(roots))
            if lines:
                branches.append(Branch(title, note, len(lines), lines))
        is_told = any(place is not Place.UNTOLD for place in self._forest.places.values())
        return ShownTree(branches, len(self._facts), is_told)

    def _lines(self, roots: Iterable[int]) -> Iterator[Line]:
        walked = list(self._walk(roots))
        for (key, depth), (_next, after) in pairwise([*walked, (0, 0)]):
            yield Line(self._row(key), after > depth, max(depth - after, 0))

    def _walk(self, roots: Iterable[int]) -> Iterator[tuple[int, int]]:
        """Each before what is behind it, with its depth."""
        left = [(key, 0) for key in reversed(self._sorted(roots))]
        while left:
            key, depth = left.pop()
            yield key, depth
            below = min(depth + 1, MOST_NESTED)
            left += [(child, below) for child in reversed(self._sorted(self._forest.children.get(key, ())))]

    def _sorted(self, keys: Iterable[int]) -> list[int]:
        """Who carries most first, then who is in trouble; else by name, in which order the nodes are."""
        return sorted(keys, key=lambda key: (-self._of(key).all, self._trouble(key), self._forest.nodes[key].name))

    def _of(self, key: int) -> Behind:
        return self._behind.get(key, Behind())

    def _trouble(self, key: int) -> int:
        state = self._facts[key][2]
        return MeterState.ACTIVE if state is None else state

    def _row(self, key: int) -> Row:
        meter, kind, state = self._facts[key]
        return Row(
            meter=meter,
            name=self._forest.nodes[key].name,
            state=state,
            is_supervisor=kind == MeterKind.SUPERVISOR,
            level=self._forest.levels[key],
            is_in_conflict=meter in self._in_conflict,
            is_looped=key in self._forest.looped,
            behind=self._of(key),
        )
