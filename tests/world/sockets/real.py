"""A world as :mod:`tests.world.world` has it, but for the clock and the network, which are the machine's.

The fleet's clock runs ``SPEED`` times as fast; the same events happen to it.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import Iterable
from contextlib import suppress
from datetime import UTC, datetime
from typing import Final, cast

from concentrators.simulator.clock import Clock
from concentrators.simulator.inventory import Installation, installations
from concentrators.simulator.messages import Service
from smmeplus.dlms.kinds import Kind
from tests.support.listener import HOST, Listener
from tests.world.actors.fleet import PoweredFleet
from tests.world.inventory import make
from tests.world.scenario import Scenario
from tests.world.trace import seconds
from tests.world.world import Stored, World
from wakeup.models import Message

SPEED: Final = 600.0


class RealNetwork:
    """Cut and healed as that of a world. Datagrams of the lossy are not sent at all."""

    def __init__(self, world: RealWorld) -> None:
        self._world = world
        self._cuts: dict[str, list[str]] = {}
        self.lossy: set[str] = set()

    def cut(self, name: str, hosts: Iterable[str]) -> None:
        self._cuts[name] = [self._world.serial_of[host] for host in hosts]
        for serial in self._cuts[name]:
            self._world.fleet.be_away(serial, is_away=True)

    def heal(self, name: str) -> None:
        for serial in self._cuts.pop(name):
            self._world.fleet.be_away(serial, is_away=False)

    def lose_datagrams_of(self, hosts: Iterable[str]) -> None:
        self.lossy = {self._world.serial_of[host] for host in hosts}

    def delay_datagrams_of(self, host: str, delay: float) -> None:
        assert not delay, "a datagram over loopback takes no time"

    def switch_off(self, host: str) -> None:
        """Its attempt under way is cancelled by the fleet."""


class RealWorld:
    """To be told of events as a ``World`` is; it has what they need of it."""

    def __init__(self, scenario: Scenario) -> None:
        self._scenario = scenario
        self.chance = random.Random(1)
        company, self.groups = make(scenario)
        self._installations = installations(company.pk)
        self.source_of = {one.serial: one.source for one in self._installations}
        self.serial_of = {source: serial for serial, source in self.source_of.items()}
        self.network = RealNetwork(self)
        self.listener = Listener()
        self._service = Service(HOST, self.listener.port, zone=company.zone, own_sources=True)
        #: When there was no listener, in seconds since the beginning: from its end up to when the next one was ready.
        self.down: list[tuple[float, float]] = []
        self.answered: list[tuple[str, Kind, float]] = []
        self._starting: asyncio.Task[None] | None = None

    def sources_of(self, *groups: str) -> list[str]:
        return [self.source_of[serial] for group in groups for serial in self.groups[group]]

    async def kill_listener(self, _number: int) -> None:
        self._killed_at = self._clock.now()
        await asyncio.to_thread(self.listener.kill)

    def start_listener(self, _number: int) -> None:
        self._starting = asyncio.create_task(self._start())

    async def run(self) -> datetime:
        """Live through the scenario, and return when it began. The listener runs already.

        A listener that is started again is waited for, and as long after that as if it had been there at once.
        """
        self._clock, began_at = Clock(SPEED), datetime.now(UTC)
        self.fleet = PoweredFleet(self._clock, self._deliver)
        count = len(self._installations)
        self.fleet.follow(self._installations, spread=float(self._scenario.step_s * count))
        life = asyncio.create_task(self.fleet.run())
        for at, event in self._scenario.events:
            await self._until(seconds(at))
            await event.happen(cast("World", self))
        lasts = seconds(self._scenario.lasts)
        if self._starting is not None:
            begun_at = self._clock.now()
            await self._starting
            lasts += self._clock.now() - begun_at
        await self._until(lasts)
        self.ended_at = self._clock.now()
        life.cancel()
        with suppress(asyncio.CancelledError):
            await life
        return began_at

    async def _until(self, moment: float) -> None:
        await asyncio.sleep(max(0.0, self._clock.until(moment)))

    async def _start(self) -> None:
        await asyncio.to_thread(self.listener.start)
        self.down.append((self._killed_at, self._clock.now()))

    async def _deliver(self, installation: Installation, kind: Kind, number: int) -> bool:
        if kind is Kind.LASTGASP and installation.serial in self.network.lossy:
            return True
        begun_at = self._clock.now()
        reached = await self._service.deliver(installation, kind, number)
        if reached and kind is not Kind.LASTGASP:
            self.answered.append((installation.serial, kind, begun_at))
        return reached


def play_for_real(scenario: Scenario) -> tuple[RealWorld, list[Stored]]:
    """Run ``scenario``; what is stored then, in seconds of the fleet's clock since the beginning."""
    world = RealWorld(scenario)
    world.listener.start()
    try:
        began_at = asyncio.run(world.run())
    finally:
        world.listener.terminate()
    rows = Message.objects.order_by("received_at", "pk").values_list(
        "received_at", "concentrator__serial_number", "kind"
    )
    stored = [Stored((at - began_at).total_seconds() * SPEED, serial, Kind(kind), None) for at, serial, kind in rows]
    return world, stored
