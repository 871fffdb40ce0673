"""A standby of a throw-away PostgreSQL, for which the commits of its primary wait (OPS-3)."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator

import psycopg
from psycopg.sql import SQL, Identifier

from tests.support.postgres import SUPERUSER, Cluster
from tests.support.postgres_binaries import PostgresError
from tests.support.processes import wait_until

#: So that a standby finds what it has missed, however many checkpoints there were meanwhile.
KEPT_LOG = "256MB"


class Standby(Cluster):
    """A copy of ``primary`` that follows it while both run, until it is promoted. Its own commits wait for nobody."""

    def __init__(self, primary: Cluster) -> None:
        super().__init__(primary.directory / "standby", primary._binaries, primary._user, durable=True)
        self._primary = primary
        self._settings = self._settings | {
            "primary_conninfo": f"host=127.0.0.1 port={primary._port} user={SUPERUSER} application_name=standby"
        }

    def initialise(self) -> None:
        """Copy the running primary. Raises PostgresError when that fails."""
        self.directory.mkdir()
        if self._user:
            os.chown(self.directory, self._user.uid, self._user.gid)
        source = ["-h", "127.0.0.1", "-p", str(self._primary._port), "-U", SUPERUSER]
        self._process = self._run("pg_basebackup", *source, "--checkpoint=fast", "--no-sync", "-D", "data")
        if self._process.wait() != 0:
            raise PostgresError(f"pg_basebackup failed:\n{self._end_of_log()}")
        (self.directory / "data" / "standby.signal").touch()

    def promote(self) -> None:
        """Make a primary of it, whatever has become of the other one."""
        with psycopg.connect(self.url, autocommit=True) as connection:
            assert connection.execute("SELECT pg_promote()").fetchone() == (True,)


@contextlib.contextmanager
def standby_of(primary: Cluster) -> Iterator[Standby]:
    """A running standby. From now on each commit of ``primary`` waits for it, and hangs while it is away."""
    set_everywhere(primary, "wal_keep_size", KEPT_LOG)
    standby = Standby(primary)
    try:
        standby.initialise()
        standby.start()
        set_everywhere(primary, "synchronous_standby_names", "*")
        wait_until(lambda: counts(primary))
        yield standby
    finally:
        standby.discard()


def set_everywhere(cluster: Cluster, name: str, value: str) -> None:
    """Give the setting ``name`` a value for all sessions, until it is given another."""
    with psycopg.connect(cluster.url, autocommit=True) as connection:
        connection.execute(SQL("ALTER SYSTEM SET {} = {}").format(Identifier(name), value))
        connection.execute("SELECT pg_reload_conf()")


def counts(primary: Cluster) -> bool:
    """Whether a standby confirms what ``primary`` commits."""
    with psycopg.connect(primary.url) as connection:
        row = connection.execute("SELECT count(*) FROM pg_stat_replication WHERE sync_state = 'sync'").fetchone()
    return row == (1,)


def waiting_for_standby(primary: Cluster) -> set[int]:
    """The processes of ``primary`` whose commit of messages waits for a standby."""
    waiting = "SELECT pid FROM pg_stat_activity WHERE wait_event = 'SyncRep'"
    with psycopg.connect(primary.url) as connection:
        return {pid for (pid,) in connection.execute(waiting)}


def end_process(primary: Cluster, pid: int) -> None:
    """What an operator does with a session that hangs."""
    with psycopg.connect(primary.url, autocommit=True) as connection:
        connection.execute("SELECT pg_terminate_backend(%s)", [pid])


def cancel_process(primary: Cluster, pid: int) -> None:
    """What an operator does first with a session that hangs: its commit then succeeds, with a warning."""
    with psycopg.connect(primary.url, autocommit=True) as connection:
        connection.execute("SELECT pg_cancel_backend(%s)", [pid])
