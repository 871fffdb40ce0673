"""Whether `make run` may start: nobody runs this demo already, and its ports are free (OPS-1)."""

from __future__ import annotations

import fcntl
import os
import socket
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Final

HOST: Final = "127.0.0.1"
METRICS_PORT: Final = 9592
_KINDS: Final = (socket.SOCK_STREAM, socket.SOCK_DGRAM)


class CannotStartError(Exception):
    """Nothing was started or changed; the message is for whoever called `make run`."""


@contextmanager
def alone(lock: Path, where: str) -> Iterator[None]:
    """Hold the demo of this folder, which is reached at the address ``where``. Raises CannotStartError.

    The system lets go of it when this process ends, however that comes about.
    """
    with lock.open("a+", encoding="utf-8") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            file.seek(0)
            at = file.read().strip()
            raise CannotStartError(
                f"The demo of this folder runs already: {at} (Ctrl-C in its terminal ends it)"
            ) from None
        file.truncate(0)
        file.write(where)
        file.flush()
        yield


def close_to_others(folder: Path) -> int:
    """Take from group and others what they may do with ``folder`` and all in it; how many of these they could reach.

    There lie password hashes and live session keys. None is counted where nobody could enter the folder anyway.
    """
    could_enter = bool(folder.stat().st_mode & 0o011)
    opened = [path for path in (folder, *folder.rglob("*")) if not path.is_symlink() and path.stat().st_mode & 0o077]
    for path in opened:
        path.chmod(path.stat().st_mode & 0o700)
    return len(opened) if could_enter else 0


def check_ports(ports: Mapping[str, str]) -> dict[str, int]:
    """The ports by the names that `make run` gives them. Raises CannotStartError for those that are taken or wrong."""
    numbers = {name: _number(name, text) for name, text in ports.items()}
    taken = [name for name, port in numbers.items() if list(numbers.values()).count(port) > 1 or not is_free(port)]
    if taken:
        listed = ", ".join(f"{name}={numbers[name]}" for name in taken)
        others = " ".join(f"{name}={numbers[name] + 1 + place}" for place, name in enumerate(taken))
        raise CannotStartError(f"Taken already: {listed}. Give others, for example: make run {others}")
    return numbers


def is_free(port: int) -> bool:
    """Whether no program of this machine listens on it, be it for connections or for datagrams."""
    for kind in _KINDS:
        with socket.socket(type=kind) as probe:
            if kind == socket.SOCK_STREAM:
                # Connections that have just ended do not matter.
                probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((HOST, port))
            except OSError:
                return False
    return True


def free_metrics_port() -> int:
    """The usual one or, if that is taken, any."""
    if is_free(METRICS_PORT):
        return METRICS_PORT
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        port: int = probe.getsockname()[1]
        return port


def note_listener_port(environment: Path, port: int) -> None:
    """Let every command that reads ``environment``, a file that its owner alone may read, find the listener."""
    line = f"LISTENER_PORT={port}"
    lines = environment.read_text(encoding="utf-8").splitlines()
    if line in lines:
        return
    new = environment.with_suffix(".new")
    new.touch(mode=0o600)
    new.write_text("\n".join([*(one for one in lines if not one.startswith("LISTENER_PORT=")), line, ""]))
    new.replace(environment)


def ports_wanted() -> dict[str, str]:
    """Those that `make run` was given; without METRICS_PORT any will do."""
    wanted = {"PORT": os.environ.get("PORT", "8000"), "LISTENER_PORT": os.environ.get("LISTENER_PORT", "58692")}
    metrics = os.environ.get("METRICS_PORT", "")
    return wanted | ({"METRICS_PORT": metrics} if metrics else {})


def _number(name: str, text: str) -> int:
    if not (text.isascii() and text.isdigit() and 0 < int(text) < 65_536):
        raise CannotStartError(f"{name}={text} is no port.")
    return int(text)
