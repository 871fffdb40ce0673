"""Stores a list that has come, by the rules of MET-3: in one transaction, whoever else stores one."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import astuple, dataclass
from datetime import datetime
from typing import Final, Literal

from django.db import transaction

from concentrators.meters.lists import ReceivedList
from concentrators.meters.storing.availability import OF_DAYS, note_days, tell_days
from concentrators.meters.storing.batch import Batch, Place
from concentrators.meters.storing.checking import Checked, check
from concentrators.meters.storing.finishing import finish
from concentrators.meters.storing.known import load
from concentrators.meters.storing.members import OF_MEMBERS, take_members
from concentrators.meters.storing.prepared import FIRST, Prepared
from concentrators.meters.storing.waiting import sources_of, take_and_keep, take_waiting
from concentrators.models.meters import Changed, ListOutcome, MeterList, MeterSource, Sighting
from smmeplus.common.chunks import execute_with, sent_rows

Outcome = Literal["taken", "older", "same"]
_MEMBERSHIP = (Changed.FIRST_SEEN, Changed.GONE, Changed.BACK)


@dataclass(frozen=True, slots=True)
class Stored:
    """What came of a list, in meters; ``bad`` are its bad rows. Who has only been seen again is unchanged."""

    outcome: Outcome
    new: int = 0
    changed: int = 0
    unchanged: int = 0
    gone: int = 0
    back: int = 0
    bad: int = 0


def store_list(received: ReceivedList, now: datetime) -> Stored:
    """Raises Concentrator.DoesNotExist. Two processes may store lists of one company at once: one waits."""
    with transaction.atomic():
        place = Place.of(received.concentrator_id, holds=True)
        checked = check(received, now, place.zone)
        outcome = outcome_of(received, checked)
        if outcome == "same":
            return Stored(outcome)
        key = _keep(received, checked, outcome, now)
        if outcome == "older":
            return Stored(outcome, bad=len(checked.bad_rows))
        batch = Batch(place, checked.at, load(place.concentrator_id), key)
        take(batch, received, checked)
        finish(batch, now, is_of_members=received.source in OF_MEMBERS)
        store_waiting(_where_macs_are_new(batch), now)
    return _stored(batch, checked)


def store_waiting(concentrator_ids: Collection[int], now: datetime) -> None:
    """Let sightings have what has waited for the MACs of their meters: these have become known by another way."""
    for key in sorted(concentrator_ids):
        with transaction.atomic():
            batch = Batch(Place.of(key, holds=True), now, load(key))
            take_waiting(batch)
            finish(batch, now, is_of_members=False)


def outcome_of(received: ReceivedList, checked: Checked) -> Outcome:
    """Against the newest list of the same source; one of the same date replaces it, unless it is the same file."""
    last = max((at for (at,) in _NEWEST[received.source].rows(received.concentrator_id)), default=None)
    if last is None or (checked.at > last and checked.at == received.listed_at):
        return "taken"
    lists = MeterList.objects.filter(concentrator=received.concentrator_id, source=received.source)
    same = lists.filter(sha256=received.sha256)
    is_dated = checked.at == received.listed_at  # or its date is that of its receipt
    if (same.filter(listed_at=checked.at) if is_dated else same).exists():
        return "same"
    return "older" if checked.at < last else "taken"


def _newest(source: MeterSource) -> Prepared:
    taken = MeterList.objects.filter(source=source, outcome=ListOutcome.TAKEN).order_by("-listed_at")
    return Prepared(lambda: taken.filter(concentrator=FIRST).values_list("listed_at")[:1])


_NEWEST: Final = {source: _newest(source) for source in MeterSource}


def take(batch: Batch, received: ReceivedList, checked: Checked) -> None:
    rows = checked.rows.values()
    if received.source in OF_MEMBERS:
        new = take_members(batch, received, checked)
        note_days(batch, rows)
        if new or batch.has_new_macs():
            sources = sources_of(batch.place.concentrator_id)
            tell_days(batch, () if sources.isdisjoint(OF_DAYS) else new)
            take_waiting(batch, sources)
    elif received.source == MeterSource.G02:
        note_days(batch, rows)
    else:
        take_and_keep(batch, received.source, rows, whole=received.whole)
        if batch.has_new_macs():
            take_waiting(batch)


def _keep(received: ReceivedList, checked: Checked, outcome: Outcome, now: datetime) -> int:
    """The key of the list."""
    row = {
        "concentrator_id": received.concentrator_id,
        "source": received.source.value,
        "listed_at": checked.at,
        "whole": received.whole,
        "outcome": outcome,
        "version": received.version[:16],
        "request_id": received.request_id,
        "file_name": received.file_name[:255],
        "sha256": received.sha256,
        "received_at": now,
        "received_by_id": received.received_by,
        "rows": len(received.rows),
        "bad_rows": [astuple(row) for row in checked.bad_rows],
        "waiting": [],
    }
    table, columns = MeterList._meta.db_table, ", ".join(row)
    sent = sent_rows(MeterList, row)
    ((key,),) = execute_with(
        f"INSERT INTO {table} ({columns}) SELECT {columns} FROM {sent} RETURNING id",  # noqa: S608 - names
        [row],
    )
    return int(key)


def _where_macs_are_new(batch: Batch) -> set[int]:
    """The keys of other concentrators that have had a meter whose MAC this list has told."""
    told = [one.meter_id for one in batch.known.values() if "mac" in one.told_of_meter]
    if not told:
        return set()
    others = Sighting.objects.filter(meter__in=told).exclude(concentrator=batch.place.concentrator_id)
    return set(others.order_by().values_list("concentrator", flat=True))


def _stored(batch: Batch, checked: Checked) -> Stored:
    did = [{what for what, _old, _new in one.happened} for one in batch.known.values()]
    new, gone, back = (
        sum(what in of_one for of_one in did) for what in (Changed.FIRST_SEEN, Changed.GONE, Changed.BACK)
    )
    changed = sum(one.is_touched and not one.is_member_anew for one in batch.known.values())
    unchanged = len(batch.listed) - new - back - changed
    return Stored("taken", new, changed, unchanged, gone, back, len(checked.bad_rows))
