"""A master file is compared with the meters there are, and written, all of it or nothing (MET-2)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from datetime import datetime

from django.db import transaction

from concentrators.meters.conflicts.settling import settle
from concentrators.meters.master.reading import MasterRow
from concentrators.meters.master.steps import Master, Step, missed, steps_of
from concentrators.meters.spreadsheets.tables import CHUNK
from concentrators.meters.storing import concentrators_of, hold_meters, recount, store_waiting, tallied
from concentrators.models import Company, Meter, MeterRowKind
from smmeplus.common.chunks import in_chunks
from smmeplus.common.progress import Progress, no_progress

#: What the stored counts depend on.
_COUNTED = ("manufacturer", "type", "kind")
#: The keys of meters of which a field changes, by that field.
Changed = defaultdict[str, set[int]]


def compare(
    chunks: Iterable[list[MasterRow]],
    company: Company,
    now: datetime,
    *,
    is_whole: bool,
    progress: Progress = no_progress,
) -> Master:
    """What ``write`` would do. A whole file with a refused row retires nobody: the row may be of the one missed."""
    master = Master()
    for some in _steps(chunks, company, now, master, is_whole=is_whole, progress=progress):
        for step in some:
            master.add(step, keeps=True)
    return master


def write(
    chunks: Iterable[list[MasterRow]],
    company: Company,
    now: datetime,
    *,
    is_whole: bool,
    progress: Progress = no_progress,
) -> Master:
    """In one transaction. Of the steps only those with faults are kept."""
    master, changed = Master(), Changed(set)
    with transaction.atomic():
        hold_meters([company.pk])
        for some in _steps(chunks, company, now, master, is_whole=is_whole, progress=progress):
            for step in some:
                master.add(step, keeps=bool(step.faults))
            _write(some, company, now, changed)
        _renew(changed, now)
    return master


def _steps(
    chunks: Iterable[list[MasterRow]],
    company: Company,
    now: datetime,
    master: Master,
    *,
    is_whole: bool,
    progress: Progress,
) -> Iterator[list[Step]]:
    done = 0
    for rows in chunks:
        yield list(steps_of(rows, company, now, is_whole=is_whole))
        done += len(rows)
        progress(done)
    if is_whole and master.is_complete:
        yield from in_chunks(missed(company, master.names, now), CHUNK)


def _write(steps: list[Step], company: Company, now: datetime, changed: Changed) -> None:
    new = [step for step in steps if step.kind == MeterRowKind.NEW]
    Meter.objects.bulk_create(Meter(company=company, name=step.name, created_at=now, **_after(step)) for step in new)
    by_fields = defaultdict[frozenset[str], dict[str, Step]](dict)
    for step in steps:
        if step.changes and step.kind != MeterRowKind.NEW:
            by_fields[frozenset(step.changes)][step.name] = step
    for fields, some in by_fields.items():
        meters = list(Meter.objects.filter(company=company, name__in=some).order_by("pk").only("pk", "name"))
        for name in fields:
            changed[name] |= {meter.pk for meter in meters}
        for meter in meters:
            for name, value in _after(some[meter.name]).items():
                setattr(meter, name, value)
        with tallied([meter.pk for meter in meters]):
            Meter.objects.bulk_update(meters, sorted(name.removesuffix("_id") for name in fields))


def _after(step: Step) -> dict[str, object]:
    return {name: after for name, (_before, after) in step.changes.items()}


def _renew(changed: Changed, now: datetime) -> None:
    """What depends on the changes: the preferred concentrators, the counts, and rows that have waited for a MAC."""
    touched = settle(changed["expected_concentrator_id"], now)
    touched |= concentrators_of({key for name in _COUNTED for key in changed[name]})
    if touched:
        recount(touched)
    store_waiting(concentrators_of(changed["mac"]), now)
