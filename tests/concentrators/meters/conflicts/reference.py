"""The conflict of one meter as a reader of the specification would reckon it: all at once, from what lists say now."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import combinations

WEEK = timedelta(days=7)


@dataclass
class Listed:
    """A row of a current list. The state is 2, 1, 0 or None, as lists have it."""

    first: datetime
    last: datetime
    listed: datetime
    state: int | None = 2
    level: int | None = None
    availability: float | None = None


@dataclass
class Reference:
    """``lists`` by concentrator is what holds now; tell it, then ``settle``. What is open has a ``kind``."""

    lists: dict[int, Listed] = field(default_factory=dict)
    expected: int | None = None
    kind: str | None = None
    preferred: int | None = None
    chosen: int | None = None
    decision: str = ""
    keep: int | None = None
    until: datetime | None = None
    decided_of: set[int] = field(default_factory=set)
    reopened: str = ""

    def decide(self, decision: str, keep: int | None, until: datetime | None) -> None:
        self.decision, self.keep, self.until, self.reopened = decision, keep, until, ""
        self.decided_of = set(self.lists)

    def settle(self, now: datetime) -> None:
        if len(self.lists) < 2:
            self.kind, self.decision, self.keep, self.reopened = None, "", None, ""
        else:
            self.kind = self._kind(now)
            self._reopen(now)
        self.preferred = self._preferred(now) if len(self.lists) > 1 else None
        self.chosen = self._chosen(now)

    def _kind(self, now: datetime) -> str:
        rows = list(self.lists.values())
        current = [row for row in rows if now - row.listed < WEEK]
        recent = [row for row in current if now - row.last < WEEK]
        for one, other in combinations([row for row in recent if row.state != 0], 2):
            if one.last >= other.first and other.last >= one.first:
                return "live"
        if len(current) < 2:
            return "stale"
        return "failed" if all(row.state in (0, 1) for row in rows) and not recent else "moved"

    def _reopen(self, now: datetime) -> None:
        because = ""
        if self.decision and not set(self.lists) <= self.decided_of:
            because = "another"
        elif self.decision == "keep" and self.keep not in self.lists:
            because = "gone"
        elif self.decision == "keep" and self.lists[self.keep or 0].state == 0:
            because = "failed"
        elif self.decision == "allowed" and self.until is not None and now >= self.until:
            because = "over"
        if because:
            self.decision, self.keep, self.reopened = "", None, because

    def _preferred(self, now: datetime) -> int | None:
        left = {key for key, row in self.lists.items() if now - row.listed < WEEK} or set(self.lists)
        for worse in (self._state_is_worse, self._availability_is_worse, self._level_is_worse, self._contact_is_worse):
            left = {key for key in left if not any(worse(self.lists[key], self.lists[other]) for other in left)}
        if len(left) > 1 and self.expected in left:
            left = {self.expected}
        return left.pop() if len(left) == 1 else None

    @staticmethod
    def _state_is_worse(one: Listed, other: Listed) -> bool:
        return one.state is not None and other.state is not None and one.state < other.state

    @staticmethod
    def _availability_is_worse(one: Listed, other: Listed) -> bool:
        known = one.availability is not None and other.availability is not None
        return known and round(other.availability - one.availability, 6) >= 5  # type: ignore[operator]

    @staticmethod
    def _level_is_worse(one: Listed, other: Listed) -> bool:
        return one.level is not None and other.level is not None and one.level > other.level

    @staticmethod
    def _contact_is_worse(one: Listed, other: Listed) -> bool:
        return other.last - one.last > timedelta(hours=24)

    def _chosen(self, now: datetime) -> int | None:
        if not self.lists:
            return None
        if self.decision == "keep" and self.keep in self.lists:
            return self.keep
        if len(self.lists) == 1:
            return next(iter(self.lists))
        if self.preferred is not None:
            return self.preferred
        current = [key for key, row in self.lists.items() if now - row.listed < WEEK] or list(self.lists)
        rank = {2: 3, None: 2, 1: 1, 0: 0}
        return max(current, key=lambda key: (rank[self.lists[key].state], self.lists[key].last, -key))
