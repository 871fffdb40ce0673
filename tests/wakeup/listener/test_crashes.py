"""Real processes that die, stop or run out of disk under load: nothing answered is lost (LIS-2, LIS-4, LIS-5).

Each test holds the database against the senders' own ledger of what was sent and what was answered. They use a
PostgreSQL of their own, which writes to the disk as in production. `make soak` makes the loops longer. At a
developer's desk two kinds stand for all: the worst one, and the one of each release.
"""

from __future__ import annotations

import asyncio
import os
import random
import subprocess
import sys
from collections import defaultdict
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path

import psycopg
import pytest
from django.conf import settings

from tests.plugins.effort import ROUNDS
from tests.support.ledger import IN_FLIGHT, Ledger, senders
from tests.support.listener import Listener, ListenerWithSteppingClock, metric, running, running_listener
from tests.support.postgres import Cluster, temporary_postgres
from tests.support.processes import free_port, wait_until

pytestmark = pytest.mark.process

SERIALS = [f"FLEET{number:09}" for number in range(8)]
ANY_MOMENT = random.Random(58_692)


@pytest.fixture(scope="module")
def cluster() -> Iterator[Cluster]:
    with temporary_postgres(durable=True) as cluster:
        run(cluster, "manage.py", "migrate", "--verbosity=0")
        run(cluster, "-m", "tests.support.fleet", "--count", str(len(SERIALS)), "--days", "0")
        with psycopg.connect(cluster.url) as connection:  # or rebuildcounts would want to cut its days anew
            connection.execute("UPDATE concentrators_company SET time_zone = 'UTC'")
        yield cluster


@pytest.fixture
def ledger(cluster: Cluster) -> Ledger:
    """A ledger beside empty tables."""
    with psycopg.connect(cluster.url) as connection:
        for table in ("message", "wakeuptotal", "dailycount", "strayframe"):
            connection.execute(f"TRUNCATE wakeup_{table}")
    return Ledger()


def run(cluster: Cluster, *arguments: str) -> None:
    environment = os.environ | {"DATABASE_URL": cluster.url, "DJANGO_SETTINGS_MODULE": "tests.settings"}
    subprocess.run([sys.executable, *arguments], cwd=settings.BASE_DIR, env=environment, check=True, timeout=120)


def stored_times(cluster: Cluster) -> dict[str, list[datetime]]:
    """The device times in the database by serial number."""
    stored = defaultdict(list)
    with psycopg.connect(cluster.url) as connection:
        for serial, moment in connection.execute(
            "SELECT serial_number, device_time FROM wakeup_message m "
            "JOIN concentrators_concentrator c ON c.id = m.concentrator_id"
        ):
            stored[serial].append(moment)
    return stored


def check(ledger: Ledger, cluster: Cluster) -> None:
    """Answered and not in the database: 0. Stored and never sent, or twice: 0. Counters equal to a recount."""
    stored = stored_times(cluster)
    for serial in SERIALS:
        assert len(stored[serial]) == len(set(stored[serial])), "stored twice"
        assert ledger.answered[serial] <= set(stored[serial]), "answered and lost"
        assert set(stored[serial]) <= ledger.sent[serial], "stored and never sent"
    count = sum(map(len, stored.values()))
    with psycopg.connect(cluster.url) as connection:
        for table in ("wakeuptotal", "day"):
            row = connection.execute(f"SELECT sum(wakeup_count) FROM wakeup_{table}").fetchone()
            assert row == (count,)
        assert connection.execute("SELECT count(*) FROM wakeup_strayframe").fetchone() == (0,)
    run(cluster, "manage.py", "rebuildcounts", "--dry-run")


async def nothing_is_answered(ledger: Ledger, metrics_port: int, seconds: float) -> None:
    """Wait until the listener holds all that is sent, and so has answered what it could; then for ``seconds``."""

    def is_all_held() -> bool:
        return metric(metrics_port, "queue_frames") == len(SERIALS) * IN_FLIGHT

    await asyncio.to_thread(wait_until, is_all_held)
    answers = ledger.answers
    await asyncio.sleep(seconds)
    assert ledger.answers == answers, "answered and not stored"


async def crash_in_a_loop(ledger: Ledger, listener: Listener, crash: Callable[[], None]) -> None:
    async with senders(ledger, listener.port, SERIALS):
        for _ in range(ROUNDS):
            await ledger.wait_for(ANY_MOMENT.randint(500, 3_000))
            await asyncio.to_thread(crash)
        await ledger.wait_for(500)


@pytest.mark.ci_only
def test_the_database_is_killed_and_comes_back(cluster: Cluster, ledger: Ledger) -> None:
    def crash() -> None:
        cluster.kill()
        cluster.start()

    with running_listener(database=cluster.url) as listener:
        asyncio.run(crash_in_a_loop(ledger, listener, crash))
        assert listener.terminate() == 0
    check(ledger, cluster)


def test_listener_and_database_are_killed_together(cluster: Cluster, ledger: Ledger) -> None:
    with running_listener(database=cluster.url) as listener:

        def crash() -> None:
            listener.kill()
            cluster.kill()
            cluster.start()
            listener.start()

        asyncio.run(crash_in_a_loop(ledger, listener, crash))
        assert listener.terminate() == 0
    check(ledger, cluster)


