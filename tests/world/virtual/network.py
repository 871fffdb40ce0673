"""A network in memory: who listens where, how long the way takes, and where it is cut."""

from __future__ import annotations

import asyncio
import random
from collections import deque
from collections.abc import Callable, Iterable, Sequence
from itertools import count
from typing import Any, Final

from tests.world.virtual.loop import WorldLoop
from tests.world.virtual.tcp import SYN_AGAIN, SYN_GIVEN_UP_AFTER, End, Stream

Address = tuple[str, int]

#: Seconds one way: GPRS at its best, and as slow as lets an exchange take less than a second.
LATENCY: Final = (0.02, 0.2)
#: Seconds: three checks of HAProxy's, every two seconds.
NOTICED_AFTER: Final = 6.0
_FIRST_PORT: Final = 49_152


class Network:
    """``chance`` draws how long each way takes, once for each connection and each datagram."""

    def __init__(self, loop: WorldLoop, chance: random.Random) -> None:
        self.loop = loop
        self._chance = chance
        self._cuts: dict[str, frozenset[str]] = {}
        self._lossy: frozenset[str] = frozenset()
        self._delays: dict[str, float] = {}
        self._servers: dict[Address, Server] = {}
        self._datagrams: dict[Address, DatagramEnd] = {}
        self._balancers: dict[Address, Balancer] = {}
        self._ends: dict[str, dict[End, None]] = {}  # by their host, in the order in which they came
        self._ports = count(_FIRST_PORT)
        loop.network = self

    def cut(self, name: str, hosts: Iterable[str]) -> None:
        """From now on nothing gets to or from ``hosts``, until :meth:`heal` is called with the same ``name``."""
        self._cuts[name] = frozenset(hosts)

    def heal(self, name: str) -> None:
        del self._cuts[name]

    def is_cut(self, one: str, other: str) -> bool:
        return any(one in hosts or other in hosts for hosts in self._cuts.values())

    def balance(self, at: Address, targets: Sequence[Address]) -> None:
        """Let a balancer take what comes ``at`` an address, and hand it on to ``targets`` in turn."""
        self._balancers[at] = Balancer(self.loop.time, targets)

    def lose_datagrams_of(self, hosts: Iterable[str]) -> None:
        """From now on the datagrams of ``hosts``, and of nobody else, are lost."""
        self._lossy = frozenset(hosts)

    def delay_datagrams_of(self, host: str, delay: float) -> None:
        """From now on the datagrams of ``host`` take so many seconds longer."""
        self._delays[host] = delay

    def switch_off(self, host: str) -> None:
        """All connections of ``host`` end in silence: it has no power to close them."""
        for end in list(self._ends.get(host, ())):
            end.is_dead = True
            end.lose(ConnectionAbortedError("the power is gone"))

    async def connect(
        self, protocol_factory: Callable[[], asyncio.Protocol], to: Address, local: Address | None
    ) -> tuple[End, asyncio.Protocol]:
        """Raises ConnectionRefusedError if nothing listens there, and TimeoutError after two minutes of silence."""
        own = self._own(local)
        latency = self._latency()
        for pause in (*SYN_AGAIN, SYN_GIVEN_UP_AFTER):
            if await self._gets_through(own[0], to[0], latency):
                break
            await asyncio.sleep(pause - latency)
        else:
            raise TimeoutError("Connection timed out")
        server = self._servers.get(self._target(to))
        near = End(self.loop, own, to)
        if server is None:
            await asyncio.sleep(latency)
            raise ConnectionRefusedError("Connection refused")
        self._join(near, far := End(self.loop, to, own), latency)
        server.accept(far)
        try:
            await asyncio.sleep(latency)
        except asyncio.CancelledError:
            near.abort()
            raise
        if near.is_lost:
            raise ConnectionResetError("Connection reset by peer")
        protocol = protocol_factory()
        self._ends.setdefault(near.host, {})[near] = None
        near.begin(protocol, self._forget)
        return near, protocol

    def listen(self, protocol_factory: Callable[[], asyncio.Protocol], at: Address) -> Server:
        """Raises OSError if somebody listens there already."""
        if at in self._servers:
            raise OSError(f"Address already in use: {at}")
        server = self._servers[at] = Server(self, protocol_factory, at)
        self._tell_balancers(at, is_up=True)
        return server

    def stop_listening(self, at: Address) -> None:
        self._servers.pop(at, None)
        self._tell_balancers(at, is_up=False)

    def open_datagrams(
        self, protocol_factory: Callable[[], asyncio.DatagramProtocol], local: Address | None, remote: Address | None
    ) -> tuple[DatagramEnd, asyncio.DatagramProtocol]:
        own = self._own(local)
        protocol = protocol_factory()
        end = self._datagrams[own] = DatagramEnd(self, own, remote, protocol)
        protocol.connection_made(end)
        return end, protocol

    def send_datagram(self, data: bytes, sender: Address, to: Address) -> None:
        if sender[0] not in self._lossy:
            takes = self._latency() + self._delays.get(sender[0], 0.0)
            self.loop.call_later(takes, self._deliver_datagram, data, sender, to)

    def close_datagrams(self, at: Address) -> None:
        self._datagrams.pop(at, None)

    def _deliver_datagram(self, data: bytes, sender: Address, to: Address) -> None:
        receiver = self._datagrams.get(self._target(to))
        if receiver is not None and not self.is_cut(sender[0], to[0]):
            receiver.protocol.datagram_received(data, sender)

    async def _gets_through(self, one: str, other: str, latency: float) -> bool:
        await asyncio.sleep(latency)
        return not self.is_cut(one, other)

    def _target(self, to: Address) -> Address:
        balancer = self._balancers.get(to)
        return to if balancer is None else balancer.choose() or to

    def _tell_balancers(self, at: Address, *, is_up: bool) -> None:
        for balancer in self._balancers.values():
            balancer.note(at, is_up=is_up)

    def _join(self, near: End, far: End, latency: float) -> None:
        near.out = Stream(self, near, far, latency)
        far.out = Stream(self, far, near, latency)

    def _forget(self, end: End) -> None:
        del self._ends[end.host][end]

    def _own(self, local: Address | None) -> Address:
        host, port = local or ("127.0.0.1", 0)
        return host, port or next(self._ports)

    def _latency(self) -> float:
        return self._chance.uniform(*LATENCY)


