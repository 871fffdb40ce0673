"""What importing a file of meters does, or would do (MET-2)."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, NamedTuple

from concentrators.importing.rows import SourceFacts
from concentrators.models import MeterRowKind, MeterSource


class RefusedFile(Exception):  # noqa: N818 - named for what the operator has
    """Nothing of the file was taken. The message is for the operator."""


class ImportRow(NamedTuple):
    """What the preview shows of a meter. ``line`` is 0 if it stands in no line.

    ``says`` are field, value before and value after, as JSON has them; of what is new nothing was before.
    """

    kind: MeterRowKind
    line: int
    concentrator: str
    meter: str
    says: tuple[tuple[str, Any, Any], ...] = ()
    faults: tuple[str, ...] = ()


class ImportedList(NamedTuple):
    """A list that was taken or would be; ``outcome`` is *taken*, *older* or *same*."""

    concentrator: str
    source: MeterSource
    listed_at: datetime
    whole: bool
    outcome: str


@dataclass
class Imported:
    """``rows`` do something or are faulty; after writing they are the faulty ones alone."""

    is_master: bool = False
    lists: list[ImportedList] = field(default_factory=list)
    counts: Counter[MeterRowKind] = field(default_factory=Counter)
    rows: list[ImportRow] = field(default_factory=list)
    #: Concentrators that are not known here, and of others why their lists are not taken.
    unknown: list[str] = field(default_factory=list)
    passed_over: dict[str, str] = field(default_factory=dict)
    facts: SourceFacts = field(default_factory=SourceFacts)

    @property
    def is_taken(self) -> bool:
        """Whether it is a master file, or has a list of a concentrator that is known here."""
        return self.is_master or bool(self.lists)

    def fault(self, line: int, concentrator: str, meter: str, *reasons: str) -> None:
        self.counts[MeterRowKind.FAULT] += 1
        self.rows.append(ImportRow(MeterRowKind.FAULT, line, concentrator, meter, faults=reasons))
