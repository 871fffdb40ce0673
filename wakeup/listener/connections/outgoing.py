"""The sending side of a connection: answers out, and the two ways to end it (WIR-6)."""

from __future__ import annotations

import asyncio
import socket
import struct
from contextlib import suppress

MAX_UNSENT = 16_384  # bytes of answers that wait in our hands before the peer has to take some
_RESET_ON_CLOSE = struct.pack("ii", 1, 0)


class Outgoing:
    """Writes to a transport, ends it in good order or by a reset, and knows whether the peer takes what it is sent."""

    __slots__ = ("_seen", "_transport", "_written", "is_lost")

    def __init__(self, transport: asyncio.Transport) -> None:
        self._transport = transport
        self._written = self._seen = 0
        self.is_lost = False

    def bound(self) -> None:
        """Have the loop call ``pause_writing`` when more than MAX_UNSENT waits to be sent."""
        self._transport.set_write_buffer_limits(MAX_UNSENT)

    def write(self, answers: bytes) -> None:
        if answers and not self._transport.is_closing():
            self._written += len(answers)
            self._transport.write(answers)

    def close(self) -> None:
        """Close normally, as soon as everything is sent."""
        self._transport.close()

    def reset(self) -> None:
        """Close with RST; nothing if the connection is lost: its descriptor may be that of another one by then."""
        if not self.is_lost:
            self.is_lost = True
            self._set_option(socket.SO_LINGER, _RESET_ON_CLOSE)
            self._transport.abort()

    def watch(self) -> bool:
        """Have :meth:`has_moved` look at what goes out from now on; False if all has."""
        unsent = self._transport.get_write_buffer_size()
        self._seen = self._written - unsent
        return unsent > 0

    def has_moved(self) -> bool:
        """Whether anything has gone out since this was last asked, or since :meth:`watch`."""
        before = self._seen
        self.watch()
        return self._seen > before

    def _set_option(self, option: int, value: int | bytes) -> None:
        connected = self._transport.get_extra_info("socket")
        if connected is not None:
            with suppress(OSError):  # the peer has gone
                connected.setsockopt(socket.SOL_SOCKET, option, value)
