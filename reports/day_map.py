"""The heat map of days: of each concentrator and reporting day the share that came of what was expected (REP-7)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cached_property
from zoneinfo import ZoneInfo

from django.utils import formats
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from concentrators.models import Assignment, Concentrator, OutOfService
from reports.queries import days_shown
from smmeplus.common.charts import HeatCell, HeatRow, heat_map
from wakeup.counts.days import begin_of
from wakeup.models import DailyCount
from wakeup.monitoring.concentrator.hours_map import Level
from wakeup.monitoring.expected.loading import expectations
from wakeup.monitoring.expected.rules import Expectation


@dataclass(frozen=True, slots=True)
class JudgedDay:
    """What came on a day, and what was expected of it, until now if that is today."""

    day: date
    received: int
    expected: int
    is_in_field: bool

    @property
    def level(self) -> Level:
        if self.expected:
            return Level.FULL if self.received >= self.expected else Level.PARTIAL if self.received else Level.MISSED
        if self.received:
            return Level.RECEIVED
        return Level.IDLE if self.is_in_field else Level.NO_DATA

    @property
    def figures(self) -> str:
        """What came, and what was expected where that is more: ``144``, ``130/144``, ``0/144``, ``0``, ``—``."""
        if self.level is Level.NO_DATA:
            return "—"
        return f"{self.received}/{self.expected}" if self.received < self.expected else str(self.received)

    @property
    def cell(self) -> HeatCell:
        share = self.received / self.expected if self.level is Level.PARTIAL else 1.0
        what = self.level.label if self.level in (Level.NO_DATA, Level.IDLE) else self.figures
        return HeatCell(self.level, f"{formats.date_format(self.day)} · {what}", share)


class DayMap:
    """The 31 reporting days up to ``last`` of ``concentrators``, at most a page of them; two queries."""

    def __init__(self, concentrators: Iterable[Concentrator], zone: ZoneInfo, last: date, now: datetime) -> None:
        self.concentrators = list(concentrators)
        self.zone = zone
        self.days = days_shown(last)
        self._bounds = [(begin_of(day, zone), min(begin_of(day + timedelta(days=1), zone), now)) for day in self.days]

    @cached_property
    def rows(self) -> Mapping[int, Sequence[JudgedDay]]:
        """The days by the concentrator's key."""
        keys = [one.pk for one in self.concentrators]
        received = self._received(keys)
        first, last = self._bounds[0][0], self._bounds[-1][1]
        expected = expectations(
            Assignment.objects.filter(concentrator__in=keys, begin__lt=last),
            OutOfService.objects.filter(concentrator__in=keys, begin__lt=last, end__gt=first),
        )
        return {key: self._judge(expected[key], received[key]) for key in keys}

    def _received(self, keys: Sequence[int]) -> Mapping[int, Mapping[date, int]]:
        received: dict[int, dict[date, int]] = {key: {} for key in keys}
        counts = DailyCount.objects.filter(concentrator__in=keys, day__gte=self.days[0], day__lte=self.days[-1])
        for key, day, wakeups in counts.order_by().values_list("concentrator", "day", "wakeup_count"):
            received[key][day] = wakeups
        return received

    def _judge(self, expectation: Expectation, received: Mapping[date, int]) -> Sequence[JudgedDay]:
        return [
            JudgedDay(day, received.get(day, 0), expectation.between(begin, end), expectation.was_in_field(begin, end))
            for day, (begin, end) in zip(self.days, self._bounds, strict=True)
        ]

    def on(self, key: int, place: int) -> JudgedDay:
        """The day at ``place`` of the concentrator ``key``."""
        return self.rows[key][place]

    def share(self, key: int) -> str:
        """How much came of all that was expected, at most the whole of each day; a dash where nothing was."""
        expected = sum(day.expected for day in self.rows[key])
        received = sum(min(day.received, day.expected) for day in self.rows[key])
        return f"{100 * received // expected} %" if expected else "—"

    @cached_property
    def legend(self) -> list[tuple[Level, int]]:
        """How many days went which way, for the ways that there are."""
        counts = Counter(day.level for days in self.rows.values() for day in days)
        return [(level, counts[level]) for level in Level if counts[level]]

    def svg(self) -> SafeString:
        """The map as a picture."""
        return heat_map(
            "days",
            title=_("Wake-ups by concentrator and day"),
            description=self._description(),
            columns=[str(day.day) for day in self.days],
            notes=_("Share"),
            rows=[
                HeatRow(one.serial_number, [day.cell for day in self.rows[one.pk]], self.share(one.pk))
                for one in self.concentrators
            ],
        )

    def _description(self) -> str:
        days = "; ".join(_("%(what)s: %(n)d") % {"what": level.label, "n": n} for level, n in self.legend)
        return _("From %(first)s to %(last)s. Days by what came — %(days)s.") % {
            "first": formats.date_format(self.days[0]),
            "last": formats.date_format(self.days[-1]),
            "days": days,
        }
