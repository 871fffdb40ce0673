from __future__ import annotations

from datetime import datetime, timedelta

from wakeup.models import ListenerRun


def listener_until(seen_at: datetime) -> ListenerRun:
    """One that runs since yesterday, and was last seen then."""
    return ListenerRun.objects.create(
        host="web1",
        process_id=1,
        address="0.0.0.0",
        port=58692,
        started_at=seen_at - timedelta(days=1),
        seen_at=seen_at,
    )
