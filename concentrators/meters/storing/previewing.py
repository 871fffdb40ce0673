"""What a list would change, for somebody who has to confirm it (MET-2). Nothing is written."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from operator import attrgetter
from typing import Any, Final, Literal

from django.utils import timezone

from concentrators.meters.lists import BadRow, ReceivedList
from concentrators.meters.storing.batch import Batch, Place
from concentrators.meters.storing.checking import Checked, check
from concentrators.meters.storing.known import OF_METER, TOLD, load
from concentrators.meters.storing.members import OF_MEMBERS, take_members
from concentrators.meters.storing.taking import Outcome, outcome_of
from concentrators.meters.storing.waiting import take_rows
from concentrators.models.meters import Changed, MeterSource

What = Literal["new", "changed", "back", "gone"]
_SHOWN: Final = (*TOLD, *OF_METER, "availability", "changes")
_shown = attrgetter(*_SHOWN)
_MEMBERSHIP: Final[Mapping[Changed, What]] = {
    Changed.FIRST_SEEN: "new",
    Changed.BACK: "back",
    Changed.GONE: "gone",
}


@dataclass(frozen=True, slots=True)
class PreviewedRow:
    """``changes``: (field of the sighting or meter, from, to), the values as stored; of a new one from None or ""."""

    meter: str
    what: What
    changes: tuple[tuple[str, Any, Any], ...] = ()


@dataclass(frozen=True, slots=True)
class Previewed:
    """``rows`` by the name of the meter; those that stay as they are, but for their last contact, are only counted.

    ``waiting`` rows are of meters that no list has named yet. ``outcome`` other than taken: nothing would change.
    """

    outcome: Outcome
    listed_at: datetime
    rows: tuple[PreviewedRow, ...] = ()
    unchanged: int = 0
    waiting: int = 0
    bad_rows: tuple[BadRow, ...] = ()

    def count(self, what: What) -> int:
        return sum(row.what == what for row in self.rows)


def preview_list(received: ReceivedList, now: datetime | None = None) -> Previewed:
    """Raises Concentrator.DoesNotExist."""
    place = Place.of(received.concentrator_id, holds=False)
    checked = check(received, now or timezone.now(), place.zone)
    outcome = outcome_of(received, checked)
    if outcome != "taken":
        return Previewed(outcome, checked.at, bad_rows=tuple(checked.bad_rows))
    batch = Batch(place, checked.at, load(place.concentrator_id, locks=False))
    before = {name: _shown(known) for name, known in batch.known.items()}
    waiting = _take(batch, received, checked)
    rows = tuple(sorted(_rows(batch, before), key=attrgetter("meter")))
    listed = batch.listed - {row.meter for row in rows}
    return Previewed(outcome, checked.at, rows, len(listed), waiting, tuple(checked.bad_rows))


def _take(batch: Batch, received: ReceivedList, checked: Checked) -> int:
    """How many rows would have to wait."""
    if received.source in OF_MEMBERS:
        take_members(batch, received, checked)
    elif received.source != MeterSource.G02:
        return len(take_rows(batch, received.source, checked.rows.values()))
    there = [row for row in checked.rows.values() if row.name in batch.known and row.availability is not None]
    for row in there:
        known = batch.known[row.name]
        known.availability, known.changes = row.availability, row.changes
        batch.listed.add(row.name)
    return len(checked.rows) - len(there) if received.source == MeterSource.G02 else 0


def _rows(batch: Batch, before: Mapping[str, tuple[Any, ...]]) -> Iterator[PreviewedRow]:
    nothing = (None,) * len(_SHOWN)
    for name, known in batch.known.items():
        pairs = zip(_SHOWN, before.get(name, nothing), _shown(known), strict=True)
        changes = tuple((field, old, new) for field, old, new in pairs if old != new and new not in (None, ""))
        what = next((_MEMBERSHIP[one] for one, _old, _new in known.happened if one in _MEMBERSHIP), None)
        if what is not None or changes:
            yield PreviewedRow(name, what or "changed", changes)
