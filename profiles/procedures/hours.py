"""The hours of the day in which writing may begin (PRC-1): pure, by the wall clock of a zone."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, time, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

#: Tomorrow's hours may be missing, because clocks are put forward; the next day has them.
_DAYS_AHEAD = 2
_MINUTE = timedelta(minutes=1)


class Hours(NamedTuple):
    """From ``begin`` to before ``end``, over midnight if ``end`` is the earlier one; always if they are None."""

    begin: time | None = None
    end: time | None = None

    def include(self, now: datetime, zone: ZoneInfo) -> bool:
        if self.begin is None or self.end is None:
            return True
        shown = now.astimezone(zone).time()
        if self.begin < self.end:
            return self.begin <= shown < self.end
        return shown >= self.begin or shown < self.end

    def next_begin(self, now: datetime, zone: ZoneInfo) -> datetime:
        """The first moment from ``now`` on that the hours include, in UTC; ``now`` itself if they do.

        An hour that comes twice because clocks are put back counts twice; one that is skipped because they are put
        forward does not count.
        """
        if self.include(now, zone):
            return now.astimezone(UTC)
        return min(at for at in self._edges(now, zone) if at > now and self.include(at, zone))

    def _edges(self, now: datetime, zone: ZoneInfo) -> Iterator[datetime]:
        """Every moment of the next days at which the hours may begin: where the clock shows so, or is moved."""
        assert self.begin is not None  # noqa: S101 - without hours it is always time
        today = now.astimezone(zone).date()
        for days in range(_DAYS_AHEAD + 1):
            for fold in (0, 1):
                shown = datetime.combine(today + timedelta(days=days), self.begin, zone).replace(fold=fold)
                yield shown.astimezone(UTC)
        yield from _clock_change(now, now + timedelta(days=_DAYS_AHEAD), zone)


def _clock_change(begin: datetime, end: datetime, zone: ZoneInfo) -> Iterator[datetime]:
    """The minute between ``begin`` and ``end``, a few days later, in which the zone's clocks are moved, if any."""
    before = begin.astimezone(zone).utcoffset()
    early, late = (at.astimezone(UTC).replace(second=0, microsecond=0) for at in (begin, end))
    if late.astimezone(zone).utcoffset() == before:
        return
    while late - early > _MINUTE:
        middle = early + (late - early) // _MINUTE // 2 * _MINUTE
        if middle.astimezone(zone).utcoffset() == before:
            early = middle
        else:
            late = middle
    yield late
