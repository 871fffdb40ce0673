"""The rows of a file: as they were read, and after the checks that need no inventory."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import NamedTuple, TypeAlias

from concentrators.importing.device_keys import FileKeys
from concentrators.importing.errors import RowError
from smmeplus.common.spreadsheets.rows import FileRow

__all__ = ["CheckedRow", "FileRow", "Sifted", "SourceFacts", "Value", "WrongRow"]

Value: TypeAlias = str | int | None  # None: the file has no value


@dataclass
class SourceFacts:
    """What was read of a file and what was passed over. It is filled while the rows are read, and complete after them.

    ``sheet`` is empty for CSV; ``other_sheets`` are named in the words of the user, with "(hidden)" behind hidden ones.
    Hidden rows count if they have content and are below the header; they are read like any other. ``cautions`` are in
    the order in which they were found: what is taken as it is, and may be a mistake all the same.
    """

    sheet: str = ""
    other_sheets: list[str] = field(default_factory=list)
    hidden_rows: int = 0
    cautions: list[RowError] = field(default_factory=list)


class CheckedRow(NamedTuple):
    """A good row. ``values`` are in the order of ``columns.ATTRIBUTES``; None if the row has none.

    ``password`` is encrypted. ``state`` is what the file says; it is only compared with that of the concentrator.
    ``keys`` are not encrypted before they are staged.
    """

    line: int
    serial_number: str
    values: tuple[Value, ...]
    password: str | None = None
    state: str | None = None
    keys: FileKeys | None = None


class WrongRow(NamedTuple):
    """A row with errors. ``serial_number`` is what stands there, fit for a screen."""

    line: int
    serial_number: str
    errors: list[RowError]


class Sifted(NamedTuple):
    """Some rows: the good ones, and the others."""

    good: list[CheckedRow]
    wrong: list[WrongRow]
