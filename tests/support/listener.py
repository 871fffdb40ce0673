"""A real listener process on the test's own database."""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TypeVar

from django.conf import settings
from django.db import connection

from tests.support.processes import free_port

HOST = "127.0.0.1"
START_TIMEOUT_S = 30.0
STOP_TIMEOUT_S = 15.0

L = TypeVar("L", bound="Listener")


def database_url() -> str:
    """The URL of the test database, for another process. Its tests need ``transaction=True``."""
    facts = connection.settings_dict
    if connection.vendor == "sqlite":
        return f"sqlite:///{facts['NAME']}"
    return f"postgres://{facts['USER']}:{facts['PASSWORD']}@{facts['HOST']}:{facts['PORT']}/{facts['NAME']}"


class Listener:
    """`manage.py runlistener` on a port of its own, which outlives a restart."""

    program: tuple[str, ...] = ("manage.py",)  # what runs the command
    python = sys.executable
    directory: Path | None = None  # of the code that runs; None = this checkout

    def __init__(self, *arguments: str, database: str = "", port: int = 0) -> None:
        self.port = port or free_port()
        self._arguments = arguments
        self._database = database or database_url()
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def pid(self) -> int:
        assert self._process is not None
        return self._process.pid

    def start(self) -> None:
        """Start the process and wait until it tells systemd, which we play here, that it is ready."""
        command = [self.python, *self.program, "runlistener", "--host", HOST, "--port", str(self.port)]
        with tempfile.TemporaryDirectory() as folder, socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as systemd:
            systemd.bind(f"{folder}/notify")
            environment = {"DATABASE_URL": self._database, "NOTIFY_SOCKET": f"{folder}/notify"}
            self._process = subprocess.Popen(
                [*command, *self._arguments],
                cwd=self.directory or settings.BASE_DIR,
                env=os.environ | environment,
            )
            assert _hear(systemd, self._process) == b"READY=1"

    def kill(self) -> None:
        """`kill -9`."""
        self._end(signal.SIGKILL)

    def terminate(self) -> int:
        """SIGTERM; the exit status."""
        return self._end(signal.SIGTERM)

    def connect(self) -> socket.socket:
        return socket.create_connection((HOST, self.port), timeout=10)

    def exchange(self, frame: bytes) -> bytes:
        """Send ``frame``, close our side, and return all that comes back before the listener closes its own."""
        with self.connect() as connected:
            connected.sendall(frame)
            connected.shutdown(socket.SHUT_WR)
            return read_to_end(connected)

    def _end(self, number: signal.Signals) -> int:
        assert self._process is not None
        self._process.send_signal(number)
        return self._process.wait(STOP_TIMEOUT_S)


def _hear(systemd: socket.socket, process: subprocess.Popen[bytes]) -> bytes:
    """What ``process`` tells systemd. AssertionError as soon as it has ended without a word."""
    systemd.settimeout(0.1)
    deadline = time.monotonic() + START_TIMEOUT_S
    while time.monotonic() < deadline:
        with suppress(TimeoutError):
            return systemd.recv(100)
        assert process.poll() is None, f"the listener has ended with {process.returncode}"
    raise TimeoutError


def read_to_end(connected: socket.socket) -> bytes:
    """Everything until the other side closes in good order. Raises ConnectionResetError if it resets."""
    received = b""
    while chunk := connected.recv(65_536):
        received += chunk
    return received


def metric(port: int, name: str) -> float:
    """The value of the listener's metric ``name``, which has no labels; ``port`` is that of its metrics."""
    with urllib.request.urlopen(f"http://{HOST}:{port}/metrics", timeout=10) as page:
        found = re.search(rf"^smmeplus_listener_{name} (\S+)$", page.read().decode(), re.MULTILINE)
    assert found, name
    return float(found[1])


class ListenerWithSteppingClock(Listener):
    """One whose clock can be set back."""

    program = ("-m", "tests.support.stepping_clock")

    def step_back(self) -> None:
        """Set its clock back by a day."""
        os.kill(self.pid, signal.SIGUSR1)


class ImpatientListener(Listener):
    """One that notices within seconds that a transaction stalls, and that a writer is stuck."""

    program = ("-m", "tests.support.impatient")


@contextmanager
def running_listener(*arguments: str, database: str = "", port: int = 0) -> Iterator[Listener]:
    """A listener that runs inside the block and is stopped after it, if the test has not."""
    with running(Listener(*arguments, database=database, port=port)) as listener:
        yield listener


@contextmanager
def running(listener: L) -> Iterator[L]:
    """``listener`` runs inside the block."""
    listener.start()
    try:
        yield listener
    finally:
        with suppress(ProcessLookupError):
            os.kill(listener.pid, signal.SIGKILL)
        with suppress(subprocess.TimeoutExpired, AssertionError):
            listener._end(signal.SIGKILL)
