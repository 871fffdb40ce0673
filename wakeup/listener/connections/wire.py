"""The sending side of a connection: answers out, and the two ways to end it (WIR-6)."""

from __future__ import annotations

import asyncio
import socket
import struct
from contextlib import suppress

MAX_UNSENT = 16_384  # bytes of answers that the peer does not take, before it has to
_RESET_ON_CLOSE = struct.pack("ii", 1, 0)


class Wire:
    """A transport that is closed in good order or reset, and that knows whether the peer takes what it is sent."""

    __slots__ = ("_seen", "_transport", "_written", "is_lost", "read_on", "stop_reading")

    def __init__(self, transport: asyncio.Transport) -> None:
        self._transport = transport
        self._written = self._seen = 0
        self.is_lost = False
        self.read_on = transport.resume_reading
        self.stop_reading = transport.pause_reading

    def bound(self) -> None:
        """Bound what waits to be sent: a peer that leaves more than that in our hands takes no answers."""
        self._transport.set_write_buffer_limits(MAX_UNSENT)

    def write(self, answers: bytes) -> None:
        if answers and not self._transport.is_closing():
            self._written += len(answers)
            self._transport.write(answers)

    def close(self) -> None:
        """Close normally, as soon as everything is sent."""
        self._transport.close()

    def reset(self) -> None:
        """Close with RST. Once it is lost its descriptor may be that of another connection: then nothing is done."""
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
