"""What is read of a file, how much of it may be read, and why it is refused."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import NamedTuple

MIB = 2**20


class NotATable(Exception):  # noqa: N818 - named for what there is instead
    """The file cannot be read. ``message`` is for gettext; ``values`` are its numbers, or numbers and words by name."""

    def __init__(self, message: str, *numbers: int, **values: object) -> None:
        super().__init__(message, numbers, values)
        self.message = message
        self.values: tuple[int, ...] | dict[str, object] = numbers or values

    def __str__(self) -> str:
        return self.message % self.values if self.values else self.message


class Fault(NamedTuple):
    """A cell that cannot be read as text, such as a date in a spreadsheet; ``place`` counts from 0."""

    place: int
    reason: str


class FileRow(NamedTuple):
    """A line of the file. Numbers count from 1, including blank lines.

    ``text_faults`` are those of cells that are no texts but are right where a number is meant, such as 1,200.
    """

    line: int
    cells: list[str]
    faults: tuple[Fault, ...] = ()
    is_hidden: bool = False
    text_faults: tuple[Fault, ...] = ()


class Caution(NamedTuple):
    """Something that is taken as it is, and may be a mistake."""

    line: int
    value: str
    reason: str


@dataclass
class Facts:
    """What was read and what was passed over; complete after the last row.

    ``sheet`` is empty for CSV. ``others`` are sheets, and whether each is hidden. Rows are counted as hidden if they
    have content and are below the header.
    """

    sheet: str = ""
    others: list[tuple[str, bool]] = field(default_factory=list)
    hidden_rows: int = 0
    cautions: list[Caution] = field(default_factory=list)


@dataclass(frozen=True)
class Limits:
    """Bounds of a file (CON-5): sizes are bytes unpacked; ``rows`` are those below the header that are not blank.

    ``seconds`` of the processor and ``memory`` hold for the process that reads it.
    """

    rows: int = 500_000
    blank_rows: int = 1_048_576  # as many as a sheet has
    columns: int = 200
    row_text: int = 2**15  # characters
    unpacked: int = 400 * MIB  # 500,000 full rows are about 300 MiB of XML
    index: int = MIB  # the parts that say where the sheets are
    styles: int = 4 * MIB
    strings: int = 64 * MIB
    members: int = 5_000
    depth: int = 64
    cautions: int = 100
    seconds: int = 60
    memory: int = 256 * MIB
