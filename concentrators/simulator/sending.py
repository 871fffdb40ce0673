"""One exchange with a listener over TCP, from an address that the sender chooses (SIM-2)."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from typing import cast

from smmeplus.dlms.errors import FrameError
from smmeplus.dlms.framing.wrapper import unwrap

PROBE_INTERVAL = 0.25  # seconds


async def exchange(
    frame: bytes, host: str, port: int, *, source: str | None = None, timeout: float, answer_due: bool = True
) -> bytes:
    """Send ``frame`` on a connection of its own from ``source`` and return the raw answer, then close (WIR-6).

    The answer is one frame of the wrapper, or a single byte; less only if the service closed in the middle of it.
    Without ``answer_due`` the sender closes its side first, and the service confirms that the message is stored by
    closing, too: the answer is ``b""`` unless it sent one anyway.

    Raises TimeoutError if all of it takes longer than ``timeout`` seconds, and OSError if the service refuses, resets,
    or closes without the answer that is due.
    """
    protocol = _Exchange(frame, answer_due)
    transport: asyncio.Transport | None = None
    try:
        async with asyncio.timeout(timeout):
            transport = await _connect(protocol, host, port, source)
            return await protocol.answer
    finally:
        if transport:
            transport.abort()


class _Exchange(asyncio.Protocol):
    def __init__(self, frame: bytes, answer_due: bool) -> None:
        self.answer: asyncio.Future[bytes] = asyncio.get_running_loop().create_future()
        self._frame = frame
        self._answer_due = answer_due
        self._received = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        connection = cast("asyncio.Transport", transport)
        connection.write(self._frame)
        if not self._answer_due:
            connection.write_eof()

    def data_received(self, data: bytes) -> None:
        self._received += data
        # An answer may still come after the timeout, before the connection is closed.
        if _is_whole(self._received) and not self.answer.done():
            self.answer.set_result(self._received)

    def connection_lost(self, error: Exception | None) -> None:
        if self.answer.done():
            return
        if error is None and self._answer_due and not self._received:
            error = ConnectionAbortedError("The service closed the connection without an answer.")
        if error is None:
            self.answer.set_result(self._received)
        else:
            self.answer.set_exception(error)


def _is_whole(answer: bytes) -> bool:
    """Whether the answer is complete: a frame of the wrapper, or a byte that cannot begin one."""
    try:
        return unwrap(answer) is not None
    except FrameError:
        return True


async def send_datagram(frame: bytes, host: str, port: int, *, source: str | None = None) -> None:
    """Send ``frame`` over UDP; OSError if this system cannot. Nobody knows whether it arrives."""
    local = (source, 0) if source else None
    loop = asyncio.get_running_loop()
    transport, _ = await loop.create_datagram_endpoint(
        asyncio.DatagramProtocol, local_addr=local, remote_addr=(host, port)
    )
    transport.sendto(frame)
    transport.close()


async def listens(host: str, port: int, *, source: str | None = None, patience: float) -> bool:
    """Whether a listener accepts connections there; wait for it up to ``patience`` seconds."""
    with suppress(TimeoutError):
        async with asyncio.timeout(patience):
            while not await _accepts(host, port, source):
                await asyncio.sleep(PROBE_INTERVAL)
            return True
    return False


async def _accepts(host: str, port: int, source: str | None) -> bool:
    try:
        transport = await _connect(asyncio.Protocol(), host, port, source)
    except OSError:
        return False
    transport.close()
    return True


async def _connect(protocol: asyncio.Protocol, host: str, port: int, source: str | None) -> asyncio.Transport:
    local = (source, 0) if source else None
    loop = asyncio.get_running_loop()
    transport, _ = await loop.create_connection(lambda: protocol, host, port, local_addr=local)
    return transport
