"""A TCP connection of a concentrator: frames in, answers out in the same order, each after its commit (WIR-6)."""

from __future__ import annotations

import asyncio
import socket
import struct
from collections import deque
from dataclasses import dataclass
from datetime import datetime
from typing import cast

from django.utils import timezone

from smmeplus.dlms.errors import FrameError
from wakeup.formats import MAX_FRAME, read_frame
from wakeup.formats.notice import Notice
from wakeup.listener.intake import Intake
from wakeup.models import Format
from wakeup.models.strays import Reason, Stray
from wakeup.recording import Arrival

MAX_RAW = 2_056  # bytes of a refused frame that are kept
_RESET_ON_CLOSE = struct.pack("ii", 1, 0)


@dataclass(slots=True)
class Limits:
    """What connections may cost (LIS-3); times in seconds."""

    connections: int = 20_000
    idle_s: float = 60.0
    frame_s: float = 10.0  # from the first byte of a frame to its last


class Connections:
    """The open connections of one listener."""

    def __init__(self, intake: Intake, port: int, limits: Limits) -> None:
        self.intake = intake
        self.port = port
        self.limits = limits
        self.open: set[Connection] = set()

    def __call__(self) -> Connection:
        """A protocol for a new connection: this is what ``create_server`` wants."""
        return Connection(self)

    def close_idle(self, now: float) -> None:
        """Close those that have been silent, or in the middle of one frame, for too long. ``now``: the loop's clock."""
        for connection in list(self.open):
            connection.close_if_idle(now)

    def close_all(self) -> None:
        """Close those without unanswered messages and reset the others: their concentrators then try again."""
        for connection in list(self.open):
            connection.close_or_reset()


@dataclass(slots=True, eq=False)
class _Unanswered:
    """A frame on its way into the database."""

    content: Arrival | Stray
    connection: Connection
    answer: bytes
    is_stored: bool = False

    def stored(self) -> None:
        self.is_stored = True
        self.connection.answer_what_is_stored()

    def failed(self) -> None:
        self.connection.reset()


class Connection(asyncio.Protocol):
    """Reads frames, queues them at the intake and answers in order."""

    __slots__ = ("_buffer", "_connections", "_ended", "_last_at", "_peer", "_queue", "_since", "_transport")

    def __init__(self, connections: Connections) -> None:
        self._connections = connections
        self._buffer = b""
        self._queue: deque[_Unanswered] = deque()
        self._ended = False  # nothing more is read: the peer has closed its side, or sent what cannot be read
        self._last_at = self._since = 0.0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)
        self._peer: str = transport.get_extra_info("peername")[0]
        self._last_at = asyncio.get_running_loop().time()
        if len(self._connections.open) >= self._connections.limits.connections:
            self.reset()
            return
        self._connections.open.add(self)

    def data_received(self, data: bytes) -> None:
        if self._ended:
            return
        self._last_at = asyncio.get_running_loop().time()
        if not self._buffer:
            self._since = self._last_at
        self._read_frames(self._buffer + data, timezone.now())
        if self._connections.intake.is_full and not self._transport.is_closing():
            self._transport.pause_reading()
            self._connections.intake.call_when_there_is_room(self._resume)

    def eof_received(self) -> bool:
        if self._buffer and not self._ended:
            self._refuse(self._buffer, FrameError("the connection was closed in the middle of a frame"))
        self._ended = True
        self._close_when_answered()
        return True  # keeps our side open for answers that wait for their commit

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002 - how it ended changes nothing
        self._ended = True
        self._connections.open.discard(self)

    def pause_writing(self) -> None:
        self._transport.pause_reading()  # a peer that does not take its answers may not ask for more

    def resume_writing(self) -> None:
        self._resume()

    def answer_what_is_stored(self) -> None:
        """Send the answers from the oldest frame on, up to the first that is not stored yet."""
        answers = []
        while self._queue and self._queue[0].is_stored:
            answers.append(self._queue.popleft().answer)
        if any(answers) and not self._transport.is_closing():
            self._transport.write(b"".join(answers))
        self._close_when_answered()

    def reset(self) -> None:
        """Close with RST, so that the concentrator knows that it has to try again (WIR-6)."""
        connected = self._transport.get_extra_info("socket")
        if connected is not None:
            connected.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET_ON_CLOSE)
        self._transport.abort()

    def close_or_reset(self) -> None:
        """Close normally when everything is answered, else reset."""
        if self._queue:
            self.reset()
        else:
            self._transport.close()

    def close_if_idle(self, now: float) -> None:
        """Close when silent, or in the middle of one frame, for longer than the limits allow."""
        if not self._transport.is_reading():
            return  # it is we who do not read: for want of room, or until it takes its answers
        limits = self._connections.limits
        if self._buffer and now - self._since > limits.frame_s:
            self._refuse(self._buffer, FrameError(f"the frame was not complete after {limits.frame_s:g} s"))
        elif not self._queue and now - self._last_at > limits.idle_s:
            self._transport.close()

    def _read_frames(self, data: bytes, now: datetime) -> None:
        """Queue every whole frame of ``data`` and keep the rest for later."""
        start = 0
        while start < len(data):
            try:
                read = read_frame(data[start : start + MAX_FRAME])
            except FrameError as error:
                self._refuse(data[start:], error)
                return
            if read is None:
                break
            notice, length = read
            self._queue_up(
                arrival_of(notice, data[start : start + length], now, self._peer, self._connections.port), notice.answer
            )
            start += length
        if start:
            self._since = self._last_at
        self._buffer = data[start:]

    def _refuse(self, raw: bytes, error: FrameError) -> None:
        """Record what cannot be read, answer as far as the format has an answer, and read no further."""
        self._buffer, self._ended = b"", True
        self._queue_up(refused_of(raw, error, timezone.now(), self._peer), error.answer)

    def _queue_up(self, content: Arrival | Stray, answer: bytes) -> None:
        unanswered = _Unanswered(content, self, answer)
        self._queue.append(unanswered)
        self._connections.intake.put(unanswered)

    def _close_when_answered(self) -> None:
        if self._ended and not self._queue:
            self._transport.close()

    def _resume(self) -> None:
        if not self._transport.is_closing():
            self._last_at = self._since = asyncio.get_running_loop().time()  # its time starts when we read again
            self._transport.resume_reading()


def arrival_of(notice: Notice, raw: bytes, now: datetime, peer: str, port: int) -> Arrival:
    """A notice as it came in at ``now`` from ``peer`` on our ``port``."""
    return Arrival(notice.serial, notice.kind, Format(notice.format), now, peer, port, notice.clock, raw, notice.sign)


def refused_of(raw: bytes, error: FrameError, now: datetime, peer: str) -> Stray:
    """A frame that no format could read."""
    return Stray(Reason.MALFORMED, peer, now, peer, raw[:MAX_RAW], str(error))
