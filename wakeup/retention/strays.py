"""What is deleted beside messages: unknown senders that have fallen silent, and old surplus (LIS-6, SEC-2)."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db.models import QuerySet

from wakeup.models import StrayFrame, SurplusCount


def silent_for(now: datetime, days: int | None) -> QuerySet[StrayFrame]:
    """Those that have not come for more than ``days``, ignored or not; none if they are kept for ever."""
    if days is None:
        return StrayFrame.objects.none()
    return StrayFrame.objects.filter(last_at__lt=now - timedelta(days=days))


def surplus_before(limit: datetime) -> QuerySet[SurplusCount]:
    return SurplusCount.objects.filter(minute__lt=limit)
