"""Senders that write down what they sent and what was answered: what every test of a crash is held against (LIS-2)."""

from __future__ import annotations

import asyncio
import ssl
from collections import defaultdict
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Protocol

from smmeplus.dlms.kinds import Kind
from smmeplus.dlms.notification import push_notification, read_confirmation
from tests.support.listener import HOST

HEADER_SIZE = 8
STEP = timedelta(milliseconds=10)
AGAIN_AFTER_S = 0.05
IN_FLIGHT = 20  # messages of each sender that wait for their answers at once


class Cipher(Protocol):
    """A sender that ciphers: what it makes of its frames, and of the answers."""

    def ciphered(self, frame: bytes) -> bytes: ...
    def plain_answer(self, frame: bytes) -> bytes: ...


@dataclass
class Ledger:
    """What the senders know: the device times sent, and of those the ones answered, by serial number.

    ``ciphers`` are those of the senders that cipher, by serial number.
    """

    ciphers: dict[str, Cipher] = field(default_factory=dict)
    sent: dict[str, set[datetime]] = field(default_factory=lambda: defaultdict(set))
    answered: dict[str, set[datetime]] = field(default_factory=lambda: defaultdict(set))
    _clock: datetime = datetime(2026, 1, 1, tzinfo=UTC)
    _more: asyncio.Condition = field(default_factory=asyncio.Condition)

    @property
    def answers(self) -> int:
        return sum(map(len, self.answered.values()))

    def send(self, serial: str) -> datetime:
        """A device time that no other message has."""
        self._clock += STEP
        self.sent[serial].add(self._clock)
        return self._clock

    async def answer(self, serial: str, moment: datetime) -> None:
        self.answered[serial].add(moment)
        async with self._more:
            self._more.notify_all()

    async def wait_for(self, more: int, timeout: float = 60) -> None:
        """Wait until ``more`` answers have come in from now on. Raises TimeoutError."""
        goal = self.answers + more
        async with asyncio.timeout(timeout), self._more:
            await self._more.wait_for(lambda: self.answers >= goal)


async def send_on_one_connection(
    ledger: Ledger, port: int, serial: str, in_flight: int, tls: ssl.SSLContext | None = None, *, host: str = HOST
) -> None:
    """Keep ``in_flight`` messages on the way until the connection breaks: OSError or IncompleteReadError."""
    cipher = ledger.ciphers.get(serial)
    reader, writer = await asyncio.open_connection(host, port, ssl=tls)
    try:
        waiting: dict[int, datetime] = {}
        number = 0
        while True:
            while len(waiting) < in_flight:
                number += 1
                waiting[number] = moment = ledger.send(serial)
                frame = push_notification(serial, Kind.KEEPALIVE, invoke_id=number, moment=moment)
                writer.write(cipher.ciphered(frame) if cipher else frame)
            answer = await reader.readexactly(HEADER_SIZE)
            answer += await reader.readexactly(int.from_bytes(answer[-2:], "big"))
            invoke_id = read_confirmation(cipher.plain_answer(answer) if cipher else answer)
            await ledger.answer(serial, waiting.pop(invoke_id))
    finally:
        writer.close()


async def send_without_end(
    ledger: Ledger, port: int, serial: str, in_flight: int, tls: ssl.SSLContext | None = None, *, host: str = HOST
) -> None:
    """Like :func:`send_on_one_connection`, and again on a new connection when one breaks."""
    while True:
        with suppress(OSError, asyncio.IncompleteReadError):
            await send_on_one_connection(ledger, port, serial, in_flight, tls, host=host)
        await asyncio.sleep(AGAIN_AFTER_S)


@asynccontextmanager
async def senders(
    ledger: Ledger,
    port: int,
    serials: Iterable[str],
    in_flight: int = IN_FLIGHT,
    *,
    tls: ssl.SSLContext | None = None,
    host: str = HOST,
) -> AsyncIterator[None]:
    """One sender for each serial number while the block runs."""
    tasks = [
        asyncio.create_task(send_without_end(ledger, port, serial, in_flight, tls, host=host)) for serial in serials
    ]
    try:
        yield
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
