"""The port for TLS, beside the plain one (SEC-4)."""

from __future__ import annotations

import asyncio
import logging
import socket
from dataclasses import dataclass

from wakeup.listener.connections.registry import Connections
from wakeup.listener.connections.sockets import BACKLOG, acknowledge_by_answers, shared_socket
from wakeup.listener.connections.tcp import Connection
from wakeup.listener.tls.certificates import Certificates, TlsFiles, TlsFilesError
from wakeup.listener.tls.secured import Secured
from wakeup.listener.tls.turns import Turns
from wakeup.listener.writers.intake import Intake

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class TlsWanted:
    port: int
    files: TlsFiles


class TlsPort:
    """Raises CannotListenError or TlsFilesError."""

    def __init__(self, host: str, wanted: TlsWanted) -> None:
        self._host, self._port = host, wanted.port
        self.certificates = Certificates(wanted.files)
        self._socket = shared_socket(socket.SOCK_STREAM, host, wanted.port)

    async def open(self, connections: Connections, intake: Intake) -> None:
        turns = Turns()

        def secured() -> Secured:
            connection = Connection(connections, intake, self._port)
            return Secured(connection, connections, self.certificates, turns)

        self._server = await asyncio.get_running_loop().create_server(secured, sock=self._socket, backlog=BACKLOG)
        acknowledge_by_answers(self._socket)
        log.info("listening with TLS on TCP %s:%d", self._host, self._port)

    def reload(self) -> None:
        """Read the files anew, for sessions that begin from now on; what is wrong with them is logged."""
        try:
            self.certificates.load()
        except TlsFilesError as error:
            log.error("TLS goes on with the files as they were: %s", error)  # noqa: TRY400 - a file has to be mended

    def refuse(self) -> None:
        """Take no more into the backlog; those already there are accepted."""
        self._socket.listen(0)

    def close(self) -> None:
        self._server.close()
