"""Writes what a list has changed, each kind by one statement (MET-3)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Final

from django.db.models import Model

from concentrators.meters.storing.known import OF_METER, WRITTEN, Known
from concentrators.models.meters import Meter, Sighting, SightingChange
from smmeplus.common.chunks import Row, execute_with, sent_rows

_SIGHTINGS: Final = Sighting._meta.db_table
_NEW: Final = ("company_id", "concentrator_id", "meter_id", *WRITTEN)
_CHANGE: Final = ("sighting_id", "at", "what", "old", "new", "by_id")


def write_meters(told: Iterable[Known]) -> None:
    rows = [{"id": one.meter_id, **_columns(one, OF_METER)} for one in told]
    _update(Meter, OF_METER, rows)


def write_new(company_id: int, concentrator_id: int, new: Iterable[Known]) -> None:
    """Insert their sightings, and give them their keys."""
    by_meter = {one.meter_id: one for one in new}
    if not by_meter:
        return
    common = {"company_id": company_id, "concentrator_id": concentrator_id}
    rows = [{**common, "meter_id": key, **_columns(one, WRITTEN)} for key, one in by_meter.items()]
    columns = ", ".join(_NEW)
    made = execute_with(
        f"INSERT INTO {_SIGHTINGS} ({columns}) SELECT {columns} FROM {sent_rows(Sighting, _NEW)} "  # noqa: S608 - names
        "RETURNING id, meter_id",
        rows,
    )
    for key, meter in made:
        by_meter[meter].pk = key


def write_changed(changed: Iterable[Known]) -> None:
    """In the order of their keys. Where one is not chosen any more, no other is chosen yet."""
    rows = [{"id": one.pk, **_columns(one, WRITTEN)} for one in changed]
    _update(Sighting, WRITTEN, rows)


def write_seen(seen: Iterable[Known]) -> None:
    """Most rows of most lists: nothing but a later contact."""
    rows = [{"id": one.pk, "last_seen": one.last_seen} for one in seen]
    _update(Sighting, ("last_seen",), rows)


def write_changes(happened: Iterable[Known], at: datetime, list_id: int | None) -> None:
    """A row for each change of sightings that are stored by now."""
    rows = [
        {"sighting_id": one.pk, "at": at, "what": what.value, "old": old, "new": new, "by_id": list_id}
        for one in happened
        for what, old, new in one.happened
    ]
    if rows:
        columns = ", ".join(_CHANGE)
        sent = sent_rows(SightingChange, _CHANGE)
        table = SightingChange._meta.db_table
        execute_with(f"INSERT INTO {table} ({columns}) SELECT {columns} FROM {sent}", rows)  # noqa: S608 - names


def _columns(one: Known, names: Sequence[str]) -> Row:
    return {name: getattr(one, name) for name in names}


def _update(model: type[Model], names: Sequence[str], rows: Sequence[Row]) -> None:
    if rows:
        table, sent = model._meta.db_table, sent_rows(model, ("id", *names))
        values = ", ".join(f"{name} = sent.{name}" for name in names)
        execute_with(f"UPDATE {table} SET {values} FROM {sent} WHERE {table}.id = sent.id", rows)  # noqa: S608 - names
