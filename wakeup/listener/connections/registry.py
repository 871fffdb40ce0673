"""The open connections of one listener: who is let in, and who has had his time (LIS-3)."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from ipaddress import IPv4Network, IPv6Network, ip_address
from time import monotonic

from wakeup.listener.connections.tcp import Connection
from wakeup.listener.metrics import Metrics
from wakeup.listener.writers.intake import Intake

# Thousands of connections that began together also end together, and must not keep all others waiting meanwhile.
CUT_AT_ONCE = 20
CUT_AGAIN_S = 0.01


@dataclass(slots=True)
class Limits:
    """What connections may cost (LIS-3); times in seconds."""

    connections: int = 20_000
    per_address: int = 1_000  # of these from one address; 0 where many concentrators share one
    idle_s: float = 60.0
    frame_s: float = 10.0  # from the first byte of a frame, or of a PROXY header, to its last
    proxies: tuple[IPv4Network | IPv6Network, ...] = ()  # balancers that begin each connection with a PROXY header


def call_later(seconds: float, work: Callable[[], None]) -> None:
    """Do ``work`` on the running event loop after ``seconds``."""
    asyncio.get_running_loop().call_later(seconds, work)


class Waiting:
    """Connections that wait for the same thing, in the order in which they began, so that the first is over first."""

    def __init__(self, limit_s: float) -> None:
        self._limit_s = limit_s
        self._since: dict[Connection, float] = {}

    def start(self, connection: Connection, now: float) -> None:
        """Let the time of ``connection`` begin, or begin anew. ``now``: by our clock."""
        self._since.pop(connection, None)
        self._since[connection] = now

    def stop(self, connection: Connection) -> None:
        self._since.pop(connection, None)

    def over(self, now: float, limit: int) -> list[Connection]:
        """Those that have waited for longer than they may, at most ``limit`` of them; looks at no others."""
        over: list[Connection] = []
        for connection, since in self._since.items():
            if now - since <= self._limit_s or len(over) == limit:
                break
            over.append(connection)
        return over


class Connections:
    """The open connections of one listener, each in at most one of the three kinds of waiting at a time.

    ``clock`` (seconds) is that of the machine and ``later`` that of the loop, except in tests.
    """

    def __init__(
        self,
        intake: Intake,
        port: int,
        limits: Limits,
        metrics: Metrics,
        *,
        clock: Callable[[], float] = monotonic,
        later: Callable[[float, Callable[[], None]], None] = call_later,
    ) -> None:
        self.intake = intake
        self.port = port
        self.limits = limits
        self.metrics = metrics
        self.clock = clock
        self._later = later
        self._is_cutting = False
        self.open: set[Connection] = set()
        self.silent = Waiting(limits.idle_s)
        self.unfinished = Waiting(limits.frame_s)
        self.not_reading = Waiting(limits.idle_s)
        self._by_address: dict[str, int] = {}

    def __call__(self) -> Connection:
        """A protocol for a new connection: this is what ``create_server`` wants."""
        return Connection(self)

    def admit(self, connection: Connection) -> bool:
        """Let a new connection in; False when there are as many as there may be."""
        if len(self.open) >= self.limits.connections:
            return False
        self.open.add(connection)
        return True

    def admit_from(self, address: str) -> bool:
        """Let in one more from a concentrator's own ``address``; False when it has as many as it may have."""
        count = self._by_address.get(address, 0)
        if 0 < self.limits.per_address <= count:
            return False
        self._by_address[address] = count + 1
        return True

    def leave(self, connection: Connection, address: str | None) -> None:
        """Forget a connection that is closed, and that it was let in from ``address``."""
        self.open.discard(connection)
        if address is None:
            return
        self._by_address[address] -= 1
        if not self._by_address[address]:
            del self._by_address[address]

    def is_proxy(self, address: str) -> bool:
        """Whether connections from ``address`` begin with a PROXY header."""
        if not self.limits.proxies:
            return False
        peer = ip_address(address)
        return any(peer in network for network in self.limits.proxies)

    def close_idle(self, now: float) -> None:
        """Cut off whoever has taken longer than the limits allow, a few at a time. ``now``: by our clock.

        Costs what it cuts off, not what is open: it may run often over 20,000.
        """
        if not self._is_cutting:
            self._cut_off_some(now)

    def _cut_off_some(self, now: float) -> None:
        slow = self.unfinished.over(now, CUT_AT_ONCE)
        silent = self.silent.over(now, CUT_AT_ONCE)
        stuck = self.not_reading.over(now, CUT_AT_ONCE)
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
