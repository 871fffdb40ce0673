"""The heat map of days in files: a row for each concentrator, two numbers for each day (REP-6, REP-7)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import QuerySet

from concentrators.models import Concentrator
from reports.day_map import DayMap
from reports.queries import days_shown
from smmeplus.common.chunks import in_chunks
from smmeplus.common.exporting import ExportColumn
from wakeup.monitoring.expected.cells import Cell, Level

AT_ONCE = 1_000  # concentrators whose days are in memory
OF_CONCENTRATOR = ("concentrator_name", "substation", "feeder", "share_percent", "company", "state")


def day_columns(last: date) -> tuple[ExportColumn, ...]:
    """What came and what was expected in columns of their own: a spreadsheet takes the text 5/12 for a day of May.

    Both are empty where a concentrator was not in field, and had not to send.
    """
    names = [f"{day.isoformat()}_{what}" for day in days_shown(last) for what in ("received", "expected")]
    return tuple(ExportColumn(name, name) for name in (*OF_CONCENTRATOR, *names))


class DayRows:
    """The days up to ``last`` of ``concentrators``, some at a time: three queries for each AT_ONCE."""

    def __init__(self, concentrators: QuerySet[Concentrator], zone: ZoneInfo, last: date, now: datetime) -> None:
        self._concentrators = concentrators.select_related("company")
        self._zone = zone
        self._last = last
        self._now = now
        self._days = [day.isoformat() for day in days_shown(last)]

    def types(self, paths: Sequence[str]) -> list[str]:
        return ["IntegerField"] * len(paths)  # none of them is a time or a key

    def values(self, paths: Sequence[str]) -> Iterator[tuple[Any, ...]]:
        for some in in_chunks(self._concentrators.iterator(AT_ONCE), AT_ONCE):
            day_map = DayMap(some, self._zone, self._last, self._now)
            for one in some:
                row = self._row(one, day_map)
                yield tuple([row[path] for path in paths])

    def _row(self, one: Concentrator, day_map: DayMap) -> Mapping[str, Any]:
        facts = (one.serial_number, one.substation, one.feeder, day_map.percent(one.pk), one.company.name, one.state)
        row = dict(zip(OF_CONCENTRATOR, facts, strict=True))
        for day, cell in zip(self._days, day_map.rows[one.pk], strict=True):
            row[f"{day}_received"], row[f"{day}_expected"] = _figures(cell)
        return row


def _figures(cell: Cell) -> tuple[int | None, int | None]:
    return (None, None) if cell.level is Level.NO_DATA else (cell.received, cell.expected)
