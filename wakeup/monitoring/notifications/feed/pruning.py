"""Deletes old events (API-3)."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from django.db import transaction

from wakeup.models import FeedEvent, FeedProgress
from wakeup.monitoring.notifications.feed.audited import LOOK_BACK

_AT_ONCE: Final = 10_000


def prune_events(now: datetime, kept_days: int) -> int:
    """Delete those that were published more than ``kept_days`` days ago; return how many.

    Who reads meanwhile is told so: how far they are deleted is stored together with that.
    """
    count = 0
    while found := _prune_some(now - timedelta(days=kept_days)):
        count += found
    return count


def old_events(now: datetime, kept_days: int) -> int:
    """How many :func:`prune_events` would delete."""
    progress = FeedProgress.objects.first()
    limit = _limit(progress, now - timedelta(days=kept_days)) if progress else None
    return FeedEvent.objects.filter(published_at__lt=limit).count() if limit else 0


def _limit(progress: FeedProgress, limit: datetime) -> datetime:
    """What is looked for by its time could be found again, if nobody has published for long."""
    return min(limit, progress.looked_at - 2 * LOOK_BACK)


def _prune_some(limit: datetime) -> int:
    with transaction.atomic():
        progress = FeedProgress.objects.select_for_update().first()
        if progress is None:
            return 0
        oldest = FeedEvent.objects.order_by("number").values_list("number", "published_at")[:_AT_ONCE]
        old = [number for number, published_at in oldest if published_at < _limit(progress, limit)]
        if not old:
            return 0
        progress.pruned = old[-1]
        progress.save(update_fields=["pruned"])
        return FeedEvent.objects.filter(number__lte=old[-1]).delete()[0]
