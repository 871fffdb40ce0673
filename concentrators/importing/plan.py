from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from concentrators.importing.columns import PROFILE
from concentrators.importing.errors import RowError
from concentrators.importing.rows import CheckedRow, SourceFacts, Value
from concentrators.procedures.actions import giving_profile, install, modify

LISTED_ERRORS = 500_000  # one for each row of the longest file; further ones are only counted


class Counts(NamedTuple):
    """Numbers of rows. The last three: how many of the new and changed ones are installed, get another profile, and
    get a password or another one.
    """

    new: int
    changed: int
    unchanged: int
    rejected: int
    installed: int
    modified: int
    passwords: int = 0


@dataclass
class Tally:
    """What writing a file for one company would do, in numbers and errors.

    ``errors`` are in the order of the lines, at most half a million; ``error_count`` counts all of them.
    """

    company_id: int
    new_count: int = 0
    changed_count: int = 0
    unchanged: int = 0
    rejected: int = 0
    installed: int = 0
    modified: int = 0
    passwords: int = 0
    errors: list[RowError] = field(default_factory=list)
    error_count: int = 0
    #: How many go from one profile to another, by their keys; None is that of what is not in field.
    moves: Counter[tuple[int | None, int]] = field(default_factory=Counter)
    #: Only of a file that was read now; empty for one that was packed.
    source: SourceFacts = field(default_factory=SourceFacts)

    @property
    def counts(self) -> Counts:
        written = self.new_count, self.changed_count
        return Counts(*written, self.unchanged, self.rejected, self.installed, self.modified, self.passwords)

    def reject(self, errors: Sequence[RowError]) -> None:
        self.rejected += 1
        self.error_count += len(errors)
        if len(self.errors) < LISTED_ERRORS:
            self.errors += errors

    def add_new(self, row: CheckedRow) -> None:
        self.new_count += 1
        self.installed += row.values[PROFILE] is not None
        self._move(None, row.values[PROFILE])
        self.passwords += row.password is not None

    def add_changed(self, row: CheckedRow, state: str, current: Sequence[object]) -> None:
        """Count ``row``, which changes a concentrator that is in ``state`` and has the values ``current``.

        If it has a password, that is another one.
        """
        self.changed_count += 1
        self.passwords += row.password is not None
        if row.values[PROFILE] not in (None, current[PROFILE]):
            action = giving_profile(state)
            self.modified += action is modify
            self.installed += action is install
            self._move(current[PROFILE], row.values[PROFILE])

    def _move(self, before: object, after: Value) -> None:
        if isinstance(after, int):
            self.moves[before if isinstance(before, int) else None, after] += 1


@dataclass
class Plan(Tally):
    """The same with the rows to write, some 350 bytes each."""

    new: list[CheckedRow] = field(default_factory=list)
    changed: list[CheckedRow] = field(default_factory=list)

    def add_new(self, row: CheckedRow) -> None:
        super().add_new(row)
        self.new.append(row)

    def add_changed(self, row: CheckedRow, state: str, current: Sequence[object]) -> None:
        super().add_changed(row, state, current)
        self.changed.append(row)


def says_otherwise(values: Sequence[Value], current: Sequence[object]) -> bool:
    """Whether ``values`` of a row would change a concentrator that has ``current``. A None changes nothing."""
    return any(value is not None and value != old for value, old in zip(values, current, strict=True))
