"""The heat map of days: what came of what was expected, by concentrator and reporting day (REP-7)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from functools import cached_property
from itertools import chain
from zoneinfo import ZoneInfo

from django.utils import formats
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from concentrators.models import Assignment, Concentrator, OutOfService
from reports.queries import days_shown
from smmeplus.common.charts.heat_map import HeatCell, HeatRow, heat_map
from wakeup.counts.days import DAY, begin_of
from wakeup.models import DailyCount
from wakeup.monitoring.expected.cells import Cell, HeatMap, Level
from wakeup.monitoring.expected.loading import expectations
from wakeup.monitoring.expected.rules import Expectation


class DayMap(HeatMap):
    """The 31 reporting days up to ``last`` of ``concentrators``, at most a page of them; two queries."""

    def __init__(self, concentrators: Iterable[Concentrator], zone: ZoneInfo, last: date, now: datetime) -> None:
        self.concentrators = list(concentrators)
        self.zone = zone
        self.days = days_shown(last)
        self._bounds = [(begin_of(day, zone), min(begin_of(day + DAY, zone), now)) for day in self.days]

    @cached_property
    def rows(self) -> Mapping[int, Sequence[Cell]]:
        """The days by the concentrator's key."""
        keys = [one.pk for one in self.concentrators]
        received = self._received(keys)
        first, last = self._bounds[0][0], self._bounds[-1][1]
        expected = expectations(
            Assignment.objects.filter(concentrator__in=keys, begin__lt=last),
            OutOfService.objects.filter(concentrator__in=keys, begin__lt=last, end__gt=first),
        )
        return {key: self._cells_of(expected[key], received[key]) for key in keys}

    def _received(self, keys: Sequence[int]) -> Mapping[int, Mapping[date, int]]:
        received: dict[int, dict[date, int]] = {key: {} for key in keys}
        counts = DailyCount.objects.filter(concentrator__in=keys, day__gte=self.days[0], day__lte=self.days[-1])
        for key, day, wakeups in counts.order_by().values_list("concentrator", "day", "wakeup_count"):
            received[key][day] = wakeups
        return received

    def _cells_of(self, expectation: Expectation, received: Mapping[date, int]) -> Sequence[Cell]:
        return [
            _cell(received.get(day, 0), expectation, *bounds)
            for day, bounds in zip(self.days, self._bounds, strict=True)
        ]

    def on(self, key: int, place: int) -> Cell:
        return self.rows[key][place]

    def percent(self, key: int) -> int | None:
        """How much came of all that was expected; more than expected counts as all of it. None if nothing was."""
        expected = sum(cell.expected for cell in self.rows[key])
        received = sum(min(cell.received, cell.expected) for cell in self.rows[key])
        return 100 * received // expected if expected else None

    def share(self, key: int) -> str:
        percent = self.percent(key)
        return "—" if percent is None else f"{percent} %"

    @property
    def cells(self) -> Iterable[Cell]:
        return chain.from_iterable(self.rows.values())

    def svg(self) -> SafeString:
        return heat_map(
            "days",
            title=_("Wake-ups by concentrator and day"),
            description=self._description(),
            columns=[str(day.day) for day in self.days],
            notes=_("Share"),
            rows=[HeatRow(one.serial_number, self._drawn(one.pk), self.share(one.pk)) for one in self.concentrators],
        )

    def _drawn(self, key: int) -> list[HeatCell | None]:
        return [cell.drawn(label) for label, cell in zip(self._labels, self.rows[key], strict=True)]

    @cached_property
    def _labels(self) -> list[str]:
        return [formats.date_format(day) for day in self.days]

    def _description(self) -> str:
        return _("From %(first)s to %(last)s. Days by what came — %(days)s.") % {
            "first": self._labels[0],
            "last": self._labels[-1],
            "days": self.legend_in_words,
        }


def _cell(received: int, expectation: Expectation, begin: datetime, end: datetime) -> Cell:
    expected = expectation.between(begin, end)
    is_in_field = expectation.was_in_field(begin, end)
    return Cell(received, expected, Level.of(received, expected, is_in_field=is_in_field))
