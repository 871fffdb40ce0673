"""A TLS session of the server's side over bytes, without any I/O: encrypted ones in, readable ones out."""

from __future__ import annotations

import ssl
from contextlib import suppress
from typing import Any, Final

from wakeup.listener.connections.hello import TlsError

MAX_HANDSHAKE: Final = 65_536  # bytes from the other side
MAX_READ: Final = 65_536  # bytes at a time
_CLOSED: Final = (ssl.SSLZeroReturnError, ssl.SSLEOFError)


class Session:
    __slots__ = ("_came", "_incoming", "_outgoing", "_tls", "has_ended", "is_open")

    def __init__(self, context: ssl.SSLContext) -> None:
        self._incoming, self._outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
        self._tls = context.wrap_bio(self._incoming, self._outgoing, server_side=True)
        self._came = 0
        self.is_open = False  # the handshake is over
        self.has_ended = False  # the other side sends no more

    def feed(self, data: bytes) -> None:
        self._incoming.write(data)
        self._came += len(data)

    def go_on(self) -> bool:
        """Take the handshake as far as the bytes go, and say whether it is over. Raises TlsError."""
        try:
            self._tls.do_handshake()
        except ssl.SSLWantReadError:
            if self._came > MAX_HANDSHAKE:
                raise too_long() from None
        except ssl.SSLError as error:
            raise TlsError(f"the TLS handshake failed: {_reason(error)}") from error
        else:
            self.is_open = True
        return self.is_open

    def read(self) -> bytes:
        """All that can be read by now. Raises TlsError for what is not as the session wants it."""
        pieces = []
        try:
            while piece := self._tls.read(MAX_READ):
                pieces.append(piece)
            self.has_ended = True
        except ssl.SSLWantReadError:
            pass
        except _CLOSED:
            self.has_ended = True
        except ssl.SSLError as error:
            raise TlsError(f"the TLS session failed: {_reason(error)}") from error
        return b"".join(pieces)

    def write(self, data: bytes) -> None:
        rest = memoryview(data)
        with suppress(ssl.SSLError):  # it has failed, and its connection is about to end
            while rest:  # a record has at most 16 KiB
                rest = rest[self._tls.write(rest) :]

    def close(self) -> None:
        """Tell the other side that nothing more comes."""
        if self.is_open:
            with suppress(ssl.SSLError):  # it wants the other side's farewell, for which nobody waits
                self._tls.unwrap()

    def take(self) -> bytes:
        """What has to be sent."""
        return self._outgoing.read()

    def certificate(self) -> dict[str, Any]:
        """What the other side has shown, as ``ssl`` describes it; empty if it has shown none. Raises TlsError."""
        try:
            return self._tls.getpeercert() or {}
        except (ValueError, ssl.SSLError) as error:  # a name that is no text
            raise TlsError("the names in its certificate cannot be read") from error


def too_long() -> TlsError:
    return TlsError(f"the TLS handshake has more than {MAX_HANDSHAKE} bytes")


def _reason(error: ssl.SSLError) -> str:
    if isinstance(error, ssl.SSLCertVerificationError):
        return f"its certificate is refused, {error.verify_message}"
    words = (error.reason or "no reason").lower().replace("_", " ")
    return f"it refuses ours, {words}" if "alert" in words else words
