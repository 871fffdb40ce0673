"""How well meters were reached, by day (G02 and spreadsheets): kept by name, as it may come before the list (MET-2)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from typing import Final

from concentrators.meters.lists import ListedMeter
from concentrators.meters.storing.batch import Batch
from concentrators.meters.storing.known import Known
from concentrators.meters.storing.prepared import FIRST, SECOND, Prepared
from concentrators.models.meters import MeterAvailability, MeterSource
from smmeplus.common.chunks import by_texts, execute_with, sent_rows

#: What is older than that many days before the newest one says nothing any more, and is deleted.
DAYS: Final = 7
#: The sources that tell days.
OF_DAYS: Final = (MeterSource.G02, MeterSource.CSV)
_TABLE: Final = MeterAvailability._meta.db_table
_KEY: Final = ("concentrator_id", "meter_name", "day")
_COLUMNS: Final = (*_KEY, "percent", "changes")
_Told = tuple[date, float, int | None]


def note_days(batch: Batch, rows: Iterable[ListedMeter]) -> None:
    """Keep what ``rows`` say of their days, or of that of the list, and tell the sightings that are there."""
    last_day = batch.at.astimezone(batch.place.zone).date()
    told = {(row.name, row.day or last_day): row for row in rows if row.availability is not None}
    if not told:
        return
    _store(batch.place.concentrator_id, told)
    there = {name for name, _day in told} & batch.known.keys()
    batch.listed |= there
    tell_days(batch, [batch.known[name] for name in sorted(there)])


def tell_days(batch: Batch, sightings: Sequence[Known]) -> None:
    """Tell ``sightings`` of the newest day that is known, and of the seven that end with it."""
    if not sightings:
        return
    found = _DAYS.rows(batch.place.concentrator_id, [one.name for one in sightings])
    days = defaultdict[str, list[_Told]](list)
    for name, day, percent, changes in found:
        days[name].append((day, percent, changes))
    for one in sightings:
        if one.name in days:
            _tell(one, days[one.name])


_DAYS: Final = Prepared(
    lambda: (
        MeterAvailability.objects.filter(concentrator=FIRST, meter_name__in=by_texts([str(SECOND)]))
        .order_by("day")
        .values_list("meter_name", "day", "percent", "changes")
    )
)


def _tell(known: Known, days: Sequence[_Told]) -> None:
    last, percent, changes = days[-1]
    week = [of_day for day, of_day, _changes in days if day > last - timedelta(days=DAYS)]
    told = (percent, sum(week) / len(week), changes)
    if told != (known.availability, known.availability_7d, known.changes):
        known.availability, known.availability_7d, known.changes = told
        known.is_changed = True


def _store(concentrator_id: int, told: dict[tuple[str, date], ListedMeter]) -> None:
    rows = [
        dict(zip(_COLUMNS, (concentrator_id, name, day, row.availability, row.changes), strict=True))
        for (name, day), row in sorted(told.items(), key=lambda item: item[0])
    ]
    columns = ", ".join(_COLUMNS)
    execute_with(
        f"INSERT INTO {_TABLE} ({columns}) SELECT {columns} FROM {sent_rows(MeterAvailability, _COLUMNS)} "  # noqa: S608
        f"WHERE true ON CONFLICT ({', '.join(_KEY)}) DO UPDATE SET percent = excluded.percent, "
        "changes = excluded.changes",
        rows,
    )
    oldest = max(day for _name, day in told) - timedelta(days=DAYS)
    MeterAvailability.objects.filter(concentrator=concentrator_id, day__lte=oldest).delete()
