"""The rows of a file before anybody looked at what they say, and by the rules that need no inventory."""

from __future__ import annotations

from typing import NamedTuple, TypeAlias

from concentrators.importing.errors import RowError

Value: TypeAlias = str | int | None  # None: the file does not say


class Fault(NamedTuple):
    """A cell that cannot be read as text, such as a date in a spreadsheet; ``place`` counts from 0."""

    place: int
    reason: str


class FileRow(NamedTuple):
    """A line of the file, its number counted from 1, blank lines included."""

    line: int
    cells: list[str]
    faults: tuple[Fault, ...] = ()


class CheckedRow(NamedTuple):
    """A good row; ``values`` in the order of ``columns.ATTRIBUTES``, None where the row says nothing."""

    line: int
    serial_number: str
    values: tuple[Value, ...]


class Sifted(NamedTuple):
    """Some rows: the good ones, and of each of the others what is wrong with it."""

    good: list[CheckedRow]
    wrong: list[list[RowError]]
