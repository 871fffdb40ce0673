"""One world: an inventory, its fleet, a network, a listener and a database, and what happens to them."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NamedTuple

import time_machine
from django.core.cache import cache
from django.db import connection

from concentrators.models import PlannedScope, PlannedWindow, PlannedWork
from concentrators.simulator.clock import Clock
from concentrators.simulator.inventory import installations
from concentrators.simulator.messages import Service
from smmeplus.dlms.kinds import Kind
from tests.world.actors.fleet import PoweredFleet, Sender
from tests.world.actors.listener import DatabaseSite, WorldListener
from tests.world.actors.sender import WorldSender, make_receiver
from tests.world.actors.watcher import WorldJudge, WorldWatcher
from tests.world.inventory import make
from tests.world.scenario import PORT, SERVICE, Scenario
from tests.world.trace import Trace, seconds
from tests.world.virtual.loop import WorldLoop
from tests.world.virtual.network import Address, Network
from wakeup.models import Message, StatusChange


class Stored(NamedTuple):
    """A message in the database; times in seconds since the beginning."""

    at: float
    serial: str
    kind: Kind
    device_time: float | None


class Change(NamedTuple):
    """Of a concentrator's status, as the database has it."""

    at: float
    serial: str
    from_status: str
    to_status: str
    reason: str


@dataclass(frozen=True)
class Outcome:
    """What came of a scenario. ``answered``: serial number, kind, and when it was sent."""

    groups: Mapping[str, list[str]]
    trace: Trace
    stored: list[Stored]
    answered: list[tuple[str, Kind, float]]
    changes: list[Change]
    #: After each pass of a watcher: up to when it saw all, and how many changes were recorded by then.
    passes: list[tuple[float, int]]

    def serial_of(self, name: str) -> str:
        """That of a concentrator such as ``feeder 3``: number 3 of its group."""
        group, number = name.rsplit(maxsplit=1)
        return self.groups[group][int(number)]

    def stored_of(self, serial: str) -> list[Stored]:
        return [one for one in self.stored if one.serial == serial]


def play(scenario: Scenario, seed: int = 1, watchers: int = 0) -> Outcome:
    """Run ``scenario`` to its end, in a database without concentrators. Raises what went wrong in any callback.

    Without ``watchers`` no changes of status are recorded.
    """
    cache.clear()  # of what another world knew at the same time
    with time_machine.travel(scenario.start, tick=False) as clock:
        begin = scenario.start.timestamp()
        loop = WorldLoop(lambda now: clock.move_to(begin + now))
        with asyncio.Runner(loop_factory=lambda: loop) as runner:
            world = World(loop, scenario, seed, watchers)
            runner.run(world.run())
    if loop.errors:
        raise BaseExceptionGroup("in callbacks of the world", loop.errors)
    start = scenario.start
    passes = [(_since(start, until), count) for until, count in world.passes]
    return Outcome(world.groups, world.trace, _stored(start), world.sender.answered, _changes(start), passes)


