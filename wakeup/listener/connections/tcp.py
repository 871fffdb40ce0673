"""A TCP connection of a concentrator: frames in, answers out in the same order, each after its commit (WIR-6)."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import cast

from wakeup.formats.notice import Said
from wakeup.listener.connections.addresses import plain_address
from wakeup.listener.connections.hello import TlsError
from wakeup.listener.connections.outgoing import Outgoing
from wakeup.listener.connections.pieces import NEXT, Refusal, refusal_of
from wakeup.listener.connections.proxy import ProxyError
from wakeup.listener.connections.reader import Reader
from wakeup.listener.connections.registry import Connections, Waiter
from wakeup.listener.connections.unanswered import Message, UnansweredStray
from wakeup.listener.keys.cache import Wanted
from wakeup.listener.writers.intake import Intake

MAX_UNANSWERED = 1_000  # frames

# Why a connection is not read from. Reading goes on when none of them is left.
_NO_ROOM = 1  # the intake is full
_AHEAD = 2  # too many of its frames are unanswered
_UNSENT = 4  # it does not take its answers
_LOCKED = 8  # the keys of a ciphered message are looked up


class Connection(asyncio.Protocol):
    """Queues what its reader finds at the intake, and answers in order.

    About a PROXY header (WIR-7) it is strict, because a wrong guess would give a message the wrong address. Every
    connection of a listed balancer begins with one, else it is refused: the concentrator's own address would
    be hidden. From anywhere else a header is refused: its sender could pretend to be any concentrator. Both are
    recorded as malformed and end in a reset, because the message behind was not stored. A balancer that closes or
    resets before its first byte, or right behind a header, is checking our health: that leaves no trace.
    """

    def __init__(self, connections: Connections, intake: Intake, port: int) -> None:
        self._connections, self._intake, self.port = connections, intake, port
        self._queue: deque[Message | UnansweredStray] = deque()
        self._holds = 0
        self._waiter = Waiter(self)
        self._counted_as: str | None = None
        self._is_turned_away = self._is_behind_balancer = self.is_proven = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)
        self._outgoing = Outgoing(self._transport)
        self._connections.metrics.connections.inc()
        peer = transport.get_extra_info("peername")
        if peer is None:  # it was reset before we came to accept it, as most health checks are
            self._reader = Reader("", awaits_header=False)
            self.reset()
            return
        self.source = plain_address(peer[0])
        awaits_header, keys = self._connections.limits.is_proxy(self.source), self._connections.keys
        self._reader = Reader(self.source, awaits_header, keys.cache if keys else None)
        if not self._connections.admit(self):
            self._cut_off("full")
        elif self._reader.awaits_header or self._is_admitted():
            self._outgoing.bound()
            if not self._reader.awaits_header and not self._room():
                self._transport.pause_reading()
            self._wait()

    def data_received(self, data: bytes) -> None:
        """Read what has come in as far as there is room, and keep the rest: no more than one read can bring."""
        self._reader.feed(data)
        if not self._reader.is_over:
            self._go_on()
        elif self._reader.has_skipped_enough:
            self._transport.pause_reading()

    def eof_received(self) -> bool:
        self._refuse_rest("the connection was closed in the middle of {}")
        self._close_when_answered()
        return True  # keeps our side open for answers that wait for their commit

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002 - how it ended changes nothing
        self._outgoing.is_lost = True
        if self._reader.is_in_junk:
            self._refuse_rest("")
        self._reader.is_over = True
        self._waiter.wait_for(None)
        self._connections.leave(self, self._counted_as)

    def pause_writing(self) -> None:
        self._holds |= _UNSENT  # a peer that does not take its answers may not ask for more
        self._transport.pause_reading()
        self._outgoing.watch()
        self._wait()

    def resume_writing(self) -> None:
        self._holds &= ~_UNSENT
        self._go_on()

    def answer_what_is_stored(self) -> None:
        """Send the answers from the oldest frame on, up to the first that is not stored yet."""
        queue, answers = self._queue, []
        while queue and queue[0].is_stored:
            unanswered = queue.popleft()
            unanswered.is_answered = True
            answers.append(unanswered.due)
        self._outgoing.write(b"".join(answers))
        if self._reader.is_over:
            self._close_when_answered()
        elif self._holds & _AHEAD and len(queue) <= MAX_UNANSWERED // 2:
            self._holds &= ~_AHEAD
            self._go_on()
        elif not queue:
            self._wait()

    def reset(self) -> None:
        """Close with RST, so that the concentrator knows that it has to try again (WIR-6)."""
        self._reader.is_over = True
        self._outgoing.reset()

    def belong_to(self, serial: str) -> None:
        """The other end has proven to be the concentrator ``serial`` (SEC-4)."""
        self._reader.bind(serial)
        self.is_proven = True

    def turn_away(self, raw: bytes, error: TlsError, *, by_reset: bool) -> None:
        """Read nothing, record that no TLS session came of ``raw``, and end it: in good order, or so that it shows."""
        self._reader.is_over = True
        self._is_turned_away = by_reset
        self._connections.count_cut_off("tls")
        self._refuse(refusal_of(raw, error))

    def close_or_reset(self) -> None:
        """Close normally when everything is read and answered, else reset."""
        if self._queue or self._reader.is_in_frame:
            self.reset()
        else:
            self._close()

    def refuse_unfinished(self) -> None:
        """The time for a frame, or for a PROXY header, is up: record what there is of it."""
        self._connections.count_cut_off("slow")
        if not self._refuse_rest(f"{{}} was not complete after {self._connections.limits.frame_s:g} s"):
            self._close()

    def close_silent(self) -> None:
        """The time for the next frame is up."""
        self._connections.count_cut_off("idle")
        if not self._refuse_rest(""):  # never of a frame: that has a time of its own
            self._close()

    def give_way(self) -> None:
        self._connections.count_cut_off("displaced")
        self._waiter.wait_for(None)
        self._close()

    def reset_unless_it_takes_answers(self) -> None:
        """The time for answers to go out is up; it begins anew if some went out meanwhile."""
        if self._outgoing.has_moved():
            self._waiter.wait_for(self._connections.not_reading, anew=True)
        else:
            self._cut_off("not reading")

    def _go_on(self) -> None:
        """Read the frames that have come in and then on from the peer, unless there is a reason to wait."""
        reader, has_read = self._reader, False
        if not reader.is_over and (not reader.awaits_header or self._has_begun()):
            has_read = self._read_frames()
        if reader.is_over:
            return
        if self._holds:
            self._transport.pause_reading()
        else:
            self._transport.resume_reading()
        self._wait(anew=has_read)

    def _has_begun(self) -> bool:
        """Read the PROXY header. False while it is incomplete, and if it or the source that it names is refused."""
        header = self._reader.read_header()
        if header is None:
            return False
        if isinstance(header, Refusal):
            self._refuse(header)
            return False
        if header.source is None:
            return True
        self.source, self._is_behind_balancer = header.source.address, True
        return self._is_admitted()

    def _read_frames(self) -> bool:
        """Queue the frames that have come in, as far as there is room, and say if there was a whole one."""
        reader, has_read = self._reader, False
        while (room := self._room()) and reader.buffer:
            found = reader.read_frames(room)
            if isinstance(found, list):
                if not found:
                    break
                self._queue_up(found)
                has_read = True
            elif isinstance(found, Refusal):
                self._refuse(found)
            else:
                self._ask_for(found)
                break
        if reader.is_over:
            self._close_when_answered()
        return has_read

    def _queue_up(self, found: Sequence[tuple[Said, bytes]]) -> None:
        at, at_us = self._connections.moments(len(found))
        messages = []
        for number, (said, raw) in enumerate(found):
            messages.append(Message(self, said, raw, at, at_us + number))
            at += NEXT
        self._queue += messages
        self._intake.put(*messages, is_behind_balancer=self._is_behind_balancer)

    def _room(self) -> int:
        """How many further frames may be read. If none, reading goes on as soon as they may."""
        room, ahead = self._intake.room, MAX_UNANSWERED - len(self._queue)
        if room <= 0 and not self._holds & _NO_ROOM:
            self._holds |= _NO_ROOM
            self._intake.call_when_there_is_room(self._go_on_with_room)
        if ahead <= 0:
            self._holds |= _AHEAD
        return 0 if self._holds else min(room, ahead)

    def _go_on_with_room(self) -> None:
        self._holds &= ~_NO_ROOM
        self._go_on()

    def _ask_for(self, wanted: Wanted) -> None:
        """Have the device looked up, and read no further until it is."""
        if self._connections.keys is not None:
            self._holds |= _LOCKED
            self._connections.keys.look_up(wanted, self)

    def go_on_with_keys(self) -> None:
        self._holds &= ~_LOCKED
        self._go_on()

    def _refuse_rest(self, why: str) -> bool:
        """Read no further, and refuse what is left over, if anything is, because of ``why``."""
        refusal = self._reader.end(why)
        if refusal is not None:
            self._refuse(refusal)
        return refusal is not None

    def _refuse(self, refusal: Refusal) -> None:
        """Record what cannot be read, and answer as far as its format has an answer."""
        if isinstance(refusal.error, ProxyError):
            self._connections.count_cut_off("proxy")
            self._is_turned_away = True
        stray = UnansweredStray(refusal.as_stray(datetime.now(UTC), self.source), self, refusal.error.answer)
        self._queue.append(stray)
        self._intake.put_stray(stray)
        self._wait()

    def _close_when_answered(self) -> None:
        if self._queue:
            self._wait()
        elif self._is_turned_away:
            self.reset()
        else:
            self._close()

    def _close(self) -> None:
        """Close normally, as soon as the answers are out."""
        self._reader.is_over = True
        if self._outgoing.watch():
            self._waiter.wait_for(self._connections.not_reading)
        self._outgoing.close()

    def _is_admitted(self) -> bool:
        """Whether its own address may send at all, and have one more connection; if not, it is cut off."""
        if not self._connections.limits.takes_from(self.source):
            self._cut_off("network")
        elif self._connections.admit_from(self, self.source):
            self._counted_as = self.source
        else:
            self._cut_off("address")
        return self._counted_as is not None

    def _cut_off(self, why: str) -> None:
        self._connections.count_cut_off(why)
        self.reset()

    def _wait(self, *, anew: bool = False) -> None:
        """Give the peer its time for what it has to do now; ``anew``: what it has to finish is another frame."""
        connections = self._connections
        if self._holds & _UNSENT:
            self._waiter.wait_for(connections.not_reading)
        elif self._holds or self._reader.is_over:
            self._waiter.wait_for(None)  # it is we who do not read
        elif self._reader.is_in_frame or self._reader.awaits_header:
            self._waiter.wait_for(connections.unfinished, anew=anew)
        else:
            self._waiter.wait_for(None if self._queue else connections.silent)
