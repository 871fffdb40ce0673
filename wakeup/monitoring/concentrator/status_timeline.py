"""What the status of a concentrator was in the last 30 reporting days, as a drawing and a table (CON-6, STA-3)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cached_property
from itertools import pairwise
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from django.utils import formats
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from smmeplus.common.charts.lanes import Bar, Lane, Tick, lanes
from smmeplus.common.wording.durations import in_words
from wakeup.counts.days import DAY, begin_of
from wakeup.monitoring.changes.tables import badge
from wakeup.monitoring.concentrator.status import ShownStatus
from wakeup.monitoring.status.rules import WORST_FIRST, Status

DAYS_BETWEEN_TICKS = 5


class Span(NamedTuple):
    """How long it had ``status``, a value of Status; empty: not in field."""

    status: str
    begin: datetime
    end: datetime

    @property
    def lasted(self) -> str:
        return in_words(self.end - self.begin)

    @property
    def badge(self) -> str:
        return badge(self.status)

    @property
    def label(self) -> str:
        return str(Status(self.status).label) if self.status else _("not in field")


@dataclass(frozen=True)
class StatusTimeline:
    """The statuses from ``begin`` to ``end``, oldest first; the part before the first recorded change has none.

    ``zone`` is that of the reporting days, at whose midnights the ticks stand.
    """

    spans: Sequence[Span]
    begin: datetime
    end: datetime
    zone: ZoneInfo

    @classmethod
    def of(
        cls, changes: Sequence[Any], present: ShownStatus | None, begin: datetime, now: datetime, zone: ZoneInfo
    ) -> StatusTimeline:
        """From ``changes``, newest first: all since ``begin`` and the one before, or as many of them as were loaded.

        ``present`` is the computed status, which may not have been recorded yet.
        """
        steps = [(change.at, change.to_status) for change in reversed(changes) if change.at <= now]
        if present and present.since and (not steps or steps[-1][1] != present.status):
            steps.append((max([present.since, *(at for at, _status in steps[-1:])]), present.status))
        if changes and changes[-1].at > begin and len(changes) < MOST_CHANGES:
            steps.insert(0, (begin, changes[-1].from_status))
        return cls(list(_spans(steps, begin, now)), begin, now, zone)

    @property
    def newest_first(self) -> Sequence[Span]:
        return self.spans[::-1]

    @cached_property
    def sums(self) -> Sequence[tuple[str, str, int]]:
        """Of each status that it had its label, how long it lasted in all and how often it began, the worst first."""
        return [
            (of_one[0].label, in_words(sum((span.end - span.begin for span in of_one), timedelta())), len(of_one))
            for of_one in self._by_status
        ]

    @cached_property
    def _by_status(self) -> Sequence[Sequence[Span]]:
        found = ([span for span in self.spans if span.status == status] for status in (*WORST_FIRST, ""))
        return [of_one for of_one in found if of_one]

    def svg(self) -> SafeString:
        said = "; ".join(f"{label}: {length}" for label, length, _times in self.sums)
        return lanes(
            "statuses",
            title=_("Status of the last 30 days"),
            description=said,
            rows=[
                Lane(of_one[0].label, _level(of_one[0].status), [self._bar(span) for span in of_one])
                for of_one in self._by_status
            ],
            ticks=list(self._ticks()),
        )

    def _bar(self, span: Span) -> Bar:
        title = f"{span.label}, {_local(span.begin, self.zone)} … {_local(span.end, self.zone)}, {span.lasted}"
        return Bar(self._place(span.begin), self._place(span.end), title)

    def _place(self, at: datetime) -> float:
        return (at - self.begin) / (self.end - self.begin)

    def _ticks(self) -> Iterator[Tick]:
        day: date = self.begin.astimezone(self.zone).date()
        while begin_of(day, self.zone) < self.end - DAY:
            yield Tick(self._place(begin_of(day, self.zone)), formats.date_format(day, "j M"))
            day += DAYS_BETWEEN_TICKS * DAY


#: So many changes are read at most; a concentrator that has more in 30 days shows a shorter time.
MOST_CHANGES = 500


def _spans(steps: Sequence[tuple[datetime, str]], begin: datetime, end: datetime) -> Iterator[Span]:
    for (at, status), (until, _next) in pairwise([*steps, (end, "")]):
        if max(at, begin) < until:
            yield Span(status, max(at, begin), until)


def _level(status: str) -> str:
    return f"status-{(status or 'none').replace(' ', '-')}"


def _local(at: datetime, zone: ZoneInfo) -> str:
    return formats.date_format(at.astimezone(zone), "DATETIME_FORMAT")
