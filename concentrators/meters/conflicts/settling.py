"""Opens, changes and closes the conflicts of meters whose lists have changed, and chooses where each counts (MET-5)."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from django.db import transaction
from django.db.models import OuterRef, Subquery

from concentrators.meters.conflicts import rules
from concentrators.meters.conflicts.rules import Decided, Held
from concentrators.models import Concentrator, State
from concentrators.models.meters import (
    Decision,
    ListOutcome,
    Meter,
    MeterConflict,
    MeterList,
    MeterSource,
    MeterState,
    Sighting,
)
from smmeplus.common.chunks import in_chunks, in_keys

_AT_ONCE: Final = 2_000
#: The lists that say which meters are there.
_OF_METERS: Final = (MeterSource.S24, MeterSource.CSV)
_FACTS: Final = ("kind", "lists", "closed_at", "preferred_id", "reason", "reopened")
_DECISION: Final = ("decision", "keep_at_id", "allowed_until", "decided_by_id", "decided_at", "decided_of", "note")


def settle(meter_ids: Collection[int], now: datetime) -> set[int]:
    """Let the conflicts of these meters, and where each is chosen, be what the stored sightings say at ``now``.

    The keys of the concentrators whose counts may have changed by that. To be called in the transaction that changed
    the sightings; it locks the meters in the order of their keys, and so lets one process at a time judge a meter.
    """
    changed = set[int]()
    with transaction.atomic():
        for some in in_chunks(sorted(set(meter_ids)), _AT_ONCE):
            changed |= _Settling(some, now).run()
    return changed


def decided_of(conflict: MeterConflict) -> Decided | None:
    """What was decided of it, None if nothing was."""
    if not conflict.decision:
        return None
    of = frozenset(conflict.decided_of)
    return Decided(Decision(conflict.decision), of, conflict.keep_at_id, conflict.allowed_until)


def held_by_meter(meters: Mapping[int, int | None]) -> dict[int, list[Held]]:
    """What the current lists say of ``meters``, which are given with the key of their expected concentrator.

    A removed concentrator holds nothing any more, so its list makes no conflict, unless no other list has the meter.
    """
    return {key: one.held for key, one in _load(meters).items()}


@dataclass(slots=True)
class _Sightings:
    """Of one meter: what counts, and the rows of all of its sightings by concentrator."""

    held: list[Held] = field(default_factory=list)
    removed: list[Held] = field(default_factory=list)
    rows: dict[int, dict[str, Any]] = field(default_factory=dict)


def _load(meters: Mapping[int, int | None]) -> dict[int, _Sightings]:
    found = {key: _Sightings() for key in meters}
    names = ("concentrator", "meter", "first_seen", "last_seen", "listed_at", "state", "active", "level")
    rows = list(
        Sighting.objects.filter(in_keys(list(meters), "meter"))
        .order_by("meter", "concentrator")
        .values("pk", "in_list", "chosen", "availability_7d", *names)
    )
    newest = _newest_lists({row["concentrator"] for row in rows})
    for row in rows:
        one = found[row["meter"]]
        one.rows[row["concentrator"]] = row
        if row["in_list"]:
            listed_at, is_removed = newest[row["concentrator"]]
            held = _held(row, listed_at, is_expected=meters[row["meter"]] == row["concentrator"])
            (one.removed if is_removed else one.held).append(held)
    for one in found.values():
        one.held = one.held or one.removed
    return found


def _newest_lists(concentrators: Collection[int]) -> dict[int, tuple[datetime | None, bool]]:
    """The date of the newest list of each, and whether it was removed from the field."""
    if not concentrators:
        return {}
    lists = MeterList.objects.filter(concentrator=OuterRef("pk"), outcome=ListOutcome.TAKEN).order_by("-listed_at")
    dates = {f"newest_{source}": Subquery(lists.filter(source=source).values("listed_at")[:1]) for source in _OF_METERS}
    rows = Concentrator.objects.filter(in_keys(list(concentrators))).order_by().annotate(**dates)
    return {
        key: (max((date for date in found if date is not None), default=None), state == State.REMOVED)
        for key, state, *found in rows.values_list("pk", "state", *dates)
    }


def _held(row: Mapping[str, Any], newest: datetime | None, *, is_expected: bool) -> Held:
    return Held(
        concentrator=row["concentrator"],
        first_seen=row["first_seen"],
        last_seen=row["last_seen"],
        listed_at=max(row["listed_at"], newest or row["listed_at"]),
        state=_state(row["state"], row["active"]),
        availability=row["availability_7d"],
        level=row["level"],
        is_expected=is_expected,
    )


def _state(state: int | None, is_active: bool | None) -> MeterState | None:
    """Where a list says only whether a meter is active, that is its state."""
    if state is not None:
        return MeterState(state)
    if is_active is None:
        return None
    return MeterState.ACTIVE if is_active else MeterState.PERMANENT_FAILURE


class _Settling:
    """The meters with ``keys``, judged at one moment."""

    def __init__(self, keys: list[int], now: datetime) -> None:
        self.now = now
        self.changed = set[int]()
        self._new: list[MeterConflict] = []
        self._told: list[MeterConflict] = []
        self._to_review: list[MeterConflict] = []
        self._chosen: dict[bool, list[int]] = {True: [], False: []}
        self._keys = keys

    def run(self) -> set[int]:
        locked = Meter.objects.select_for_update(no_key=True, of=("self",)).filter(in_keys(self._keys)).order_by("pk")
        meters = {pk: (company, expected) for pk, company, expected in locked.values_list(*_OF_METER)}
        if not meters:
            return set()
        stored = MeterConflict.objects.open().filter(in_keys(list(meters), "meter"))
        open_ones = {one.meter_id: one for one in stored}
        for key, sightings in _load({key: expected for key, (_, expected) in meters.items()}).items():
            conflict = open_ones.get(key)
            if conflict is None and len(sightings.held) > 1:
                conflict = MeterConflict(company_id=meters[key][0], meter_id=key, opened_at=self.now)
            if conflict is not None:
                self._judge(conflict, sightings)
            self._choose(sightings, decided_of(conflict) if conflict is not None else None)
        self._store()
        return self.changed

    def _judge(self, conflict: MeterConflict, sightings: _Sightings) -> None:
        names = (*_FACTS, *_DECISION)
        before = [getattr(conflict, name) for name in names]
        review_at = conflict.review_at
        if len(sightings.held) < 2:
            conflict.closed_at, conflict.review_at = self.now, None
        else:
            _renew(conflict, sightings.held, self.now)
        if conflict._state.adding:
            self._new.append(conflict)
        elif before != [getattr(conflict, name) for name in names]:
            self._told.append(conflict)
        else:
            self._to_review += [conflict] if conflict.review_at != review_at else []
            return
        self.changed |= sightings.rows.keys()

    def _choose(self, sightings: _Sightings, decided: Decided | None) -> None:
        where = rules.chosen(sightings.held, decided, self.now)
        for concentrator, row in sightings.rows.items():
            if row["chosen"] != (concentrator == where):
                self._chosen[concentrator == where].append(row["pk"])
                self.changed |= sightings.rows.keys()

    def _store(self) -> None:
        """One that is not chosen any more makes room first: a meter has one at most."""
        MeterConflict.objects.bulk_create(self._new)
        MeterConflict.objects.bulk_update(self._told, [*map(_field, (*_FACTS, *_DECISION)), "review_at"])
        MeterConflict.objects.bulk_update(self._to_review, ["review_at"])
        MeterConflict.history.bulk_history_create(self._new, default_date=self.now)
        MeterConflict.history.bulk_history_create(self._told, update=True, default_date=self.now)
        for is_chosen in (False, True):
            if keys := self._chosen[is_chosen]:
                Sighting.objects.filter(in_keys(keys)).update(chosen=is_chosen)


_OF_METER: Final = ("pk", "company", "expected_concentrator")


def _field(name: str) -> str:
    return name.removesuffix("_id")


def _renew(conflict: MeterConflict, held: list[Held], now: datetime) -> None:
    """Let it say what ``held`` says. A decision that holds no longer is taken back, with the reason for it."""
    decided = decided_of(conflict)
    because = rules.reopened(held, decided, now) if decided is not None else None
    if because is not None:
        forget_decision(conflict)
        conflict.reopened, decided = because.value, None
    found = rules.preferred(held, now)
    conflict.kind, conflict.lists = rules.kind_of(held, now).value, len(held)
    conflict.preferred_id, conflict.reason = found.concentrator, found.reason.value if found.reason else ""
    conflict.review_at = rules.review_at(held, decided, now)


def forget_decision(conflict: MeterConflict) -> None:
    conflict.decision, conflict.note, conflict.decided_of = "", "", []
    conflict.keep_at_id = conflict.allowed_until = conflict.decided_by_id = conflict.decided_at = None
