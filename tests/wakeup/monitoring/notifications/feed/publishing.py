"""What has happened, and what the feed tells of it."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

from concentrators.models import Company, Concentrator
from tests.factories import ConcentratorFactory
from wakeup.models import FeedEvent, StatusChange
from wakeup.monitoring.notifications.feed.publishing import publish_events

NOW = datetime(2026, 12, 31, 1, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
DAY = timedelta(days=1)


def begin() -> None:
    """What was before the first pass is not told."""
    publish_events(NOW - MINUTE)


def publish(minutes: float = 0) -> int:
    return publish_events(NOW + minutes * MINUTE)


def change(one: Concentrator, to: str = "unreachable", at: datetime = NOW, **values: Any) -> StatusChange:
    before = "unreachable" if to == "reachable" else "reachable"
    told = {"from_status": before, "to_status": to, "reason": "silence", "at": at}
    return StatusChange.objects.create(concentrator=one, **{**told, **values})


def changes(company: Company, count: int, serial: str = "S") -> list[Concentrator]:
    """Each of so many new concentrators has become unreachable."""
    ones = [ConcentratorFactory.create(company=company, serial_number=f"{serial}{index}") for index in range(count)]
    for one in ones:
        change(one)
    return ones


def told(*, of_concentrators: bool = False) -> list[str]:
    """Types with serial numbers, in the order of numbers, which have no gap."""
    events = list(FeedEvent.objects.order_by("number"))
    assert [one.number - events[0].number for one in events] == list(range(len(events)))
    return [f"{one.type} {one.concentrator}".strip() for one in events if one.concentrator or not of_concentrators]


def bodies() -> list[dict[str, Any]]:
    return [json.loads(body) for body in FeedEvent.objects.order_by("number").values_list("body", flat=True)]
