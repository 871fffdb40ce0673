"""How far the desk has followed what happened: one row, which is held with the desk (STA-5)."""

from __future__ import annotations

from datetime import datetime, timedelta

from wakeup.models import DeskProgress

#: How far back the first pass looks for incidents, and for boots without a silence before them.
FIRST_BACK = timedelta(hours=24)


def progress_at(now: datetime) -> DeskProgress:
    """To be called within a transaction that holds the desk."""
    progress, _ = DeskProgress.objects.get_or_create(pk=1, defaults={"begun_at": now})
    if progress.begun_at is None:  # of a row that something else has made
        progress.begun_at = now
        progress.save(update_fields=["begun_at"])
    return progress
