"""What a running listener shows: its metrics page, and the advisory locks that its transactions hold."""

from __future__ import annotations

import select
import urllib.request
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from io import StringIO
from typing import Any

from django.apps import apps
from django.core.management import call_command
from django.db import connection, transaction
from prometheus_client.parser import text_string_to_metric_families

from tests.factories import ConcentratorFactory
from tests.support.listener import HOST, Listener, running_listener
from tests.support.processes import free_port, wait_until

SERIAL, UNKNOWN = "16CEC50610036665", "16CEC50610099999"
TIMEOUT_S = 30.0
#: Who holds or waits for what. A lock of one number has it in classid and objid, one of two numbers has one in each;
#: the second of these is drawn by lot for each transaction.
_LOCKS = """
SELECT mode || ' on ' || CASE objsubid
    WHEN 1 THEN 'one number: ' || (classid::bigint << 32 | objid::bigint)
    ELSE 'two numbers: ' || classid || ', any'
END
FROM pg_locks
WHERE locktype = 'advisory' AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
"""


def metrics() -> dict[str, str]:
    """The type and the labels of each metric, after a message, a stray frame and one connection too many."""
    port = free_port()
    ConcentratorFactory.create(serial_number=SERIAL, in_field=True)
    with running_listener("--connections", "1", "--metrics-port", str(port)) as listener:
        with _sending() as send:
            send(SERIAL, listener)
            send(UNKNOWN, listener)
        _one_too_many(listener)
        with urllib.request.urlopen(f"http://{HOST}:{port}/metrics", timeout=TIMEOUT_S) as page:
            text = page.read().decode()
    found: dict[str, str] = {}
    for family in text_string_to_metric_families(text):
        found[family.name] = family.type
        for sample in family.samples:
            found[f"{sample.name} of {family.name}"] = f"labels: {', '.join(sorted(sample.labels)) or 'none'}"
    return found


def _one_too_many(listener: Listener) -> None:
    """Two at once where one is allowed. Either may be refused: the one before them may still be closing."""
    with suppress(ConnectionResetError), listener.connect() as first, listener.connect() as second:
        ended, _, _ = select.select([first, second], [], [], TIMEOUT_S)
        assert ended


def advisory_locks() -> dict[str, str]:
    """Those of a listener that records a message, and of the commands that keep out of its way. Only on PostgreSQL."""
    ConcentratorFactory.create(serial_number=SERIAL, in_field=True)
    found = {f"listener: {lock}" for lock in _locks_of_listener()}
    for command, *options in (("rebuildcounts",), ("prunemessages", "--days", "30")):
        found |= {f"{command}: {lock}" for lock in _locks_of_command(command, *options)}
    return dict.fromkeys(found, "")


def _locks_of_listener() -> set[str]:
    """Seen while its transaction waits for a counter that this one has locked."""
    totals = apps.get_model("wakeup", "WakeupTotal").objects
    with running_listener() as listener, _sending() as send:
        send(SERIAL, listener)
        with ThreadPoolExecutor(1) as threads:
            with transaction.atomic():
                assert totals.select_for_update().get().wakeup_count == 1
                answered = threads.submit(send, SERIAL, listener)
                wait_until(lambda: len(_locks()) > 1)
                seen = _locks()
            answered.result(TIMEOUT_S)
    assert totals.get().wakeup_count == 2
    return seen


def _locks_of_command(*command: str) -> set[str]:
    seen: set[str] = set()

    def look(execute: Callable[..., Any], sql: str, params: Any, many: bool, context: dict[str, Any]) -> Any:
        result = execute(sql, params, many, context)
        seen.update(_locks())
        return result

    with connection.execute_wrapper(look):
        call_command(*command, stdout=StringIO())
    return seen


def _locks() -> set[str]:
    """All that there are at this moment in the database of the tests."""
    connection.ensure_connection()
    with connection.connection.cursor() as cursor:  # the driver's own: no wrapper sees this statement
        return {lock for (lock,) in cursor.execute(_LOCKS).fetchall()}


@contextmanager
def _sending() -> Iterator[Callable[[str, Listener], None]]:
    """A function that sends a message and waits for its answer; in a thread, as this one may have a browser's loop."""
    with ThreadPoolExecutor(1) as threads:

        def send(serial: str, listener: Listener) -> None:
            work = threads.submit(call_command, "sendwakeup", serial, host=HOST, port=listener.port, stdout=StringIO())
            work.result(TIMEOUT_S)

        yield send
