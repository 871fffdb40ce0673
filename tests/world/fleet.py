"""The product's simulated fleet, which may also lose its power, and what it sends by."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from typing import Any

from concentrators.simulator.agenda import SimulatedConcentrator
from concentrators.simulator.fleet import Fleet
from concentrators.simulator.inventory import Installation
from concentrators.simulator.messages import Service
from smmeplus.dlms.kinds import Kind
from smmeplus.dlms.notification import push_notification
from tests.world.trace import Trace
from tests.world.virtual.loop import WorldLoop


class PoweredFleet(Fleet):
    """One whose concentrators may lose their power, and with it the attempt that is under way."""

    def __init__(self, *arguments: Any) -> None:
        super().__init__(*arguments)
        self._attempts: dict[str, asyncio.Task[Any]] = {}

    def lose_power(self, serials: Iterable[str]) -> None:
        for serial in serials:
            if attempt := self._attempts.get(serial):
                attempt.cancel()
            concentrator = self._concentrators[serial]
            concentrator.behaviour.power_lost(self._clock.now())
            self._agenda.add(concentrator)
        self._agenda_changed.set()

    def restore_power(self, serials: Iterable[str]) -> None:
        for serial in serials:
            concentrator = self._concentrators[serial]
            concentrator.behaviour.power_restored(self._clock.now())
            self._agenda.add(concentrator)
        self._agenda_changed.set()

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
    """Delivers messages by ``service`` over TCP, and last gasps in a datagram, and notes what came of them."""

    def __init__(self, loop: WorldLoop, service: Service, trace: Trace) -> None:
        self._loop, self._service, self._trace = loop, service, trace
        #: Serial number, kind, and when it was sent (seconds since the beginning), of each that was answered.
        self.answered: list[tuple[str, Kind, float]] = []

    async def deliver(self, installation: Installation, kind: Kind, number: int) -> bool:
        if kind is Kind.LASTGASP:
            self._gasp(installation, number)
            return False  # nobody waits for an answer
        serial, begun_at = installation.serial, self._loop.time()
        self._trace.note(serial, f"sends {kind.word}")
        reached = await self._service.deliver(installation, kind, number)
        self._trace.note(serial, "is answered" if reached else "fails")
        if reached:
            self.answered.append((serial, kind, begun_at))
        return reached

    def _gasp(self, installation: Installation, number: int) -> None:
        self._trace.note(installation.serial, "gasps")
        frame = push_notification(installation.serial, Kind.LASTGASP, invoke_id=number, confirmed=False)
        to = self._service.host, self._service.port
        end, _ = self._loop.network.open_datagrams(asyncio.DatagramProtocol, (installation.source, 0), to)
        end.sendto(frame)
        end.close()
