"""UDP: one datagram is one frame. A last gasp comes this way: its sender has no supply left for a connection."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, cast

from smmeplus.dlms.errors import FrameError
from wakeup.formats import read_datagram
from wakeup.listener.connections.addresses import plain_address
from wakeup.listener.connections.reader import Refusal, arrival_of
from wakeup.listener.metrics import Metrics
from wakeup.listener.writers.intake import MAX_KEPT_DATAGRAMS, Intake
from wakeup.models.strays import Stray
from wakeup.recording.arrivals import Arrival


@dataclass(slots=True, eq=False)
class _Unanswered:
    content: Arrival | Stray
    transport: asyncio.DatagramTransport
    sender: tuple[Any, ...]
    answer: bytes
    is_stored: bool = False

    def stored(self) -> None:
        if self.answer and not self.transport.is_closing():
            self.transport.sendto(self.answer, self.sender)

    def failed(self) -> None:
        """Nothing can be taken back from a sender of datagrams; the log has said it."""


class Datagrams(asyncio.DatagramProtocol):
    """Reads datagrams and queues them at the intake. Those for which it has no room are dropped, and counted.

    Garbage gets half of the room: while the database is away, a flood of it must not take the place of a last gasp.
    """

    def __init__(self, intake: Intake, port: int, metrics: Metrics) -> None:
        self._intake = intake
        self._port = port
        self._metrics = metrics

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.DatagramTransport", transport)

    def datagram_received(self, data: bytes, addr: tuple[Any, ...]) -> None:
        now, peer = datetime.now(UTC), plain_address(addr[0])
        try:
            notice = read_datagram(data)
        except FrameError as error:
            self._keep_if_room_is_left(Refusal(data, error).as_stray(now, peer), addr, error.answer)
        else:
            self._keep(arrival_of(notice, data, now, peer, self._port), addr, notice.answer)

    def _keep_if_room_is_left(self, refused: Stray, sender: tuple[Any, ...], answer: bytes) -> None:
        if self._intake.datagrams < MAX_KEPT_DATAGRAMS // 2:
            self._keep(refused, sender, answer)
        else:
            self._metrics.dropped_datagrams += 1

    def _keep(self, content: Arrival | Stray, sender: tuple[Any, ...], answer: bytes) -> None:
        if not self._intake.put_datagram(_Unanswered(content, self._transport, sender, answer)):
            self._metrics.dropped_datagrams += 1
