"""Months of the calendar, and how much of one there has been (STA-6)."""

from __future__ import annotations

import re
from datetime import date, datetime, timedelta
from typing import NamedTuple, Self
from zoneinfo import ZoneInfo

from wakeup.counts.days import DAY, begin_of

#: At either end of the calendar some zones have no midnight; nothing is counted before the first one.
FIRST_YEAR, LAST_YEAR = 1971, 8999
HOUR = timedelta(hours=1)


class Month(NamedTuple):
    year: int
    number: int

    @classmethod
    def parse(cls, text: str) -> Self:
        """The month that ``text`` like ``2027-04`` names. Raises ValueError for any other text."""
        if not re.fullmatch(r"[0-9]{4}-(0[1-9]|1[0-2])", text) or not FIRST_YEAR <= int(text[:4]) <= LAST_YEAR:
            raise ValueError(f"{text!r} is no month like 2027-04")
        return cls(int(text[:4]), int(text[5:]))

    @classmethod
    def of(cls, day: date) -> Self:
        return cls(day.year, day.month)

    def __str__(self) -> str:
        return f"{self.year:04}-{self.number:02}"

    @property
    def first(self) -> date:
        return date(self.year, self.number, 1)

    @property
    def last(self) -> date:
        return self.next.first - DAY

    @property
    def next(self) -> Month:
        return Month.of(self.first + 31 * DAY)

    @property
    def previous(self) -> Month:
        return Month.of(self.first - DAY)

    def span(self, zone: ZoneInfo, now: datetime) -> Span:
        return Span(begin_of(self.first, zone), begin_of(self.next.first, zone), now)


class Span(NamedTuple):
    """A month of one zone as seen at ``now`` (all aware): from ``begin`` up to before ``end``."""

    begin: datetime
    end: datetime
    now: datetime

    @property
    def until(self) -> datetime:
        """Up to when there has been anything: the end of the month, or now while it lasts."""
        return max(self.begin, min(self.end, self.now))

    @property
    def has_begun(self) -> bool:
        return self.until > self.begin

    @property
    def is_over(self) -> bool:
        return self.end <= self.now

    @property
    def hours(self) -> float:
        """Of the whole month: one more or less where clocks change in it."""
        return (self.end - self.begin) / HOUR

    @property
    def seconds(self) -> float:
        """Of the month so far."""
        return (self.until - self.begin).total_seconds()
