"""The figures of reporting days of several companies, as the daily report has them of one (REP-3, REP-7)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from django.db.models import Count, IntegerField, Q, QuerySet, Sum, Value

from concentrators.models import AnyUser, Assignment, Concentrator
from reports.queries import daily_counts, with_expected_of
from wakeup.counts.days import DAY, begin_of
from wakeup.monitoring.expected.sql import silent_on


class OfDay(NamedTuple):
    """A reporting day of a company."""

    company: int
    day: date


class Sums(NamedTuple):
    """The first three of concentrators, the others of wake-ups; ``silent`` were expected to call, but did not."""

    in_field: int
    called: int
    silent: int
    expected: int
    received: int
    missing: int


@dataclass(frozen=True)
class DaySums:
    """The figures of ``wanted``, whose days are cut in ``zones``, as ``reader`` sees them; three queries."""

    wanted: Sequence[OfDay]
    zones: Mapping[int, ZoneInfo]
    reader: AnyUser
    now: datetime

    def of(self, one: OfDay) -> Sums:
        in_field, counted, silent = self._in_field.get(one, 0), self._counted.get(one), self._silent.get(one)
        called, received, due, lacking = counted or (0, 0, 0, 0)
        number, not_sent = silent or (0, 0)
        return Sums(in_field, called, number, due + not_sent, received, lacking + not_sent)

    @cached_property
    def _parts(self) -> list[tuple[ZoneInfo, date, list[int]]]:
        """Companies whose days are the same times are looked at together."""
        parts: dict[tuple[ZoneInfo, date], list[int]] = defaultdict(list)
        for company, day in self.wanted:
            parts[self.zones[company], day].append(company)
        return [(zone, day, companies) for (zone, day), companies in parts.items()]

    @cached_property
    def _in_field(self) -> dict[OfDay, int]:
        asked = []
        for zone, day, companies in self._parts:
            held = Assignment.objects.filter(concentrator__company__in=companies, begin__lt=begin_of(day + DAY, zone))
            held = held.filter(Q(end__isnull=True) | Q(end__gt=begin_of(day, zone)))
            by_company = held.order_by().values("concentrator__company")
            asked.append(by_company.annotate(a=Count("concentrator", distinct=True)))
        return {of: row[0] for of, row in self._read(asked, "concentrator__company", "a").items()}

    @cached_property
    def _counted(self) -> dict[OfDay, tuple[int, ...]]:
        asked = []
        for zone, day, companies in self._parts:
            rows = daily_counts(self.reader).filter(concentrator__company__in=companies, day=day)
            due = with_expected_of(rows, dict.fromkeys(companies, zone), day, day, self.now)
            by_company = due.order_by().values("concentrator__company")
            sums = {"b": Sum("wakeup_count"), "c": Sum("expected"), "d": Sum("missing")}
            asked.append(by_company.annotate(a=Count("*"), **sums))
        return self._read(asked, "concentrator__company", *"abcd")

    @cached_property
    def _silent(self) -> dict[OfDay, tuple[int, ...]]:
        asked = []
        for zone, day, companies in self._parts:
            of_companies = Concentrator.objects.visible_to(self.reader).of_the_field().filter(company__in=companies)
            silent = silent_on(of_companies, day, zone, self.now).order_by().values("company")
            asked.append(silent.annotate(a=Count("*"), b=Sum("expected")))
        return self._read(asked, "company", *"ab")

    def _read(self, asked: Iterable[QuerySet[Any, Any]], company: str, *sums: str) -> dict[OfDay, tuple[int, ...]]:
        """The ``sums`` of all parts in one query."""
        first, *others = (
            one.annotate(part=Value(place, IntegerField())).values_list("part", company, *sums)
            for place, one in enumerate(asked)
        )
        found = first.union(*others, all=True) if others else first
        return {
            OfDay(key, self._parts[part][1]): tuple(int(number or 0) for number in numbers)
            for part, key, *numbers in found
        }
