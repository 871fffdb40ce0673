"""A real listener whose PostgreSQL is stopped and comes back: nothing is answered before it is stored (LIS-4)."""

from __future__ import annotations

import json
import os
import select
import socket
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import ExitStack

import psycopg
import pytest
from django.conf import settings

from smmeplus.dlms.kinds import Kind
from smmeplus.dlms.notification import push_notification
from tests.support.listener import HOST, Listener, metric, running_listener
from tests.support.postgres import Cluster, temporary_postgres
from tests.support.processes import free_port, wait_until

pytestmark = pytest.mark.process  # and not of a database of pytest's: this one is stopped

SENDERS = 20
GASPS = 5
#: Makes its tables and one company with concentrators to send as.
PREPARE = """
from django.core.management import call_command
call_command("migrate", verbosity=0)
from tests.factories import CompanyFactory, ConcentratorFactory
company = CompanyFactory.create()
for number in range(%d):
    ConcentratorFactory.create(company=company, serial_number=f"AWAY{number}")
"""


@pytest.fixture
def cluster() -> Iterator[Cluster]:
    with temporary_postgres() as cluster:
        environment = os.environ | {"DATABASE_URL": cluster.url, "DJANGO_SETTINGS_MODULE": "tests.settings"}
        command = [sys.executable, "manage.py", "shell", "--no-imports", "-c", PREPARE % (SENDERS + GASPS)]
        subprocess.run(command, cwd=settings.BASE_DIR, env=environment, check=True)
        yield cluster


def get(port: int, path: str) -> tuple[int, str]:
    try:
        with urllib.request.urlopen(f"http://{HOST}:{port}{path}", timeout=10) as response:
            return response.status, response.read().decode()
    except urllib.error.HTTPError as error:
        return error.code, error.read().decode()


def readable(connections: list[socket.socket]) -> list[socket.socket]:
    """Those on which an answer, or the end, has come."""
    return select.select(connections, [], [], 0)[0]


def send_all(connections: list[socket.socket]) -> None:
    for serial, connected in enumerate(connections):
        connected.sendall(push_notification(f"AWAY{serial}", Kind.KEEPALIVE, invoke_id=serial + 1))


def gasp(listener: Listener) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
        for serial in range(SENDERS, SENDERS + GASPS):
            frame = push_notification(f"AWAY{serial}", Kind.LASTGASP, confirmed=False)
            sender.sendto(frame, (HOST, listener.port))


def stored(cluster: Cluster) -> dict[int, int]:
    """The number of messages of each kind."""
    with psycopg.connect(cluster.url) as connection:
        return dict(connection.execute("SELECT kind, count(*) FROM wakeup_message GROUP BY kind").fetchall())


@pytest.mark.ci_only  # at the desk test_crashes.py stands for it, where the database is even killed
def test_what_came_while_the_database_was_stopped_is_stored_and_answered_when_it_is_back(cluster: Cluster) -> None:
    port = free_port()
    with ExitStack() as stack:
        listener = stack.enter_context(running_listener("--metrics-port", str(port), database=cluster.url))
        senders = [stack.enter_context(listener.connect()) for _ in range(SENDERS)]
        send_all(senders)
        before = [sender.recv(100) for sender in senders]
        wait_until(lambda: get(port, "/healthz")[0] == 200)

        cluster.stop()
        send_all(senders)
        gasp(listener)
        wait_until(lambda: (metric(port, "queue_frames"), metric(port, "queue_datagrams")) == (SENDERS, GASPS))
        wait_until(lambda: metric(port, "database_away") == 1)
        status, said = get(port, "/healthz")
        assert (status, json.loads(said)["ready"]) == (503, False)
        assert "the database has been away" in json.loads(said)["reason"]
        assert readable(senders) == [], "nothing is answered before it is stored"

        cluster.start()
        assert [sender.recv(100) for sender in senders] == before
        wait_until(lambda: metric(port, "queue_datagrams") == 0)
        assert stored(cluster) == {Kind.KEEPALIVE: 2 * SENDERS, Kind.LASTGASP: GASPS}
        assert (metric(port, "database_away"), metric(port, "failed_frames_total")) == (0, 0)
        wait_until(lambda: get(port, "/healthz")[0] == 200)
        assert listener.terminate() == 0, "and no restart in between"
