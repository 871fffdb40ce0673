"""A fleet of simulated concentrators (SIM-2): sends what is due, and passes the outcome on."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass, replace

from concentrators.simulator.agenda import Agenda, SimulatedConcentrator
from concentrators.simulator.behaviour import Behaviour, Profile
from concentrators.simulator.clock import Clock
from concentrators.simulator.inventory import Installation
from smmeplus.dlms.kinds import Kind

MAX_UNDER_WAY = 500  # attempts, and so open sockets: below the usual limit of 1,024 descriptors
LAST_ANSWERS = 1.0  # seconds

#: Sends the n-th message of one concentrator, and returns whether it reached the service.
Deliver = Callable[[Installation, Kind, int], Awaitable[bool]]


@dataclass
class Figures:
    """What a fleet did. Every attempt that has ended was either answered or failed."""

    sent: int = 0
    answered: int = 0
    failed: int = 0
    retries: int = 0


class Fleet:
    def __init__(self, clock: Clock, deliver: Deliver) -> None:
        self.figures = Figures()
        self._clock = clock
        self._deliver = deliver
        self._concentrators: dict[str, SimulatedConcentrator] = {}
        self._away: set[str] = set()
        self._agenda = Agenda()
        self._agenda_changed = asyncio.Event()
        self._vacancies = asyncio.Semaphore(MAX_UNDER_WAY)
        self._under_way: set[asyncio.Task[None]] = set()

    def __len__(self) -> int:
        return len(self._concentrators)

    def follow(self, installations: Iterable[Installation], spread: float = 0.0) -> None:
        """Adapt the fleet to what is installed now: new ones boot, others get their new profile or leave the field.

        The boots of new ones are spread evenly over ``spread`` seconds of the fleet's clock.
        """
        installed = {installation.serial: installation for installation in installations}
        for serial in self._concentrators.keys() - installed.keys():
            self._concentrators.pop(serial).in_field = False
        now = self._clock.now()
        for serial in self._concentrators.keys() & installed.keys():
            self._reinstall(self._concentrators[serial], installed[serial], now)
        newcomers = [serial for serial in installed if serial not in self._concentrators]
        for number, serial in enumerate(newcomers):
            self._install(installed[serial], now + spread * number / len(newcomers))
        self._agenda_changed.set()

    def rewrite(self, serial: str, profile: Profile) -> None:
        """Another profile was written into this concentrator; one that is not of the fleet has nothing to send yet."""
        concentrator = self._concentrators.get(serial)
        if concentrator is not None:
            self._reinstall(concentrator, replace(concentrator.installation, profile=profile), self._clock.now())
            self._agenda_changed.set()

    @property
    def installations(self) -> list[Installation]:
        return [concentrator.installation for concentrator in self._concentrators.values()]

    def be_away(self, serial: str, is_away: bool) -> None:
        """What this concentrator sends is lost, as if nobody listened."""
        (self._away.add if is_away else self._away.discard)(serial)

    def cut_off(self, serial: str) -> None:
        """The supply of this concentrator fails: it sends its last gasp, if it was told to."""
        self._tell(serial, Behaviour.power_lost)

    def switch_on(self, serial: str) -> None:
        """Its supply is back: it boots."""
        self._tell(serial, Behaviour.power_restored)

    def _tell(self, serial: str, event: Callable[[Behaviour, float], None]) -> None:
        concentrator = self._concentrators.get(serial)
        if concentrator is not None:
            event(concentrator.behaviour, self._clock.now())
            self._agenda.add(concentrator)
            self._agenda_changed.set()

    async def run(self) -> None:
        """Run until cancelled; then give the attempts under way a moment for their answers."""
        async with asyncio.TaskGroup() as attempts:
            try:
                while True:
                    await self._vacancies.acquire()
                    concentrator = await self._next()
                    kind = self._begin(concentrator)
                    self._under_way.add(task := attempts.create_task(self._attempt(concentrator, kind)))
                    task.add_done_callback(self._under_way.discard)
            finally:
                if self._under_way:
                    await asyncio.wait(self._under_way, timeout=LAST_ANSWERS)

    def _install(self, installation: Installation, now: float) -> None:
        concentrator = SimulatedConcentrator(installation, now)
        self._concentrators[installation.serial] = concentrator
        self._agenda.add(concentrator)

    def _reinstall(self, concentrator: SimulatedConcentrator, installation: Installation, now: float) -> None:
        if concentrator.installation == installation:
            return
        concentrator.installation = installation
        concentrator.behaviour.profile_changed(installation.profile, now)
        self._agenda.add(concentrator)

    async def _next(self) -> SimulatedConcentrator:
        while True:
            self._agenda_changed.clear()
            if concentrator := self._agenda.take(self._clock.now()):
                return concentrator
            due = self._agenda.next_due()
            with suppress(TimeoutError):
                async with asyncio.timeout(None if due is None else self._clock.until(due)):
                    await self._agenda_changed.wait()

    def _begin(self, concentrator: SimulatedConcentrator) -> Kind:
        self.figures.sent += 1
        self.figures.retries += concentrator.behaviour.retrying
        concentrator.begun += 1
        return concentrator.behaviour.begin(self._clock.now())

    async def _attempt(self, concentrator: SimulatedConcentrator, kind: Kind) -> None:
        reached, number = False, concentrator.begun
        try:
            if concentrator.installation.serial not in self._away:
                reached = await self._deliver(concentrator.installation, kind, number)
        finally:
            self._settle(concentrator, reached, is_last=number == concentrator.begun)

    def _settle(self, concentrator: SimulatedConcentrator, reached: bool, *, is_last: bool) -> None:
        """``is_last`` unless a failure of the supply has cut off the attempt, and another one has begun."""
        self.figures.answered += reached
        self.figures.failed += not reached
        if is_last:
            tell = concentrator.behaviour.succeeded if reached else concentrator.behaviour.failed
            tell(self._clock.now())
        self._vacancies.release()
        self._agenda.add(concentrator)
        self._agenda_changed.set()
