"""Deletes old events (API-3)."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from django.db import transaction
from django.db.models import Min

from wakeup.models import FeedEvent, FeedProgress, Receiver, Tells
from wakeup.monitoring.notifications.feed.audited import LOOK_BACK

_AT_ONCE: Final = 10_000
MOST_NUMBER: Final = 2**63 - 1


def prune_events(now: datetime, kept_days: int) -> int:
    """Delete those that were published more than ``kept_days`` days ago; return how many.

    What a receiver waits for stays. How far they are deleted is stored with that, so that who reads is told so.
    """
    count = 0
    while found := _prune_some(now - timedelta(days=kept_days)):
        count += found
    return count


def old_events(now: datetime, kept_days: int) -> int:
    """How many :func:`prune_events` would delete."""
    progress = FeedProgress.objects.first()
    limit = _limit(progress, now - timedelta(days=kept_days)) if progress else None
    return FeedEvent.objects.filter(published_at__lt=limit, number__lte=_arrived()).count() if limit else 0


def _arrived() -> int:
    """Up to here every receiver has them; who is switched off waits for nothing."""
    waits = Receiver.objects.filter(is_active=True, tells=Tells.EVENTS, event_number__isnull=False)
    least = waits.aggregate(least=Min("event_number"))["least"]
    return MOST_NUMBER if least is None else least


def _limit(progress: FeedProgress, limit: datetime) -> datetime:
    """What is looked for by its time could be found again, if nobody has published for long."""
    return min(limit, progress.looked_at - 2 * LOOK_BACK)


def _prune_some(limit: datetime) -> int:
    with transaction.atomic():
        progress = FeedProgress.objects.select_for_update().first()
        if progress is None:
            return 0
        oldest = FeedEvent.objects.order_by("number").values_list("number", "published_at")[:_AT_ONCE]
        before, arrived = _limit(progress, limit), _arrived()
        old = [number for number, published_at in oldest if published_at < before and number <= arrived]
        if not old:
            return 0
        progress.pruned = old[-1]
        progress.save(update_fields=["pruned"])
        return FeedEvent.objects.filter(number__lte=old[-1]).delete()[0]
