"""The floor of PER-1: a bare uvloop server that answers each frame with the same bytes and stores nothing."""

from __future__ import annotations

import asyncio
import multiprocessing
import signal
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from typing import NamedTuple, cast

import uvloop

from tests.support.listener import HOST

BACKLOG = 4_096  # that of the listener


class Echo(NamedTuple):
    """The running server."""

    pid: int
    port: int


class _Answering(asyncio.Protocol):
    __slots__ = ("_answer", "_frame_size", "_rest", "_transport")

    def __init__(self, frame_size: int, answer: bytes) -> None:
        self._frame_size = frame_size
        self._answer = answer
        self._rest = 0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)

    def data_received(self, data: bytes) -> None:
        frames, self._rest = divmod(self._rest + len(data), self._frame_size)
        self._transport.write(self._answer * frames)


@contextmanager
def running_echo(frame_size: int, answer: bytes) -> Iterator[Echo]:
    """A process that answers every ``frame_size`` bytes with ``answer``, stopped on leaving."""
    with socket.create_server((HOST, 0), backlog=BACKLOG) as listening:
        process = multiprocessing.get_context("spawn").Process(target=_serve, args=(listening, frame_size, answer))
        process.start()
        try:
            yield Echo(process.pid or 0, listening.getsockname()[1])
        finally:
            process.terminate()
            process.join()


def _serve(listening: socket.socket, frame_size: int, answer: bytes) -> None:
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    uvloop.run(_serve_for_ever(listening, frame_size, answer))


async def _serve_for_ever(listening: socket.socket, frame_size: int, answer: bytes) -> None:
    server = await asyncio.get_running_loop().create_server(
        lambda: _Answering(frame_size, answer), sock=listening, backlog=BACKLOG
    )
    await server.serve_forever()
