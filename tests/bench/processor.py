"""Processor time of running processes, as Linux counts it in ``/proc``."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path

from tests.support.processes import children_of

_TICKS_PER_S = os.sysconf("SC_CLK_TCK")
_UTIME = 11  # counted behind the program's name; stime, and both of the children that have ended, follow


class Meter:
    """Measures the processor time that named groups of processes use from now on."""

    def __init__(self, groups: Mapping[str, Sequence[int]]) -> None:
        self._groups = groups
        self._before = self._now()

    def seconds(self) -> dict[str, float]:
        """Seconds of processor time by name since this was made; a busy processor adds one a second."""
        return {name: now - self._before[name] for name, now in self._now().items()}

    def _now(self) -> dict[str, float]:
        return {name: sum(map(processor_seconds, pids)) for name, pids in self._groups.items()}


def processor_seconds(pid: int) -> float:
    """What ``pid`` and its children, even ended ones, have used so far. Raises FileNotFoundError without it."""
    while True:
        own = _used(pid, with_ended_children=True)
        # A child that ends meanwhile is in neither sum: all is read again.
        with suppress(FileNotFoundError):
            return own + sum(_used(child, with_ended_children=False) for child in children_of(pid))


def resident_mib(pid: int) -> float:
    """The memory of ``pid`` that is in use (VmRSS), in MiB."""
    status = Path(f"/proc/{pid}/status").read_text()
    kib = next(line.split()[1] for line in status.splitlines() if line.startswith("VmRSS:"))
    return int(kib) / 1024


def _used(pid: int, *, with_ended_children: bool) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text(errors="replace").rpartition(")")[2].split()
    ticks = fields[_UTIME : _UTIME + (4 if with_ended_children else 2)]
    return sum(map(int, ticks)) / _TICKS_PER_S
