"""The open connections of one listener: which are let in, and which have used up their time (LIS-3)."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from functools import partial
from time import monotonic, time_ns
from typing import Protocol

from wakeup.listener.connections.limits import Limits
from wakeup.listener.keys.looking_up import KeyRing
from wakeup.listener.metrics import Metrics

# Thousands of connections that began together also time out together, and must not keep all others waiting meanwhile.
CUT_AT_ONCE = 20
CUT_AGAIN_S = 0.01
MAX_AHEAD_US = 1_000_000  # by which the last time of receipt may be ahead of the clock, unless that was set back


class Registered(Protocol):
    """What the registry has a connection do."""

    def close_or_reset(self) -> None: ...
    def close_silent(self) -> None: ...
    def give_way(self) -> None: ...
    def refuse_unfinished(self) -> None: ...
    def reset_unless_it_takes_answers(self) -> None: ...


def call_later(seconds: float, work: Callable[[], None]) -> None:
    asyncio.get_running_loop().call_later(seconds, work)


class Waiting:
    """Connections that wait for the same thing, longest first."""

    def __init__(self, limit_s: float, clock: Callable[[], float]) -> None:
        self._limit_s = limit_s
        self._clock = clock
        self._since: dict[Registered, float] = {}

    def start(self, connection: Registered) -> None:
        """Let the time of ``connection`` begin. It must not be waiting here already, or it would keep its place."""
        self._since[connection] = self._clock()

    def stop(self, connection: Registered) -> None:
        self._since.pop(connection, None)

    def longest(self, connections: Iterable[Registered]) -> Registered | None:
        """The one of ``connections`` that has waited here longest; looks at all of them."""
        return min((one for one in connections if one in self._since), key=self._since.__getitem__, default=None)

    def overdue(self, now: float, limit: int) -> list[Registered]:
        """Those that have waited for longer than they may, at most ``limit`` of them; looks at no others."""
        overdue: list[Registered] = []
        for connection, since in self._since.items():
            if now - since <= self._limit_s or len(overdue) == limit:
                break
            overdue.append(connection)
        return overdue


class Waiter:
    """What one connection waits for, if anything."""

    def __init__(self, connection: Registered) -> None:
        self._connection = connection
        self._waiting: Waiting | None = None

    def wait_for(self, waiting: Waiting | None, *, anew: bool = False) -> None:
        if waiting is self._waiting and not anew:
            return
        if self._waiting is not None:
            self._waiting.stop(self._connection)
        self._waiting = waiting
        if waiting is not None:
            waiting.start(self._connection)


class Connections:
    """The open connections of one listener, each in at most one of the three kinds of waiting at a time.

    ``clock`` (seconds) is that of the machine and ``later`` that of the loop, except in tests.
    """

    def __init__(
        self,
        limits: Limits,
        metrics: Metrics,
        keys: KeyRing | None = None,
        *,
        clock: Callable[[], float] = monotonic,
        later: Callable[[float, Callable[[], None]], None] = call_later,
    ) -> None:
        self.limits = limits
        self.metrics = metrics
        self.keys = keys  # None: ciphered messages are not read
        self._later = later
        self._is_cutting = False
        self.open: set[Registered] = set()
        self.silent = Waiting(limits.idle_s, clock)
        self.unfinished = Waiting(limits.frame_s, clock)
        self.not_reading = Waiting(limits.idle_s, clock)
        self._by_address: dict[str, dict[Registered, None]] = {}
        self._last_us = 0  # the last time of receipt

    def moments(self, count: int) -> tuple[datetime, int]:
        """The time of receipt of the first of ``count`` frames, also in microseconds since 1970; the others follow it.

        One a microsecond: no two have the same one, which tells messages apart (:mod:`wakeup.recording.attempts`).
        """
        first_us = time_ns() // 1_000
        if 0 <= self._last_us - first_us < MAX_AHEAD_US:
            first_us = self._last_us + 1
        self._last_us = first_us + count - 1
        return datetime.fromtimestamp(first_us / 1e6, UTC), first_us

    def count_cut_off(self, why: str) -> None:
        self.metrics.cut_off.labels(why).inc()

    def admit(self, connection: Registered) -> bool:
        """Let a new connection in; False when there are as many as there may be."""
        if len(self.open) >= self.limits.connections:
            return False
        self.open.add(connection)
        return True

    def admit_from(self, connection: Registered, address: str) -> bool:
        """Let in ``connection`` from a concentrator's own ``address``.

        When that has as many as it may have, the one that has been silent longest gives way; False if none is silent.
        """
        of_address = self._by_address.get(address)
        if of_address is None:
            of_address = self._by_address[address] = {}
        if 0 < self.limits.per_address <= len(of_address):
            silent = self.silent.longest(of_address)
            if silent is None:
                return False
            del of_address[silent]
            silent.give_way()
        of_address[connection] = None
        return True

    def leave(self, connection: Registered, address: str | None) -> None:
        """Forget a connection that is closed, and that it was let in from ``address``."""
        self.open.discard(connection)
        if address is None:
            return
        of_address = self._by_address.get(address)
        if of_address is None:
            return
        of_address.pop(connection, None)  # unless it has given way
        if not of_address:
            del self._by_address[address]

    def close_idle(self, now: float) -> None:
        """Cut off a few at a time of those that have taken longer than the limits allow. ``now``: by our clock.

        Costs what it cuts off, not what is open: it may run often over 20,000.
        """
        if not self._is_cutting:
            self._cut_off_some(now)

    def _cut_off_some(self, now: float) -> None:
        slow = self.unfinished.overdue(now, CUT_AT_ONCE)
        silent = self.silent.overdue(now, CUT_AT_ONCE)
        stuck = self.not_reading.overdue(now, CUT_AT_ONCE)
        for connection in slow:
            connection.refuse_unfinished()
        for connection in silent:
            connection.close_silent()
        for connection in stuck:
            connection.reset_unless_it_takes_answers()
        self._is_cutting = bool(slow or silent or stuck)
        if self._is_cutting:
            self._later(CUT_AGAIN_S, partial(self._cut_off_some, now))

    def close_all(self) -> None:
        """Close those without unanswered messages and reset the others: their concentrators then try again."""
        for connection in list(self.open):
            connection.close_or_reset()
