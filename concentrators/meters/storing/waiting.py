"""Rows of S11 and S06, which make no sighting: taken over by one that is there, or kept until it comes (MET-2)."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import Any, Final

from concentrators.meters.lists import ListedMeter
from concentrators.meters.storing.batch import Batch
from concentrators.meters.storing.prepared import FIRST, Prepared
from concentrators.meters.storing.telling import tell, tell_of_meter
from concentrators.models.meters import ListOutcome, MeterList, MeterSource

_KEPT: Final = (
    *("name", "mac", "manufacturer", "type", "level", "repeater", "lnid", "sid", "lsid"),
    *("phase", "rx_level", "snr"),
)
#: The one tells the MACs that the other needs.
WAITING: Final = (MeterSource.S06, MeterSource.S11)
_SILENT: Final = (None, "")


def take_rows(batch: Batch, source: str, rows: Iterable[ListedMeter]) -> list[ListedMeter]:
    """Tell the sightings that are there; return the rows that belong to none."""
    is_topology = source == MeterSource.S11
    found = batch.by_mac() if is_topology else batch.known
    left = []
    for row in rows:
        known = found.get(row.mac if is_topology else row.name)
        if known is None:
            left.append(row)
            continue
        tell(known, row, batch.at, is_topology=is_topology)
        tell_of_meter(known, row)
        batch.listed.add(known.name)
    return left


def take_and_keep(batch: Batch, source: MeterSource, rows: Iterable[ListedMeter], *, whole: bool) -> None:
    """As :func:`take_rows`; what belongs to none waits with the list, and takes over what has waited with earlier ones.

    A whole list says all anew: what has waited before is out of date.
    """
    rows = list(rows)
    earlier = [] if whole else _earlier(batch, source, {_key(row, source) for row in rows})
    _keep(batch, source, take_rows(batch, source, [*earlier, *rows]))


def sources_of(concentrator_id: int) -> set[str]:
    """Of all lists that have ever come."""
    return {source for (source,) in _SOURCES.rows(concentrator_id)}


_SOURCES: Final = Prepared(
    lambda: MeterList.objects.filter(concentrator=FIRST).order_by().values_list("source").distinct()
)


def take_waiting(batch: Batch, sources: Collection[str] = WAITING) -> None:
    """What has waited for sightings that have come by now, or for their MACs, of those of ``sources`` that can wait."""
    for source in WAITING:
        for kept in _with_waiting(batch, source) if source in sources else ():
            rows = [_row(one) for one in kept.waiting]
            left = take_rows(batch, source, rows)
            if len(left) < len(rows):
                kept.waiting = [_kept(row) for row in left]
                kept.save(update_fields=["waiting"])


def _earlier(batch: Batch, source: MeterSource, anew: set[str]) -> list[ListedMeter]:
    rows = [_row(one) for kept in _with_waiting(batch, source) for one in kept.waiting]
    return [row for row in rows if _key(row, source) not in anew]


def _keep(batch: Batch, source: MeterSource, left: list[ListedMeter]) -> None:
    """With the list that has come; what waited with others is in it, or out of date."""
    for kept in _with_waiting(batch, source):
        kept.waiting = []
        kept.save(update_fields=["waiting"])
    if left:
        MeterList.objects.filter(pk=batch.list_id or 0).update(waiting=[_kept(row) for row in left])


def _with_waiting(batch: Batch, source: str) -> list[MeterList]:
    """The newest list of the source that was taken before, if it has something that waits: no other has."""
    taken = MeterList.objects.filter(
        concentrator=batch.place.concentrator_id, source=source, outcome=ListOutcome.TAKEN
    ).exclude(pk=batch.list_id or 0)
    newest = list(taken.order_by("-listed_at", "-pk")[:1])
    return [one for one in newest if one.waiting]


def _key(row: ListedMeter, source: MeterSource) -> str:
    return row.mac if source == MeterSource.S11 else row.name


def _kept(row: ListedMeter) -> dict[str, Any]:
    return {name: value for name in _KEPT if (value := getattr(row, name)) not in _SILENT}


def _row(kept: dict[str, Any]) -> ListedMeter:
    return ListedMeter(**{"name": "", **kept})
