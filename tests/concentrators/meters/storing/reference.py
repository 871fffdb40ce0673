"""Lists of meters as a reader of MET-3 would keep them: dictionaries, one row after the other, nothing stored twice."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from concentrators.meters.lists import ListedMeter, ReceivedList
from concentrators.meters.names import kind_of, manufacturer_of

TOLD = ("state", "level", "repeater", "phase", "lsid")
Pair = tuple[int, str]


@dataclass
class Reference:
    """``sightings`` by (concentrator, meter); ``changes`` are (concentrator, meter, at, what, old, new)."""

    sightings: dict[Pair, dict[str, Any]] = field(default_factory=dict)
    changes: list[tuple[Any, ...]] = field(default_factory=list)
    newest: dict[tuple[int, str], datetime] = field(default_factory=dict)
    files: set[tuple[int, str, datetime, str]] = field(default_factory=set)
    kinds: dict[str, str] = field(default_factory=dict)

    def take(self, received: ReceivedList) -> str:
        one, at = received.concentrator_id, received.listed_at
        file = (one, received.source.value, at, received.sha256)
        if file in self.files:
            return "same"
        self.files.add(file)
        newest = self.newest.get((one, received.source.value))
        if newest is not None and at < newest:
            return "older"
        self.newest[one, received.source.value] = at
        for row in received.rows:
            self._list(one, row, at)
        if received.whole:
            self._leave(one, {row.name for row in received.rows}, at)
        return "taken"

    def _list(self, one: int, row: ListedMeter, at: datetime) -> None:
        self.kinds.setdefault(row.name, kind_of(row.name))
        known = self.sightings.get((one, row.name))
        is_new = known is None
        if known is None:
            known = dict.fromkeys(TOLD) | {"repeater": "", "phase": ""}
            known |= {"first": at, "last": None, "since": None, "gone": None}
            self.sightings[one, row.name] = known
            self.changes.append((one, row.name, at, "first", "", ""))
        elif known["gone"] is not None:
            known["gone"] = None
            self.changes.append((one, row.name, at, "back", "", ""))
        for name in TOLD:
            value = getattr(row, name)
            if value not in (None, "") and value != known[name]:
                self._tell(one, row.name, name, value, at, is_new)
        self._see(known, row, at)

    def _tell(self, one: int, meter: str, name: str, value: Any, at: datetime, is_new: bool) -> None:
        known = self.sightings[one, meter]
        if name in ("state", "level", "repeater") and not is_new:
            old = "" if known[name] is None else str(known[name])
            self.changes.append((one, meter, at, name, old, str(value)))
        known[name] = value
        if name == "state":
            known["since"] = at

    def _see(self, known: dict[str, Any], row: ListedMeter, at: datetime) -> None:
        contacts = [one for one in (row.first_seen, row.last_seen) if one is not None]
        known["first"] = min(known["first"], at, *contacts)
        if row.last_seen is not None:
            known["last"] = max(known["last"] or row.last_seen, row.last_seen)

    def _leave(self, one: int, named: set[str], at: datetime) -> None:
        for (other, name), known in self.sightings.items():
            if other == one and known["gone"] is None and name not in named:
                known["gone"] = at
                self.changes.append((one, name, at, "gone", "", ""))

    def lists_of(self, name: str) -> set[int]:
        return {one for (one, of), known in self.sightings.items() if of == name and known["gone"] is None}

    def counts(self, one: int, chosen: set[Pair]) -> dict[str, int]:
        held = {name: known for (of, name), known in self.sightings.items() if of == one and known["gone"] is None}
        meters = {name: known for name, known in held.items() if self.kinds[name] == "customer"}
        states = Counter(known["state"] for known in meters.values())
        return {
            "meters": len(meters),
            "active": states[2],
            "temporary": states[1],
            "permanent": states[0],
            "supervisors": len(held) - len(meters),
            "chosen": sum((one, name) in chosen for name in meters),
        }

    def tally(self, chosen: set[Pair]) -> Counter[tuple[str, str, int]]:
        states = [(name, self.sightings[one, name]["state"]) for one, name in chosen]
        return Counter(
            (manufacturer_of(name), self.kinds[name], -1 if state is None else state) for name, state in states
        )
