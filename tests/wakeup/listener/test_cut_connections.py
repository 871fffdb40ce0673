"""A real HAProxy between a listener and its PostgreSQL cuts connections that are idle (LIS-4)."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import urlsplit

import pytest
from django.db import connection

from concentrators.models import Concentrator
from smmeplus.dlms.kinds import Kind
from smmeplus.dlms.notification import push_notification, read_confirmation
from tests.support.haproxy import running_haproxy
from tests.support.listener import database_url, running_listener
from tests.support.processes import wait_until
from tests.wakeup.listener.connections.test_haproxy import errors_to
from wakeup.models import Message

__test__ = connection.vendor == "postgresql"
pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.process, pytest.mark.ci_only]

CONFIGURATION = """
defaults
    mode tcp
    timeout connect 2s
    timeout client 200ms
    timeout server 200ms
frontend database
    bind {database}
    default_backend postgresql
backend postgresql
    server one 127.0.0.1:PORT
"""
LONE_MESSAGES = 5


def sessions_of_writers() -> int:
    """How many sessions of the server have recorded something last."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_stat_activity WHERE pid <> pg_backend_pid() AND query ~ 'wakeup_message'"
        )
        return int(cursor.fetchone()[0])


def test_lone_messages_are_stored_and_the_log_says_nothing_of_it(in_field: Concentrator, tmp_path: Path) -> None:
    url, log = urlsplit(database_url()), tmp_path / "log"
    configuration = CONFIGURATION.replace("PORT", str(url.port))
    with running_haproxy(configuration, tmp_path / "haproxy.cfg", ("database",)) as ports:
        by_proxy = url._replace(netloc=f"{url.username}@127.0.0.1:{ports['database']}").geturl()
        with errors_to(log):
            listening = running_listener(database=by_proxy)
            listener = listening.__enter__()
        try:
            for number in range(1, LONE_MESSAGES + 1):
                with listener.connect() as sender:
                    sender.sendall(push_notification(in_field.serial_number, Kind.KEEPALIVE, invoke_id=number))
                    assert read_confirmation(sender.recv(100)) == number
                wait_until(lambda: sessions_of_writers() == 0)
            assert listener.terminate() == 0
        finally:
            listening.__exit__(None, None, None)
    assert Message.objects.count() == LONE_MESSAGES
    assert not [line for line in log.read_text().splitlines() if " INFO " not in line or "database:" in line]
