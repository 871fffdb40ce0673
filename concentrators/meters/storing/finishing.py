"""Writes what has come of a list, and all that follows from it: trees, conflicts, numbers (MET-1, MET-8)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from datetime import datetime

from concentrators.meters.conflicts.settling import settle
from concentrators.meters.storing.batch import Batch
from concentrators.meters.storing.counts import concentrators_of, note_list, recount
from concentrators.meters.storing.known import Known, create_meters
from concentrators.meters.storing.tally import UNKNOWN, Tally, tallied
from concentrators.meters.storing.writing import write_changed, write_changes, write_meters, write_new, write_seen
from concentrators.meters.topology import Tree
from concentrators.meters.topology import settle as settle_tree


def finish(batch: Batch, now: datetime, *, is_of_members: bool) -> None:
    """``is_of_members``: the batch is a list that says which meters are there, so it is the newest one from now on."""
    create_meters(batch.place.company_id, batch.new(), batch.at)
    touched = batch.touched()
    shared = {one.meter_id for one in batch.known.values() if one.elsewhere}
    only_here = {one.meter_id: one for one in batch.new() if not one.elsewhere}
    with tallied({one.meter_id for one in touched} - only_here.keys() | shared, _tally(batch, only_here.values())):
        _write(batch, touched)
        if is_of_members and batch.list_id is not None:
            note_list(batch.place.concentrator_id, batch.list_id, batch.at)
        if touched or shared:
            _follow(batch, touched, shared, now)


def _tally(batch: Batch, new: Iterable[Known]) -> Tally:
    company = batch.place.company_id
    states = ((one, UNKNOWN if one.state is None else int(one.state)) for one in new)
    return Counter((company, one.manufacturer, one.type, one.kind, state) for one, state in states)


def _write(batch: Batch, touched: list[Known]) -> None:
    write_meters(one for one in touched if one.told_of_meter)
    write_changed(one for one in touched if one.pk is not None)
    write_seen(one for one in batch.known.values() if one.is_seen and not one.is_touched)
    write_new(batch.place.company_id, batch.place.concentrator_id, batch.new())
    write_changes(touched, batch.at, batch.list_id)


def _follow(batch: Batch, touched: list[Known], shared: set[int], now: datetime) -> None:
    """Trees, conflicts, numbers; also of other concentrators, if they share meters with this one."""
    trees = dict[int, Tree]()
    if any(map(_touches_tree, touched)) and any(one.has_place for one in batch.known.values()):
        trees[batch.place.concentrator_id] = settle_tree(batch.place.concentrator_id)
    affected = {batch.place.concentrator_id}
    if shared:
        affected |= settle(shared, now)
        affected |= concentrators_of(one.meter_id for one in touched if one.elsewhere and one.told_of_meter)
    recount(affected, trees)


def _touches_tree(one: Known) -> bool:
    return one.is_moved or one.is_member_anew or not one.told_of_meter.isdisjoint({"mac", "kind"})
