from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from concentrators.importing.columns import ATTRIBUTES, PROFILE
from concentrators.importing.errors import RowError, storable
from concentrators.importing.rows import CheckedRow, SourceFacts, Value, WrongRow
from concentrators.importing.storing import Record, Staging
from concentrators.models import InstallationFile, RowKind
from concentrators.procedures.actions import giving_profile, modify

LISTED_ERRORS = 500_000  # one for each row of the longest file; further ones are only counted
#: The bit of a password among those of the columns that change.
PASSWORD_BIT = 1 << len(ATTRIBUTES)
KEYS_BIT = PASSWORD_BIT << 1


class Counts(NamedTuple):
    """Numbers of rows. The last four: how many of the new and changed ones are installed, get another profile, get a
    password or another one, and get keys or anything else about them.
    """

    new: int
    changed: int
    unchanged: int
    rejected: int
    installed: int
    modified: int
    passwords: int = 0
    keys: int = 0


@dataclass
class Plan:
    """What writing a file would do: its rows are staged in the database, here are their numbers and errors.

    ``errors`` are in the order of the lines, at most half a million; ``error_count`` counts all of them.
    """

    file: InstallationFile
    new: int = 0
    changed: int = 0
    unchanged: int = 0
    rejected: int = 0
    installed: int = 0
    modified: int = 0
    passwords: int = 0
    keys: int = 0
    errors: list[RowError] = field(default_factory=list)
    error_count: int = 0
    #: How many go from one profile to another, by their keys; None is that of what is not in field.
    moves: Counter[tuple[int | None, int]] = field(default_factory=Counter)
    #: How many rows change the same columns, by the bits of these.
    columns: Counter[int] = field(default_factory=Counter)
    #: Empty for one that was checked earlier.
    source: SourceFacts = field(default_factory=SourceFacts)

    @classmethod
    def of(cls, file: InstallationFile) -> Plan:
        """That of a ``file`` that was checked earlier."""
        return cls(file, **{name: file.counts.get(name, 0) for name in Counts._fields})

    @property
    def counts(self) -> Counts:
        return Counts(*(getattr(self, name) for name in Counts._fields))

    @property
    def as_json(self) -> dict[str, Any]:
        """The numbers as ``InstallationFile.counts`` keeps them."""
        columns = {str(bits): number for bits, number in sorted(self.columns.items())}
        return {**self.counts._asdict(), "errors": self.error_count, "columns": columns}


class Planner:
    """Puts rows into a plan, and into the database."""

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self.staging = Staging(plan.file)

    def reject(self, row: WrongRow) -> None:
        self.plan.rejected += 1
        self.plan.error_count += len(row.errors)
        if len(self.plan.errors) < LISTED_ERRORS:
            self.plan.errors += row.errors
        kept = [(error.column, storable(error.value), error.reason) for error in row.errors]
        self.staging.add_wrong(row.line, row.serial_number, kept)

    def add_new(self, rows: Sequence[CheckedRow]) -> None:
        plan = self.plan
        plan.new += len(rows)
        for profile, number in Counter(row.values[PROFILE] for row in rows).items():
            if isinstance(profile, int):
                plan.installed += number
                plan.moves[None, profile] += number
        plan.passwords += sum(row.password is not None for row in rows)
        plan.keys += sum(row.keys is not None for row in rows)
        self.staging.add_all(rows, RowKind.NEW)

    def add_unchanged(self, row: CheckedRow) -> None:
        self.plan.unchanged += 1
        self.staging.add_all([row], RowKind.UNCHANGED)

    def add_changed(
        self, row: CheckedRow, state: str, current: Sequence[object], keys_before: Record | None = None
    ) -> None:
        """Put in ``row``, which changes a concentrator that is in ``state`` and has the values ``current``.

        If it has a password, that is another one; what it says of keys is new.
        """
        plan = self.plan
        plan.changed += 1
        plan.passwords += row.password is not None
        plan.keys += row.keys is not None
        places = [place for place, value in enumerate(row.values) if value is not None and value != current[place]]
        columns = sum(1 << place for place in places)
        columns += (PASSWORD_BIT if row.password else 0) + (KEYS_BIT if row.keys else 0)
        plan.columns[columns] += 1
        before = {"state": state, **{ATTRIBUTES[place]: current[place] for place in places}}
        before |= keys_before or {}
        kind = RowKind.CHANGED
        if PROFILE in places:
            kind = self._count_action(state)
            former, profile = current[PROFILE], row.values[PROFILE]
            plan.moves[former if isinstance(former, int) else None, int(profile or 0)] += 1
        self.staging.add(row, kind, columns, before)

    def _count_action(self, state: str) -> RowKind:
        is_modified = giving_profile(state) is modify
        self.plan.modified += is_modified
        self.plan.installed += not is_modified
        return RowKind.MODIFIED if is_modified else RowKind.INSTALLED


def says_otherwise(values: Sequence[Value], current: Sequence[object]) -> bool:
    """Whether ``values`` of a row would change a concentrator that has ``current``. A None changes nothing."""
    return any(value is not None and value != old for value, old in zip(values, current, strict=True))
