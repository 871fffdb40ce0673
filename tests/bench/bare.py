"""A floor of PER-1: the least that stores before it answers, as a prototype of the listener did.

One protocol, a queue, and a thread that stores in one statement whatever has queued up, and has it answered. It knows
all frames beforehand, so that it reads nothing and looks nobody up; it has no limits, no time-outs, no strays and no
PROXY header, and it ends when the database does.
"""

from __future__ import annotations

import asyncio
import gc
import os
import socket
import sys
import threading
from collections.abc import Mapping, Sequence
from contextlib import suppress
from datetime import UTC, datetime
from functools import partial
from queue import Empty, SimpleQueue
from typing import TYPE_CHECKING, TypeAlias, cast

from smmeplus.dlms.kinds import Kind
from tests.bench.measuring import set_up
from tests.bench.servers import run, serve
from tests.support.listener import HOST

if TYPE_CHECKING:
    from wakeup.recording.arrivals import MessageRow

    Waiting: TypeAlias = tuple[asyncio.Transport, MessageRow]


def serve_bare(listening: socket.socket, concentrators: Mapping[bytes, int], answer: bytes) -> None:
    """Store each frame in the database of this bench, then ``answer``; ``concentrators`` has their keys by frame."""
    set_up(os.environ["DATABASE_URL"])
    from wakeup.management.commands.runlistener import SWITCH_S

    gc.freeze()  # this and the next as the listener does
    sys.setswitchinterval(SWITCH_S)
    run(_serve(listening, concentrators, answer))


async def _serve(listening: socket.socket, concentrators: Mapping[bytes, int], answer: bytes) -> None:
    queue: SimpleQueue[Waiting] = SimpleQueue()
    loop = asyncio.get_running_loop()
    threading.Thread(target=_write, args=(queue, loop, answer), daemon=True).start()
    await serve(listening, partial(_Storing, concentrators, queue, listening.getsockname()[1]))


class _Storing(asyncio.Protocol):
    __slots__ = ("_concentrators", "_port", "_queue", "_transport")

    def __init__(self, concentrators: Mapping[bytes, int], queue: SimpleQueue[Waiting], port: int) -> None:
        self._concentrators = concentrators
        self._queue = queue
        self._port = port

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)

    def data_received(self, data: bytes) -> None:
        from wakeup.models import Format
        from wakeup.recording.arrivals import MessageRow

        now = datetime.now(UTC)
        pk = self._concentrators[data]
        row = MessageRow(pk, Kind.KEEPALIVE, now, None, HOST, self._port, Format.PUSH, now.date())
        self._queue.put((self._transport, row))


def _write(queue: SimpleQueue[Waiting], loop: asyncio.AbstractEventLoop, answer: bytes) -> None:
    from wakeup.recording.recorder import store_rows

    while True:
        batch = [queue.get()]
        with suppress(Empty):
            while True:
                batch.append(queue.get_nowait())
        store_rows([row for _transport, row in batch])
        loop.call_soon_threadsafe(_answer, batch, answer)


def _answer(batch: Sequence[Waiting], answer: bytes) -> None:
    for transport, _row in batch:
        transport.write(answer)
