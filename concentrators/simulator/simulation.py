"""A fleet from its first boot to the closing table (SIM-2): follows the inventory, reports, ends on a signal."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeVar

from django.db import Error, connection
from django.utils.translation import gettext as _

from concentrators.simulator.addresses import loopback_source
from concentrators.simulator.clock import Clock
from concentrators.simulator.devices import Place
from concentrators.simulator.faults import Rule
from concentrators.simulator.fleet import Fleet
from concentrators.simulator.happening import Happening
from concentrators.simulator.inventory import Installation
from concentrators.simulator.messages import Service
from concentrators.simulator.sending import listens
from concentrators.simulator.serving import Devices

SPREAD = 20.0  # seconds over which a fleet boots: all within half a minute, yet not in one instant
FOLLOW_INTERVAL = 15.0  # seconds
REPORT_INTERVAL = 10.0  # seconds
MISHAP_INTERVAL = 0.2  # seconds
PATIENCE = 15.0  # seconds for a listener that is started at the same moment

Say = Callable[[str], None]
Rows = TypeVar("Rows")


@dataclass(frozen=True)
class Plan:
    """What to simulate. All seconds are of real time; in each of them ``speed`` seconds pass for the fleet.

    ``read_installations`` is called in a thread, at the start and every ``follow_interval``. Without ``duration`` only
    a signal ends the simulation. With ``read_devices`` in its place, each concentrator has a DLMS server, and does what
    is written into it. ``rules`` are those of the scenario.
    """

    service: Service
    read_installations: Callable[[], list[Installation]] = list
    read_devices: Callable[[], list[Place]] | None = None
    speed: float = 1.0
    spread: float = SPREAD
    duration: float | None = None
    patience: float = PATIENCE
    follow_interval: float = FOLLOW_INTERVAL
    rules: Sequence[Rule] = ()


async def simulate(plan: Plan, say: Say) -> Fleet:
    """Run a fleet until its time is over, SIGINT or SIGTERM, and return it as it then is."""
    clock = Clock(plan.speed)
    fleet = Fleet(clock, plan.service.deliver)
    life = asyncio.create_task(_live(plan, fleet, clock, say))
    _end_in_time(plan, life)
    try:
        await asyncio.wait([life])
    finally:
        life.cancel()
    if not life.cancelled():
        life.result()
    return fleet


def progress(fleet: Fleet) -> str:
    line = _("concentrators %(fleet)d, sent %(sent)d, answered %(answered)d, failed %(failed)d, retries %(retries)d")
    return line % {"fleet": len(fleet), **vars(fleet.figures)}


def closing_table(fleet: Fleet) -> str:
    columns = {
        _("Concentrators"): len(fleet),
        _("Sent"): fleet.figures.sent,
        _("Answered"): fleet.figures.answered,
        _("Failed"): fleet.figures.failed,
        _("Retries"): fleet.figures.retries,
    }
    widths = [max(len(name), len(str(figure))) for name, figure in columns.items()]
    lines = (columns.keys(), columns.values())
    return "\n".join("  ".join(f"{cell:>{width}}" for cell, width in zip(line, widths, strict=True)) for line in lines)


def _end_in_time(plan: Plan, life: asyncio.Task[None]) -> None:
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, life.cancel)
    if plan.duration is not None:
        loop.call_later(plan.duration, life.cancel)


async def _live(plan: Plan, fleet: Fleet, clock: Clock, say: Say) -> None:
    devices = Devices(fleet.rewrite, say)
    installations = await _installed(plan, devices)
    await _wait_for_listener(plan, say)
    # They may have been written while we waited.
    fleet.follow(devices.as_written(installations), spread=plan.spread * plan.speed)
    try:
        async with asyncio.TaskGroup() as jobs:
            jobs.create_task(fleet.run())
            jobs.create_task(_keep_following(plan, fleet, devices, say))
            jobs.create_task(_keep_reporting(fleet, say))
            jobs.create_task(_keep_failing(Happening(plan.rules, fleet, devices), clock))
    finally:
        devices.close()


async def _wait_for_listener(plan: Plan, say: Say) -> None:
    """Otherwise the boots of a fleet that is started together with its listener would fail, and be a minute late."""
    service = plan.service
    # From another address than the listener's: otherwise the system may give the probe the very port that it probes,
    # and it connects to itself.
    source = loopback_source(0) if service.own_sources else None
    if not await listens(service.host, service.port, source=source, patience=plan.patience):
        address = {"host": service.host, "port": service.port}
        say(_("Nothing listens on %(host)s port %(port)d yet. The concentrators keep trying.") % address)


async def _keep_following(plan: Plan, fleet: Fleet, devices: Devices, say: Say) -> None:
    while True:
        await asyncio.sleep(plan.follow_interval)
        try:
            fleet.follow(await _installed(plan, devices))
        except Error as error:
            say(_("The inventory cannot be read, the fleet stays as it is: %(error)s") % {"error": error})


async def _keep_failing(happening: Happening, clock: Clock) -> None:
    while True:
        happening.step(clock.now())
        await asyncio.sleep(MISHAP_INTERVAL)


async def _keep_reporting(fleet: Fleet, say: Say) -> None:
    while True:
        await asyncio.sleep(REPORT_INTERVAL)
        say(progress(fleet))


async def _installed(plan: Plan, devices: Devices) -> list[Installation]:
    if plan.read_devices is None:
        return await asyncio.to_thread(_read_with_own_connection, plan.read_installations)
    return await devices.settle(await asyncio.to_thread(_read_with_own_connection, plan.read_devices))


def _read_with_own_connection(read: Callable[[], Rows]) -> Rows:
    """Close the connection, which belongs to this thread; another thread may do the next reading."""
    try:
        return read()
    finally:
        connection.close()
