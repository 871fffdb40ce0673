"""A connection without sockets, threads or time: what a peer does, and what it sees of the listener."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable
from typing import Any, cast

from wakeup.listener.connections.limits import Limits
from wakeup.listener.connections.registry import Connections
from wakeup.listener.connections.tcp import Connection
from wakeup.listener.connections.unanswered import Message, UnansweredStray
from wakeup.listener.metrics import Metrics
from wakeup.listener.writers.intake import Intake
from wakeup.models.strays import Stray
from wakeup.recording.arrivals import Arrival

PORT = 58_692


class Queue:
    """An intake whose database is the test: what is put waits until it is stored or failed from here."""

    def __init__(self) -> None:
        self.size = 1_000_000
        self.is_full = False
        self.waiting: list[Message | UnansweredStray] = []
        self.contents: list[Arrival | Stray] = []
        self.behind_balancer: list[bool] = []  # each of the contents
        self._resumes: list[Callable[[], None]] = []

    @property
    def serials(self) -> list[str]:
        return [content.serial for content in self.contents if isinstance(content, Arrival)]

    @property
    def strays(self) -> list[Stray]:
        return [content for content in self.contents if isinstance(content, Stray)]

    @property
    def room(self) -> int:
        return 0 if self.is_full else self.size - len(self.waiting)

    def put(self, *pending: Message | UnansweredStray, is_behind_balancer: bool = False) -> None:
        for one in pending:
            self.behind_balancer.append(is_behind_balancer)
            self.waiting.append(one)
            self.contents.append(one.content)
        self.is_full = self.is_full or len(self.waiting) >= self.size

    put_stray = put

    def call_when_there_is_room(self, resume: Callable[[], None]) -> None:
        self._resumes.append(resume)

    def store(self, count: int | None = None) -> None:
        """Store the oldest ``count``, or all."""
        stored = self.waiting[:count]
        del self.waiting[:count]
        for pending in stored:
            pending.is_stored = True
        for pending in stored:
            pending.stored()

    def fail(self) -> None:
        failed, self.waiting = self.waiting, []
        for pending in failed:
            pending.failed()

    def make_room(self) -> None:
        self.is_full = False
        resumes, self._resumes = self._resumes, []
        for resume in resumes:
            resume()


class Listening:
    """The connections of a listener that hears from :class:`Peer` only."""

    def __init__(self, limits: Limits | None = None) -> None:
        self.queue = Queue()
        self.metrics = Metrics()
        self.now = 0.0
        self.turns: deque[Callable[[], None]] = deque()
        self.connections = Connections(
            limits or Limits(),
            self.metrics,
            clock=lambda: self.now,
            later=lambda _seconds, work: self.turns.append(work),
        )

    def peer(self, address: str | None = "10.60.0.10") -> Peer:
        return Peer(self, address)

    def sweep_after(self, seconds: float) -> None:
        """Let time pass, and have the listener look who has taken too long."""
        self.now += seconds
        self.connections.close_idle(self.now)
        while self.turns:
            self.turns.popleft()()


class Peer(asyncio.Transport):
    """The other end of one connection. ``takes`` says whether it takes what is sent to it."""

    def __init__(self, listening: Listening, address: str | None) -> None:
        super().__init__({"peername": address and (address, 40_000)})
        self.received = b""
        self._end = ""
        self.takes = True
        self._is_asked = True
        self.high = 65_536
        self._unsent = b""
        self._is_paused = False
        self.connection = Connection(listening.connections, cast("Intake", listening.queue), PORT)
        self.connection.connection_made(self)

    def end(self) -> str:
        """How the connection has ended: closed, reset or gone; closing while answers wait; empty until then."""
        return self._end

    def is_asked(self) -> bool:
        """Whether the listener reads."""
        return self._is_asked

    def send(self, data: bytes) -> None:
        """Send ``data`` in one segment; nothing may come while the listener does not read."""
        assert self._is_asked, "the listener does not read"
        assert not self._end, f"the connection is {self._end}"
        self.connection.data_received(data)

    def close_our_side(self) -> None:
        assert self._is_asked, "the listener does not read"
        if self.connection.eof_received() is not True:
            self.close()

    def vanish(self) -> None:
        """Reset the connection."""
        self._end = "gone"
        self.connection.connection_lost(ConnectionResetError())

    def take(self, count: int | None = None) -> None:
        """Take ``count`` bytes of what is sent, or all and whatever comes."""
        self.takes = count is None
        taken, self._unsent = self._unsent[:count], self._unsent[len(self._unsent[:count]) :]
        self.received += taken
        if self._is_paused and len(self._unsent) <= self.high // 4:
            self._is_paused = False
            self.connection.resume_writing()
        if self._end == "closing" and not self._unsent:
            self._finish("closed")

    def write(self, data: Any) -> None:
        assert not self._end
        if self.takes:
            self.received += data
            return
        self._unsent += data
        if len(self._unsent) > self.high and not self._is_paused:
            self._is_paused = True
            self.connection.pause_writing()

    def get_write_buffer_size(self) -> int:
        return len(self._unsent)

    def set_write_buffer_limits(self, high: int | None = None, low: int | None = None) -> None:
        assert high is not None
        self.high = high

    def pause_reading(self) -> None:
        self._is_asked = False

    def resume_reading(self) -> None:
        self._is_asked = True

    def is_closing(self) -> bool:
        return bool(self._end)

    def close(self) -> None:
        if not self._end:
            self._end = "closing"
            if not self._unsent:
                self._finish("closed")

    def abort(self) -> None:
        assert self._end in ("", "closing"), f"it is {self._end} already"
        self._finish("reset")

    def _finish(self, end: str) -> None:
        self._end = end
        self.connection.connection_lost(None)
