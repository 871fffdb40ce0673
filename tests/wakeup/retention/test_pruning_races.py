"""Pruning while others prune, write, read and count anew (OPS-4, LIS-5)."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

import pytest
from django.core.management import call_command
from django.db import connection, transaction

from concentrators.models import Company, Concentrator
from profiles.models import SystemSettings
from smmeplus.dlms.kinds import Kind
from wakeup.counts.rebuild import rebuild
from wakeup.locks import stop_counting
from wakeup.models import DailyCount, Format, Message, Retention, WakeupTotal
from wakeup.recording.arrivals import Arrival
from wakeup.recording.recorder import record
from wakeup.retention import partitions, pruning
from wakeup.retention.partitions import ensure_partitions
from wakeup.retention.pruning import Pruned, prune

pytestmark = pytest.mark.django_db(transaction=True)

NOW = datetime(2020, 9, 24, 10, 18, 46, tzinfo=UTC)
LIMIT = datetime(2020, 9, 20, tzinfo=UTC)
DAY = timedelta(days=1)
IS_PARTITIONED = connection.vendor == "postgresql"


@pytest.fixture(autouse=True)
def some_days_in_partitions(transactional_db: None) -> Iterator[None]:
    """16 to 23 September; what comes earlier or later lies in DEFAULT."""
    SystemSettings(messages_kept_days=30).save()
    ensure_partitions(NOW - 8 * DAY)
    yield
    with connection.cursor() as cursor:
        for partition in partitions.partitions():
            if partition.end < datetime(2022, 1, 1, tzinfo=UTC):
                cursor.execute(f"DROP TABLE {partition.name}")


def send(concentrator: Concentrator, *moments: datetime) -> None:
    record([Arrival(concentrator.serial_number, Kind.BOOT, Format.PUSH, at, "10.60.0.1", 58_692) for at in moments])


def closing(work: Callable[[], Any]) -> Any:
    try:
        return work()
    finally:
        connection.close()


def at_once(*works: Callable[[], Any]) -> list[Any]:
    with ThreadPoolExecutor(len(works)) as pool:
        return [future.result(60) for future in [pool.submit(closing, work) for work in works]]


def assert_counters_right(company: Company, sent: int) -> None:
    (result,) = rebuild([company], dry_run=True)
    assert result.is_right
    assert WakeupTotal.objects.get().wakeup_count == sum(DailyCount.objects.values_list("wakeup_count", flat=True))
    assert WakeupTotal.objects.get().wakeup_count == sent


def test_two_at_once_delete_each_message_and_drop_each_partition_once(
    in_field: Concentrator, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pruning, "BATCH", 5)
    monkeypatch.setattr(pruning, "REST_S", 0.0)
    moments = [LIMIT - timedelta(hours=4 * n + 1) for n in range(60)]  # 10 days; the older 6 in no partition
    send(in_field, *moments, LIMIT)
    start = threading.Barrier(2)

    def pruning_together() -> Pruned:
        start.wait()
        return prune(LIMIT)

    both: list[Pruned] = at_once(pruning_together, pruning_together)
    assert list(Message.objects.values_list("received_at", flat=True)) == [LIMIT]
    dropped = [old.partition.name for pruned in both for old in pruned.dropped]
    assert sorted(dropped) == ([f"wakeup_message_202009{n}" for n in (16, 17, 18, 19)] if IS_PARTITIONED else [])
    assert sum(pruned.rows for pruned in both) == (36 if IS_PARTITIONED else 60)
    assert not any(pruned.busy for pruned in both)


def test_a_writer_goes_on_while_messages_go(in_field: Concentrator, monkeypatch: pytest.MonkeyPatch) -> None:
    """It writes messages of now, and of days that are being pruned, by a clock that was stepped back."""
    monkeypatch.setattr(pruning, "BATCH", 10)
    monkeypatch.setattr(pruning, "REST_S", 0.01)
    old = [LIMIT - timedelta(hours=4 * n + 1) for n in range(60)]
    send(in_field, *old)
    batches = 30

    def write() -> None:
        for n in range(batches):
            send(in_field, NOW + timedelta(seconds=n), LIMIT - timedelta(hours=n + 1), LIMIT + timedelta(minutes=n))

    at_once(write, partial(prune, LIMIT))
    prune(LIMIT)
    assert Message.objects.count() == 2 * batches, "all that came at the limit or later, and nothing else"
    assert not Message.objects.filter(received_at__lt=LIMIT).exists()
    assert_counters_right(in_field.company, len(old) + 3 * batches)


def test_a_rebuild_meanwhile_never_takes_what_is_left_for_all(in_field: Concentrator) -> None:
    moments = [LIMIT + timedelta(hours=3 * n) for n in range(-60, 20)]
    send(in_field, *moments)

    def rebuilding() -> None:
        for zone in ("Europe/Rome", "Asia/Kolkata", ""):
            SystemSettings(messages_kept_days=30, reporting_zone=zone).save()
            rebuild([in_field.company])

    def pruning_day_by_day() -> None:
        for n in range(8, -1, -1):
            prune(LIMIT - n * DAY)

    at_once(rebuilding, pruning_day_by_day)
    prune(LIMIT)
    assert Retention.pruned_until() == LIMIT
    assert_counters_right(in_field.company, len(moments))


if IS_PARTITIONED:

    def test_a_partition_that_is_read_for_long_stays_until_the_next_run(
        in_field: Concentrator, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(pruning, "PAUSES_S", (0.0, 0.0))
        send(in_field, LIMIT - DAY, LIMIT - 10 * DAY)
        with transaction.atomic():
            assert Message.objects.count() == 2
            (pruned,) = at_once(partial(prune, LIMIT))
        assert (len(pruned.dropped), len(pruned.busy), pruned.rows) == (0, 4, 1)
        assert len(prune(LIMIT).dropped) == 4
        assert not Message.objects.exists()

    def test_the_command_names_what_stays_and_exits_normally(
        monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
    ) -> None:
        monkeypatch.setattr(pruning, "PAUSES_S", (0.0,))
        with transaction.atomic():
            Message.objects.count()
            at_once(partial(call_command, "prunemessages", days=2))
        (first, *_others, last) = capsys.readouterr().err.splitlines()
        assert first.startswith("wakeup_message_20200916 (about 0 messages, ")
        assert last.startswith("wakeup_message_20200923 (about 0 messages, ")
        assert first.endswith("in use, stays until the next run")

    def test_while_a_rebuild_counts_nothing_goes(in_field: Concentrator) -> None:
        send(in_field, LIMIT - 10 * DAY)
        with ThreadPoolExecutor(1) as pool:
            with transaction.atomic():
                stop_counting()
                deleting: Future[int] = pool.submit(closing, partial(pruning._delete_batch, LIMIT))
                waits = False
                while not (waits or deleting.done()):
                    with connection.cursor() as cursor:
                        cursor.execute("SELECT EXISTS (SELECT FROM pg_locks WHERE NOT granted)")
                        waits = cursor.fetchone()[0]
                assert Message.objects.count() == 1
            assert deleting.result(30) == 1
