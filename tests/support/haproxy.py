"""A real HAProxy: the machine's own, or one installed for the tests."""

from __future__ import annotations

import socket
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from tests.support.systems.debian import program

STOP_TIMEOUT_S = 10.0


def check_configuration(file: Path) -> str:
    """What HAProxy finds wrong in ``file``; empty when it is right."""
    done = subprocess.run([program("haproxy"), "-c", "-q", "-f", file], capture_output=True, text=True, check=False)
    return done.stderr if done.returncode or done.stderr else ""


@contextmanager
def running_haproxy(configuration: str, file: Path, binds: Sequence[str]) -> Iterator[dict[str, int]]:
    """HAProxy with ``configuration``, written to ``file``; the port of each of ``binds``, by name.

    There ``{name}`` stands for a socket that listens already: whoever connects early waits for HAProxy to accept.
    """
    path = program("haproxy")
    sockets = {name: socket.create_server(("127.0.0.1", 0)) for name in binds}
    file.write_text(configuration.format(**{name: f"fd@{bound.fileno()}" for name, bound in sockets.items()}))
    process = subprocess.Popen(
        [path, "-db", "-q", "-f", file],
        pass_fds=[bound.fileno() for bound in sockets.values()],
        stderr=subprocess.DEVNULL,
    )
    try:
        yield {name: bound.getsockname()[1] for name, bound in sockets.items()}
        assert process.poll() is None, "HAProxy has ended by itself"
    finally:
        process.kill()
        process.wait(STOP_TIMEOUT_S)
        for bound in sockets.values():
            bound.close()
