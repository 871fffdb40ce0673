"""Lists are stored one by one, or what that would do is looked at (MET-2)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from concentrators.meters.importing.outcome import ImportedList, ImportRow
from concentrators.meters.importing.work import Work
from concentrators.meters.lists import BadRow, ReceivedList
from concentrators.meters.storing import preview_list, store_list
from concentrators.models import Concentrator, MeterRowKind

_KINDS = {
    "new": MeterRowKind.NEW,
    "changed": MeterRowKind.CHANGED,
    "back": MeterRowKind.BACK,
    "gone": MeterRowKind.GONE,
}


@dataclass(frozen=True)
class Taking:
    """``lines`` are those of the meters, by name, if the file has a line for each."""

    concentrator: str
    received: ReceivedList
    lines: Mapping[str, int] = field(default_factory=dict)


def take(work: Work, lists: Sequence[Taking]) -> None:
    for done, one in enumerate(lists):
        work.progress(done, len(lists))
        try:
            outcome = _preview(work, one) if work.dry_run else _store(work, one)
        except Concentrator.DoesNotExist:
            work.imported.passed_over[one.concentrator] = _("It has been deleted in the meantime.")
            continue
        received = one.received
        work.imported.lists.append(
            ImportedList(one.concentrator, received.source, received.listed_at, received.whole, outcome)
        )


def _store(work: Work, one: Taking) -> str:
    stored, counts = store_list(one.received, work.now), work.imported.counts
    for name, kind in _KINDS.items():
        counts[kind] += getattr(stored, name)
    counts[MeterRowKind.UNCHANGED] += stored.unchanged
    if stored.outcome != "same":
        _note_faults(work, one, one.received.bad_rows)
    return stored.outcome


def _preview(work: Work, one: Taking) -> str:
    found, imported = preview_list(one.received, work.now), work.imported
    imported.counts[MeterRowKind.UNCHANGED] += found.unchanged
    for row in found.rows:
        kind = _KINDS[row.what]
        imported.counts[kind] += 1
        says = tuple((name, _plain(before), _plain(after)) for name, before, after in row.changes)
        imported.rows.append(ImportRow(kind, one.lines.get(row.meter, 0), one.concentrator, row.meter, says))
    if found.outcome != "same":
        _note_faults(work, one, found.bad_rows)
    return found.outcome


def _note_faults(work: Work, one: Taking, rows: Iterable[BadRow]) -> None:
    for bad in rows:
        said = f"{bad.reason} “{bad.seen}”" if bad.seen else bad.reason
        work.imported.fault(bad.line, one.concentrator, bad.meter, said)


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, datetime) else value
