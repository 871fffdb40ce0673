"""Whose handshake goes on: a few at a time, so that no message waits for thousands of them (LIS-3)."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from time import monotonic
from typing import Final, Protocol

#: Of the event loop at a time: that many seconds, and it looks after messages again. A handshake costs as much as a
#: thousand messages, and all concentrators come back at once after an outage of their carrier.
TURN_S: Final = 0.005


class Shaking(Protocol):
    def take_turn(self) -> None: ...


def call_soon(work: Callable[[], None]) -> None:
    asyncio.get_running_loop().call_soon(work)


class Turns:
    """``clock`` (seconds) is that of the machine and ``soon`` that of the loop, except in tests."""

    def __init__(
        self, clock: Callable[[], float] = monotonic, soon: Callable[[Callable[[], None]], None] = call_soon
    ) -> None:
        self._clock, self._soon = clock, soon
        self._waiting: dict[Shaking, None] = {}  # longest first

    def __contains__(self, one: Shaking) -> bool:
        return one in self._waiting

    def queue(self, one: Shaking) -> None:
        """Let ``one`` have a turn. It may be waiting already, and keeps its place."""
        if not self._waiting:
            self._soon(self._go_round)
        self._waiting[one] = None

    def leave(self, one: Shaking) -> None:
        self._waiting.pop(one, None)

    def _go_round(self) -> None:
        end = self._clock() + TURN_S
        try:
            while self._waiting:
                one = next(iter(self._waiting))
                del self._waiting[one]
                one.take_turn()
                if self._clock() >= end:
                    break
        finally:
            if self._waiting:
                self._soon(self._go_round)
