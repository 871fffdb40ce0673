"""The lines in which a frame is explained, as a tree."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from smmeplus.dlms.explaining.notes import REFUSED, Line


@dataclass
class Node:
    line: Line
    children: list[Node] = field(default_factory=list)

    @property
    def is_refusal(self) -> bool:
        return self.line.name == REFUSED


def nested(lines: Iterable[Line]) -> list[Node]:
    """``lines`` as a tree by their depth, which grows by one at most."""
    top: list[Node] = []
    levels = [top]  # where a line of each depth goes
    for line in lines:
        node = Node(line)
        del levels[line.depth + 1 :]
        levels[-1].append(node)
        levels.append(node.children)
    return top
