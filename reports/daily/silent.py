"""The silent ones of a reporting day as rows of *Wake up per day* that have no wake-up (REP-3)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import F, OuterRef, QuerySet, Subquery, Sum
from django.db.models.functions import Coalesce

from concentrators.filters import matching
from concentrators.models import Concentrator
from wakeup.models import DailyCount
from wakeup.monitoring.expected.sql import silent_on


@dataclass(frozen=True)
class SilentOnes:
    """Those among ``rows`` that were silent on ``day``, which begins in the zone of each company in ``zones``."""

    rows: QuerySet[Concentrator]
    day: date
    zones: dict[int, ZoneInfo]
    now: datetime

    def of_search(self, text: str, serials: Sequence[str]) -> SilentOnes:
        rows = matching(self.rows, text, "") if text else self.rows
        if serials:
            rows = rows.filter(serial_number__in=[serial.upper() for serial in serials])
        return SilentOnes(rows, self.day, self.zones, self.now)

    def first(self, count: int, before: int | None, missing: int) -> list[DailyCount]:
        """The first ``count`` of them with at least so many ``missing``, the last key first; two queries.

        ``before`` is the key after which a page begins.
        """
        companies: dict[ZoneInfo, list[int]] = defaultdict(list)
        for company, zone in self.zones.items():
            companies[zone].append(company)
        parts = [self._of_zone(zone, keys, before, missing) for zone, keys in companies.items()]
        if not parts:
            return []
        found = dict(parts[0].union(*parts[1:], all=True).order_by("-pk")[:count])
        rows: QuerySet[Any] = Concentrator.objects.filter(pk__in=found).annotate(total_count=self._total())
        return [self._row(one, found[one.pk]) for one in rows.order_by("-pk")]

    def _of_zone(
        self, zone: ZoneInfo, companies: Sequence[int], before: int | None, missing: int
    ) -> QuerySet[Any, tuple[int, int]]:
        silent = silent_on(self.rows.filter(company__in=companies), self.day, zone, self.now)
        rows = silent.annotate(due=F("expected")).filter(due__gte=missing).order_by()
        return (rows if before is None else rows.filter(pk__lt=before)).values_list("pk", "due")

    def _total(self) -> Any:
        later = DailyCount.objects.filter(concentrator=OuterRef("pk"), day__gt=self.day).order_by()
        wakeups = later.values("concentrator").annotate(n=Sum("wakeup_count")).values("n")
        return Coalesce(F("total__wakeup_count"), 0) - Coalesce(Subquery(wakeups), 0)

    def _row(self, one: Any, expected: int) -> DailyCount:
        row: Any = DailyCount(concentrator=one, day=self.day, wakeup_count=0)
        row.total_count, row.expected, row.missing = one.total_count, expected, expected
        return row  # type: ignore[no-any-return]