@pytest.mark.ci_only
def test_the_database_is_away_for_a_while_and_the_listener_needs_no_restart(cluster: Cluster, ledger: Ledger) -> None:
    async def away(listener: Listener) -> None:
        async with senders(ledger, listener.port, SERIALS):
            await ledger.wait_for(500)
            await asyncio.to_thread(cluster.stop)
            await nothing_is_answered(ledger, metrics, float(os.environ.get("CRASH_AWAY_S", "2")))
            await asyncio.to_thread(cluster.start)
            await ledger.wait_for(2_000)

    metrics = free_port()
    with running_listener("--metrics-port", str(metrics), database=cluster.url) as listener:
        pid = listener.pid
        asyncio.run(away(listener))
        assert listener.pid == pid
        assert listener.terminate() == 0
    check(ledger, cluster)


def test_sigterm_under_load_answers_what_is_in_hand_and_exits_with_0(cluster: Cluster, ledger: Ledger) -> None:
    with running_listener(database=cluster.url) as listener:

        def restart() -> None:
            assert listener.terminate() == 0
            listener.start()

        asyncio.run(crash_in_a_loop(ledger, listener, restart))
        assert listener.terminate() == 0
    check(ledger, cluster)


@pytest.mark.ci_only
def test_two_listeners_share_a_port_and_one_of_them_is_killed(cluster: Cluster, ledger: Ledger) -> None:
    with (
        running_listener(database=cluster.url) as first,
        running_listener(database=cluster.url, port=first.port) as second,
    ):

        def crash() -> None:
            first.kill()
            first.start()

        asyncio.run(crash_in_a_loop(ledger, first, crash))
        assert first.terminate() == second.terminate() == 0
    check(ledger, cluster)


@pytest.mark.ci_only
def test_the_clock_is_set_back_by_a_day(cluster: Cluster, ledger: Ledger) -> None:
    async def step(listener: ListenerWithSteppingClock) -> None:
        async with senders(ledger, listener.port, SERIALS):
            await ledger.wait_for(500)
            listener.step_back()
            await ledger.wait_for(500)

    with running(ListenerWithSteppingClock(database=cluster.url)) as listener:
        asyncio.run(step(listener))
        assert listener.terminate() == 0
    check(ledger, cluster)
    with psycopg.connect(cluster.url) as connection:
        assert connection.execute("SELECT count(DISTINCT day) FROM wakeup_day").fetchone() == (2,)


@pytest.fixture
def small_disk(cluster: Cluster, tmp_path: Path) -> Iterator[Path]:
    """A disk of 4 MB that holds the messages, and nothing else."""
    if os.geteuid() != 0:
        pytest.skip("only root can mount a small disk")
    disk = cluster.directory / "small"
    disk.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=4m,mode=0777", "tmpfs", disk], check=True)
    space = disk / "space"
    space.mkdir(mode=0o700)
    owner = cluster.directory.stat()
    os.chown(space, owner.st_uid, owner.st_gid)
    try:
        with psycopg.connect(cluster.url, autocommit=True) as connection:
            connection.execute(f"CREATE TABLESPACE small LOCATION '{space}'")
            move_messages(connection, "small")
        yield disk
        with psycopg.connect(cluster.url, autocommit=True) as connection:
            move_messages(connection, "pg_default")
            connection.execute("DROP TABLESPACE small")
    finally:
        subprocess.run(["umount", disk], check=True)


def move_messages(connection: psycopg.Connection[tuple[str]], tablespace: str) -> None:
    names = connection.execute(
        "SELECT c.oid::regclass::text FROM pg_class c WHERE c.relkind = 'r' AND c.relname LIKE 'wakeup_message%'"
    ).fetchall()
    for (name,) in names:
        connection.execute(f"ALTER TABLE {name} SET TABLESPACE {tablespace}")


@pytest.mark.ci_only
def test_the_disk_of_the_database_is_full_for_a_while(cluster: Cluster, ledger: Ledger, small_disk: Path) -> None:
    async def full(listener: Listener) -> None:
        async with senders(ledger, listener.port, SERIALS):
            await ledger.wait_for(500)
            fill(small_disk / "ballast")
            await answers_end(ledger, metrics)
            (small_disk / "ballast").unlink()
            await ledger.wait_for(500)

    metrics = free_port()
    with running_listener("--metrics-port", str(metrics), database=cluster.url) as listener:
        asyncio.run(full(listener))
        assert listener.terminate() == 0
    check(ledger, cluster)


async def answers_end(ledger: Ledger, metrics_port: int) -> None:
    """Wait until nothing has been answered for a second: the pages begun have room for a few small batches."""

    async def nothing_for_a_second() -> bool:
        answers = ledger.answers
        await asyncio.sleep(1)
        return ledger.answers == answers

    async with asyncio.timeout(30):
        while not await nothing_for_a_second():
            pass
    assert metric(metrics_port, "queue_frames") == len(SERIALS) * IN_FLIGHT


def fill(file: Path) -> None:
    with file.open("wb", buffering=0) as ballast:
        try:
            while True:
                ballast.write(b"\0" * 4096)
        except OSError:
            return
