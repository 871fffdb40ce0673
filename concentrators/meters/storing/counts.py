"""The stored numbers that reports read: of each concentrator, and of each kind of meter (MET-4, MET-8)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from datetime import datetime
from typing import Any, Final

from django.db import transaction
from django.db.models import Avg, Case, Count, Exists, OuterRef, Q, QuerySet, When

from concentrators.meters.storing.holding import hold_meters
from concentrators.meters.storing.members import OF_MEMBERS
from concentrators.meters.storing.prepared import FIRST, Prepared
from concentrators.meters.storing.tally import add, whole_tally
from concentrators.meters.topology import Tree
from concentrators.meters.topology import settle as settle_tree
from concentrators.models import Company
from concentrators.models.meters import (
    ConcentratorMeters,
    ConflictKind,
    ListOutcome,
    MeterConflict,
    MeterKind,
    MeterList,
    MeterState,
    MeterTally,
    Sighting,
)
from smmeplus.common.chunks import execute_with, in_keys, sent_rows

_TABLE: Final = ConcentratorMeters._meta.db_table
_OF_CUSTOMERS: Final = Q(meter__kind=MeterKind.CUSTOMER)
_COUNTED: Final[Mapping[str, Q]] = {
    "meters": _OF_CUSTOMERS,
    "active": _OF_CUSTOMERS & Q(state=MeterState.ACTIVE),
    "temporary": _OF_CUSTOMERS & Q(state=MeterState.TEMPORARY_FAILURE),
    "permanent": _OF_CUSTOMERS & Q(state=MeterState.PERMANENT_FAILURE),
    "supervisors": Q(meter__kind=MeterKind.SUPERVISOR),
    "chosen": _OF_CUSTOMERS & Q(chosen=True),
    "in_conflict": Q(is_in_conflict=True),
}
_TREE: Final = ("repeaters", "deepest", "orphans", "looped")
_OF_LISTS: Final = (*_COUNTED, "availability")
_COLUMNS: Final = (*_OF_LISTS, *_TREE)
_NOTHING: Final = (*(0 for _ in _COUNTED), None)
_FIRST: Final = ("concentrator_id", "newest_id", "listed_at", *_COLUMNS)


def note_list(concentrator_id: int, list_id: int, at: datetime) -> None:
    """The list of ``at`` is the newest one, unless one of another source is newer."""
    row = {"concentrator_id": concentrator_id, "newest_id": list_id, "listed_at": at}
    row |= dict.fromkeys(_COLUMNS, 0) | {"availability": None, "deepest": None}
    columns = ", ".join(_FIRST)
    execute_with(
        f"INSERT INTO {_TABLE} AS old ({columns}) SELECT {columns} FROM {sent_rows(ConcentratorMeters, _FIRST)} "  # noqa: S608
        "WHERE true ON CONFLICT (concentrator_id) DO UPDATE SET newest_id = excluded.newest_id, "
        "listed_at = excluded.listed_at WHERE old.listed_at <= excluded.listed_at",
        [row],
    )


def recount(concentrator_ids: Collection[int], trees: Mapping[int, Tree] | None = None) -> None:
    """Count anew what the current lists of these concentrators hold; those without a list stay without numbers.

    The numbers of a tree stay as they are, but for ``trees``.
    """
    trees = trees or {}
    with transaction.atomic(savepoint=False):
        for key in sorted(concentrator_ids):
            for tree in _TREES.rows(key):
                _recount(key, trees.get(key) or Tree(*tree))


def _recount(concentrator_id: int, tree: Tree) -> None:
    """One at a time: of many, PostgreSQL does not know how few meters they have, and would read all there are."""
    counted = next(iter(_COUNTS.rows(concentrator_id)), _NOTHING)
    numbers = dict(zip(_OF_LISTS, counted, strict=True)) | {name: getattr(tree, name) for name in _TREE}
    values = ", ".join(f"{name} = sent.{name}" for name in _COLUMNS)
    sent = sent_rows(ConcentratorMeters, ("concentrator_id", *_COLUMNS))
    execute_with(
        f"UPDATE {_TABLE} SET {values} FROM {sent} WHERE {_TABLE}.concentrator_id = sent.concentrator_id",  # noqa: S608
        [{"concentrator_id": concentrator_id, **numbers}],
    )


def _trees() -> QuerySet[ConcentratorMeters, Any]:
    return ConcentratorMeters.objects.select_for_update(no_key=True).filter(pk=FIRST).values_list(*_TREE)


def _counted() -> QuerySet[Sighting, Any]:
    """Supervisors are no meters. A stale conflict is none that counts: its other lists are no evidence."""
    conflicts = MeterConflict.objects.open().exclude(kind=ConflictKind.STALE).filter(meter=OuterRef("meter"))
    held = Sighting.objects.filter(concentrator=FIRST, in_list=True)
    counts = {name: Count("pk", filter=condition) for name, condition in _COUNTED.items()}
    marked = held.annotate(is_in_conflict=Case(When(Exists(conflicts), then=True), default=False))
    availability = Avg("availability", filter=_OF_CUSTOMERS)
    grouped = marked.order_by().values("concentrator").annotate(**counts, of_day=availability)
    return grouped.values_list(*_COUNTED, "of_day")


_TREES: Final = Prepared(_trees)
_COUNTS: Final = Prepared(_counted)


def concentrators_of(meter_ids: Iterable[int]) -> set[int]:
    """The keys of those whose current lists have one of these meters."""
    held = Sighting.objects.filter(in_keys(sorted(meter_ids), "meter"), in_list=True).order_by()
    return set(held.values_list("concentrator", flat=True))


def rebuild() -> None:
    """Make all numbers anew from the sightings, in one transaction: as lists leave them, unless something is wrong."""
    with transaction.atomic():
        hold_meters(Company.objects.values_list("pk", flat=True))
        ConcentratorMeters.objects.all().delete()
        MeterTally.objects.all().delete()
        lists = MeterList.objects.filter(source__in=OF_MEMBERS, outcome=ListOutcome.TAKEN).order_by("listed_at", "pk")
        newest = {one: (key, at) for one, key, at in lists.values_list("concentrator", "pk", "listed_at").iterator()}
        for concentrator, (key, at) in sorted(newest.items()):
            note_list(concentrator, key, at)
            recount([concentrator], {concentrator: settle_tree(concentrator)})
        add(Counter(), whole_tally())
