"""Who is whose parent in the list of one concentrator (MET-6). Pure, and linear in the number of meters.

A meter that was told to be a repeater is the parent. Else, as in PRIME, the parent is the switch whose LSID is the
meter's SID, one level above; SIDs are given anew whenever a base node starts, so they tell nothing beyond one list.
What is ambiguous stays unknown. A loop is cut at each of its members: what comes out is always a forest.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from enum import Enum, auto
from functools import cached_property
from typing import Generic, TypeVar

Key = TypeVar("Key")
#: The SID of what is registered at the base node itself; 255 is how a list of eight bits writes *none*.
BASE, NONE = 0, 255


class Place(Enum):
    """``ORPHAN``: it is behind a repeater, and nobody knows which. ``UNTOLD``: no list has told where it is."""

    DIRECT = auto()
    BEHIND = auto()
    ORPHAN = auto()
    UNTOLD = auto()


@dataclass(frozen=True, slots=True)
class Node:
    """A meter as its list has it. ``repeater`` is a name or a MAC; None and "" mean that the list says nothing."""

    key: int
    name: str
    mac: str = ""
    level: int | None = None
    sid: int | None = None
    lsid: int | None = None
    repeater: str = ""


def canonical(text: str) -> str:
    """``40:40:22:00:a1:b2``, ``0x40402200A1B2`` and the like in one form, which names have anyway."""
    return "".join(filter(str.isalnum, text)).upper().removeprefix("0X")


class _Named(Generic[Key]):
    """What is called by ``Key``, if only one thing is."""

    def __init__(self) -> None:
        self._found: dict[Key, int | None] = {}

    def add(self, called: Key, node: int) -> None:
        self._found[called] = node if self._found.get(called, node) == node else None

    def __contains__(self, called: Key) -> bool:
        return called in self._found

    def get(self, called: Key) -> int | None:
        return self._found.get(called)


class _Directory:
    """Where the parents of ``nodes`` are looked up. ``base`` is what lists may call the concentrator itself."""

    def __init__(self, nodes: Iterable[Node], base: Collection[str]) -> None:
        self._base = {canonical(name) for name in base if name}
        self._names, self._macs = _Named[str](), _Named[str]()
        self._switches, self._at_level = _Named[int](), _Named[tuple[int, int | None]]()
        for node in nodes:
            self._names.add(node.name, node.key)
            if node.mac:
                self._macs.add(node.mac, node.key)
            if node.lsid not in (None, BASE, NONE):
                self._switches.add(node.lsid, node.key)
                self._at_level.add((node.lsid, node.level), node.key)

    def find(self, node: Node) -> tuple[Place, int | None]:
        if node.level == 0 or (node.repeater and canonical(node.repeater) in self._base):
            return Place.DIRECT, None
        if node.repeater:
            return self._known(self._called(canonical(node.repeater)))
        if node.sid == BASE and node.level is None:
            return Place.DIRECT, None
        if node.sid not in (None, BASE, NONE):
            return self._known(self._switch(node.sid, node.level))
        return (Place.UNTOLD if node.level is None else Place.ORPHAN), None

    @staticmethod
    def _known(parent: int | None) -> tuple[Place, int | None]:
        return (Place.ORPHAN if parent is None else Place.BEHIND), parent

    def _called(self, name: str) -> int | None:
        return self._names.get(name) if name in self._names else self._macs.get(name)

    def _switch(self, sid: int, level: int | None) -> int | None:
        """One level above, or of no known level."""
        if level is None:
            return self._switches.get(sid)
        above = (sid, level - 1)
        return self._at_level.get(above if above in self._at_level else (sid, None))


@dataclass(frozen=True, slots=True)
class Behind:
    """Meters that are reached through one: ``direct`` ones, ``all``, and the ``deepest`` level of them, if known."""

    direct: int = 0
    all: int = 0
    deepest: int | None = None


class Forest:
    """The trees of one concentrator: by key of a node its ``places``, and of those that have one, its ``parents``.

    ``looped`` are the members of loops, each of which is an orphan. Keys are in the order of the nodes.
    """

    def __init__(self, nodes: Collection[Node], base: Collection[str] = ()) -> None:
        directory = _Directory(nodes, base)
        self.nodes = {node.key: node for node in nodes}
        found = {node.key: directory.find(node) for node in nodes}
        self.places = {key: place for key, (place, _parent) in found.items()}
        self.parents = {key: parent for key, (_place, parent) in found.items() if parent is not None}
        self.looped = _members_of_loops(self.parents)
        for key in self.looped:
            del self.parents[key]
            self.places[key] = Place.ORPHAN

    @cached_property
    def children(self) -> Mapping[int, list[int]]:
        children: dict[int, list[int]] = {}
        for key, parent in self.parents.items():
            children.setdefault(parent, []).append(key)
        return children

    @cached_property
    def roots(self) -> dict[int, int]:
        """By key, the node that its way begins at, itself if it has no parent; parents come before their children."""
        roots = {key: key for key in self.nodes if key not in self.parents}
        order = list(roots)
        for key in order:  # which grows
            for child in self.children.get(key, ()):
                roots[child] = roots[key]
                order.append(child)
        return roots

    @cached_property
    def levels(self) -> Mapping[int, int | None]:
        """Repeaters in the way of each: as its list told, else one more than its parent's."""
        levels: dict[int, int | None] = {}
        for key in self.roots:
            levels[key] = self._level(key, levels)
        return levels

    def _level(self, key: int, known: Mapping[int, int | None]) -> int | None:
        told = self.nodes[key].level
        if told is not None:
            return told
        above = known.get(self.parents.get(key, -1))
        if above is not None:
            return above + 1
        return 0 if self.places[key] is Place.DIRECT else None

    def is_orphaned(self, key: int) -> bool:
        """It is an orphan, or behind one."""
        return self.places[self.roots[key]] is Place.ORPHAN

    def behind(self, counted: Collection[int]) -> dict[int, Behind]:
        """What is behind each node that has any of ``counted`` behind it."""
        direct, total = dict.fromkeys(self.nodes, 0), dict.fromkeys(self.nodes, 0)
        deepest: dict[int, int | None] = dict.fromkeys(self.nodes)
        for key in reversed(self.roots):
            parent = self.parents.get(key)
            if parent is None:
                continue
            is_counted = key in counted
            direct[parent] += is_counted
            total[parent] += total[key] + is_counted
            deepest[parent] = deeper(deepest[parent], deeper(deepest[key], self.levels[key] if is_counted else None))
        return {key: Behind(direct[key], total[key], deepest[key]) for key in self.nodes if total[key]}

    def orphans(self, counted: Collection[int]) -> Behind:
        """Of ``counted`` those with no known parent, and all that are such or behind such."""
        lost = [key for key in self.nodes if key in counted and self.is_orphaned(key)]
        deepest = None
        for key in lost:
            deepest = deeper(deepest, self.levels[key])
        return Behind(sum(self.places[key] is Place.ORPHAN for key in lost), len(lost), deepest)

    def deepest(self, counted: Collection[int]) -> int | None:
        """Of ``counted``, without those of which no way is known; None if no level is."""
        deepest = None
        for key in self.nodes:
            if key in counted and not self.is_orphaned(key):
                deepest = deeper(deepest, self.levels[key])
        return deepest


def deeper(one: int | None, other: int | None) -> int | None:
    if one is None or other is None:
        return one if other is None else other
    return max(one, other)


def _members_of_loops(parents: Mapping[int, int]) -> set[int]:
    """Each node is walked over once: a walk ends where any has been, and a loop is where it meets itself."""
    walked: dict[int, int] = {}
    members: set[int] = set()
    for walk, start in enumerate(parents):
        key: int | None = start
        while key is not None and key not in walked:
            walked[key] = walk
            key = parents.get(key)
        while key is not None and walked[key] == walk and key not in members:
            members.add(key)
            key = parents.get(key)
    return members
