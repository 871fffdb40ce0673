"""What of meters is not kept for ever: the availability of single days, of which reports read the last seven."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from typing import Final

from django.db.models import Min, QuerySet

from concentrators.models import MeterAvailability

KEPT_DAYS: Final = 35


def old_availability(now: datetime) -> QuerySet[MeterAvailability]:
    return MeterAvailability.objects.filter(day__lt=now.date() - timedelta(days=KEPT_DAYS))


def prune_availability(now: datetime) -> int:
    """Delete day by day what is older than it is kept, so that no transaction is longer than a day's rows; how many."""
    return sum(MeterAvailability.objects.filter(day=day).delete()[0] for day in _old_days(now))


def _old_days(now: datetime) -> Iterator[date]:
    """From the first one on; each is gone when the next one is asked for."""
    while (first := old_availability(now).aggregate(day=Min("day"))["day"]) is not None:
        yield first
