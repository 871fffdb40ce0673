"""TLS between a connection and its socket (SEC-4).

The event loop's own TLS will not do: it begins before a PROXY header could be read, tells nobody of a handshake that
fails, cannot keep our side open for answers to a peer that has closed its own, and keeps 256 KiB a connection.
"""

from __future__ import annotations

import asyncio
from typing import Any, Final, cast

from wakeup.listener.connections.addresses import plain_address
from wakeup.listener.connections.hello import TlsError, begins_with_hello
from wakeup.listener.connections.junk import MAX_RAW
from wakeup.listener.connections.proxy import ProxyError, read_header
from wakeup.listener.connections.registry import Connections
from wakeup.listener.connections.tcp import Connection
from wakeup.listener.tls.certificates import Certificates
from wakeup.listener.tls.naming import serial_named
from wakeup.listener.tls.session import MAX_HANDSHAKE, Session, too_long
from wakeup.listener.tls.turns import Turns

HANDSHAKE_S: Final = 10.0  # from the beginning of the connection, or the end of its PROXY header


class Wire(asyncio.Transport):
    """What a connection has for its transport: whatever it writes goes out encrypted."""

    def __init__(self, transport: asyncio.Transport) -> None:
        super().__init__()
        self._transport = transport
        self.session: Session | None = None

    def get_extra_info(self, name: str, default: Any = None) -> Any:
        return self._transport.get_extra_info(name, default)

    def write(self, data: bytes | bytearray | memoryview) -> None:
        cast("Session", self.session).write(bytes(data))  # nothing is answered before there is one
        self.flush()

    def flush(self) -> None:
        """Send what the session has to say."""
        if self.session is not None and (encrypted := self.session.take()):
            self._transport.write(encrypted)

    def close(self) -> None:
        if self.session is not None and not self._transport.is_closing():
            self.session.close()
            self.flush()
        self._transport.close()

    def abort(self) -> None:
        self._transport.abort()

    def is_closing(self) -> bool:
        return self._transport.is_closing()

    def pause_reading(self) -> None:
        self._transport.pause_reading()

    def resume_reading(self) -> None:
        self._transport.resume_reading()

    def get_write_buffer_size(self) -> int:
        return self._transport.get_write_buffer_size()

    def set_write_buffer_limits(self, high: int | None = None, low: int | None = None) -> None:
        self._transport.set_write_buffer_limits(high, low)


class Secured(asyncio.Protocol):
    """Hands ``connection`` the PROXY header as it comes, then only what has come through TLS.

    So whom the listener lets in is the connection's business as on the plain port, before any handshake costs anything.
    Until that is over the connection counts as silent: it is the first to give way.
    """

    def __init__(
        self, connection: Connection, connections: Connections, certificates: Certificates, turns: Turns
    ) -> None:
        self._connection, self._connections = connection, connections
        self._certificates, self._turns = certificates, turns
        self._header: bytes | None = None  # what has come of it, while it is awaited
        self._begun = b""  # of the handshake: the first MAX_RAW
        self._pending = b""  # of the handshake, until it is our turn
        self._is_read = self._has_ended = False  # by us, by the other side

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)
        self._wire = Wire(self._transport)
        self._begin_time()
        peer = transport.get_extra_info("peername")
        if peer is not None and self._connections.limits.is_proxy(plain_address(peer[0])):
            self._header = b""
        self._connection.connection_made(self._wire)

    def data_received(self, data: bytes) -> None:
        if self._header is not None:
            data = self._behind_header(self._header, data)
        if not data or self._transport.is_closing():
            return
        session = self._wire.session
        if self._is_read:
            self._connection.data_received(data)  # which drops it
        elif session is not None and session.is_open:
            self._read(session, data)
        else:
            self._begun += data[: MAX_RAW - len(self._begun)]
            self._pending += data
            if len(self._pending) > MAX_HANDSHAKE:
                self._fail(too_long())
            else:
                self._turns.queue(self)

    def eof_received(self) -> bool:
        self._has_ended = True
        if self not in self._turns:
            self._end()
        return True  # keeps our side open for answers that wait for their commit

    def connection_lost(self, exc: Exception | None) -> None:
        self._timer.cancel()
        self._turns.leave(self)
        self._connection.connection_lost(exc)

    def pause_writing(self) -> None:
        self._connection.pause_writing()

    def resume_writing(self) -> None:
        self._connection.resume_writing()

    def take_turn(self) -> None:
        """Go on with the handshake, which costs up to a millisecond."""
        data, self._pending = self._pending, b""
        if not self._is_read and not self._transport.is_closing():
            self._shake_hands(data)
        if self._has_ended:
            self._end()

    def give_up(self) -> None:
        """The time for the handshake is up; it begins anew if it is ours that is too short."""
        if self in self._turns or not self._transport.is_reading():
            self._begin_time()
        elif self._begun:
            self._fail(TlsError(f"the TLS handshake was not complete after {HANDSHAKE_S:g} s"))
        elif self._header is None:
            self._connection.close_silent()

    def _begin_time(self) -> None:
        self._timer = asyncio.get_running_loop().call_later(HANDSHAKE_S, self.give_up)

    def _behind_header(self, begun: bytes, data: bytes) -> bytes:
        """Hand on the PROXY header as far as it goes; what is behind it."""
        so_far = begun + data
        try:
            found = read_header(so_far)
        except ProxyError:
            found = None  # the connection says so
        if found is None:
            self._header = so_far
            self._connection.data_received(data)
            return b""
        behind = so_far[found[1] :]
        self._header = None
        self._timer.cancel()
        self._begin_time()
        self._connection.data_received(data[: len(data) - len(behind)])
        return behind

    def _shake_hands(self, data: bytes) -> None:
        session = self._wire.session
        if session is None:
            begins = begins_with_hello(self._begun)
            if begins is None:
                self._pending = data
                return
            if not begins:
                self._fail(TlsError("no TLS hello, on the port for TLS"), by_reset=True)
                return
            session = self._wire.session = Session(self._certificates.context)
        session.feed(data)
        try:
            is_over = session.go_on()
        except TlsError as error:
            self._fail(error)
            return
        self._wire.flush()
        if is_over:
            self._open(session)

    def _open(self, session: Session) -> None:
        self._timer.cancel()
        self._begun = b""
        try:
            serial = serial_named(session.certificate())
        except TlsError as error:
            self._fail(error)
            return
        if serial:
            self._connection.belong_to(serial)
        self._connections.metrics.handshakes.labels("yes" if serial else "no").inc()
        self._read(session, b"")

    def _read(self, session: Session, data: bytes) -> None:
        session.feed(data)
        try:
            plain = session.read()
        except TlsError as error:
            self._begun = data[:MAX_RAW]
            self._fail(error)
            return
        self._wire.flush()  # the session may have something to say for itself
        if plain:
            self._connection.data_received(plain)
        if session.has_ended:
            self._end()

    def _end(self) -> None:
        """The other side sends no more."""
        if self._is_read:
            return
        if self._begun:
            self._fail(TlsError("the connection was closed in the middle of the TLS handshake"))
            return
        self._is_read = True
        self._connection.eof_received()

    def _fail(self, error: TlsError, *, by_reset: bool = False) -> None:
        self._is_read = True
        self._timer.cancel()
        self._wire.flush()  # the alert says to the other side why
        self._connection.turn_away(self._begun, error, by_reset=by_reset)
        self._begun = self._pending = b""
