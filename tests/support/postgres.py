"""A throw-away PostgreSQL cluster for tests: up in about a second, gone afterwards.

``python -m tests.support.postgres [--durable] -- COMMAND …`` runs COMMAND with ``DATABASE_URL`` set, forwards
signals to it and exits as it does. Tests that stop or crash a server use :func:`temporary_postgres`.
"""

from __future__ import annotations

import argparse
import contextlib
import ctypes
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from types import FrameType

import psycopg

from tests.support.postgres_binaries import PostgresError, ServerUser, binaries_for
from tests.support.processes import children_of, free_port, is_running, wait_until

START_ATTEMPTS = 3  # another process may take the free port first
START_TIMEOUT = 60.0  # seconds; a start after a crash replays the log
STOP_TIMEOUT = 60.0  # seconds
SUPERUSER = "postgres"
SIGNALS = (signal.SIGTERM, signal.SIGHUP, signal.SIGINT)
IPC_RMID = 0
FOR_SPEED = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}
#: ``mmap`` keeps shared memory inside the directory, so that a crashed server leaves none of it behind.
FOR_ALL = {"listen_addresses": "127.0.0.1", "unix_socket_directories": "", "dynamic_shared_memory_type": "mmap"}


class Cluster:
    """A PostgreSQL server with its data in ``directory``, reached at ``url`` (which outlives a restart)."""

    def __init__(self, directory: Path, binaries: Path, user: ServerUser | None, *, durable: bool) -> None:
        self.directory = directory
        self._binaries = binaries
        self._user = user
        self._settings = FOR_ALL if durable else FOR_ALL | FOR_SPEED
        self._port = 0
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"postgres://{SUPERUSER}@127.0.0.1:{self._port}/postgres"

    @property
    def pid(self) -> int | None:
        """The process id of the postmaster, None while the server is down."""
        return self._process.pid if self._process and self._process.poll() is None else None

    def initialise(self) -> None:
        """Create the files of an empty cluster. Raises PostgresError when that fails."""
        locale = ["--encoding=UTF8", "--locale=C.UTF-8"]
        self._process = self._run("initdb", "--username", SUPERUSER, "--auth=trust", "--no-sync", *locale, "-D", "data")
        if self._process.wait() != 0:
            raise PostgresError(f"initdb failed:\n{self._end_of_log()}")

    def start(self) -> None:
        """Start the server and wait until it answers, on the port it had before if it ran already.

        Raises PostgresError, with the end of the server's log, when it does not come up.
        """
        for port in [self._port] if self._port else (free_port() for _ in range(START_ATTEMPTS)):
            if self._came_up(port):
                self._port = port
                return
        raise PostgresError(f"PostgreSQL did not start:\n{self._end_of_log()}")

    def stop(self) -> None:
        """Shut down in order (PostgreSQL's *fast* mode): sessions are cut off, what was committed is on the disk."""
        self._end(signal.SIGINT)

    def kill(self) -> None:
        """What ``kill -9`` of the database is: no process of it runs another instruction, nothing is written out."""
        if self.pid is None:
            return
        # Stopped first, or it would see its children die and start others in their place.
        os.kill(self.pid, signal.SIGSTOP)
        children = children_of(self.pid)
        for child in children:
            with contextlib.suppress(ProcessLookupError):
                os.kill(child, signal.SIGKILL)
        self._end(signal.SIGKILL)
        # One that waits for the disk dies only then, and no other server starts while it holds the shared memory.
        wait_until(lambda: not any(map(is_running, children)), patience_s=STOP_TIMEOUT)

    def discard(self) -> None:
        """Stop without caring for the data (PostgreSQL's *immediate* mode); leave nothing in the system's memory."""
        self._end(signal.SIGQUIT)
        self._free_shared_memory()

    def _came_up(self, port: int) -> bool:
        settings = [f"--{name}={value}" for name, value in self._settings.items()]
        self._process = self._run("postgres", "-D", "data", "-p", str(port), *settings)
        deadline = time.monotonic() + START_TIMEOUT
        while self._process.poll() is None and time.monotonic() < deadline:
            if _answers(port):
                return True
            time.sleep(0.02)
        self._end(signal.SIGKILL)
        return False

    def _run(self, program: str, *arguments: str) -> subprocess.Popen[bytes]:
        user = self._user
        with (self.directory / "log").open("ab") as log:
            return subprocess.Popen(
                [self._binaries / program, *arguments],
                cwd=self.directory,
                # None of the caller's: PGDATA, PGPORT and the like would lead the server elsewhere.
                env={"LC_ALL": "C.UTF-8", "PATH": os.defpath, "TZ": "UTC"},
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,  # a Ctrl-C in the terminal is for COMMAND; the server is stopped after it
                user=user.uid if user else None,
                group=user.gid if user else None,
                extra_groups=[] if user else None,
            )

    def _end(self, number: signal.Signals) -> None:
        if not self._process:
            return
        self._process.send_signal(number)
        try:
            self._process.wait(STOP_TIMEOUT)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._process = None

    def _free_shared_memory(self) -> None:
        """Free the segment of a killed server, by which one that follows it would know that it is gone."""
        with contextlib.suppress(FileNotFoundError, IndexError):
            key_and_id = (self.directory / "data" / "postmaster.pid").read_text().splitlines()[6]
            ctypes.CDLL(None).shmctl(int(key_and_id.split()[1]), IPC_RMID, None)

    def _end_of_log(self) -> str:
        return (self.directory / "log").read_text(errors="replace")[-2000:]


