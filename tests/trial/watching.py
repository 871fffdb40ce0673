"""What is seen from outside while machines are lost: how long nobody is answered, and how long no page comes."""

from __future__ import annotations

import asyncio
import http.client
import time
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime

from tests.support.ledger import Ledger

ASK_EVERY_S = 0.25


@dataclass
class Gaps:
    """The longest time between two successes since :meth:`begin`, the one that lasts included, in seconds."""

    _last: float = field(default_factory=time.monotonic)
    _longest: float = 0.0

    def begin(self) -> None:
        self._longest, self._last = 0.0, time.monotonic()

    def succeed(self) -> None:
        now = time.monotonic()
        self._longest, self._last = max(self._longest, now - self._last), now

    @property
    def longest(self) -> float:
        return max(self._longest, time.monotonic() - self._last)


@dataclass
class TimedLedger(Ledger):
    gaps: Gaps = field(default_factory=Gaps)

    async def answer(self, serial: str, moment: datetime) -> None:
        self.gaps.succeed()
        await super().answer(serial, moment)


async def ask_pages_without_end(host: str, gaps: Gaps) -> None:
    """As a browser that reloads; a page counts if the web says that it and its database are there."""
    while True:
        if await asyncio.to_thread(is_ready, host, 80):
            gaps.succeed()
        await asyncio.sleep(ASK_EVERY_S)


def is_ready(host: str, port: int) -> bool:
    return status_of(host, port, "/healthz") == 200


def status_of(host: str, port: int, path: str, method: str = "GET") -> int:
    """0 if there is no answer within seconds."""
    asked = http.client.HTTPConnection(host, port, timeout=6)
    with suppress(OSError, http.client.HTTPException):
        asked.request(method, path)
        return asked.getresponse().status
    return 0
