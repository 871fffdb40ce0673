"""The times of a planned work: once, by a rule, and what a calendar adds and leaves out (STA-8)."""

from __future__ import annotations

import heapq
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta
from itertools import islice
from typing import NamedTuple
from zoneinfo import ZoneInfo

from concentrators.models import PlannedWork
from concentrators.planned.rules import Begin, at_clock, begins

#: So far ahead times are made, and a month more when they are made anew: each work then has its turn once a month.
AHEAD = timedelta(days=400)
SPARE = timedelta(days=30)
MOST_TIMES = 1_000
STAMP = "%Y%m%dT%H%M%SZ"
_DAY, _MINUTE = timedelta(days=1), timedelta(minutes=1)


class Time(NamedTuple):
    """A time of a work, in UTC; without its end."""

    begin: datetime
    end: datetime


class Schedule(NamedTuple):
    """When a work is. ``begin`` and ``end`` are those of its first time; ``rule`` is empty if it does not recur."""

    begin: datetime
    end: datetime
    rule: str
    zone: ZoneInfo
    left_out: frozenset[datetime] = frozenset()
    added: tuple[Time, ...] = ()

    @classmethod
    def of(cls, work: PlannedWork) -> Schedule:
        zone = ZoneInfo(work.zone) if work.zone else work.company.zone
        left_out, added = frozenset(moments(work.left_out)), tuple(periods(work.added))
        return cls(work.begin.astimezone(UTC), work.end.astimezone(UTC), work.rule, zone, left_out, added)

    def times(self, now: datetime, most: int = MOST_TIMES) -> list[Time]:
        """The first ``most`` times that are not over at ``now``, in order; of a rule those within AHEAD and SPARE."""
        left = (time for time in self._all(now) if time.end > now)
        return list(islice(left, most))

    def ends(self, begin: Begin) -> datetime:
        """When the time ends that begins at ``begin``.

        It lasts exactly as long as the first one (RFC 5545, 3.8.5.3). If that lasts whole days by the clock, so does
        this: from midnight to midnight is 23 hours once a year.
        """
        first, last = (at.astimezone(self.zone).replace(tzinfo=None) for at in (self.begin, self.end))
        if (last - first) % _DAY:
            return begin.at + (self.end - self.begin)
        return max(at_clock(begin.wall + (last - first), self.zone), begin.at + _MINUTE)

    def _all(self, now: datetime) -> Iterator[Time]:
        by_rule = (Time(one.at, self.ends(one)) for one in self._begins(now) if one.at not in self.left_out)
        before = None
        for time in heapq.merge(by_rule, sorted(self.added)):
            if before is None or time.begin != before.begin:  # one that is moved onto another one
                yield time
            before = time

    def _begins(self, now: datetime) -> Iterable[Begin]:
        if not self.rule:
            return [Begin(self.begin, self.begin.astimezone(self.zone).replace(tzinfo=None))]
        return begins(self.rule, self.begin, self.zone, max(now, self.begin) + AHEAD + SPARE)


def moments(text: str) -> Iterator[datetime]:
    """The moments in ``PlannedWork.left_out``."""
    return (datetime.strptime(one, STAMP).replace(tzinfo=UTC) for one in text.split())


def periods(text: str) -> Iterator[Time]:
    """The times in ``PlannedWork.added``."""
    return (Time(*moments(one.replace("/", " "))) for one in text.split())


def as_moments(times: Iterable[datetime]) -> str:
    return " ".join(f"{one.astimezone(UTC):{STAMP}}" for one in sorted(set(times)))


def as_periods(times: Iterable[Time]) -> str:
    return " ".join(as_moments([one.begin]) + "/" + as_moments([one.end]) for one in sorted(set(times)))
