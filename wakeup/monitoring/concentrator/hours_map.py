"""The last 30 reporting days of a concentrator by day and hour: what came against what was due (CON-6)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum
from functools import cached_property
from itertools import groupby
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from django.utils import formats
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _l

from smmeplus.common.charts import HeatCell, HeatRow, heat_map
from wakeup.counts.days import begin_of
from wakeup.monitoring.expected.hours import Hour
from wakeup.monitoring.expected.rules import Expectation

if TYPE_CHECKING:
    from django_stubs_ext import StrPromise

DAYS = 30
_INSTANT = timedelta(microseconds=1)  # a wake-up at the very end of its period is in time


class Level(StrEnum):
    """How an hour went. The values are classes of charts.css."""

    FULL = "full"
    PARTIAL = "partial"
    MISSED = "missed"
    RECEIVED = "received"
    IDLE = "idle"
    NO_DATA = "no-data"

    @property
    def label(self) -> StrPromise:
        return _LABELS[self]


_LABELS = {
    Level.FULL: _l("all that were expected"),
    Level.PARTIAL: _l("some"),
    Level.MISSED: _l("none"),
    Level.RECEIVED: _l("some, none expected"),
    Level.IDLE: _l("none was due"),
    Level.NO_DATA: _l("no data"),
}


@dataclass(frozen=True, slots=True)
class JudgedHour:
    """An hour with the wake-ups that were due in it, counted to now in the current one."""

    hour: Hour
    due: int
    level: Level

    @property
    def figures(self) -> str:
        """What came, and what was due where that is more: ``6``, ``5/6``, ``0/6``, ``0``, ``—``."""
        if self.level is Level.NO_DATA:
            return "—"
        if self.level in (Level.PARTIAL, Level.MISSED):
            return f"{self.hour.wakeups}/{self.due}"
        return str(self.hour.wakeups)

    @property
    def share(self) -> float:
        """The part of what was due that came, at most 1."""
        return self.hour.wakeups / self.due if self.level is Level.PARTIAL else 1.0


def judge(hour: Hour, expectation: Expectation, now: datetime) -> JudgedHour:
    """Set ``hour`` against what was due in it.

    An hour without a wake-up is *missed* only if one was due: with a period of 100 minutes many hours rightly have
    none, and out of service all have. Before the installation, after the removal and in the future there is no data
    unless something came.
    """
    end = min(hour.end, now)
    if not expectation.was_in_service(hour.begin, end):
        nothing = Level.IDLE if expectation.was_in_field(hour.begin, end) else Level.NO_DATA
        return JudgedHour(hour, 0, Level.RECEIVED if hour.wakeups else nothing)
    due = expectation.between(hour.begin, end)
    if hour.wakeups:
        return JudgedHour(hour, due, Level.PARTIAL if hour.wakeups < due else Level.FULL)
    if expectation.between(hour.silent_since, end - _INSTANT):
        return JudgedHour(hour, max(due, 1), Level.MISSED)
    return JudgedHour(hour, due, Level.IDLE)


@dataclass(frozen=True, slots=True)
class Day:
    """A reporting day: its hours under the columns of the map, None where the day lacks one, and their sum."""

    day: date
    hours: Sequence[JudgedHour | None]

    @property
    def wakeups(self) -> int:
        return sum(judged.hour.wakeups for judged in self.hours if judged)

    @property
    def sum(self) -> str:
        """The wake-ups; a dash where there is no data for any hour."""
        has_data = any(judged.level is not Level.NO_DATA for judged in self.hours if judged)
        return str(self.wakeups) if has_data else "—"

    @property
    def label(self) -> str:
        return f"{formats.date_format(self.day, 'D')} {formats.date_format(self.day)}"


def bounds_of_days(zone: ZoneInfo, now: datetime) -> tuple[datetime, datetime]:
    """The begin of the first of the 30 days up to that of ``now``, and the end of the last."""
    today = now.astimezone(zone).date()
    return begin_of(today - timedelta(days=DAYS - 1), zone), begin_of(today + timedelta(days=1), zone)


class HourMap:
    """The hours of 30 reporting days up to that of ``now``, in ``zone``; ``hours`` in their order."""

    def __init__(self, hours: Iterable[Hour], zone: ZoneInfo, expectation: Expectation, now: datetime) -> None:
        self.zone = zone
        self.now = now
        hours = list(hours)
        self.expectation = expectation.within(hours[0].begin, now)
        self.hours = [judge(hour, self.expectation, now) for hour in hours]

    @cached_property
    def days(self) -> list[Day]:
        """The days, newest first."""
        by_day = groupby(self.hours, key=lambda judged: judged.hour.day)
        return [Day(day, self._in_columns(hours)) for day, hours in by_day][::-1]

    def _in_columns(self, hours: Iterable[JudgedHour]) -> list[JudgedHour | None]:
        found = {(judged.hour.hour, judged.hour.turn): judged for judged in hours}
        return [found.get(column) for column in self.columns]

    @cached_property
    def columns(self) -> list[tuple[int, int]]:
        """The hours that a day may have; one that comes twice on some day has two columns."""
        return sorted({(judged.hour.hour, judged.hour.turn) for judged in self.hours})

    @property
    def column_labels(self) -> list[str]:
        return [f"{hour:02}{'*' if turn else ''}" for hour, turn in self.columns]

    @property
    def has_repeated_hour(self) -> bool:
        return any(turn for _hour, turn in self.columns)

    @property
    def today(self) -> int:
        """The wake-ups of the current reporting day."""
        return self.days[0].wakeups

    @property
    def due_today(self) -> int | None:
        """Those expected so far today; None if today it has not been in field with wake-up enabled."""
        day_begin = begin_of(self.now.astimezone(self.zone).date(), self.zone)
        in_field = Expectation(self.expectation.stretches)
        if not in_field.was_in_service(day_begin, max(self.now, day_begin + _INSTANT)):
            return None
        return self.expectation.between(day_begin, self.now.astimezone(UTC))

    @property
    def is_anything_expected(self) -> bool:
        """Whether it has been in field and in service with wake-up enabled on any of the days."""
        return self.expectation.was_in_service(self.hours[0].hour.begin, self.now)

    @cached_property
    def legend(self) -> list[tuple[Level, int]]:
        """How many hours went which way, for the ways that there are."""
        counts = Counter(judged.level for judged in self.hours)
        return [(level, counts[level]) for level in Level if counts[level]]

    def svg(self) -> SafeString:
        """The map as a picture."""
        return heat_map(
            "hours",
            title=_("Wake-ups by day and hour"),
            description=self._description(),
            columns=self.column_labels,
            notes=_("Sum"),
            rows=[HeatRow(day.label, _cells(day), day.sum) for day in self.days],
        )

    def _description(self) -> str:
        hours = "; ".join(_("%(what)s: %(n)d") % {"what": level.label, "n": n} for level, n in self.legend)
        return _("From %(first)s to %(last)s, newest day on top. Hours by what came — %(hours)s.") % {
            "first": self.days[-1].label,
            "last": self.days[0].label,
            "hours": hours,
        }


def _cells(day: Day) -> list[HeatCell | None]:
    label = day.label
    return [_cell(label, judged) if judged else None for judged in day.hours]


def _cell(day: str, judged: JudgedHour) -> HeatCell:
    return HeatCell(judged.level, f"{day} {judged.hour.hour:02}:00 · {_in_words(judged)}", judged.share)


def _in_words(judged: JudgedHour) -> str:
    if judged.level in (Level.NO_DATA, Level.IDLE):
        return str(judged.level.label)
    if judged.due:
        return _("%(came)d of %(due)d") % {"came": judged.hour.wakeups, "due": judged.due}
    return str(judged.hour.wakeups)
