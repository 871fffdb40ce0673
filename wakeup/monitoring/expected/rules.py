"""How many wake-ups a concentrator should have sent, to compare with what it sent (CON-6, REP-7).

For each span of time that a concentrator was in field with one period, the number of whole periods is expected, less
the time out of service: a wake-up that may rightly have come just outside is not called missing. `sql.py` beside this
file computes the same in SQL.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import NamedTuple

NOTHING = timedelta(0)


class OutOfServiceSpan(NamedTuple):
    """A time out of service, from ``begin`` up to before ``end`` (aware)."""

    begin: datetime
    end: datetime


class AssignedSpan(NamedTuple):
    """A span of time in field with one ``period``, None while wake-up was disabled; ``end`` is None if it lasts."""

    begin: datetime
    end: datetime | None
    period: timedelta | None

    @classmethod
    def in_minutes(cls, begin: datetime, end: datetime | None, minutes: int | None) -> AssignedSpan:
        return cls(begin, end, timedelta(minutes=minutes) if minutes else None)

    def expected(self, outs: Iterable[OutOfServiceSpan], begin: datetime, end: datetime) -> int:
        return 0 if self.period is None else self.held(outs, begin, end) // self.period

    def held(self, outs: Iterable[OutOfServiceSpan], begin: datetime, end: datetime) -> timedelta:
        """How much of this span was between ``begin`` and ``end``, less the time out of service."""
        begin, end = max(begin, self.begin), min(end, self.end or end)
        return max(end - begin - out_time(outs, begin, end), NOTHING) if begin < end else NOTHING


@dataclass(frozen=True, slots=True)
class Expectation:
    """What one concentrator was to send: when it was ``assigned`` a profile, and when it was out of service."""

    assigned: list[AssignedSpan] = field(default_factory=list)
    outs: list[OutOfServiceSpan] = field(default_factory=list)

    def within(self, begin: datetime, end: datetime) -> Expectation:
        """The same, reduced to the time from ``begin`` to ``end``: quicker if it is asked often."""
        return Expectation(
            [one for one in self.assigned if one.begin < end and (one.end is None or one.end > begin)],
            [out for out in self.outs if out.begin < end and out.end > begin],
        )

    def between(self, begin: datetime, end: datetime) -> int:
        """The number of wake-ups that it should have sent from ``begin`` to ``end`` (aware).

        Of a reporting day give its begin, and as ``end`` that of the day or now if that is earlier: nothing is
        expected of the future.
        """
        return sum(span.expected(self.outs, begin, end) for span in self.assigned)

    def was_in_field(self, begin: datetime, end: datetime) -> bool:
        """Whether it was in field at any time from ``begin`` to ``end``, in service or not."""
        return any(one.held((), begin, end) > NOTHING for one in self.assigned)

    def was_in_service(self, begin: datetime, end: datetime) -> bool:
        """Whether it was to send wake-ups at any time from ``begin`` to ``end``."""
        return any(one.period is not None and one.held(self.outs, begin, end) > NOTHING for one in self.assigned)


def out_time(outs: Iterable[OutOfServiceSpan], begin: datetime, end: datetime) -> timedelta:
    """How long it was out of service between ``begin`` and ``end``; times that overlap count twice."""
    return sum((max(min(end, out.end) - max(begin, out.begin), NOTHING) for out in outs), NOTHING)
