"""Which concentrator writes which file when, and the names of the files (meters.md A1).

A list comes each ``every`` seconds, of each concentrator at a time of its own. Once a day the parameters and the
availability of the day before come with it, and the network with each fourth list. Some write gzip.
"""

from __future__ import annotations

import gzip
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Final
from zoneinfo import ZoneInfo

from concentrators.simulator.meters import reports
from concentrators.simulator.meters.chance import chance
from concentrators.simulator.meters.layout import Net
from concentrators.simulator.meters.life import DAY
from concentrators.simulator.meters.listing import MeterFleet

PLAIN, GZIP = 0, 1  # as the fourth part of a name says it
_ZIPS: Final = 0.3
_NO_LISTS: Final = 0.04  # the share of those whose schedule has no S24
_NETWORK_EACH: Final = 4


@dataclass(frozen=True, slots=True)
class File:
    """``kind`` is the report's: S24, S11, S06 or G02. ``at`` is in seconds since 1970."""

    at: float
    serial: str
    kind: str
    name: str
    content: bytes


def _always(_serial: str, _at: float) -> bool:
    return True


class Schedule:
    """Of ``fleet``, whose clocks are those of ``zone``; ``every`` is in seconds.

    A list is lost if ``is_reached`` says that its concentrator cannot hand it over at that time.
    """

    def __init__(
        self, fleet: MeterFleet, zone: ZoneInfo, every: float, is_reached: Callable[[str, float], bool] = _always
    ) -> None:
        self._fleet = fleet
        self._zone = zone
        self._every = every
        self._is_reached = is_reached

    def between(self, begin: float, end: float) -> Iterator[File]:
        """All files from ``begin`` up to and without ``end``, in their order."""
        turns = sorted(
            ((at, net) for net in self._fleet.nets for at in self._turns(net, begin, end)), key=lambda turn: turn[0]
        )
        for at, net in turns:
            yield from self.files(net, at)

    def files(self, net: Net, at: float) -> Iterator[File]:
        """Those that one concentrator writes at ``at``: what they join by comes first."""
        serial = net.place.serial
        if writes_none(net, at) or not self._is_reached(serial, at):
            return
        rows = self._fleet.rows(net, at)
        day = reports.yesterday(at, self._zone)
        is_first = self._every >= DAY or day != reports.yesterday(at - self._every, self._zone)
        if is_first:
            yield self._file(net, "S06", at, reports.s06(serial, [row.meter for row in rows], at, self._zone))
        yield self._file(net, "S24", at, reports.s24(serial, rows, at, self._zone))
        if is_first or int(at // self._every) % _NETWORK_EACH == 0:
            registered = self._fleet.registered(net, at)
            yield self._file(net, "S11", at, reports.s11(serial, registered, at, self._zone))
        if is_first:
            days = self._fleet.days(net, day, at)
            yield self._file(net, "G02", at, reports.g02(serial, days, day, self._zone))

    def _turns(self, net: Net, begin: float, end: float) -> Sequence[float]:
        offset = self._every * chance(net.place.serial, "turn")
        turn = (begin - offset) // self._every
        found = list[float]()
        while (at := float(int(turn * self._every + offset))) < end:
            if at >= begin:
                found.append(at)
            turn += 1
        return found

    def _file(self, net: Net, kind: str, at: float, content: bytes) -> File:
        is_zipped = chance(net.place.serial, "zips") < _ZIPS
        packed = gzip.compress(content, mtime=int(at)) if is_zipped else content
        local = datetime.fromtimestamp(at, UTC).astimezone(self._zone)
        format_ = GZIP if is_zipped else PLAIN
        name = f"{net.place.serial}_0_{kind}_{format_}_{local:%Y%m%d%H%M%S}"
        return File(at, net.place.serial, kind, name, packed)


def has_lists(serial: str) -> bool:
    """Whether its schedule has them at all: a few were never given one."""
    return chance(serial, "lists") >= _NO_LISTS


def writes_none(net: Net, at: float) -> bool:
    silent = net.place.silent_since
    return not has_lists(net.place.serial) or (silent is not None and at >= silent.timestamp())


def write(file: File, folder: Path) -> None:
    """At once and whole: who looks into ``folder`` finds no part of a file."""
    begun = folder / f".{file.name}.part"
    begun.write_bytes(file.content)
    begun.replace(folder / file.name)
