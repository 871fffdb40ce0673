"""The floor of PER-1: a bare uvloop server that answers each frame with the same bytes and stores nothing."""

from __future__ import annotations

import asyncio
import socket
from functools import partial
from typing import cast

from tests.bench.servers import run, serve


def serve_echo(listening: socket.socket, frame_size: int, answer: bytes) -> None:
    """Answer every ``frame_size`` bytes with ``answer``."""
    run(serve(listening, partial(_Answering, frame_size, answer)))


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
