"""What a row of a master file does to a meter (MET-2)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, NamedTuple

from concentrators.importing.errors import RowError
from concentrators.meters.master.reading import MasterRow
from concentrators.meters.names import kind_of, manufacturer_of
from concentrators.models import Company, Meter, MeterRowKind

#: What a master file says of a meter, in the order of the preview.
FIELDS = ("manufacturer", "type", "kind", "mac", "expected_concentrator_id", "supply_point", "retired_at")
MASTER_FIELDS = (*FIELDS, "in_master_since")


class Step(NamedTuple):
    """``changes`` are values before and after by the attributes of a meter; of a new one nothing was before.

    ``line`` is 0 for a meter that a whole file does not have.
    """

    line: int
    kind: MeterRowKind
    name: str
    changes: dict[str, tuple[Any, Any]] = {}
    faults: list[RowError] = []


@dataclass
class Master:
    """How many meters are or would be of each kind, the steps that do something, and whether nothing was refused."""

    counts: Counter[MeterRowKind] = field(default_factory=Counter)
    steps: list[Step] = field(default_factory=list)
    names: set[str] = field(default_factory=set)
    is_complete: bool = True

    def add(self, step: Step, *, keeps: bool) -> None:
        self.counts[step.kind] += 1
        self.is_complete &= step.kind != MeterRowKind.FAULT
        self.names.add(step.name)
        if keeps and (step.kind != MeterRowKind.UNCHANGED or step.faults):
            self.steps.append(step)


def steps_of(rows: Iterable[MasterRow], company: Company, now: datetime, *, is_whole: bool) -> Iterator[Step]:
    """In the order of the rows, compared with the meters as they are. One query."""
    rows = list(rows)
    names = [row.name for row in rows if row.name is not None]
    found = Meter.objects.filter(company=company, name__in=names).order_by()
    known = {values["name"]: values for values in found.values("name", *MASTER_FIELDS)}
    for row in rows:
        if row.name is None:
            yield Step(row.line, MeterRowKind.FAULT, row.seen, faults=row.faults)
        elif row.name in known:
            yield _changed(row, row.name, known[row.name], now, is_whole=is_whole)
        else:
            yield _new(row, row.name, now)


def _new(row: MasterRow, name: str, now: datetime) -> Step:
    said = {"manufacturer": manufacturer_of(name), "kind": kind_of(name), **row.values, "in_master_since": now}
    changes = {field: (None, said[field]) for field in MASTER_FIELDS if said.get(field) not in (None, "")}
    return Step(row.line, MeterRowKind.NEW, name, changes, row.faults)


def _changed(row: MasterRow, name: str, current: dict[str, Any], now: datetime, *, is_whole: bool) -> Step:
    said = dict(row.values)
    if is_whole:  # it is there again, unless the row says that it is not
        said.setdefault("retired_at", None)
    if current["in_master_since"] is None:
        said["in_master_since"] = now
    if said.get("retired_at") == now and current["retired_at"] is not None:
        del said["retired_at"]  # the row says only that it is retired, which is known, and since when
    changes = {
        field: (current[field], said[field])
        for field in MASTER_FIELDS
        if field in said and said[field] != current[field]
    }
    kind = MeterRowKind.CHANGED if changes else MeterRowKind.UNCHANGED
    if changes.get("retired_at", (None, None))[1] is not None:
        kind = MeterRowKind.RETIRED
    return Step(row.line, kind, name, changes, row.faults)


def missed(company: Company, names: set[str], now: datetime) -> Iterator[Step]:
    """The meters that the master file had, and that are not among ``names`` of a whole one: they are retired."""
    of_master = Meter.objects.filter(company=company, in_master_since__isnull=False, retired_at__isnull=True)
    for name in of_master.order_by("name").values_list("name", flat=True).iterator():
        if name not in names:
            yield Step(0, MeterRowKind.RETIRED, name, {"retired_at": (None, now)})
