"""Machines of a trial: network namespaces of this one on a switch of their own.

Their addresses are those that nobody has (RFC 5737).
A machine that is cut off gets no answer at all, as when a cable is pulled: nothing is refused.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import signal
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

NETWORK = "192.0.2"
PREFIX = "smmeplus-"
SWITCH = f"{PREFIX}switch"


class Command:
    """A process of a machine: what is run, as whom, with which environment."""

    def __init__(
        self, name: str, arguments: Sequence[object], *, user: str = "", env: Mapping[str, str] | None = None
    ) -> None:
        self.name = name
        as_user = ["setpriv", f"--reuid={user}", f"--regid={user}", "--clear-groups"] if user else []
        self.arguments = [*as_user, *map(str, arguments)]
        self.environment = {"PATH": os.defpath + ":/usr/sbin", "LC_ALL": "C.UTF-8", **(env or {})}


@dataclass
class Machine:
    """``number`` is the end of its address. Its commands are started together, and die together."""

    name: str
    number: int
    folder: Path
    commands: list[Command] = field(default_factory=list)
    _running: list[subprocess.Popen[bytes]] = field(default_factory=list)

    @property
    def address(self) -> str:
        return f"{NETWORK}.{self.number}"

    @property
    def namespace(self) -> str:
        return f"{PREFIX}{self.name}"

    def build(self) -> None:
        _ip("netns", "add", self.namespace)
        _ip("link", "add", self.name, "netns", SWITCH, "type", "veth", "peer", "name", "eth0", "netns", self.namespace)
        self.join()
        _ip("-n", SWITCH, "link", "set", self.name, "up")
        for link in ("lo", "eth0"):
            _ip("-n", self.namespace, "link", "set", link, "up")
        _ip("-n", self.namespace, "addr", "add", f"{self.address}/24", "dev", "eth0")

    def join(self) -> None:
        _ip("-n", SWITCH, "link", "set", self.name, "master", "switch")

    def cut_off(self) -> None:
        _ip("-n", SWITCH, "link", "set", self.name, "nomaster")

    def start(self) -> None:
        for command in self.commands:
            self.begin(command)

    def begin(self, command: Command) -> None:
        with (self.folder / f"{self.name}-{command.name}.log").open("ab") as log:
            started = subprocess.Popen(
                ["ip", "netns", "exec", self.namespace, *command.arguments],
                env=command.environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
            )
        self._running.append(started)

    def kill(self) -> None:
        """``kill -9`` of all its processes."""
        for number in (signal.SIGSTOP, signal.SIGKILL):  # stopped first, or one would start others
            for pid in _pids_of(self.namespace):
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid, number)
        for one in self._running:
            one.wait(30)
        self._running.clear()


@contextlib.contextmanager
def switched_on(machines: Sequence[Machine]) -> Iterator[None]:
    """The machines, on one switch, without processes. All is gone on leaving, also what an earlier trial has left."""
    _remove(machines)
    _ip("netns", "add", SWITCH)
    _ip("-n", SWITCH, "link", "add", "switch", "type", "bridge")
    _ip("-n", SWITCH, "link", "set", "switch", "up")
    try:
        for machine in machines:
            machine.build()
        yield
    finally:
        _remove(machines)


def go_into(machine: Machine) -> None:
    """From now on this thread, and threads and processes that it starts, are on that machine."""
    with Path("/run/netns", machine.namespace).open("rb") as namespace:
        if ctypes.CDLL(None, use_errno=True).setns(namespace.fileno(), 0) != 0:
            raise OSError(ctypes.get_errno(), f"no way into {machine.name}")


def _remove(machines: Sequence[Machine]) -> None:
    there = {path.name for path in Path("/run/netns").glob(f"{PREFIX}*")}
    for machine in machines:
        if machine.namespace in there:
            machine.kill()
    for name in there:
        _ip("netns", "del", name)


def _pids_of(namespace: str) -> list[int]:
    """Of the processes there, but for this one, which may have gone there."""
    done = subprocess.run(["ip", "netns", "pids", namespace], capture_output=True, text=True, check=False)
    return [int(pid) for pid in done.stdout.split() if int(pid) != os.getpid()]


def _ip(*arguments: str) -> None:
    subprocess.run(["ip", *arguments], check=True)
