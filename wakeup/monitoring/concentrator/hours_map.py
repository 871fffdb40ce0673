"""What came of what was due in the last 30 reporting days of a concentrator, by day and hour (CON-6)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import cached_property
from itertools import groupby
from zoneinfo import ZoneInfo

from django.utils import formats
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from smmeplus.common.charts.heat_map import HeatCell, HeatRow, heat_map
from wakeup.counts.days import DAY, begin_of
from wakeup.monitoring.expected.cells import Cell, HeatMap, Level
from wakeup.monitoring.expected.hours import Hour
from wakeup.monitoring.expected.rules import Expectation

DAYS = 30
_INSTANT = timedelta(microseconds=1)  # a wake-up at the very end of its period is in time


@dataclass(frozen=True, slots=True)
class HourCell(Cell):
    hour: Hour


def cell_of(hour: Hour, expectation: Expectation, now: datetime) -> HourCell:
    """Set ``hour`` against what was due in it.

    An hour without a wake-up is *missed* only if one was due: with a period of 100 minutes many hours rightly have
    none, and while it is out of service all have none. Before the installation, after the removal and in the future
    there is no data unless something came.
    """
    end = min(hour.end, now)
    if not expectation.was_in_service(hour.begin, end):
        is_in_field = expectation.was_in_field(hour.begin, end)
        return HourCell(hour.wakeups, 0, Level.of(hour.wakeups, 0, is_in_field=is_in_field), hour)
    due = expectation.between(hour.begin, end)
    if hour.wakeups:
        return HourCell(hour.wakeups, due, Level.PARTIAL if hour.wakeups < due else Level.FULL, hour)
    if expectation.between(hour.silent_since, end - _INSTANT):
        return HourCell(0, max(due, 1), Level.MISSED, hour)
    return HourCell(0, due, Level.IDLE, hour)


@dataclass(frozen=True, slots=True)
class Day:
    """A reporting day: its hours under the columns of the map, None where the day lacks one, and their sum."""

    day: date
    hours: Sequence[HourCell | None]

    @property
    def wakeups(self) -> int:
        return sum(cell.received for cell in self.hours if cell)

    @property
    def sum(self) -> str:
        """The wake-ups; a dash where there is no data for any hour."""
        has_data = any(cell.level is not Level.NO_DATA for cell in self.hours if cell)
        return str(self.wakeups) if has_data else "—"

    @property
    def label(self) -> str:
        return f"{formats.date_format(self.day, 'D')} {formats.date_format(self.day)}"

    def drawn(self) -> list[HeatCell | None]:
        label = self.label
        return [cell.drawn(f"{label} {cell.hour.hour:02}:00") if cell else None for cell in self.hours]


def bounds_of_days(zone: ZoneInfo, now: datetime) -> tuple[datetime, datetime]:
    """The begin of the first of the 30 days up to that of ``now``, and the end of the last."""
    today = now.astimezone(zone).date()
    return begin_of(today - (DAYS - 1) * DAY, zone), begin_of(today + DAY, zone)


class HourMap(HeatMap):
    """The hours of 30 reporting days up to that of ``now``, in ``zone``; ``cells`` in the order of time."""

    def __init__(self, hours: Iterable[Hour], zone: ZoneInfo, expectation: Expectation, now: datetime) -> None:
        self.zone = zone
        self.now = now
        hours = list(hours)
        self.expectation = expectation.within(hours[0].begin, now)
        self._cells = [cell_of(hour, self.expectation, now) for hour in hours]

    @property
    def cells(self) -> Sequence[HourCell]:
        return self._cells

    @cached_property
    def days(self) -> list[Day]:
        """The days, newest first."""
        by_day = groupby(self.cells, key=lambda cell: cell.hour.day)
        return [Day(day, self._in_columns(cells)) for day, cells in by_day][::-1]

    def _in_columns(self, cells: Iterable[HourCell]) -> list[HourCell | None]:
        found = {(cell.hour.hour, cell.hour.fold): cell for cell in cells}
        return [found.get(column) for column in self.columns]

    @cached_property
    def columns(self) -> list[tuple[int, int]]:
        """The hours that a day may have; one that comes twice on some day has two columns."""
        return sorted({(cell.hour.hour, cell.hour.fold) for cell in self.cells})

    @property
    def column_labels(self) -> list[str]:
        return [f"{hour:02}{'*' if fold else ''}" for hour, fold in self.columns]

    @property
    def has_repeated_hour(self) -> bool:
        return any(fold for _hour, fold in self.columns)

    @property
    def today(self) -> int:
        """The wake-ups of the current reporting day."""
        return self.days[0].wakeups

    @property
    def due_today(self) -> int | None:
        """Those expected so far today; None if today it has not been in field with wake-up enabled."""
        day_begin = begin_of(self.now.astimezone(self.zone).date(), self.zone)
        in_field = Expectation(self.expectation.assigned)
        if not in_field.was_in_service(day_begin, max(self.now, day_begin + _INSTANT)):
            return None
        return self.expectation.between(day_begin, self.now.astimezone(UTC))

    @property
    def is_anything_expected(self) -> bool:
        """Whether it has been in field and in service with wake-up enabled on any of the days."""
        return self.expectation.was_in_service(self.cells[0].hour.begin, self.now)

    def svg(self) -> SafeString:
        return heat_map(
            "hours",
            title=_("Wake-ups by day and hour"),
            description=self._description(),
            columns=self.column_labels,
            notes=_("Sum"),
            rows=[HeatRow(day.label, day.drawn(), day.sum) for day in self.days],
        )

    def _description(self) -> str:
        return _("From %(first)s to %(last)s, newest day on top. Hours by what came — %(hours)s.") % {
            "first": self.days[-1].label,
            "last": self.days[0].label,
            "hours": self.legend_in_words,
        }
