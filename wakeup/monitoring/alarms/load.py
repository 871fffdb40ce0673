"""The load that alarms are for those who read them, and how well outages are known (STA-9)."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import ceil
from operator import attrgetter
from typing import Any, Final, NamedTuple

from django.db.models import Count, Q

from smmeplus.dlms.kinds import Kind
from wakeup.models import Alarm, Outage
from wakeup.models.alarms import Priority
from wakeup.models.outages import Quality
from wakeup.monitoring.alarms.states import CHATTERING_WITHIN, REPEATING, REPEATING_WITHIN, STANDING_AFTER

#: More alarms than this within PERIOD are a flood (EEMUA 191).
FLOOD: Final = 10
PERIOD: Final = timedelta(minutes=10)


class Row(NamedTuple):
    """An alarm; ``source`` is the same for all that are of one place."""

    raised_at: datetime
    ended_at: datetime | None
    priority: int
    is_false: bool | None
    source: tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class Figures:
    """Of a time: numbers of alarms raised in it, of places, and of outages. What stands does so at its end."""

    hours: float
    raised: int
    periods: int
    flooded: int
    standing: int
    chattering: int
    repeating: int
    by_priority: Mapping[int, int]
    judged: int
    false: int
    booted: int = 0
    announced: int = 0
    by_quality: Mapping[str, int] | None = None

    @property
    def per_hour(self) -> float:
        return self.raised / self.hours

    def share(self, number: int, of: int) -> float | None:
        """In percent; None if there is nothing to have a share of."""
        return 100 * number / of if of else None

    @property
    def flooded_percent(self) -> float:
        return 100 * self.flooded / self.periods

    def percent_of(self, priority: Priority) -> float | None:
        return self.share(self.by_priority.get(priority, 0), self.raised)

    @property
    def false_percent(self) -> float | None:
        """Of those of which somebody said so or the contrary."""
        return self.share(self.false, self.judged)

    @property
    def announced_percent(self) -> float | None:
        """Of the outages that a boot ended, so that power was away: those of which a last gasp had told."""
        return self.share(self.announced, self.booted)

    def quality_percent(self, quality: Quality) -> float | None:
        numbers = self.by_quality or {}
        return self.share(numbers.get(quality, 0), sum(numbers.values()))


def figures(company_ids: Collection[int] | None, begin: datetime, end: datetime) -> Figures:
    """Those of ``company_ids``, and of what is about no company; of all companies if that is None. Two queries."""
    (found,) = figures_of(company_ids, [(begin, end)])
    return found


def figures_of_alarms(company_ids: Collection[int] | None, begin: datetime, end: datetime) -> Figures:
    """The same but for those of outages; one query."""
    return load_of(_rows(company_ids, begin, end), begin, end)


def figures_of(company_ids: Collection[int] | None, times: Sequence[tuple[datetime, datetime]]) -> list[Figures]:
    """The same of several times that end together, with no more queries."""
    begin, end = min(begin for begin, _end in times), max(end for _begin, end in times)
    rows, outages = _rows(company_ids, begin, end), _outages(company_ids, times)
    return [load_of(rows, *time, **of_time) for time, of_time in zip(times, outages, strict=True)]


def load_of(rows: Iterable[Row], begin: datetime, end: datetime, **outages: Any) -> Figures:
    known = [row for row in rows if row.raised_at < end]
    raised = [row for row in known if row.raised_at >= begin]
    periods = Counter((row.raised_at - begin) // PERIOD for row in raised)
    times = _times_by_source(raised)
    return Figures(
        hours=(end - begin) / timedelta(hours=1),
        raised=len(raised),
        periods=max(ceil((end - begin) / PERIOD), 1),
        flooded=sum(number > FLOOD for number in periods.values()),
        standing=sum(_stands(row, end) for row in known),
        chattering=sum(_comes_often(of_one, CHATTERING_WITHIN) for of_one in times),
        repeating=sum(_comes_often(of_one, REPEATING_WITHIN) for of_one in times),
        by_priority=Counter(row.priority for row in raised),
        judged=sum(row.is_false is not None for row in raised),
        false=sum(row.is_false is True for row in raised),
        **outages,
    )


def _stands(row: Row, end: datetime) -> bool:
    return (row.ended_at is None or row.ended_at > end) and end - row.raised_at > STANDING_AFTER


def _times_by_source(rows: Iterable[Row]) -> list[list[datetime]]:
    found: dict[tuple[Any, ...], list[datetime]] = defaultdict(list)
    for row in sorted(rows, key=attrgetter("raised_at")):
        found[row.source].append(row.raised_at)
    return list(found.values())


def _comes_often(times: Sequence[datetime], within: timedelta) -> bool:
    return any(last - first < within for first, last in zip(times, times[REPEATING - 1 :], strict=False))


def _of(company_ids: Collection[int] | None) -> Q:
    return Q() if company_ids is None else Q(company__in=company_ids)


def _rows(company_ids: Collection[int] | None, begin: datetime, end: datetime) -> list[Row]:
    whose = _of(company_ids) if company_ids is None else _of(company_ids) | Q(company=None)
    known = Q(raised_at__gte=begin) | Q(ended_at=None) | Q(ended_at__gt=end)
    columns = ("raised_at", "ended_at", "priority", "is_false", "company", "place", "kind")
    rows = Alarm.objects.filter(whose, known, raised_at__lt=end).order_by().values_list(*columns)
    return [
        Row(raised_at, ended_at, priority, is_false, (company, place or kind))
        for raised_at, ended_at, priority, is_false, company, place, kind in rows
    ]


def _outages(
    company_ids: Collection[int] | None, times: Sequence[tuple[datetime, datetime]]
) -> list[Mapping[str, Any]]:
    """How outages ended that a boot ended in each time, and how well those are known that began in it."""
    first = min(begin for begin, _end in times)
    wanted = {}
    for place, (begin, end) in enumerate(times):
        booted = Q(ended_at__gte=begin, ended_at__lt=end, ended_by=Kind.BOOT.word)
        wanted[f"booted{place}"] = Count("pk", filter=booted)
        wanted[f"announced{place}"] = Count("pk", filter=booted & Q(is_announced=True))
        for quality in Quality:
            began = Q(began_at__gte=begin, began_at__lt=end, quality=quality)
            wanted[f"{quality}{place}"] = Count("pk", filter=began)
    lately = Q(began_at__gte=first) | Q(ended_at__gte=first)
    counted = Outage.objects.filter(_of(company_ids), lately).aggregate(**wanted)
    return [
        {
            "booted": counted[f"booted{place}"],
            "announced": counted[f"announced{place}"],
            "by_quality": {quality.value: counted[f"{quality}{place}"] for quality in Quality},
        }
        for place in range(len(times))
    ]
