"""Whose parent is whose, what is behind whom, and that nothing in the data makes it hang (MET-6)."""

from __future__ import annotations

import time
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from concentrators.meters.topology.rules import Behind, Forest, Node, Place

SWITCH = Node(1, "A", "404022000001", level=0, sid=0, lsid=7)


def parents_of(*nodes: Node) -> dict[int, int]:
    return Forest(nodes, base=["16CEC", "40:40:22:00:00:FF"]).parents


def place_of(node: Node, *others: Node) -> Place:
    return Forest([node, *others], base=["16CEC", "40:40:22:00:00:FF"]).places[node.key]


@pytest.mark.parametrize(
    "child",
    [
        Node(2, "B", level=1, sid=7),
        Node(2, "B", sid=7),
        Node(2, "B", level=1, repeater="A"),
        Node(2, "B", repeater="A"),
        Node(2, "B", repeater="404022000001"),
        Node(2, "B", repeater="40:40:22:00:00:01"),
        Node(2, "B", repeater="0x404022000001"),
        Node(2, "B", level=4, sid=9, repeater="A"),  # what is named goes before what is numbered
    ],
)
def test_a_parent_is_named_or_the_switch_one_level_above(child: Node) -> None:
    assert parents_of(child, SWITCH) == {2: 1}
    assert place_of(child, SWITCH) is Place.BEHIND


@pytest.mark.parametrize(
    "node",
    [
        Node(2, "B", level=0),
        Node(2, "B", level=0, sid=7),
        Node(2, "B", sid=0),
        Node(2, "B", repeater="16CEC"),
        Node(2, "B", repeater="404022-0000FF"),
    ],
)
def test_who_needs_no_repeater_is_direct(node: Node) -> None:
    assert place_of(node, SWITCH) is Place.DIRECT


@pytest.mark.parametrize(
    "node",
    [
        Node(2, "B", level=1),
        Node(2, "B", level=1, sid=8),
        Node(2, "B", level=2, sid=7),  # the switch with this number is at level 0
        Node(2, "B", level=1, sid=0),
        Node(2, "B", level=1, sid=255),
        Node(2, "B", repeater="C"),
        Node(2, "B", repeater="404022000002"),
        Node(2, "B", repeater="404022000002", sid=7),
    ],
)
def test_who_is_behind_nobody_that_is_there_is_an_orphan(node: Node) -> None:
    assert place_of(node, SWITCH) is Place.ORPHAN


def test_of_whom_nothing_is_told_is_no_orphan() -> None:
    forest = Forest([Node(1, "A"), Node(2, "B", sid=255)])
    assert set(forest.places.values()) == {Place.UNTOLD}
    assert forest.orphans({1, 2}) == Behind()
    assert forest.deepest({1, 2}) is None


@pytest.mark.parametrize(
    "twin",
    [
        Node(3, "C", level=0, lsid=7),  # the same LSID at one level
        Node(3, "C", "404022000001", level=0),  # the same MAC
    ],
)
def test_what_is_ambiguous_is_unknown(twin: Node) -> None:
    child = Node(2, "B", level=1, sid=7) if twin.lsid else Node(2, "B", repeater="404022000001")
    assert place_of(child, SWITCH, twin) is Place.ORPHAN


def test_the_same_lsid_at_another_level_does_no_harm() -> None:
    other = Node(3, "C", level=1, sid=7, lsid=7)
    assert parents_of(SWITCH, other, Node(2, "B", level=1, sid=7), Node(4, "D", level=2, sid=7)) == {3: 1, 2: 1, 4: 3}


def test_a_switch_of_no_known_level_is_a_parent_if_no_other_fits() -> None:
    unknown = replace(SWITCH, level=None)
    child = Node(2, "B", level=3, sid=7)
    assert parents_of(unknown, child) == {2: 1}
    assert parents_of(unknown, child, Node(3, "C", level=2, sid=0, lsid=7)) == {2: 3}


@pytest.mark.parametrize("lsid", [None, 0, 255])
def test_who_has_no_lsid_is_no_switch(lsid: int | None) -> None:
    assert parents_of(replace(SWITCH, lsid=lsid), Node(2, "B", level=1, sid=lsid)) == {}


@pytest.mark.parametrize("length", [1, 2, 3, 50])
def test_members_of_a_loop_are_orphans_and_counted(length: int) -> None:
    ring = [Node(key, f"R{key}", repeater=f"R{(key + 1) % length}") for key in range(length)]
    hanging = [Node(100, "H", repeater="R0"), Node(101, "I", repeater="H")]
    forest = Forest([*hanging, *ring, replace(SWITCH, key=200)])
    assert forest.looped == set(range(length))
    assert forest.parents == {100: 0, 101: 100}
    everyone = set(forest.nodes)
    assert forest.orphans(everyone) == Behind(length, length + 2)
    assert forest.behind(everyone) == {100: Behind(1, 1), 0: Behind(1, 2)}


