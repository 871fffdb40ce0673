"""Publishers, readers and those who write at the same moment, each with a connection of its own (API-3)."""

from __future__ import annotations

import json
import threading
from collections import defaultdict
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.db import connection, transaction

from concentrators.models import Concentrator
from tests.factories import CompanyFactory, ConcentratorFactory
from tests.wakeup.monitoring.changes.test_two_watchers import at_once
from tests.wakeup.monitoring.notifications.feed.publishing import NOW, begin, bodies, changes, publish
from wakeup.models import FeedEvent, FeedProgress
from wakeup.monitoring.changes.storing import store_changes
from wakeup.monitoring.notifications.feed import sources
from wakeup.monitoring.notifications.feed.cursors import Cursor
from wakeup.monitoring.notifications.feed.pruning import prune_events
from wakeup.monitoring.notifications.feed.reading import GoneError, newest, read_after

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.one_database("postgresql", in_ci=True)]

#: Each thread says what it has seen as fast as it can until it has seen so many.
ROUNDS, EACH = 6, 10


@pytest.fixture
def fleet() -> list[Concentrator]:
    return list(ConcentratorFactory.create_batch(EACH, company=CompanyFactory.create()))


def store(fleet: Sequence[Concentrator], number: int) -> None:
    """Another change of each, in a transaction of its own; its reason tells which."""
    common = {"from_status": "late", "to_status": "unreachable", "reason": "silence"}
    at = NOW + timedelta(seconds=number)
    with transaction.atomic():
        store_changes([{"concentrator_id": one.pk, "at": at, "verdict": f"{number}", **common} for one in fleet])


def test_two_publishers_tell_each_change_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sources, "CHUNK", 7)
    begin()
    changes(CompanyFactory.create(), 40)
    at_once(*[publish] * 3)
    publish()
    assert list(FeedEvent.objects.order_by("number").values_list("number", flat=True)) == list(range(1, 41))
    assert len({event["concentrator"] for event in bodies()}) == 40


def test_a_reader_skips_nothing_while_others_write_and_publish(
    fleet: list[Concentrator], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sources, "CHUNK", 9)
    begin()
    is_over = threading.Event()
    seen = defaultdict[str, list[int]](list)

    def write() -> None:
        for number in range(ROUNDS):
            store(fleet, number)

    def keep_publishing() -> None:
        while not is_over.is_set():
            publish()

    def read() -> None:
        cursor: Cursor | None = newest()
        while sum(map(len, seen.values())) < ROUNDS * EACH:
            part = read_after(cursor, FeedEvent.objects.all(), 4)
            cursor = part.after
            for event in map(json.loads, part.bodies):
                seen[event["concentrator"]].append(int(event["data"]["verdict"]))
        is_over.set()

    at_once(write, keep_publishing, keep_publishing, read)
    assert dict(seen) == {one.serial_number: list(range(ROUNDS)) for one in fleet}


def test_a_change_that_is_committed_late_is_not_skipped(fleet: list[Concentrator]) -> None:
    """It has a lower key than one that is committed before: publishing waits for it."""
    begin()
    has_stored, may_commit = threading.Event(), threading.Event()

    def slow() -> None:
        try:
            with transaction.atomic():
                store(fleet[:1], 0)
                has_stored.set()
                assert may_commit.wait(30)
        finally:
            connection.close()

    def publish_and_close() -> int:
        try:
            return publish()
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as threads:
        first = threads.submit(slow)
        assert has_stored.wait(30)
        store(fleet[1:2], 1)
        published = threads.submit(publish_and_close)
        with connection.cursor() as cursor:
            while not _somebody_waits(cursor):
                assert not published.done(), "it did not wait"
        may_commit.set()
        first.result()
        assert published.result() == 2
    assert [event["concentrator"] for event in bodies()] == [one.serial_number for one in fleet[:2]]


def _somebody_waits(cursor: object) -> bool:
    cursor.execute("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted")  # type: ignore[attr-defined]
    return bool(cursor.fetchone()[0])  # type: ignore[attr-defined]


def test_a_reader_beside_who_deletes_is_told_of_what_it_missed(fleet: list[Concentrator]) -> None:
    """Each page has what follows the one before, or the reader is told that it does not."""
    begin()
    for number in range(ROUNDS):
        store(fleet, number)
    publish()
    late = NOW + timedelta(days=9)
    FeedProgress.objects.update(looked_at=late)
    told = list[str]()

    def read() -> None:
        cursor: Cursor | None = Cursor(0, "0" * 8)
        try:
            while not (part := read_after(cursor, FeedEvent.objects.all(), 3)).is_last:
                numbers = [json.loads(body)["number"] for body in part.bodies]
                assert numbers == [cursor.number + 1 + index for index in range(3)] if cursor else False
                cursor = part.after
            told.append("all")
        except GoneError:
            told.append("gone")

    at_once(read, read, lambda: prune_events(late, 2))
    assert len(told) == 2
    assert not FeedEvent.objects.exists()


def test_a_publisher_that_is_killed_has_told_nothing_or_all(fleet: list[Concentrator]) -> None:
    """What it was at is rolled back with how far it had come, and the next one tells it."""
    begin()
    store(fleet, 0)

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(FeedProgress, "save", _killed)
        with pytest.raises(_KilledError):
            publish()
    assert not FeedEvent.objects.exists()
    assert publish() == EACH


class _KilledError(Exception):
    """As a process ends that is killed: whatever it was at is rolled back."""


def _killed(*_arguments: object, **_names: object) -> None:
    raise _KilledError
