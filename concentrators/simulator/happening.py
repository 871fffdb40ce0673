"""Lets happen to a fleet and its devices what the scenario says (SIM-2)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from concentrators.simulator.faults import Mishap, Mishaps, Rule, faults_of
from concentrators.simulator.fleet import Fleet
from concentrators.simulator.serving import Devices

_BEGIN = {Mishap.OFF: Mishap.OFF, Mishap.AWAY: Mishap.AWAY}
_END = {Mishap.ON: Mishap.OFF, Mishap.BACK: Mishap.AWAY}


class Happening:
    """``step`` it as the fleet's clock goes on. ``devices`` are those that can be written, if any."""

    def __init__(self, rules: Sequence[Rule], fleet: Fleet, devices: Devices) -> None:
        self._rules = rules
        self._fleet = fleet
        self._devices = devices
        self._mishaps: dict[str, Mishaps | None] = {}
        #: How many outages of each kind a concentrator is in: its feeder's and its own may overlap.
        self._outages: Counter[tuple[str, Mishap]] = Counter()

    def step(self, now: float) -> None:
        """All that has happened until ``now``; reboots and drifts of a newcomer are counted from then on."""
        for one in self._fleet.installations if self._rules else ():
            if one.serial not in self._mishaps:
                faults = faults_of(one.serial, one.feeder, self._rules)
                self._mishaps[one.serial] = Mishaps(faults, now) if faults.happen else None
            if mishaps := self._mishaps[one.serial]:
                for mishap in mishaps.take(now):
                    self._happen(one.serial, mishap)

    def _happen(self, serial: str, mishap: Mishap) -> None:
        if mishap is Mishap.DRIFT:
            self._devices.drift(serial)
            return
        kind = _BEGIN.get(mishap) or _END[mishap]
        before = self._outages[serial, kind]
        self._outages[serial, kind] += 1 if mishap in _BEGIN else -1
        if before + self._outages[serial, kind] == 1:  # it has begun, or is over
            self._tell(serial, kind, is_over=before == 1)

    def _tell(self, serial: str, kind: Mishap, *, is_over: bool) -> None:
        if kind is Mishap.AWAY:
            self._fleet.be_away(serial, not is_over)
        elif is_over:
            self._devices.supply(serial, True)  # before the boot, by which its log is asked for
            self._fleet.switch_on(serial)
        else:
            self._devices.supply(serial, False)
            self._fleet.cut_off(serial)
        is_reached = not (self._outages[serial, Mishap.OFF] or self._outages[serial, Mishap.AWAY])
        self._devices.reach(serial, is_reached)