@contextlib.contextmanager
def temporary_postgres(durable: bool = False) -> Iterator[Cluster]:
    """A running cluster, removed with all its data on leaving.

    ``durable`` keeps ``fsync`` and ``synchronous_commit`` on, as in production; without it a commit does not
    wait for the disk. Raises PostgresError when there are no binaries or the server does not start.
    """
    # As root never in TMPDIR, which may be readable to root alone while the server runs as another user.
    place = "/tmp" if os.geteuid() == 0 else None
    directory = Path(tempfile.mkdtemp(prefix="smmeplus-postgres-", dir=place))
    try:
        user = ServerUser.if_root()
        binaries = binaries_for(user, directory)
        if user:
            os.chown(directory, user.uid, user.gid)
        cluster = Cluster(directory, binaries, user, durable=durable)
        try:
            cluster.initialise()
            cluster.start()
            yield cluster
        finally:
            cluster.discard()
    finally:
        shutil.rmtree(directory, ignore_errors=True)


def _answers(port: int) -> bool:
    try:
        psycopg.connect(host="127.0.0.1", port=port, user=SUPERUSER, dbname="postgres", connect_timeout=2).close()
    except psycopg.OperationalError:
        return False
    return True


def run(command: list[str], durable: bool) -> int:
    """Run ``command`` against a new cluster; return its exit code, 128 + n if signal n ended it."""
    _handle_signals(lambda number, frame: sys.exit(128 + number))
    with temporary_postgres(durable) as cluster:
        code = _run_with_signals(command, os.environ | {"DATABASE_URL": cluster.url})
        _handle_signals(signal.SIG_IGN)
    return code if code >= 0 else 128 - code


def _run_with_signals(command: list[str], environment: dict[str, str]) -> int:
    early: list[int] = []
    _handle_signals(lambda number, frame: early.append(number))
    child = subprocess.Popen(command, env=environment)

    def forward(number: int, frame: FrameType | None = None) -> None:
        if number != signal.SIGINT or not _in_foreground():
            child.send_signal(number)

    _handle_signals(forward)
    for number in early:
        forward(number)
    return child.wait()


def _handle_signals(handler: Callable[[int, FrameType | None], object] | signal.Handlers) -> None:
    for number in SIGNALS:
        signal.signal(number, handler)


def _in_foreground() -> bool:
    """Whether a Ctrl-C at the terminal reaches this process, and so COMMAND by itself as well."""
    try:
        with Path("/dev/tty").open("rb") as terminal:
            return os.tcgetpgrp(terminal.fileno()) == os.getpgrp()
    except OSError:
        return False


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.support.postgres", description=__doc__)
    parser.add_argument("--durable", action="store_true", help="keep fsync and synchronous_commit on")
    parser.add_argument("command", nargs="+", metavar="-- COMMAND")
    arguments = parser.parse_args()
    try:
        sys.exit(run(arguments.command, arguments.durable))
    except (PostgresError, FileNotFoundError) as error:
        sys.exit(str(error))


if __name__ == "__main__":
    main()
