"""How many meters a company has of each manufacturer, type, kind and state: changed by what has changed (MET-4)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Iterator
from contextlib import contextmanager
from typing import Any, Final, TypeAlias

from django.db.models import Count, QuerySet
from django.db.models.functions import Coalesce

from concentrators.meters.storing.prepared import FIRST, Prepared
from concentrators.models.meters import MeterTally, Sighting
from smmeplus.common.chunks import by_keys, execute_with, sent_rows

UNKNOWN: Final = -1
_TABLE: Final = MeterTally._meta.db_table
_KEY: Final = ("company_id", "manufacturer", "type", "kind", "state")
_ALL: Final = (*_KEY, "meters")
Tally: TypeAlias = Counter[tuple[int, str, str, str, int]]


@contextmanager
def tallied(meter_ids: Collection[int], new: Tally | None = None) -> Iterator[None]:
    """Count these meters before and after what is done within, and add the difference, with what is ``new``.

    In a transaction that holds the meters, so that nobody else changes them: see :func:`hold_meters`.
    """
    before = tally_of(meter_ids)
    yield
    add(before, tally_of(meter_ids) + (new or Counter()))


def tally_of(meter_ids: Collection[int]) -> Tally:
    return _as_tally(_OF_METERS.rows(meter_ids)) if meter_ids else Counter()


def whole_tally() -> Tally:
    return _as_tally(_counted(_chosen()))


def add(before: Tally, after: Tally) -> None:
    """In the order of the keys, so that two transactions never wait for each other."""
    after = after.copy()
    after.subtract(before)
    differences = [(*key, after[key]) for key in sorted(after) if after[key]]
    rows = [dict(zip(_ALL, one, strict=True)) for one in differences]
    if not rows:
        return
    columns = ", ".join(_ALL)
    execute_with(
        f"INSERT INTO {_TABLE} AS old ({columns}) SELECT {columns} FROM {sent_rows(MeterTally, _ALL)} "  # noqa: S608
        f"WHERE true ON CONFLICT ({', '.join(_KEY)}) DO UPDATE SET meters = old.meters + excluded.meters",
        rows,
    )
    if any(meters < 0 for *_key, meters in differences):
        MeterTally.objects.filter(company__in={company for company, *_others in differences}, meters=0).delete()


def _chosen() -> QuerySet[Sighting]:
    return Sighting.objects.filter(chosen=True).order_by()


def _counted(chosen: QuerySet[Sighting]) -> QuerySet[Sighting, Any]:
    state = Coalesce("state", UNKNOWN)
    keys = chosen.values_list("company_id", "meter__manufacturer", "meter__type", "meter__kind", state)
    return keys.annotate(meters=Count("pk"))


_OF_METERS: Final = Prepared(lambda: _counted(_chosen().filter(meter__in=by_keys([FIRST]))))


def _as_tally(rows: Iterable[tuple[Any, ...]]) -> Tally:
    return Counter({(company, *words, state): meters for company, *words, state, meters in rows})
