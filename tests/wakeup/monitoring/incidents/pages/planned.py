from __future__ import annotations

from datetime import datetime, timedelta

from concentrators.models import Company, PlannedWindow, PlannedWork
from tests.wakeup.monitoring.incidents.pages.incidents import NOON


def window_of(company: Company, end: datetime = NOON + timedelta(hours=1)) -> PlannedWindow:
    """Planned work on feeder 12 since two hours ago."""
    times = {"begin": NOON - timedelta(hours=2), "end": end}
    work = PlannedWork.objects.create(company=company, scope="feeder", feeder="12", title="New switch", **times)
    return PlannedWindow.objects.create(work=work, **times)
