"""A real PgBouncer between a real listener and its PostgreSQL (OPS-2)."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator

import psycopg
import pytest
from django.conf import settings
from django.db import connection

from concentrators.models import Concentrator
from smmeplus.dlms.kinds import Kind
from smmeplus.dlms.notification import push_notification, read_confirmation
from tests.support.listener import HOST, database_url, metric, running_listener
from tests.support.processes import free_port, wait_until
from tests.support.systems.pgbouncer import running_pgbouncer
from wakeup.models import Message

__test__ = connection.vendor == "postgresql"
pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.process, pytest.mark.ci_only]


@pytest.fixture
def url(db: None) -> str:
    return database_url().replace(":@", "@")


@pytest.fixture
def by_session(url: str) -> Iterator[str]:
    with running_pgbouncer(url, "session") as pooled:
        yield pooled


def test_with_pools_by_session_it_works_and_keeps_its_sessions(by_session: str, in_field: Concentrator) -> None:
    metrics_port = free_port()
    with (
        running_listener("--metrics-port", str(metrics_port), database=by_session) as listener,
        listener.connect() as sender,
    ):
        for number in range(1, 21):
            sender.sendall(push_notification(in_field.serial_number, Kind.KEEPALIVE, invoke_id=number))
            assert read_confirmation(sender.recv(100)) == number
        assert metric(metrics_port, "database_away") == 0
        wait_until(lambda: sessions() == 3)  # one writer, heartbeat, housekeeping
        assert listener.terminate() == 0
    assert Message.objects.count() == 20


def sessions() -> int:
    """How many sessions of the server listeners have."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_stat_activity WHERE application_name = 'smmeplus-listener'")
        return int(cursor.fetchone()[0])


def test_the_sessions_have_the_time_outs_of_a_listener_whatever_options_the_pool_sets(by_session: str) -> None:
    question = (
        "from wakeup.listener.writers import sessions; from django.db import connection as c; "
        "sessions.use_settings(sessions.SETTINGS); k = c.cursor(); k.execute('SHOW lock_timeout'); print(k.fetchone())"
    )
    done = subprocess.run(
        [sys.executable, "manage.py", "shell", "--no-imports", "-c", question],
        cwd=settings.BASE_DIR,
        env=os.environ | {"DATABASE_URL": by_session},
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.strip() == "('15s',)"


@pytest.mark.parametrize("pool_mode", ["transaction", "statement"])
@pytest.mark.parametrize("others", [0, 3])
def test_other_pools_are_refused_with_the_reason(url: str, pool_mode: str, others: int) -> None:
    with running_pgbouncer(url, pool_mode) as pooled:
        for _ in range(others):  # so that there are several sessions to be given out
            psycopg.connect(pooled, autocommit=True).execute("SELECT 1")
        done = subprocess.run(
            [sys.executable, "manage.py", "runlistener", "--host", HOST, "--port", str(free_port())],
            cwd=settings.BASE_DIR,
            env=os.environ | {"DATABASE_URL": pooled},
            capture_output=True,
            text=True,
            check=False,
            timeout=60,
        )
    assert done.returncode == 1
    assert "behind a pooler that shares its sessions out by transaction" in done.stderr
    assert "pool_mode=session" in done.stderr
