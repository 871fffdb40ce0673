"""Writes the files of a company's concentrators into a folder as time goes on (SIM-2)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from concentrators.models import Company
from concentrators.simulator.faults import Faults, Rule
from concentrators.simulator.meters.files import Schedule, write
from concentrators.simulator.meters.inventory import faults_in_field, places
from concentrators.simulator.meters.layout import Place
from concentrators.simulator.meters.life import DAY
from concentrators.simulator.meters.listing import SEED, MeterFleet

#: Who cannot hand over lists for so long has fallen silent: its neighbours hear some of its meters, as ever.
_SILENT: Final = 7 * DAY
_EVER: Final = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Writing:
    """``rules`` say who is dark or away, in seconds from ``begin`` on; ``begin`` is in seconds since 1970."""

    company: Company
    folder: Path
    rules: Sequence[Rule]
    begin: float


class MeterWriter:
    """:meth:`write` it again and again: what has changed in the inventory is taken up."""

    def __init__(self, writing: Writing) -> None:
        self._writing = writing
        self._places = list[Place]()
        self._fleet = MeterFleet([], SEED)
        self._faults: Mapping[str, Faults] = {}

    def write(self, begin: float, end: float, every: float) -> int:
        """All lists from ``begin`` up to and without ``end``, one each ``every`` seconds; the number of files."""
        self._look()
        schedule = Schedule(self._fleet, self._writing.company.zone, every, self._is_reached)
        files = 0
        for file in schedule.between(begin, end):
            write(file, self._writing.folder)
            files += 1
        return files

    def _look(self) -> None:
        """The trees are made anew only when the fleet is another one."""
        company_id = self._writing.company.pk
        self._faults = faults_in_field(company_id, self._writing.rules)
        silent = {serial: _EVER for serial, faults in self._faults.items() if _is_silent(faults)}
        found = places(company_id, silent)
        if found != self._places:
            self._places, self._fleet = found, MeterFleet(found, SEED)

    def _is_reached(self, serial: str, at: float) -> bool:
        faults, into = self._faults.get(serial), at - self._writing.begin
        if faults is None:
            return True
        outages = (*faults.off, *faults.away)
        return not faults.poses and not any(begin <= into < begin + seconds for begin, seconds in outages)


def _is_silent(faults: Faults) -> bool:
    return any(begin == 0 and seconds >= _SILENT for begin, seconds in faults.away)
