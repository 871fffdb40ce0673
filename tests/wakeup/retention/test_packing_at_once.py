"""Packing while others read and write, with transactions that really end, and when it is killed (PER-9)."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.core.management import call_command
from django.db import connection, transaction

from concentrators.models import Concentrator
from profiles.models import SystemSettings
from tests.wakeup.retention.test_packing import DAY, NOW, PARTITION, fill, names, place_of_all, send, stored
from tests.wakeup.retention.test_partitions import in_threads, of_2020
from wakeup.locks import stop_other_packing
from wakeup.models import Message
from wakeup.retention import packing
from wakeup.retention.packing import pack
from wakeup.retention.partitions import ensure_partitions

__test__ = connection.vendor == "postgresql"
pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def only_of_2020(transactional_db: None, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(packing, "PAUSES_S", (0.0, 0.0))
    SystemSettings(messages_kept_days=30).save()
    ensure_partitions(DAY)
    yield
    with connection.cursor() as cursor:
        for partition in of_2020():
            cursor.execute(f"DROP TABLE {partition.name}")


def test_what_comes_while_it_packs_is_kept(in_field: Concentrator, monkeypatch: pytest.MonkeyPatch) -> None:
    times = [DAY + timedelta(minutes=n) for n in range(5)]
    send(in_field, *times[:2])
    before_swap(monkeypatch, lambda: in_threads(lambda: send(in_field, *times[2:])))
    pack(NOW, None)
    assert [message["received_at"] for message in stored()] == times
    assert place_of_all() == {PARTITION}
    call_command("rebuildcounts", dry_run=True)


def test_a_flood_meanwhile_leaves_it_to_the_next_night(in_field: Concentrator, monkeypatch: pytest.MonkeyPatch) -> None:
    send(in_field, DAY)
    with monkeypatch.context() as patch:
        before_swap(patch, lambda: in_threads(lambda: fill(101, 100)))
        assert names(pack(NOW, None).busy) == [PARTITION]
    assert Message.objects.count() == 10_101
    assert names(pack(NOW, None).packed) == [PARTITION]
    assert Message.objects.count() == 10_101


def test_who_reads_that_day_or_stores_for_it_is_not_stopped(in_field: Concentrator) -> None:
    send(in_field, DAY)
    for work in (stored, lambda: send(in_field, DAY + timedelta(hours=1))):
        with transaction.atomic():
            work()
            (done,) = in_threads(lambda: pack(NOW, None))
        assert names(done.busy) == [PARTITION]
    assert Message.objects.count() == 2
    assert names(pack(NOW, None).packed) == [PARTITION]


def test_a_second_host_leaves_it_to_the_first(in_field: Concentrator) -> None:
    send(in_field, DAY)
    with transaction.atomic():
        assert stop_other_packing()
        assert in_threads(lambda: pack(NOW, None)) == [packing.Packed()]
    assert names(pack(NOW, None).packed) == [PARTITION]


@pytest.mark.parametrize("step", ["_newest", "_swap"])
@pytest.mark.parametrize("when", ["before", "after"])
def test_a_job_that_is_killed_at_any_step_loses_nothing(in_field: Concentrator, step: str, when: str) -> None:
    fill(20, 50)
    before = stored()
    connection.close()
    if (child := os.fork()) == 0:
        die_at(step, when)
    assert os.WTERMSIG(os.waitpid(child, 0)[1]) == signal.SIGKILL
    assert stored() == before
    wait_until_alone()
    assert names(pack(NOW, None).packed) == [PARTITION]
    assert stored() == before


def before_swap(patch: pytest.MonkeyPatch, work: Callable[[], Any]) -> None:
    """Have ``work`` done when the messages have been copied, and have not yet taken the place of the others."""
    swap, works = packing._swap, [work]

    def late(*arguments: Any) -> None:
        if works:
            works.pop()()
        swap(*arguments)

    patch.setattr(packing, "_swap", late)


def die_at(step: str, when: str) -> None:
    """Pack, and be killed before or after that step; in a process of its own."""
    done = getattr(packing, step)

    def killed(*arguments: Any) -> None:
        if when == "after":
            done(*arguments)
        os.kill(os.getpid(), signal.SIGKILL)

    setattr(packing, step, killed)
    try:
        pack(NOW, None)
    finally:
        os._exit(1)


def wait_until_alone() -> None:
    """Until the server has noticed that the other process is gone."""
    others = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
    with connection.cursor() as cursor:
        count = 1
        while count:
            cursor.execute("SELECT pg_stat_clear_snapshot()")
            cursor.execute(others + " AND backend_type = 'client backend'")
            count = cursor.fetchone()[0]
