"""The demo's concentrators as they were: they send by the simulator's behaviour, and are recorded as by a listener."""

from __future__ import annotations

import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import UTC, datetime
from operator import attrgetter
from random import Random

from concentrators.models import Concentrator
from concentrators.simulator.addresses import loopback_source
from concentrators.simulator.behaviour import Profile
from concentrators.simulator.devices import NO_FAULTS, Device
from concentrators.simulator.faults import Faults
from concentrators.simulator.history import Lived, Sent
from smmeplus.common.chunks import in_chunks
from smmeplus.dlms.kinds import Kind
from wakeup.models import Format
from wakeup.recording.arrivals import Arrival
from wakeup.recording.recorder import record

AT_ONCE = 10_000  # messages that are recorded at a time
SLOWEST = 0.4  # seconds from sending to receipt


class Played:
    """One concentrator of the past: its device, and what it does by what stands in its memory."""

    def __init__(self, one: Concentrator, now: float, faults: Faults) -> None:
        self.serial = one.serial_number
        self.places = (one.substation, one.feeder)
        self.source = loopback_source(one.pk, one.management_ip)
        self.device = Device(self.serial, one.type, {}, faults=faults)
        self._chance = zlib.crc32(self.serial.encode()) / 2**32
        self.lived = Lived(Profile(None), now, self._chance)
        self._random = Random(self.serial)  # noqa: S311 - the same in each demo

    @property
    def is_reached(self) -> bool:
        return self.device.is_on and not self.lived.is_away

    def written(self, now: float) -> None:
        """Something may have been written into the device; chance spreads those of one roll-out over their period.

        Its modem announces the loss of supply, whatever its profile says.
        """
        period = self.device.profile.period
        if period != self.lived.behaviour.profile.period:
            later = self._chance * (period or 0.0)
            self.lived.behaviour.profile_changed(Profile(period, last_gasp=True), now + later)

    def arrival(self, sent: Sent, port: int) -> Arrival:
        at = datetime.fromtimestamp(sent.at + self._random.uniform(0.03, SLOWEST), UTC)
        return Arrival(self.serial, sent.kind, Format.PUSH, at, self.source, port)


class PlayedFleet:
    """All of them by key. They send to ``port`` of a listener that takes messages when ``is_open`` says so."""

    def __init__(self, is_open: Callable[[float], bool], port: int) -> None:
        self.by_key: dict[int, Played] = {}
        self._is_open = is_open
        self._port = port
        self._arrivals: list[Arrival] = []

    def add(self, concentrators: Iterable[Concentrator], now: float, faults: Mapping[int, Faults]) -> None:
        """``faults`` are by key, of those that have any."""
        for one in concentrators:
            self.by_key[one.pk] = Played(one, now, faults.get(one.pk, NO_FAULTS))

    def be_away(self, key: int, now: float, *, is_away: bool) -> None:
        self._play(self.by_key[key], now)
        self.by_key[key].lived.is_away = is_away

    def cut_off(self, places: Iterable[str], now: float) -> None:
        """The supply of everyone there fails."""
        for one in self._at(places, now):
            one.device.is_on = False
            one.lived.behaviour.power_lost(now)
            self._play(one, now + 1.0)

    def switch_on(self, places: Iterable[str], now: float) -> None:
        for one in self._at(places, now):
            one.device.is_on = True
            one.lived.behaviour.power_restored(now)

    def written(self, keys: Iterable[int], now: float) -> None:
        for key in keys:
            self._play(self.by_key[key], now)
            self.by_key[key].written(now)

    def send_keepalive(self, key: int, at: float) -> None:
        """For a canary, which sends each minute and never tries again."""
        one = self.by_key[key]
        if self._is_open(at):
            self._arrivals.append(one.arrival(Sent(at, Kind.KEEPALIVE), self._port))

    def record(self, until: float) -> None:
        """Play everyone up to then, and store what was sent, in its order."""
        for one in self.by_key.values():
            self._play(one, until)
        for some in in_chunks(sorted(self._arrivals, key=attrgetter("received_at")), AT_ONCE):
            record(some)
        self._arrivals.clear()

    def _at(self, places: Iterable[str], now: float) -> Iterator[Played]:
        wanted = frozenset(places)
        for one in self.by_key.values():
            if wanted.intersection(one.places):
                self._play(one, now)
                yield one

    def _play(self, one: Played, until: float) -> None:
        port = self._port
        self._arrivals += [one.arrival(sent, port) for sent in one.lived.until(until, self._is_open)]
