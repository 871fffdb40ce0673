"""The product's simulated fleet, and what it sends by."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta
from typing import Any

from concentrators.simulator.agenda import SimulatedConcentrator
from concentrators.simulator.fleet import Fleet
from concentrators.simulator.inventory import Installation
from concentrators.simulator.messages import Service
from smmeplus.dlms.kinds import Kind
from tests.world.trace import Trace
from tests.world.virtual.loop import WorldLoop


class PoweredFleet(Fleet):
    """One in which an attempt under way is lost with the supply, instead of going on without it."""

    def __init__(self, *arguments: Any) -> None:
        super().__init__(*arguments)
        self._attempts: dict[str, asyncio.Task[Any]] = {}

    def cut_off(self, serial: str) -> None:
        if attempt := self._attempts.get(serial):
            attempt.cancel()
        super().cut_off(serial)

    async def _attempt(self, concentrator: SimulatedConcentrator, kind: Kind) -> None:
        serial, task = concentrator.installation.serial, asyncio.current_task()
        assert task is not None
        self._attempts[serial] = task
        try:
            await super()._attempt(concentrator, kind)
        finally:
            if self._attempts.get(serial) is task:
                del self._attempts[serial]


class Sender:
    """Delivers messages by ``service``, and notes what came of them."""

    def __init__(self, loop: WorldLoop, service: Service, trace: Trace) -> None:
        self._loop, self._service, self._trace = loop, service, trace
        #: Serial number, kind, and when it was sent (seconds since the beginning), of each that was answered.
        self.answered: list[tuple[str, Kind, float]] = []
        self.clock_off: dict[str, timedelta] = {}

    async def deliver(self, installation: Installation, kind: Kind, number: int) -> bool:
        serial, begun_at = installation.serial, self._loop.time()
        self._trace.note(serial, f"sends {kind.word}")
        reached = await self._service_of(serial).deliver(installation, kind, number)
        if kind is not Kind.LASTGASP:  # which nobody answers
            self._trace.note(serial, "is answered" if reached else "fails")
            if reached:
                self.answered.append((serial, kind, begun_at))
        return reached

    def _service_of(self, serial: str) -> Service:
        off = self.clock_off.get(serial)
        return self._service if off is None else replace(self._service, clock_off=off)
