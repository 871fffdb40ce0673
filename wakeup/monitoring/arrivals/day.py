"""The last 24 hours of arrivals, as a picture and as a table (UI-2)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
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


@dataclass(frozen=True)
class Arrivals:
    """Wake-ups a minute over the 24 hours up to ``end``, in ``zone``; None where nobody counted."""

    points: Sequence[Point]
    end: datetime
    zone: ZoneInfo

    @classmethod
    def of(cls, user: AnyUser, now: datetime, zone: ZoneInfo) -> Arrivals:
        """Those of the companies that ``user`` sees; one query."""
        minute = now.replace(second=0, microsecond=0)
        end = minute - timedelta(minutes=minute.minute % STRETCH)
        begin = end - STRETCHES * STRETCH * MINUTE
        rows = (
            MinuteCount.objects.filter(minute__gte=begin, minute__lt=end)
            .filter(company__in=Company.objects.visible_to(user))
            .values_list("minute")
            .annotate(came=Sum("wakeups"), expected=Sum("expected"))
            .order_by("minute")
        )
        stretches: list[list[tuple[int, float]]] = [[] for _place in range(STRETCHES)]
        for at, came, expected in rows:
            stretches[int((at - begin) / MINUTE) // STRETCH].append((came, expected))
        return cls([_point(counted) for counted in stretches], end, zone)

    @property
    def begin(self) -> datetime:
        return self.end - STRETCHES * STRETCH * MINUTE

    @cached_property
    def hours(self) -> list[Hour]:
        """The newest first."""
        places = range(0, STRETCHES, HOUR)
        return [self._hour(place) for place in reversed(places)]

    @property
    def last(self) -> Point:
        return self.points[-1]

    @property
    def svg(self) -> SafeString:
        marks = [
            Mark(place, formats.time_format(self._at(place).astimezone(self.zone), "H:i"))
            for place in range(HOUR * 3, STRETCHES, HOUR * 3)
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
        came, expected = self.last
        if came is None or expected is None:
            return _("Nobody has counted in the last ten minutes.")
        return _("In the last ten minutes %(came)s came a minute, and %(expected)s were expected.") % {
            "came": formats.number_format(came, 1),
            "expected": formats.number_format(expected, 1),
        }

    def _at(self, place: int) -> datetime:
        return self.begin + place * STRETCH * MINUTE

    def _hour(self, place: int) -> Hour:
        points = self.points[place : place + HOUR]
        came = [point.came for point in points if point.came is not None]
        expected = [point.expected for point in points if point.expected is not None]
        begin = self._at(place).astimezone(self.zone)
        if not came:
            return Hour(begin, None, None)
        return Hour(begin, round(STRETCH * sum(came)), round(STRETCH * sum(expected)))


def _point(counted: Sequence[tuple[int, float]]) -> Point:
    if not counted:
        return Point(None, None)
    came, expected = (sum(values) / len(counted) for values in zip(*counted, strict=True))
    return Point(round(came, 1), round(expected, 1))
