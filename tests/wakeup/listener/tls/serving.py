"""A TLS port in this process, without a database, and concentrators on real sockets."""

from __future__ import annotations

import asyncio
import socket
import ssl
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from pathlib import Path

import pytest
import uvloop

from tests.support.listener import HOST, read_to_end
from tests.support.processes import free_port
from tests.support.tls.certificates import Authority, Pair
from tests.wakeup.listener.writers.intakes import Store
from wakeup.listener.connections.limits import Limits
from wakeup.listener.connections.registry import Connections
from wakeup.listener.metrics import Metrics
from wakeup.listener.tls.certificates import TlsFiles
from wakeup.listener.tls.port import TlsPort, TlsWanted
from wakeup.listener.writers.intake import Intake
from wakeup.models.strays import Stray
from wakeup.recording.arrivals import Arrival, Recorded
from wakeup.recording.attempts import Attempt


class Remembering(Store):
    """A database that keeps everything whole."""

    def __init__(self) -> None:
        super().__init__()
        self.arrivals: list[Arrival] = []
        self.refused: list[Stray] = []

    def __call__(
        self, arrivals: Sequence[Arrival], counted: Sequence[Stray | Arrival], attempt: Attempt[Recorded]
    ) -> Recorded:
        recorded = super().__call__(arrivals, counted, attempt)
        self.arrivals += arrivals
        self.refused += [one for one in counted if isinstance(one, Stray)]
        return recorded


class Serving:
    """What a test sees of the listener, and what its concentrators do."""

    def __init__(self, authority: Authority, port: TlsPort, number: int, limits: Limits) -> None:
        self.authority, self.port, self.number = authority, port, number
        self.metrics, self.store = Metrics(), Remembering()
        self.intake = Intake(1, self.metrics, self.store)
        self.connections = Connections(limits, self.metrics)

    def details(self) -> list[str]:
        return [stray.detail for stray in self.store.refused]

    async def refusal(self) -> Stray:
        """The only one so far, as soon as it is there."""
        async with asyncio.timeout(10):
            while not self.store.refused:
                await asyncio.sleep(0.001)
        (stray,) = self.store.refused
        return stray

    async def exchange(self, data: bytes, shown: Pair | None = None, *, header: bytes = b"") -> bytes:
        """What a concentrator gets back that sends ``data`` and then closes its side."""
        return await asyncio.to_thread(self._exchange, data, shown, header)

    def connect(self) -> socket.socket:
        return socket.create_connection((HOST, self.number), timeout=10)

    def context(self, shown: Pair | None = None) -> ssl.SSLContext:
        """What a concentrator connects with, that shows the certificate ``shown``."""
        context = ssl.create_default_context(cafile=self.authority.file)
        if shown is not None:
            context.load_cert_chain(shown.certificate, shown.key)
        return context

    def _exchange(self, data: bytes, shown: Pair | None, header: bytes) -> bytes:
        with self.connect() as plain:
            plain.sendall(header)
            with self.context(shown).wrap_socket(plain, server_hostname="listener.example") as secure:
                secure.sendall(data)
                socket.socket.shutdown(secure, socket.SHUT_WR)
                with suppress(ssl.SSLEOFError):
                    return read_to_end(secure)
        return b""


def run(
    folder: Path,
    work: Callable[[Serving], Awaitable[None]],
    *,
    limits: Limits | None = None,
    client_ca: Path | None = None,
    requires_client: bool = True,
    authority: Authority | None = None,
) -> None:
    """Do ``work`` while a port for TLS is open."""
    certifies = authority or Authority(folder)
    own = certifies.certify("listener.example", "listener.example")

    async def serve_and_work() -> None:
        asyncio.get_running_loop().set_exception_handler(lambda _loop, context: pytest.fail(str(context)))
        number = free_port()
        files = TlsFiles(own.certificate, own.key, client_ca, requires_client)
        port = TlsPort(HOST, TlsWanted(number, files))
        serving = Serving(certifies, port, number, limits or Limits())
        await port.open(serving.connections, serving.intake)
        try:
            await work(serving)
        finally:
            port.close()
            serving.connections.close_all()
            await serving.intake.stop()

    uvloop.run(asyncio.wait_for(serve_and_work(), 30))
