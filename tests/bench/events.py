"""API-3: events read by the cursor while others are published, against a list of the API read by pages.

``BENCH_EVENTS`` sets how many there are; a tenth of that is published by the product meanwhile. That none is skipped is
checked by their numbers and by the keys of the changes that were published.
"""

from __future__ import annotations

import json
import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

from django.conf import settings
from django.contrib.auth.models import User
from django.db import connection
from django.test import Client
from rest_framework.throttling import SimpleRateThrottle

from concentrators.models import Company, Concentrator, ConcentratorType
from tests.bench.context import Context
from tests.bench.figures import Result, Spread, Target, compared
from tests.bench.per4 import query, seconds
from wakeup.models import FeedProgress, StatusChange
from wakeup.monitoring.notifications.feed.publishing import publish_events

EVENTS = int(os.environ.get("BENCH_EVENTS", "1_000_000"))
MEANWHILE, FLEET, AT_ONCE, PAGE = EVENTS // 10, 1_000, 5_000, 10_000
#: Rows of the list that is compared with: to read as many as there are events would take minutes.
LISTED = min(20_000, EVENTS)
NOW = datetime(2027, 2, 25, 18, 15, tzinfo=UTC)
_FILL = """
    INSERT INTO wakeup_feedevent (number, uid, type, at, published_at, company_id, concentrator, body)
    SELECT n, gen_random_uuid(), type, at, published_at, company_id, concentrator,
        jsonb_set(body::jsonb, '{number}', to_jsonb(n))::text
    FROM wakeup_feedevent, generate_series(2, %s) AS n WHERE number = 1
"""


def measure(context: Context) -> list[Result]:
    if not context.is_postgres:
        return []
    client, fleet = _client(), _fleet()
    _fill(fleet)
    figures, floors, last = [], [], EVENTS
    for number in range(context.rounds):
        floors.append(LISTED / seconds(lambda: _read_list(client)))
        with _publishing(fleet, number):
            took = seconds(lambda: _read_feed(client, last))  # noqa: B023 - done at once
        figures.append(last / took)
        last += MEANWHILE
        _read_feed(client, last)
    what = f"{EVENTS:,} events by the cursor while {MEANWHILE:,} are published"
    floor = "a list of the API by pages"
    by_itself = Result("API-3", "  the same, by itself", "/s", Spread.of(figures), target=Target("≥", 20_000, "/s"))
    return [compared("API-3", what, "/s", figures, floor, floors, Target("≥", 10)), by_itself]


def _client() -> Client:
    settings.ALLOWED_HOSTS = ["*"]
    SimpleRateThrottle.THROTTLE_RATES = {"user": None, "refused": None}
    client = Client()
    client.force_login(User.objects.create_superuser("reader"))
    return client


def _fleet() -> list[int]:
    company = Company.objects.create(name="Events", time_zone="UTC")
    kind, _ = ConcentratorType.objects.get_or_create(name="CERCO1")
    rows = (Concentrator(serial_number=f"EVENT{number:05}", company=company, type=kind) for number in range(FLEET))
    return [one.pk for one in Concentrator.objects.bulk_create(rows)]


def _fill(fleet: list[int]) -> None:
    """One event as it is published, many times."""
    publish_events(NOW)
    _change(fleet, 1, NOW)
    publish_events(NOW)
    query(_FILL, [EVENTS])
    FeedProgress.objects.update(number=EVENTS)
    _change(fleet, LISTED - 1, NOW)
    FeedProgress.objects.update(change=StatusChange.objects.latest("pk").pk)
    query("VACUUM ANALYZE")


def _change(fleet: list[int], count: int, at: datetime) -> None:
    common = {"at": at, "from_status": "reachable", "to_status": "unreachable", "reason": "silence"}
    rows = (StatusChange(concentrator_id=fleet[number % FLEET], **common) for number in range(count))
    StatusChange.objects.bulk_create(rows, batch_size=AT_ONCE)


@contextmanager
def _publishing(fleet: list[int], number: int) -> Iterator[None]:
    """A tenth as many changes of status happen and are published meanwhile, by a thread of its own."""

    def publish() -> None:
        try:
            for _ in range(0, MEANWHILE, AT_ONCE):
                at = NOW + timedelta(days=1 + number)
                _change(fleet, min(AT_ONCE, MEANWHILE), at)
                publish_events(at)
        finally:
            connection.close()

    thread = threading.Thread(target=publish)
    thread.start()
    try:
        yield
    finally:
        thread.join()


def _read_feed(client: Client, count: int) -> None:
    """From the oldest one on until at least ``count`` have been read, each once. Raises AssertionError."""
    numbers, cursor = list[int](), ""
    while len(numbers) < count:
        query = f"&cursor={cursor}" if cursor else ""
        page = json.loads(client.get(f"/api/v1/events/?limit={PAGE}{query}").content)
        numbers += [event["number"] for event in page["results"]]
        cursor = page["cursor"]
    if numbers != list(range(1, len(numbers) + 1)):
        raise AssertionError("an event was skipped, or read twice")


def _read_list(client: Client) -> None:
    address: str | None = "/api/v1/status-changes/?limit=1000"
    read = 0
    while address and read < LISTED:
        page = json.loads(client.get(address).content)
        address, read = page["next"], read + len(page["results"])
