"""The rows of a file before anybody looked at what they say."""

from __future__ import annotations

from typing import NamedTuple


class Fault(NamedTuple):
    """A cell that cannot be read as text, such as a date in a spreadsheet; ``place`` counts from 0."""

    place: int
    reason: str


class Row(NamedTuple):
    """A line of the file, its number counted from 1, blank lines included."""

    line: int
    cells: list[str]
    faults: tuple[Fault, ...] = ()
