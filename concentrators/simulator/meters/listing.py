"""What each concentrator of a fleet knows at a time: the rows of its reports, before they are written."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

from concentrators.simulator.meters.chance import chance, one_of
from concentrators.simulator.meters.layout import MadeMeter, Net, Place, lay_out
from concentrators.simulator.meters.life import (
    DAY,
    PERMANENT,
    Seen,
    failing_since,
    heard,
    is_removed,
    lost_since,
)
from concentrators.simulator.meters.sharing import Shared, shared_of

SEED: Final = 58_692  # of the fleets that commands make
#: In a day so many switches are promoted again under another number, before what is behind them has noticed.
_ORPHANS_A_DAY: Final = 0.25
_OTHER_LSID: Final = 128
#: A day of G02 in minutes, as real ones have it (meters.md A5).
MINUTES_OF_DAY: Final = 1439


@dataclass(frozen=True, slots=True)
class Row:
    """A meter in a list: S24 has ``seen``, S11 the rest."""

    meter: MadeMeter
    seen: Seen
    lnid: int
    sid: int
    lsid: int
    level: int


@dataclass(frozen=True, slots=True)
class Day:
    """What G02 says of a meter and a day. ``percent`` is of seconds, and not that of the whole ``minutes``."""

    name: str
    minutes: int
    changes: int
    percent: float


class MeterFleet:
    """Concentrators with their meters, the same each time for the same ``places`` and ``seed``."""

    def __init__(self, places: Iterable[Place], seed: int) -> None:
        self._seed = seed
        self.nets = lay_out(places, seed)
        self.shared = shared_of(self.nets, seed)
        self._shared = {one.meter.name: one for one in self.shared}
        self._guests = defaultdict[str, list[Shared]](list)
        for one in self.shared:
            self._guests[one.other.place.serial].append(one)

    def rows(self, net: Net, at: float) -> list[Row]:
        """By name, as S24 has them; empty for one without meters."""
        renamed = self._renamed(net, at)
        rows = [
            Row(meter, seen, meter.lnid, net.sid_of(meter), renamed.get(position, meter.lsid), meter.level)
            for position, (meter, seen) in enumerate(zip(net.meters, self._own(net, at), strict=True))
            if seen is not None
        ]
        first = len(net.meters) + 1
        for lnid, one in enumerate(self._guests[net.place.serial], start=first):
            if (seen := one.seen(self._seed, at)[1]) is not None:
                rows.append(Row(one.meter, seen, lnid, 0, one.meter.lsid, 0))
        return sorted(rows, key=lambda row: row.meter.name)

    def registered(self, net: Net, at: float) -> list[Row]:
        """Those that the network has: what has failed for good is in it no more."""
        return [row for row in self.rows(net, at) if row.seen.state != PERMANENT]

    def days(self, net: Net, day: date, at: float) -> list[Day]:
        """Of those that its list of ``at`` has."""
        return [self._day(net.place.serial, row, day) for row in self.rows(net, at)]

    def _own(self, net: Net, at: float) -> Sequence[Seen | None]:
        """What is behind a repeater that has failed is not heard either."""
        failing = list[float | None]()
        found = list[Seen | None]()
        for meter in net.meters:
            own = None if meter.is_supervisor else failing_since(self._seed, meter.name, at, is_switch=meter.is_switch)
            above = None if meter.parent is None else failing[meter.parent]
            failing.append(min((begin for begin in (own, above) if begin is not None), default=None))
            found.append(self._one(meter, at, failing[-1]))
        return found

    def _one(self, meter: MadeMeter, at: float, failing: float | None) -> Seen | None:
        if (shared := self._shared.get(meter.name)) is not None:
            return shared.seen(self._seed, at)[0]
        lost = None if meter.is_switch or meter.is_supervisor else lost_since(self._seed, meter.name, at)
        if is_removed(lost, at):
            return None
        return heard(self._seed, meter.name, at, failing if lost is None else lost)

    def _renamed(self, net: Net, at: float) -> dict[int, int]:
        """The LSID of a switch, by its position, that those behind it do not know yet: they are orphans for a day."""
        words = (self._seed, net.place.serial, int(at // DAY))
        switches = net.switches
        if not switches or chance(*words, "orphans") >= _ORPHANS_A_DAY:
            return {}
        position = one_of(switches, *words, "promoted")
        return {position: net.meters[position].lsid + _OTHER_LSID}

    def _day(self, serial: str, row: Row, day: date) -> Day:
        """Half of them are there all day, a quarter below 95 %, and a few not at all (meters.md A5)."""
        usual = chance(self._seed, serial, row.meter.name, "usual")
        today = chance(self._seed, serial, row.meter.name, day)
        drawn = 0.9 * usual + 0.1 * today
        here = 0.0 if row.seen.state == PERMANENT else _here(drawn)
        seconds = here * MINUTES_OF_DAY * 60
        changes = 0 if here in (0.0, 1.0) else 1 + int(27 * (1 - here) * today)
        return Day(row.meter.name, int(seconds // 60), changes, round(100 * here, 2))


def _here(drawn: float) -> float:
    """The share of a day that a meter was there."""
    if drawn < 0.5:
        return 1.0
    if drawn < 0.78:
        return 1.0 - 0.05 * (drawn - 0.5) / 0.28
    return max(0.0, 0.95 - 4.2 * (drawn - 0.78))
