"""Nothing is answered that no standby has, where commits wait for one (LIS-2, OPS-3)."""

from __future__ import annotations

import asyncio
import select
import socket
from collections.abc import Callable, Iterator
from contextlib import ExitStack

import psycopg
import pytest

from smmeplus.dlms.kinds import Kind
from smmeplus.dlms.notification import push_notification, read_confirmation
from tests.plugins.effort import SOAKS
from tests.support.ledger import IN_FLIGHT, Ledger, senders
from tests.support.listener import Listener, metric, running_listener
from tests.support.postgres import Cluster, temporary_postgres
from tests.support.processes import free_port, wait_until
from tests.support.systems.standby import Standby, cancel_process, end_process, standby_of, waiting_for_standby
from tests.wakeup.listener.test_crashes import SERIALS, check, run

pytestmark = [pytest.mark.process, pytest.mark.ci_only]

#: Each round has servers of its own.
ROUNDS = range(20 if SOAKS else 1)


@pytest.fixture
def primary() -> Iterator[Cluster]:
    with temporary_postgres(durable=True) as primary:
        run(primary, "manage.py", "migrate", "--verbosity=0")
        run(primary, "-m", "tests.support.fleet", "--count", str(len(SERIALS)), "--days", "0")
        with psycopg.connect(primary.url) as connection:  # or rebuildcounts would want to cut its days anew
            connection.execute("UPDATE concentrators_company SET time_zone = 'UTC'")
            connection.execute("TRUNCATE wakeup_wakeuptotal")
        yield primary


@pytest.fixture
def standby(primary: Cluster) -> Iterator[Standby]:
    with standby_of(primary) as standby:
        yield standby


def count_messages(cluster: Cluster) -> int:
    with psycopg.connect(cluster.url) as connection:
        row = connection.execute("SELECT count(*) FROM wakeup_message").fetchone()
    assert row
    return int(row[0])


def has_answer(sender: socket.socket) -> bool:
    return bool(select.select([sender], [], [], 0)[0])


@pytest.mark.parametrize("end", [end_process, cancel_process])
@pytest.mark.parametrize("kind", [Kind.KEEPALIVE, Kind.BOOT], ids=["the loop", "the thread"])
def test_a_commit_whose_wait_is_ended_by_hand_is_answered_once_a_standby_has_it(
    primary: Cluster, standby: Standby, end: Callable[[Cluster, int], None], kind: Kind
) -> None:
    with ExitStack() as stack:
        listener = stack.enter_context(running_listener(database=primary.url))
        sender = stack.enter_context(listener.connect())
        if kind == Kind.KEEPALIVE:  # the first message of a connection to the database takes the thread
            sender.sendall(push_notification(SERIALS[1], Kind.BOOT, invoke_id=1))
            assert read_confirmation(sender.recv(100)) == 1
        before = count_messages(primary)
        standby.stop()
        sender.sendall(push_notification(SERIALS[1], kind, invoke_id=7))
        ended = set[int]()
        for _ in range(2):
            wait_until(lambda: bool(waiting_for_standby(primary) - ended))
            (pid,) = waiting_for_standby(primary) - ended
            end(primary, pid)
            ended.add(pid)
        wait_until(lambda: bool(waiting_for_standby(primary) - ended))
        assert not has_answer(sender), "answered, and no standby has it"
        standby.start()
        assert read_confirmation(sender.recv(100)) == 7
        assert count_messages(primary) == before + 1
        assert listener.terminate() == 0


@pytest.mark.parametrize("number", ROUNDS)
def test_a_standby_that_takes_over_has_all_that_was_answered(primary: Cluster, standby: Standby, number: int) -> None:
    """Its primary hangs for want of it, is restarted for that reason, and is then lost for good."""
    hosts, metrics_port = f"127.0.0.1:{primary._port},127.0.0.1:{standby._port}", free_port()
    url = f"postgres://postgres@{hosts}/postgres?target_session_attrs=read-write"
    ledger = Ledger()

    def lose_both() -> None:
        standby.stop()
        wait_until(lambda: metric(metrics_port, "queue_frames") == len(SERIALS) * IN_FLIGHT)
        wait_until(lambda: bool(waiting_for_standby(primary)))
        before = ledger.answers
        primary.stop()
        primary.start()
        wait_until(lambda: bool(waiting_for_standby(primary)))
        assert ledger.answers == before, "answered, and no standby has it"
        primary.kill()
        standby.start()
        standby.promote()

    async def work(listener: Listener) -> None:
        async with senders(ledger, listener.port, SERIALS):
            await ledger.wait_for(500)
            await asyncio.to_thread(lose_both)
            await ledger.wait_for(500)

    with running_listener("--metrics-port", str(metrics_port), database=url) as listener:
        asyncio.run(work(listener))
        assert listener.terminate() == 0
    check(ledger, standby)
