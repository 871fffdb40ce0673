"""UDP: a datagram holds whole frames. A last gasp comes this way: its sender has no power left for a connection."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Generic, TypeVar, cast

from wakeup.formats.seals import Seal
from wakeup.listener.connections.addresses import plain_address
from wakeup.listener.connections.balanced import BalancedDatagrams
from wakeup.listener.connections.datagrams import read_datagram
from wakeup.listener.connections.limits import Limits
from wakeup.listener.connections.pieces import NEXT, Piece, Refusal, Step, arrival_of, refusal_of
from wakeup.listener.connections.proxy import ProxyError
from wakeup.listener.keys.cache import Wanted
from wakeup.listener.keys.looking_up import MAX_DATAGRAMS, KeyRing
from wakeup.listener.metrics import Metrics
from wakeup.listener.writers.intake import Intake

T = TypeVar("T")


@dataclass(slots=True, eq=False)
class _Unanswered(Generic[T]):
    content: T
    transport: asyncio.DatagramTransport
    sender: tuple[Any, ...]
    answer: bytes
    seal: Seal | None = None  # of a ciphered message: then its answer is made when it is stored
    is_stored: bool = False

    def stored(self) -> None:
        answer = self.answer if self.seal is None else self.seal.answer()
        if answer and not self.transport.is_closing():
            self.transport.sendto(answer, self.sender)

    def failed(self) -> None:
        """There is no connection to reset; the log has said it."""


@dataclass(slots=True, eq=False)
class _Unread:
    """What is left of a datagram, from a ciphered message on whose keys are looked up."""

    datagrams: Datagrams
    pieces: Iterator[Step]
    now: datetime
    source: str
    sender: tuple[Any, ...]

    def go_on_with_keys(self) -> None:
        self.datagrams.read(self)

    def reset(self) -> None:
        self.datagrams.drop()


class Datagrams(asyncio.DatagramProtocol):
    """Reads datagrams and queues them at the intake.

    Those for which it has no room are dropped and counted, and those from outside the networks of ``limits`` unread.
    """

    def __init__(
        self,
        intake: Intake,
        balanced: BalancedDatagrams,
        port: int,
        metrics: Metrics,
        limits: Limits,
        keys: KeyRing | None = None,
    ) -> None:
        self._intake = intake
        self._balanced = balanced
        self._port = port
        self._metrics = metrics
        self._limits = limits
        self._keys = keys  # None: ciphered messages are not read

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.DatagramTransport", transport)

    def datagram_received(self, data: bytes, addr: tuple[Any, ...]) -> None:
        now, peer = datetime.now(UTC), plain_address(addr[0])
        try:
            source, frames = self._balanced.split(peer, addr[1], data)
        except ProxyError as error:
            self._put(refusal_of(data, error), now, peer, addr)
            return
        if not self._limits.takes_from(source) and not self._limits.is_proxy(source):
            self._metrics.outside_datagrams.inc()
            return
        pieces = read_datagram(frames, source, self._keys.cache if self._keys else None)
        self.read(_Unread(self, pieces, now, source, addr))

    def read(self, unread: _Unread) -> None:
        for piece in unread.pieces:
            if isinstance(piece, Wanted):
                self._ask_for(piece, unread)
                break
            self._put(piece, unread.now, unread.source, unread.sender)
            # Two messages with one time of receipt would be taken for one, see wakeup.recording.attempts.
            unread.now += NEXT

    def drop(self) -> None:
        self._metrics.dropped_datagrams.inc()

    def _ask_for(self, wanted: Wanted, unread: _Unread) -> None:
        if self._keys is None or self._keys.waiting >= MAX_DATAGRAMS:
            self.drop()
        else:
            self._keys.look_up(wanted, unread)

    def _put(self, piece: Piece, now: datetime, source: str, addr: tuple[Any, ...]) -> None:
        """Queue a message or a refusal, or count that there is no room for it."""
        if isinstance(piece, Refusal):
            stray = piece.as_stray(now, source)
            is_kept = self._intake.put_stray_datagram(_Unanswered(stray, self._transport, addr, piece.error.answer))
        else:
            notice, raw = piece
            arrival = arrival_of(notice, raw, now, source, self._port)
            message = _Unanswered(arrival, self._transport, addr, notice.answer, arrival.seal)
            is_kept = self._intake.put_datagram(message, is_behind_balancer=source != plain_address(addr[0]))
        if not is_kept:
            self.drop()
