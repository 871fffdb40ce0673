"""Planned work, as the tests of it make it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from concentrators.models import Company, PlannedWork
from concentrators.planned.works import store
from tests.reports.arrivals import utc

SANTIAGO = ZoneInfo("America/Santiago")
NOW = utc("2027-03-01 12:00")
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


def planned(company: Company, begin: datetime = NOW + DAY, hours: float = 2, **values: Any) -> PlannedWork:
    values = {"scope": "feeder", "feeder": "F1", "title": "Work", **values}
    return PlannedWork(company=company, begin=begin, end=begin + hours * HOUR, **values)


def added(company: Company, now: datetime = NOW, **values: Any) -> PlannedWork:
    work = planned(company, **values)
    store(work, user=None, now=now)
    return work


def local(text: str, zone: ZoneInfo = SANTIAGO) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=zone).astimezone(UTC)
