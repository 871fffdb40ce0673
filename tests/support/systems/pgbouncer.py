"""A real PgBouncer before a throw-away PostgreSQL."""

from __future__ import annotations

import contextlib
import os
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import psycopg

from tests.support.postgres_binaries import ServerUser
from tests.support.processes import free_port, wait_until
from tests.support.systems.debian import program

CONFIGURATION = """
[databases]
* = host={host} port={port} user={user}
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = {own_port}
unix_socket_dir =
auth_type = any
pool_mode = {pool_mode}
"""
STOP_TIMEOUT_S = 10.0


@contextlib.contextmanager
def running_pgbouncer(url: str, pool_mode: str) -> Iterator[str]:
    """PgBouncer before the database at ``url``, with the defaults of Debian otherwise; its own URL."""
    database, own_port, user = urlsplit(url), free_port(), ServerUser.if_root()
    with tempfile.TemporaryDirectory(dir="/tmp") as folder:
        file = Path(folder) / "pgbouncer.ini"
        file.write_text(
            CONFIGURATION.format(
                host=database.hostname,
                port=database.port,
                user=database.username,
                own_port=own_port,
                pool_mode=pool_mode,
            )
        )
        if user:  # as root it does not run
            for path in (Path(folder), file):
                os.chown(path, user.uid, user.gid)
        process = subprocess.Popen(
            [program("pgbouncer"), "--quiet", file],
            user=user.uid if user else None,
            group=user.gid if user else None,
            extra_groups=[] if user else None,
        )
        own_url = f"postgres://{database.username}@127.0.0.1:{own_port}{database.path}"
        try:
            wait_until(lambda: _answers(own_url))
            yield own_url
            assert process.poll() is None, "PgBouncer has ended by itself"
        finally:
            process.kill()
            process.wait(STOP_TIMEOUT_S)


def _answers(url: str) -> bool:
    with contextlib.suppress(psycopg.OperationalError):
        psycopg.connect(url, connect_timeout=2).close()
        return True
    return False
