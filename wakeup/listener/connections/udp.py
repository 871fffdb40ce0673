"""UDP: one datagram is one frame. A last gasp comes this way: its sender has no power left for a connection."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Generic, TypeVar, cast

from smmeplus.dlms.errors import FrameError
from wakeup.formats import read_datagram
from wakeup.listener.connections.addresses import plain_address
from wakeup.listener.connections.reader import Refusal, arrival_of
from wakeup.listener.metrics import Metrics
from wakeup.listener.writers.intake import Intake

T = TypeVar("T")


@dataclass(slots=True, eq=False)
class _Unanswered(Generic[T]):
    content: T
    transport: asyncio.DatagramTransport
    sender: tuple[Any, ...]
    answer: bytes
    is_stored: bool = False

    def stored(self) -> None:
        if self.answer and not self.transport.is_closing():
            self.transport.sendto(self.answer, self.sender)

    def failed(self) -> None:
        """There is no connection to reset; the log has said it."""


class Datagrams(asyncio.DatagramProtocol):
    """Reads datagrams and queues them at the intake. Those for which it has no room are dropped, and counted."""

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
            stray = Refusal(data, error).as_stray(now, peer)
            is_kept = self._intake.put_stray_datagram(_Unanswered(stray, self._transport, addr, error.answer))
        else:
            arrival = arrival_of(notice, data, now, peer, self._port)
            is_kept = self._intake.put_datagram(_Unanswered(arrival, self._transport, addr, notice.answer))
        if not is_kept:
            self._metrics.dropped_datagrams.inc()
