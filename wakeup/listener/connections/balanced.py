"""Datagrams that come by way of a balancer: whose they are (WIR-7).

nginx puts a PROXY header before the first datagram of a session alone. So what it says holds for the later ones from
the same address and port of the balancer, as long as nginx would keep the session.
"""

from __future__ import annotations

from collections.abc import Callable
from time import monotonic
from typing import Final, NamedTuple

from wakeup.listener.connections.limits import Limits
from wakeup.listener.connections.proxy import ProxyError, begins_with_header, read_header

SESSION_S: Final = 600.0  # nginx's proxy_timeout
MAX_SESSIONS: Final = 20_000


class _Session(NamedTuple):
    address: str
    until: float  # by our clock


class BalancedDatagrams:
    """The sessions of balancers. ``clock`` (seconds) is that of the machine, except in tests."""

    def __init__(self, limits: Limits, clock: Callable[[], float] = monotonic) -> None:
        self._limits = limits
        self._clock = clock
        self._sessions: dict[tuple[str, int], _Session] = {}  # by the balancer's address and port, longest unused first

    def split(self, peer: str, port: int, data: bytes) -> tuple[str, bytes]:
        """The address of who sent ``data``, which came from ``peer``, and what is behind the header if there is one.

        Raises ProxyError for a header that is broken, and for a datagram of a balancer whose sender nobody has told.
        """
        if not self._limits.is_proxy(peer):
            return peer, data
        sender = (peer, port)
        if not begins_with_header(data):
            return self._known(sender), data
        found = read_header(data)
        if found is None:
            raise ProxyError("the datagram ends in the middle of the PROXY header")
        source, length = found
        address = peer if source is None else source.address
        self._remember(sender, address)
        return address, data[length:]

    def _known(self, sender: tuple[str, int]) -> str:
        session = self._sessions.get(sender)
        if session is None or session.until < self._clock():
            raise ProxyError(
                f"{sender[0]} is listed as a balancer, so its datagrams must begin with a PROXY header, at least the "
                "first from each port (proxy_protocol on), or the concentrator's own address is hidden"
            )
        self._remember(sender, session.address)
        return session.address

    def _remember(self, sender: tuple[str, int], address: str) -> None:
        self._sessions.pop(sender, None)  # to the end
        if len(self._sessions) >= MAX_SESSIONS:
            del self._sessions[next(iter(self._sessions))]
        self._sessions[sender] = _Session(address, self._clock() + SESSION_S)
