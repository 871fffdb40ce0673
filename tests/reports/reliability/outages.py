"""Fleets and their outages, as `watchstatus` would record them."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from concentrators.models import Assignment, Company, Concentrator, PlannedWindow, PlannedWork
from tests.factories import ConcentratorFactory
from wakeup.models import Outage

SANTIAGO = ZoneInfo("America/Santiago")


def local(text: str, zone: ZoneInfo = SANTIAGO) -> datetime:
    """The moment at which clocks of ``zone`` show ``text``; of two the first."""
    return datetime.fromisoformat(text).replace(tzinfo=zone)


def in_field(
    company: Company, serial: str, since: datetime, until: datetime | None = None, period: int | None = 10, **facts: Any
) -> Concentrator:
    """A concentrator that was in field from ``since`` to ``until``."""
    one: Concentrator = ConcentratorFactory.create(
        company=company, serial_number=serial, **{"in_field": True, "installed_at": since} | facts
    )
    Assignment.objects.create(concentrator=one, begin=since, end=until, period_min=period)
    return one


def outage(one: Concentrator, begin: datetime, end: datetime | None, **facts: Any) -> Outage:
    """An outage of ``one``; of power and measured if ``facts`` say nothing else."""
    times = {"earliest_at": begin, "latest_at": begin, "began_at": begin, "noticed_at": begin, "ended_at": end}
    said = {"cause": "power", "quality": "measured", "customers": one.customers, "is_announced": True}
    return Outage.objects.create(concentrator=one, company=one.company, **{**times, **said, **facts})


def planned(company: Company, begin: datetime, end: datetime) -> PlannedWindow:
    work = PlannedWork.objects.create(company=company, scope="company", title="Works", begin=begin, end=end)
    return PlannedWindow.objects.create(work=work, begin=begin, end=end)