class Balancer:
    """Hands on to the next of its targets that it believes to be up. Its checks take a while to notice a change.

    It begins with all of them up. Who sends sees the balancer's address alone, and a listener sees the sender's.
    """

    def __init__(self, clock: Callable[[], float], targets: Sequence[Address]) -> None:
        self._clock = clock
        self._targets = deque(targets)
        self._changes: dict[Address, tuple[bool, float]] = dict.fromkeys(targets, (True, -NOTICED_AFTER))

    def note(self, target: Address, *, is_up: bool) -> None:
        if target in self._changes:
            self._changes[target] = is_up, self._clock()

    def choose(self) -> Address | None:
        """None if all are believed to be down."""
        for _ in range(len(self._targets)):
            self._targets.rotate(-1)
            is_up, since = self._changes[self._targets[0]]
            if is_up == (self._clock() - since >= NOTICED_AFTER):
                return self._targets[0]
        return None


class Server:
    """What listens at an address, with the connections that it has accepted."""

    def __init__(self, network: Network, protocol_factory: Callable[[], asyncio.Protocol], at: Address) -> None:
        self._network, self._protocol_factory, self._at = network, protocol_factory, at
        self._accepted: dict[End, None] = {}

    def accept(self, end: End) -> None:
        self._accepted[end] = None
        end.begin(self._protocol_factory(), self._forget)

    def close(self) -> None:
        """Accept no more; connections go on."""
        self._network.stop_listening(self._at)

    def kill(self) -> None:
        """The process is gone, and the system closes what it had open."""
        self.close()
        for end in list(self._accepted):
            end.vanish()

    def _forget(self, end: End) -> None:
        del self._accepted[end]


class DatagramEnd(asyncio.DatagramTransport):
    def __init__(
        self, network: Network, own: Address, remote: Address | None, protocol: asyncio.DatagramProtocol
    ) -> None:
        super().__init__({"sockname": own, "peername": remote})
        self._network, self._own, self._remote = network, own, remote
        self.protocol = protocol
        self._is_closing = False

    def sendto(self, data: Any, addr: Any = None) -> None:
        to = addr or self._remote
        assert to is not None
        self._network.send_datagram(bytes(data), self._own, to)

    def close(self) -> None:
        self._is_closing = True
        self._network.close_datagrams(self._own)

    def abort(self) -> None:
        self.close()

    def is_closing(self) -> bool:
        return self._is_closing
