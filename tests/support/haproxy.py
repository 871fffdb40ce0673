"""A real HAProxy: the machine's own, or one installed for the tests."""

from __future__ import annotations

import functools
import os
import shutil
import socket
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import pytest

DEBIAN = Path("/usr/sbin/haproxy")  # not on the PATH of an ordinary user
APT_GET = ("apt-get", "-qq", "-o", "DPkg::Lock::Timeout=300")
WHAT_TO_DO = "These tests need HAProxy. Install it (Debian and Ubuntu: apt-get install haproxy)."
STOP_TIMEOUT_S = 10.0


def haproxy() -> Path:
    """The path of HAProxy. Where there is none and none can be installed, the test is skipped, and fails in CI."""
    found = _find()
    if found is None and os.environ.get("CI") == "true":
        pytest.fail(WHAT_TO_DO)
    if found is None:
        pytest.skip(WHAT_TO_DO)
    return found


@functools.cache
def _find() -> Path | None:
    return _installed() or _from_apt()


def _installed() -> Path | None:
    found = shutil.which("haproxy") or (DEBIAN if DEBIAN.exists() else None)
    return Path(found) if found else None


def _from_apt() -> Path | None:
    if os.geteuid() != 0 or not shutil.which("apt-get"):
        return None
    environment = os.environ | {"DEBIAN_FRONTEND": "noninteractive"}
    for arguments in (("update",), ("install", "--yes", "--no-install-recommends", "haproxy")):
        subprocess.run([*APT_GET, *arguments], env=environment, capture_output=True, check=False)
    return _installed()


def check_configuration(file: Path) -> str:
    """What HAProxy finds wrong in ``file``; empty when it is right."""
    done = subprocess.run([haproxy(), "-c", "-q", "-f", file], capture_output=True, text=True, check=False)
    return done.stderr if done.returncode or done.stderr else ""


@contextmanager
def running_haproxy(configuration: str, file: Path, binds: Sequence[str]) -> Iterator[dict[str, int]]:
    """HAProxy with ``configuration``, written to ``file``; the port of each of ``binds``, by name.

    There ``{name}`` stands for a socket that listens already: whoever connects early waits for HAProxy to accept.
    """
    program = haproxy()
    sockets = {name: socket.create_server(("127.0.0.1", 0)) for name in binds}
    file.write_text(configuration.format(**{name: f"fd@{bound.fileno()}" for name, bound in sockets.items()}))
    process = subprocess.Popen(
        [program, "-db", "-q", "-f", file],
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
