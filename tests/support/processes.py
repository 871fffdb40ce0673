"""Ports and processes of this machine."""

import os
import random
import socket
import time
from collections.abc import Callable
from pathlib import Path

#: Below the ports that systems hand out to clients: a client that keeps trying such a port while its server is
#: down may be given it as its own, and then talks to itself.
SERVER_PORTS = range(20_000, 30_000)
#: The suite on PostgreSQL runs beside the one on SQLite: each has ports of its own, so that neither takes one that the
#: other has just chosen.
OURS = SERVER_PORTS[5_000:] if "DATABASE_URL" in os.environ else SERVER_PORTS[:5_000]


def free_port() -> int:
    """A TCP port that nothing listens on at 127.0.0.1 and that no client will be given."""
    while True:
        port = random.choice(OURS)
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port


def wait_until(is_so: Callable[[], bool], *, patience_s: float = 30) -> None:
    """Return as soon as ``is_so()``; AssertionError if it does not come to that."""
    deadline = time.monotonic() + patience_s
    while not is_so():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def children_of(pid: int) -> list[int]:
    """The ids of the processes started by ``pid`` that still run; empty on systems without /proc."""
    return [int(path.parent.name) for path in Path("/proc").glob("[0-9]*/stat") if _parent(path) == pid]


def is_running(pid: int) -> bool:
    """Whether there is such a process that has not ended yet, even if nobody has asked how; needs /proc."""
    fields = _fields(Path(f"/proc/{pid}/stat"))
    return bool(fields) and fields[0] not in ("Z", "X")


def _parent(stat: Path) -> int | None:
    fields = _fields(stat)
    return int(fields[1]) if fields else None


def _fields(stat: Path) -> list[str]:
    """Those after the program's name, which stands in brackets and may contain anything; none if it has gone."""
    try:
        return stat.read_text(errors="replace").rpartition(")")[2].split()
    except OSError:
        return []
