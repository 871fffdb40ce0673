"""Stored incidents, and what else alarms come from."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from concentrators.models import Company, PlannedWindow, PlannedWork
from tests.factories import ConcentratorFactory
from wakeup.models import Alarm, Incident, Outage

NOON = datetime(2026, 11, 3, 12, tzinfo=UTC)


def minutes(number: float) -> timedelta:
    return timedelta(minutes=number)


def make_incident(company: Company | None, feeder: str = "F1", at: datetime = NOON, **values: Any) -> Incident:
    """A power outage of a feeder, noticed as it began, which lasts."""
    made = {"scope": "feeder", "substation": "S1", "feeder": feeder, "cause": "power", "members": 3, "dark": 3}
    times = {"began_at": at, "window_from": at, "window_until": at, "opened_at": at}
    return Incident.objects.create(company=company, **made | {"customers": 100} | times | values)


def make_window(company: Company, begin: datetime, end: datetime, **values: Any) -> PlannedWindow:
    of_work = {"scope": "feeder", "substation": "S1", "feeder": "F1", "title": "Pole"} | values
    work = PlannedWork.objects.create(company=company, begin=begin, end=end, **of_work)
    return PlannedWindow.objects.create(work=work, begin=begin, end=end)


def make_outage(company: Company, at: datetime, **values: Any) -> Outage:
    one = values.pop("concentrator", None) or ConcentratorFactory.create(company=company)
    times = {"earliest_at": at, "latest_at": at, "began_at": at, "noticed_at": at}
    return Outage.objects.create(concentrator=one, company=company, **times | values)


def make_alarm(company: Company | None, at: datetime, **values: Any) -> Alarm:
    kept = {"key": f"made {Alarm.objects.count()}", "kind": "power", "priority": 1, "place": "S1 · F1"}
    times = {"began_at": at, "raised_at": at, "act_by": at + timedelta(hours=8)}
    return Alarm.objects.create(company=company, **kept | times | values)
