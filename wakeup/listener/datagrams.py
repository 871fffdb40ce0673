"""UDP: one datagram is one frame. A last gasp comes this way: its sender has no supply left for a connection."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import Any, cast

from django.utils import timezone

from smmeplus.dlms.errors import FrameError
from wakeup.formats import read_datagram
from wakeup.listener.connections import arrival_of, refused_of
from wakeup.listener.intake import Intake
from wakeup.models.strays import Stray
from wakeup.recording import Arrival


@dataclass(slots=True, eq=False)
class _Unanswered:
    content: Arrival | Stray
    transport: asyncio.DatagramTransport
    peer: tuple[str, int]
    answer: bytes

    def stored(self) -> None:
        if self.answer:
            self.transport.sendto(self.answer, self.peer)

    def failed(self) -> None:
        """Nothing can be taken back from a sender of datagrams; the log has said it."""


class Datagrams(asyncio.DatagramProtocol):
    """Reads datagrams and queues them at the intake. While the intake is full they are dropped, and counted."""

    def __init__(self, intake: Intake, port: int) -> None:
        self._intake = intake
        self._port = port
        self.dropped = 0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.DatagramTransport", transport)

    def datagram_received(self, data: bytes, addr: tuple[str | Any, int]) -> None:
        if self._intake.is_full:
            self.dropped += 1
            return
        now, peer = timezone.now(), addr[0]
        content: Arrival | Stray
        try:
            notice = read_datagram(data)
        except FrameError as error:
            content, answer = refused_of(data, error, now, peer), error.answer
        else:
            content, answer = arrival_of(notice, data, now, peer, self._port), notice.answer
        self._intake.put(_Unanswered(content, self._transport, (peer, addr[1]), answer))