def test_what_is_behind_counts_meters_alone_and_orphans_apart() -> None:
    nodes = [
        SWITCH,
        Node(2, "B", level=1, sid=7, lsid=8),
        Node(3, "C", level=2, sid=8),
        Node(4, "S", level=1, repeater="A"),  # the supervisor
        Node(5, "X", level=6, repeater="NOBODY"),
        Node(6, "Y", repeater="X"),
    ]
    forest, meters = Forest(nodes), {1, 2, 3, 5, 6}
    assert forest.behind(meters) == {1: Behind(1, 2, 2), 2: Behind(1, 1, 2), 5: Behind(1, 1, 7)}
    assert forest.orphans(meters) == Behind(1, 2, 7)
    assert forest.deepest(meters) == 2
    assert forest.levels == {1: 0, 2: 1, 3: 2, 4: 1, 5: 6, 6: 7}


def test_the_levels_of_named_repeaters_follow_from_the_way() -> None:
    forest = Forest([Node(1, "A", sid=0), Node(2, "B", repeater="A"), Node(3, "C", repeater="B")])
    assert forest.levels == {1: 0, 2: 1, 3: 2}


def test_none_and_one() -> None:
    assert Forest([]).deepest([]) is None
    assert Forest([SWITCH]).deepest([1]) == 0


def test_a_chain_of_two_thousand_and_two_thousand_of_one_lsid() -> None:
    chain = [Node(key, f"N{key}", repeater=f"N{key - 1}", sid=0 if key == 0 else None) for key in range(2000)]
    chain[0] = replace(chain[0], repeater="")
    forest = Forest(list(reversed(chain)))
    assert forest.behind(range(2000))[0] == Behind(1, 1999, 1999)
    twins = [Node(key, f"N{key}", level=1, sid=7, lsid=7) for key in range(2000)]
    assert Forest(twins).orphans(range(2000)) == Behind(2000, 2000, 1)


def test_the_time_is_linear() -> None:
    def seconds(number: int) -> float:
        nodes = [Node(key, f"N{key}", repeater=f"N{key - 1}") for key in range(number)]
        begin = time.process_time()
        Forest(nodes).behind(range(number))
        return time.process_time() - begin

    assert min(seconds(20_000) for _ in range(2)) < 40 * min(seconds(2_000) for _ in range(2))


NODES = st.builds(
    Node,
    key=st.just(0),
    name=st.just(""),
    mac=st.sampled_from(["", "404022000001", "404022000002"]),
    level=st.none() | st.integers(0, 4),
    sid=st.none() | st.sampled_from([0, 1, 2, 3, 255]),
    lsid=st.none() | st.sampled_from([0, 1, 2, 3, 255]),
    repeater=st.sampled_from(["", "", "N0", "N1", "N2", "N9", "40:40:22:00:00:01", "BASE"]),
)
FLEETS = st.lists(NODES, max_size=12).map(
    lambda nodes: [replace(node, key=key, name=f"N{key}") for key, node in enumerate(nodes)]
)


def naive_parent(node: Node, nodes: list[Node]) -> int | str:
    """A parent by trying all, or why there is none."""
    if node.level == 0 or node.repeater == "BASE":
        return "direct"
    if node.repeater:
        called = node.repeater.replace(":", "")
        fits = [one for one in nodes if one.name == called] or [one for one in nodes if one.mac == called]
    elif node.sid in (1, 2, 3):
        switches = [one for one in nodes if one.lsid == node.sid]
        above = [one for one in switches if node.level is None or one.level == node.level - 1]
        fits = above or [one for one in switches if one.level is None]
    elif node.sid == 0 and node.level is None:
        return "direct"
    else:
        return "untold" if node.level is None else "orphan"
    return fits[0].key if len(fits) == 1 else "orphan"


def way(key: int, parents: dict[int, int | str]) -> list[int]:
    """From the node ``key`` upwards, as far as nobody comes twice."""
    passed = [key]
    while isinstance(above := parents[passed[-1]], int) and above not in passed:
        passed.append(above)
    return passed


@given(FLEETS, st.sets(st.integers(0, 11)))
def test_it_is_what_trying_everything_finds(nodes: list[Node], meters: set[int]) -> None:
    parents = {node.key: naive_parent(node, nodes) for node in nodes}
    looped = {key for key in parents if parents[way(key, parents)[-1]] == key}
    parents.update(dict.fromkeys(looped, "orphan"))
    ways = {key: way(key, parents) for key in parents}
    lost = {key for key, passed in ways.items() if parents[passed[-1]] == "orphan"}
    meters &= parents.keys()

    forest = Forest(nodes, base=["base"])
    assert forest.looped == looped
    assert forest.parents == {key: parent for key, parent in parents.items() if isinstance(parent, int)}
    found = forest.orphans(meters)
    assert (found.direct, found.all) == (sum(parents[key] == "orphan" for key in meters), len(lost & meters))
    behind = forest.behind(meters)
    for key in parents:
        after = [one for one in meters if key in ways[one][1:]]
        levels = [forest.levels[one] for one in after]
        deepest = max((level for level in levels if level is not None), default=None)
        assert behind.get(key, Behind()) == Behind(sum(parents[one] == key for one in after), len(after), deepest)
    known = [level for one in meters - lost if (level := forest.levels[one]) is not None]
    assert forest.deepest(meters) == max(known, default=None)
