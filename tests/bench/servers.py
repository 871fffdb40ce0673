"""Servers that the listener is compared with, each in a process of its own."""

from __future__ import annotations

import asyncio
import multiprocessing
import signal
import socket
from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager
from typing import Any, Concatenate, NamedTuple, ParamSpec

import uvloop

from tests.support.listener import HOST

BACKLOG = 4_096  # that of the listener

_Arguments = ParamSpec("_Arguments")


class Server(NamedTuple):
    """A running server."""

    pid: int
    port: int


@contextmanager
def running(
    serve: Callable[Concatenate[socket.socket, _Arguments], None],
    *arguments: _Arguments.args,
    **options: _Arguments.kwargs,
) -> Iterator[Server]:
    """``serve`` in a process of its own, on a socket that listens already; stopped on leaving."""
    with socket.create_server((HOST, 0), backlog=BACKLOG) as listening:
        process = multiprocessing.get_context("spawn").Process(
            target=serve, args=(listening, *arguments), kwargs=options
        )
        process.start()
        try:
            yield Server(process.pid or 0, listening.getsockname()[1])
        finally:
            process.terminate()
            process.join()


def run(main: Coroutine[Any, Any, None]) -> None:
    """Run ``main`` on uvloop, until SIGTERM."""
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    uvloop.run(main)


async def serve(listening: socket.socket, protocol: Callable[[], asyncio.Protocol]) -> None:
    """Make a ``protocol`` for each connection to ``listening``."""
    server = await asyncio.get_running_loop().create_server(protocol, sock=listening, backlog=BACKLOG)
    await server.serve_forever()