class World:
    def __init__(self, loop: WorldLoop, scenario: Scenario, seed: int, watchers: int) -> None:
        self._loop, self._scenario = loop, scenario
        self.chance = random.Random(seed)
        self.trace = Trace(loop.time)
        self.network = Network(loop, random.Random(self.chance.random()))
        self.database = DatabaseSite(random.Random(self.chance.random()))
        chances = [random.Random(self.chance.random()) for _ in range(watchers)]
        follows = scenario.incidents is not None
        self._watchers = [WorldWatcher(self.database, one, scenario.pause_s, follows=follows) for one in chances]
        judges = [WorldJudge(self.database, self.trace)] if scenario.is_judged else []
        senders = [WorldSender()] if follows else []
        self._services: list[WorldJudge | WorldWatcher | WorldSender] = [*judges, *self._watchers, *senders]
        self._addresses = _addresses(scenario.listeners)
        self._listeners: dict[Address, WorldListener] = {}
        self._company, self.groups = make(scenario)
        if follows:
            make_receiver(self._company)
        self._installations = installations(self._company.pk)
        self.source_of = {one.serial: one.source for one in self._installations}
        self.service = Service(SERVICE, PORT, zone=self._company.zone, own_sources=True)
        self.sender = Sender(loop, self.service, self.trace)
        for group, traits in scenario.traits.items():
            if traits.clock_off:
                self.sender.clock_off.update(dict.fromkeys(self.groups[group], traits.clock_off))
        self.fleet = PoweredFleet(Clock(timer=loop.time), self.sender.deliver)

    def sources_of(self, *groups: str) -> list[str]:
        return [self.source_of[serial] for group in groups for serial in self.groups[group]]

    @property
    def passes(self) -> list[tuple[datetime, int]]:
        return [one for watcher in self._watchers for one in watcher.passes]

    def plan(self, group: str, begin: str, end: str, scope: PlannedScope) -> None:
        traits, start = self._scenario.traits_of(group), self._scenario.start
        times = [start + timedelta(seconds=seconds(at)) for at in (begin, end)]
        place = {"substation": traits.substation, "feeder": traits.feeder if scope == PlannedScope.FEEDER else ""}
        work = PlannedWork.objects.create(
            company=self._company, scope=scope, title=group, begin=times[0], end=times[1], **place
        )
        PlannedWindow.objects.create(work=work, begin=work.begin, end=work.end)
        connection.close()  # that of the task in which it happens

    def start_listener(self, number: int) -> None:
        at = self._addresses[number]
        self._listeners[at] = WorldListener(self._loop, at, self.database, beats=self._scenario.is_judged)

    async def kill_listener(self, number: int) -> None:
        await self._listeners.pop(self._addresses[number]).die()

    async def run(self) -> None:
        for number in range(len(self._addresses)):
            self.start_listener(number)
        if len(self._addresses) > 1:
            self.network.balance((SERVICE, PORT), self._addresses)
        canaries = {serial for group in self._scenario.canary_groups for serial in self.groups[group]}
        self.fleet.follow(one for one in self._installations if one.serial in canaries)
        field = len(self._installations) - len(canaries)
        self.fleet.follow(self._installations, spread=float(self._scenario.step_s * field))
        life = asyncio.create_task(self.fleet.run())
        watching = [asyncio.create_task(one.run()) for one in self._services]
        happening = asyncio.create_task(self._happen())
        await asyncio.sleep(seconds(self._scenario.lasts))
        await happening
        life.cancel()
        with suppress(asyncio.CancelledError):
            await life
        for listener in self._listeners.values():
            await listener.stop()
        for task in watching:
            task.cancel()
        for one in self._services:
            await one.end()

    async def _happen(self) -> None:
        for at, event in self._scenario.events:
            await asyncio.sleep(seconds(at) - self._loop.time())
            self.trace.note("world", repr(event))
            await event.happen(self)


def _addresses(listeners: int) -> list[Address]:
    """Of the listeners; a single one has that of the service itself."""
    return [(SERVICE, PORT)] if listeners == 1 else [(f"10.132.21.{number + 1}", PORT) for number in range(listeners)]


def _stored(start: datetime) -> list[Stored]:
    rows = Message.objects.order_by("received_at", "concentrator__serial_number").values_list(
        "received_at", "concentrator__serial_number", "kind", "device_time"
    )
    return [
        Stored(_since(start, at), serial, Kind(kind), None if device is None else _since(start, device))
        for at, serial, kind, device in rows
    ]


def _changes(start: datetime) -> list[Change]:
    rows = StatusChange.objects.order_by("at", "concentrator__serial_number").values_list(
        "at", "concentrator__serial_number", "from_status", "to_status", "reason"
    )
    return [Change(_since(start, at), *rest) for at, *rest in rows]


def _since(start: datetime, moment: datetime) -> float:
    return (moment - start) / timedelta(seconds=1)
