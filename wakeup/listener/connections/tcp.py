"""A TCP connection of a concentrator: frames in, answers out in the same order, each after its commit (WIR-6)."""

from __future__ import annotations

import asyncio
from collections import deque
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, cast

from smmeplus.dlms.errors import FrameError
from wakeup.formats import MAX_FRAME, read_frame
from wakeup.listener.connections.proxy import ProxyError, begins_with_header, plain_address, read_header_of, unlisted
from wakeup.listener.connections.unanswered import Unanswered, arrival_of, refused_of, take_answers
from wakeup.listener.connections.wire import Wire
from wakeup.models.strays import Stray
from wakeup.recording.arrivals import Arrival

if TYPE_CHECKING:
    from wakeup.listener.connections.registry import Connections, Waiting

MAX_UNANSWERED = 1_000  # frames
MAX_SKIPPED = 65_536  # bytes dropped behind a refused frame: if they stayed unread, a reset could overtake its answer

_NEXT = timedelta(microseconds=1)

# Why a connection is not read from. It goes on when none of them holds.
_NO_ROOM = 1  # the intake is full
_AHEAD = 2  # too many of its frames are unanswered
_UNSENT = 4  # it does not take its answers


class Connection(asyncio.Protocol):
    """Reads frames, queues them at the intake and answers in order.

    About a PROXY header (WIR-7) it is strict, because what a guess would get wrong is a concentrator's address.
    Every connection of a listed balancer begins with one, else it is refused: the concentrator's own address would
    be hidden. From anywhere else a header is refused: its sender could pretend to be any concentrator. Both are
    recorded as malformed and end in a reset, because the message behind was not stored. A balancer that closes or
    resets before its first byte, or right behind a header, looks at our health: that leaves no trace.
    """

    def __init__(self, connections: Connections) -> None:
        self._connections = connections
        self._queue: deque[Unanswered] = deque()
        self._buffer = b""  # what has come in and is not read as a frame yet
        self._skipped = 0
        self._holds = 0
        self._waiting: Waiting | None = None
        self._counted_as: str | None = None
        self._awaits_header = False
        self._is_fresh = True  # neither a frame nor a header has been read
        self._is_turned_away = False
        self._ended = False  # nothing more is read: the peer has closed its side, or sent what cannot be read

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._wire = Wire(cast("asyncio.Transport", transport))
        self._connections.metrics.connections += 1
        peer = transport.get_extra_info("peername")
        if peer is None:  # it was reset before we came to accept it, as most health checks are
            self.reset()
            return
        self._peer = self._source = plain_address(peer[0])
        self._awaits_header = self._connections.is_proxy(self._peer)
        if not self._connections.admit(self):
            self._cut_off("full")
        elif self._awaits_header or self._is_admitted():
            self._wire.bound()
            if not self._awaits_header and not self._has_room():
                self._wire.stop_reading()
            self._wait()

    def data_received(self, data: bytes) -> None:
        """Read what has come in as far as there is room, and keep the rest: no more than one read can bring."""
        if self._ended:
            self._skip(len(data))
            return
        self._buffer += data
        self._go_on()

    def eof_received(self) -> bool:
        if self._buffer and not self._ended:
            self._refuse(FrameError(f"the connection was closed in the middle of {self._what()}"))
        self._ended = True
        self._close_when_answered()
        return True  # keeps our side open for answers that wait for their commit

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002 - how it ended changes nothing
        self._ended = self._wire.is_lost = True
        self._wait_for(None)
        self._connections.leave(self, self._counted_as)

    def pause_writing(self) -> None:
        self._holds |= _UNSENT  # a peer that does not take its answers may not ask for more
        self._wire.stop_reading()
        self._wire.watch()
        self._wait()

    def resume_writing(self) -> None:
        self._holds &= ~_UNSENT
        self._go_on()

    def answer_what_is_stored(self) -> None:
        """Send the answers from the oldest frame on, up to the first that is not stored yet."""
        self._wire.write(take_answers(self._queue))
        if self._ended:
            self._close_when_answered()
        elif self._holds & _AHEAD and len(self._queue) <= MAX_UNANSWERED // 2:
            self._holds &= ~_AHEAD
            self._go_on()
        elif not self._queue:
            self._wait()

    def reset(self) -> None:
        """Close with RST, so that the concentrator knows that it has to try again (WIR-6)."""
        self._ended = True
        self._wire.reset()

    def close_or_reset(self) -> None:
        """Close normally when everything is read and answered, else reset."""
        if self._queue or self._buffer:
            self.reset()
        else:
            self._close()

    def refuse_unfinished(self) -> None:
        """The time for a frame, or for a PROXY header, is over: record what there is of it."""
        self._count("slow")
        if self._buffer:
            limit = self._connections.limits.frame_s
            self._refuse(FrameError(f"{self._what()} was not complete after {limit:g} s"))
        else:
            self._close()

    def close_silent(self) -> None:
        """The time for a next frame is over."""
        self._count("idle")
        self._close()

    def reset_unless_it_takes_answers(self) -> None:
        """The time for answers to go out is over; it begins anew if some went out meanwhile."""
        if self._wire.has_moved():
            self._wait_for(self._connections.not_reading, anew=True)
        else:
            self._cut_off("not reading")

    def _go_on(self) -> None:
        """Read the frames that are in the buffer and then on from the peer, unless something holds us up."""
        has_read = not self._ended and self._has_begun() and self._read_frames()
        if self._ended:
            return
        if self._holds:
            self._wire.stop_reading()
        else:
            self._wire.read_on()
        self._wait(anew=has_read)

    def _has_begun(self) -> bool:
        """Take a PROXY header, if one is due, off the buffer. False while it is incomplete, and if it is refused."""
        if not self._awaits_header:
            return True
        try:
            read = read_header_of(self._peer, self._buffer)
        except ProxyError as error:
            self._turn_away(error)
            return False
        if read is None:
            return False
        source, length = read
        self._buffer = self._buffer[length:]
        self._awaits_header = self._is_fresh = False
        if source is not None:
            self._source = source.address
        return source is None or self._is_admitted()

    def _read_frames(self) -> bool:
        """Queue every whole frame of the buffer as far as there is room, keep the rest, and say if there was one.

        No two have the same time of receipt: that tells their messages apart, see :mod:`wakeup.recording.attempts`.
        """
        data, start, now = self._buffer, 0, datetime.now(UTC)
        while self._has_room() and start < len(data):
            try:
                read = read_frame(data[start : start + MAX_FRAME])
            except FrameError as error:
                self._buffer = data[start:]
                self._refuse_or_wait(error)
                return False
            if read is None:
                break
            notice, length = read
            raw = data[start : start + length]
            self._queue_up(arrival_of(notice, raw, now, self._source, self._connections.port), notice.answer)
            self._is_fresh = False
            start += length
            now += _NEXT
        self._buffer = data[start:]
        return start > 0

    def _has_room(self) -> bool:
        """Whether a further frame may be read. If not, something will have us go on when it may."""
        if self._connections.intake.is_full and not self._holds & _NO_ROOM:
            self._holds |= _NO_ROOM
            self._connections.intake.call_when_there_is_room(self._go_on_with_room)
        if len(self._queue) >= MAX_UNANSWERED:
            self._holds |= _AHEAD
        return not self._holds

    def _go_on_with_room(self) -> None:
        self._holds &= ~_NO_ROOM
        self._go_on()

    def _refuse_or_wait(self, error: FrameError) -> None:
        """Refuse what no format reads; if it is a PROXY header from elsewhere, say so as soon as that can be told."""
        is_header = self._is_fresh and begins_with_header(self._buffer)
        if is_header:
            self._turn_away(unlisted(self._peer))
        elif is_header is False:
            self._refuse(error)

    def _turn_away(self, error: ProxyError) -> None:
        self._count("proxy")
        self._is_turned_away = True
        self._refuse(error)

    def _refuse(self, error: FrameError) -> None:
        """Record what cannot be read, answer as far as the format has an answer, and read no further."""
        raw, self._buffer, self._ended = self._buffer, b"", True
        self._queue_up(refused_of(raw, error, datetime.now(UTC), self._source), error.answer)
        self._wait()

    def _what(self) -> str:
        return "the PROXY header" if self._awaits_header else "the frame"

    def _queue_up(self, content: Arrival | Stray, answer: bytes) -> None:
        unanswered = Unanswered(content, self, answer)
        self._queue.append(unanswered)
        self._connections.intake.put(unanswered)

    def _skip(self, size: int) -> None:
        self._skipped += size
        if self._skipped > MAX_SKIPPED:
            self._wire.stop_reading()

    def _close_when_answered(self) -> None:
        if self._queue:
            self._wait()
        elif self._is_turned_away:
            self.reset()
        else:
            self._close()

    def _close(self) -> None:
        """Close normally, as soon as the answers are out."""
        self._ended = True
        if self._wire.watch():
            self._wait_for(self._connections.not_reading)
        self._wire.close()

    def _is_admitted(self) -> bool:
        """Whether its own address may have one more connection; if not, it is cut off."""
        if self._connections.admit_from(self._source):
            self._counted_as = self._source
            return True
        self._cut_off("address")
        return False

    def _cut_off(self, why: str) -> None:
        self._count(why)
        self.reset()

    def _count(self, why: str) -> None:
        self._connections.metrics.cut_off[why] += 1

    def _wait(self, *, anew: bool = False) -> None:
        """Give the peer its time for what it has to do now; ``anew``: what it has to finish is another frame."""
        connections = self._connections
        if self._holds & _UNSENT:
            self._wait_for(connections.not_reading)
        elif self._holds or self._ended:
            self._wait_for(None)  # it is we who do not read
        elif self._buffer or self._awaits_header:
            self._wait_for(connections.unfinished, anew=anew)
        else:
            self._wait_for(None if self._queue else connections.silent)

    def _wait_for(self, waiting: Waiting | None, *, anew: bool = False) -> None:
        if waiting is self._waiting and not anew:
            return
        if self._waiting is not None:
            self._waiting.stop(self)
        self._waiting = waiting
        if waiting is not None:
            waiting.start(self, self._connections.clock())
