"""Which concentrator of a fleet acts next (SIM-2): a heap, so that an idle one costs nothing."""

from __future__ import annotations

import heapq
import zlib
from itertools import count

from concentrators.simulator.behaviour import Behaviour
from concentrators.simulator.inventory import Installation


class SimulatedConcentrator:
    """One of the fleet: where it is installed, how it behaves, and how many messages it began to send."""

    __slots__ = ("begun", "behaviour", "in_field", "installation")

    def __init__(self, installation: Installation, now: float) -> None:
        self.installation = installation
        # As good as chance, and the same in each run.
        chance = zlib.crc32(installation.serial.encode()) / 2**32
        self.behaviour = Behaviour(installation.profile, now, chance)
        self.begun = 0
        self.in_field = True


class Agenda:
    """Concentrators by the time at which they want to act.

    An entry is never removed early. It is skipped when its time comes, if by then its concentrator is due at another
    time, or out of the field.
    """

    def __init__(self) -> None:
        self._entries: list[tuple[float, int, SimulatedConcentrator]] = []
        self._order = count()

    def add(self, concentrator: SimulatedConcentrator) -> None:
        """Note when it is due now. Call this whenever that may have changed."""
        if concentrator.behaviour.due is not None:
            heapq.heappush(self._entries, (concentrator.behaviour.due, next(self._order), concentrator))

    def next_due(self) -> float | None:
        """When the first one is due; None if none is."""
        while self._entries:
            due, _, concentrator = self._entries[0]
            if concentrator.in_field and concentrator.behaviour.due == due:
                return due
            heapq.heappop(self._entries)
        return None

    def take(self, now: float) -> SimulatedConcentrator | None:
        """Remove and return the one that has been due longest at ``now``; None if none is."""
        due = self.next_due()
        if due is None or due > now:
            return None
        return heapq.heappop(self._entries)[2]
