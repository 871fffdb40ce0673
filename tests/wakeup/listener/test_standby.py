"""Nothing is answered that no standby has, where commits wait for one (LIS-2, OPS-3)."""

from __future__ import annotations

import asyncio
import json
import re
import select
import socket
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import ExitStack

import psycopg
import pytest

from smmeplus.dlms.kinds import Kind
from smmeplus.dlms.notification import push_notification, read_confirmation
from tests.plugins.effort import SOAKS
from tests.support.ledger import IN_FLIGHT, Ledger, senders
from tests.support.listener import HOST, ImpatientListener, Listener, metric, read_to_end, running, running_listener
from tests.support.postgres import Cluster, temporary_postgres
from tests.support.processes import free_port, wait_until
from tests.support.systems.standby import Standby, cancel_process, end_process, standby_of, waiting_for_standby
from tests.wakeup.listener.test_crashes import SERIALS, check, run
from wakeup.models.listeners import WaitsFor

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


GASPS = 200
#: For how long the standby is away: longer than a writer may make no progress. A soak takes the listener as it is.
AWAY_S = 300 if SOAKS else 5
PATIENCE_S = 60 if SOAKS else 2


def gasp(port: int) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
        for number in range(GASPS):
            serial = SERIALS[number % len(SERIALS)]
            sender.sendto(push_notification(serial, Kind.LASTGASP, invoke_id=number, confirmed=False), (HOST, port))


def reason(metrics_port: int) -> str:
    """Why the listener is not ready; empty if it is."""
    try:
        urllib.request.urlopen(f"http://{HOST}:{metrics_port}/healthz", timeout=10).close()
    except urllib.error.HTTPError as refused:
        return str(json.load(refused)["reason"])
    return ""


def row_of_listener(primary: Cluster) -> tuple[int, bool]:
    """What the page *Listeners* has of it: what it waits for, and whether it has been seen lately."""
    with psycopg.connect(primary.url) as connection:
        found = connection.execute("SELECT waits_for, seen_at > now() - interval '15 s' FROM wakeup_listenerrun")
        row = found.fetchone()
    assert row
    return row[0], row[1]


def test_while_the_standby_is_away_the_listener_lives_says_why_and_keeps_last_gasps(
    primary: Cluster, standby: Standby
) -> None:
    port = free_port()
    arguments = ("--metrics-port", str(port), "--patience", str(PATIENCE_S))
    listener = (Listener if SOAKS else ImpatientListener)(*arguments, database=primary.url)
    with running(listener), listener.connect() as sender:
        sender.settimeout(2 * PATIENCE_S + 10)
        sender.sendall(push_notification(SERIALS[1], Kind.BOOT, invoke_id=1))
        assert read_confirmation(sender.recv(100)) == 1
        wait_until(lambda: reason(port) == "")
        standby.stop()
        began = metric(port, "uptime_seconds")
        sender.sendall(push_notification(SERIALS[1], Kind.KEEPALIVE, invoke_id=2))
        wait_until(lambda: bool(waiting_for_standby(primary)))
        gasp(listener.port)
        wait_until(lambda: metric(port, "queue_datagrams") == GASPS)

        wait_until(lambda: (metric(port, "database_away"), metric(port, "waits_for_standby")) == (1, 1))
        assert re.fullmatch(r"the database has been away for \d+ s: the commit waits for a standby", reason(port))
        wait_until(lambda: row_of_listener(primary) == (WaitsFor.STANDBY, True))
        with pytest.raises(ConnectionResetError):
            read_to_end(sender)
        wait_until(lambda: metric(port, "uptime_seconds") >= began + AWAY_S, patience_s=AWAY_S + 30)
        assert reason(port).endswith(": the commit waits for a standby"), "and not that a writer is stuck"
        assert row_of_listener(primary) == (WaitsFor.STANDBY, True)

        standby.start()
        wait_until(lambda: metric(port, "queue_datagrams") == 0)
        wait_until(lambda: reason(port) == "")
        wait_until(lambda: row_of_listener(primary)[0] == WaitsFor.NOTHING)
        assert metric(port, "failed_frames_total") == 1
        assert listener.terminate() == 0
    with psycopg.connect(primary.url) as connection:
        stored = connection.execute("SELECT kind, count(*) FROM wakeup_message GROUP BY kind")
        assert dict(stored.fetchall()) == {Kind.BOOT: 1, Kind.KEEPALIVE: 1, Kind.LASTGASP: GASPS}
