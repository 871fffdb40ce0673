"""TCP in memory, as far as listeners and concentrators tell the difference: order, half-closing, reset, silence."""

from __future__ import annotations

import asyncio
import socket
from collections import deque
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Final, cast

if TYPE_CHECKING:
    from tests.world.virtual.network import Address, Network

# Seconds. As Linux does: a lost segment is sent again after ever longer pauses, and given up after about a quarter of
# an hour.
FIRST_RETRANSMISSION: Final = 0.2
LONGEST_PAUSE: Final = 120.0
GIVEN_UP_AFTER: Final = 924.0
SYN_AGAIN: Final = (1.0, 2.0, 4.0, 8.0, 16.0, 32.0)
SYN_GIVEN_UP_AFTER: Final = 64.0  # after the last of them; 127 s in all

FIN: Final = b""  # no data is empty
RST: Final = None
Segment = bytes | None


class Stream:
    """One direction of a connection. Segments arrive in the order in which they were sent, or none any more."""

    __slots__ = ("_latency", "_lost_since", "_network", "_pause", "_segments", "receiver", "sender")

    def __init__(self, network: Network, sender: End, receiver: End, latency: float) -> None:
        self._network, self._latency = network, latency
        self.sender, self.receiver = sender, receiver
        self._segments: deque[tuple[float, Segment]] = deque()
        self._pause = FIRST_RETRANSMISSION
        self._lost_since: float | None = None

    def send(self, segment: Segment) -> None:
        arrives = self._network.loop.time() + self._latency
        self._segments.append((arrives, segment))
        if len(self._segments) == 1:
            self._network.loop.call_at(arrives, self._arrive)

    def _arrive(self) -> None:
        loop = self._network.loop
        if self.sender.is_dead or self.receiver.is_dead:
            self._segments.clear()  # nobody sends them again, or takes them
        elif self._network.is_cut(self.sender.host, self.receiver.host):
            self._send_again(loop.time())
        else:
            self._pause, self._lost_since = FIRST_RETRANSMISSION, None
            while self._segments and self._segments[0][0] <= loop.time():
                self.receiver.take(self._segments.popleft()[1])
            if self._segments:
                loop.call_at(self._segments[0][0], self._arrive)

    def _send_again(self, now: float) -> None:
        self._lost_since = now if self._lost_since is None else self._lost_since
        if now - self._lost_since > GIVEN_UP_AFTER:
            self._segments.clear()
            self.sender.lose(TimeoutError("the segments are not acknowledged"))
            return
        self._network.loop.call_later(self._pause, self._arrive)
        self._pause = min(2 * self._pause, LONGEST_PAUSE)


class Socket:
    """What may be asked of the socket of a connection: that closing it resets."""

    def __init__(self) -> None:
        self.resets_on_close = False

    def setsockopt(self, level: int, option: int, value: int | bytes) -> None:
        if option == socket.SO_LINGER:
            self.resets_on_close = True


class End(asyncio.Transport):
    """One of the two ends of a connection. A dead one has no power: it neither sends nor receives."""

    def __init__(self, loop: asyncio.AbstractEventLoop, own: Address, peer: Address) -> None:
        self._socket = Socket()
        super().__init__({"sockname": own, "peername": peer, "socket": self._socket})
        self._loop = loop
        self.host = own[0]
        self.out: Stream
        self.protocol: asyncio.Protocol | None = None
        self.is_dead = self.is_lost = False
        self._is_paused = self._is_closing = self._has_sent_fin = False
        self._unread: deque[Segment] = deque()
        self._forget: Callable[[End], None] = lambda _: None

    def begin(self, protocol: asyncio.Protocol, forget: Callable[[End], None]) -> None:
        """``forget`` is called once, when the connection is lost."""
        self.protocol, self._forget = protocol, forget
        protocol.connection_made(self)

    def take(self, segment: Segment) -> None:
        """A segment has arrived."""
        if segment is RST:
            self.lose(ConnectionResetError("Connection reset by peer"))
        elif self.is_lost:
            if segment != FIN:
                self.out.send(RST)  # no such connection
        elif self._is_paused:
            self._unread.append(segment)
        else:
            self._read(segment)

    def lose(self, error: Exception | None) -> None:
        """The connection is over for this end; its protocol is told soon."""
        if not self.is_lost:
            self.is_lost = self._is_closing = True
            self._forget(self)
            if self.protocol is not None:
                self._loop.call_soon(self.protocol.connection_lost, error)

    def vanish(self) -> None:
        """The process of this end was killed: the system closes its connection, and nobody is told here."""
        self.protocol = None
        self._send_fin()
        self.lose(None)

    def write(self, data: bytes | bytearray | memoryview[Any]) -> None:
        if data and not self._is_closing and not self._has_sent_fin:
            self.out.send(bytes(data))

    def write_eof(self) -> None:
        self._send_fin()

    def can_write_eof(self) -> bool:
        return True

    def close(self) -> None:
        if not self._is_closing:
            self._send_fin()
            self.lose(None)

    def abort(self) -> None:
        if self.is_lost:
            return
        if self._socket.resets_on_close:
            self.out.send(RST)
        else:
            self._send_fin()
        self.lose(None)

    def is_closing(self) -> bool:
        return self._is_closing

    def pause_reading(self) -> None:
        self._is_paused = True

    def resume_reading(self) -> None:
        if self._is_paused:
            self._is_paused = False
            self._loop.call_soon(self._read_what_waits)

    def is_reading(self) -> bool:
        return not self._is_paused and not self._is_closing

    def get_write_buffer_size(self) -> int:
        return 0  # the system takes it all

    def set_write_buffer_limits(self, high: int | None = None, low: int | None = None) -> None:
        """They are never reached."""

    def _read_what_waits(self) -> None:
        while self._unread and not self._is_paused and not self.is_lost:
            self._read(self._unread.popleft())

    def _read(self, segment: Segment) -> None:
        protocol = cast("asyncio.Protocol", self.protocol)
        if segment == FIN:
            if not protocol.eof_received():
                self.close()
        else:
            protocol.data_received(cast("bytes", segment))

    def _send_fin(self) -> None:
        if not self._has_sent_fin:
            self._has_sent_fin = True
            self.out.send(FIN)
