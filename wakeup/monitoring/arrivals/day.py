"""The last 24 hours of arrivals, as a picture and as a table (UI-2)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cached_property
from typing import NamedTuple
from zoneinfo import ZoneInfo

from django.db.models import Sum
from django.utils import formats
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from concentrators.models import AnyUser, Company
from smmeplus.common.charts.timeline import Mark, Point, timeline
from wakeup.models import MinuteCount
from wakeup.monitoring.arrivals.counting import MINUTE

STRETCH = 10  # minutes of one point
STRETCHES = 144
HOUR = 6  # stretches


class Hour(NamedTuple):
    """What came within an hour and what was due; None where nobody counted."""

    begin: datetime
    came: int | None
    expected: int | None


class Stretch(NamedTuple):
    """What came and what was expected in ten minutes, of which so many were counted."""

    minutes: int = 0
    came: int = 0
    expected: float = 0.0

    def with_minute(self, came: int, expected: float) -> Stretch:
        return Stretch(self.minutes + 1, self.came + came, self.expected + expected)

    @property
    def point(self) -> Point:
        """A minute of it on average."""
        if not self.minutes:
            return Point(None, None)
        return Point(round(self.came / self.minutes, 1), round(self.expected / self.minutes, 1))


@dataclass(frozen=True)
class Arrivals:
    """Wake-ups over the 24 hours up to ``end``, in ``zone``."""

    stretches: Sequence[Stretch]
    end: datetime
    zone: ZoneInfo

    @classmethod
    def of(cls, user: AnyUser, now: datetime, zone: ZoneInfo) -> Arrivals:
        """Those of the companies that ``user`` sees; one query."""
        end = now.replace(second=0, microsecond=0)
        begin = end - STRETCHES * STRETCH * MINUTE
        rows = (
            MinuteCount.objects.filter(minute__gte=begin, minute__lt=end)
            .filter(company__in=Company.objects.visible_to(user))
            .values_list("minute")
            .annotate(came=Sum("wakeups"), expected=Sum("expected"))
            .order_by("minute")
        )
        stretches = [Stretch()] * STRETCHES
        for at, came, expected in rows:
            place = int((at - begin) / MINUTE) // STRETCH
            stretches[place] = stretches[place].with_minute(came, expected)
        return cls(stretches, end, zone)

    @property
    def begin(self) -> datetime:
        return self.end - STRETCHES * STRETCH * MINUTE

    @cached_property
    def hours(self) -> list[Hour]:
        """The newest first."""
        places = range(0, STRETCHES, HOUR)
        return [self._hour(place) for place in reversed(places)]

    @cached_property
    def points(self) -> list[Point]:
        return [stretch.point for stretch in self.stretches]

    @property
    def svg(self) -> SafeString:
        first = self.begin.astimezone(self.zone).replace(minute=0) + timedelta(hours=1)
        marks = [
            Mark((hour - self.begin) / MINUTE / STRETCH, formats.time_format(hour.astimezone(self.zone), "H:i"))
            for hour in (first.astimezone(UTC) + timedelta(hours=number) for number in range(1, 24, 3))
        ]
        return timeline(
            "arrivals",
            title=_("Wake-ups a minute, last 24 hours"),
            description=self.in_words,
            points=self.points,
            marks=marks,
        )

    @property
    def in_words(self) -> str:
        came, expected = self.points[-1]
        if came is None or expected is None:
            return _("Nobody has counted in the last ten minutes.")
        return _("In the last ten minutes %(came)s came a minute, and %(expected)s were expected.") % {
            "came": formats.number_format(came, 1),
            "expected": formats.number_format(expected, 1),
        }

    def _at(self, place: int) -> datetime:
        return self.begin + place * STRETCH * MINUTE

    def _hour(self, place: int) -> Hour:
        counted = [stretch for stretch in self.stretches[place : place + HOUR] if stretch.minutes]
        begin = self._at(place).astimezone(self.zone)
        if not counted:
            return Hour(begin, None, None)
        return Hour(begin, sum(one.came for one in counted), round(sum(one.expected for one in counted)))
