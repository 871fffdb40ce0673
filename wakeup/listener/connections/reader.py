"""What a peer sends, cut into a PROXY header and frames, without any I/O (WIR-6, WIR-7)."""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple

from smmeplus.dlms.errors import FrameError
from wakeup.formats import MAX_FRAME, read_frame
from wakeup.formats.notice import Notice
from wakeup.listener.connections.proxy import ProxyError, Source, begins_with_header, read_header_of, unlisted
from wakeup.models.strays import Stray, StrayReason
from wakeup.recording.arrivals import Arrival

MAX_RAW = 2_056  # bytes of a refused frame that are kept
MAX_SKIPPED = 65_536  # bytes dropped behind a refused frame: if they stayed unread, a reset could overtake its answer


class Header(NamedTuple):
    """A PROXY header; the source is None where it names none."""

    source: Source | None


class Refusal(NamedTuple):
    """Bytes that no format could read, or a PROXY header that is refused; then the error is a ProxyError."""

    raw: bytes
    error: FrameError

    def as_stray(self, now: datetime, peer: str) -> Stray:
        """A connection ends with its refusal, so each stray is one connection of its address, or one datagram."""
        return Stray(StrayReason.MALFORMED, peer, now, peer, self.raw[:MAX_RAW], str(self.error), connections=1)


def arrival_of(notice: Notice, raw: bytes, now: datetime, peer: str, port: int) -> Arrival:
    return Arrival(notice.serial, notice.kind, notice.format, now, peer, port, notice.clock, raw, notice.kind_key)


class Reader:
    """Takes in the bytes of one connection; what they hold is then read piece by piece.

    Each piece comes out as what it is or as a Refusal, and as None while it is incomplete. After a Refusal ``is_over``
    is set: nothing more is read, and what still comes in is dropped.
    """

    __slots__ = ("_is_fresh", "_peer", "_skipped", "_start", "awaits_header", "buffer", "is_over")

    def __init__(self, peer: str, awaits_header: bool) -> None:
        self.awaits_header = awaits_header
        self.is_over = False
        self.buffer = b""  # empty as soon as all of it is read
        self._start = 0  # of what is not read yet
        self._peer = peer
        self._skipped = 0
        self._is_fresh = True  # neither a frame nor a header has been read

    @property
    def has_skipped_enough(self) -> bool:
        """Whether so much had to be dropped that no more should be received."""
        return self._skipped > MAX_SKIPPED

    def feed(self, data: bytes) -> None:
        if self.is_over:
            self._skipped += len(data)
        else:
            self.buffer = self.buffer[self._start :] + data
            self._start = 0

    def read_header(self) -> Header | Refusal | None:
        try:
            found = read_header_of(self._peer, self.buffer)
        except ProxyError as error:
            return self._refuse(error)
        if found is None:
            return None
        source, length = found
        self.buffer = self.buffer[length:]
        self.awaits_header = self._is_fresh = False
        return Header(source)

    def read_frame(self) -> tuple[Notice, bytes] | Refusal | None:
        start = self._start
        try:
            found = read_frame(self.buffer[start : start + MAX_FRAME])
        except FrameError as error:
            return self._refuse_unless_too_short_to_tell(error)
        if found is None:
            return None
        notice, length = found
        end = start + length
        raw = self.buffer[start:end]
        if end < len(self.buffer):
            self._start = end
        else:
            self.buffer, self._start = b"", 0
        self._is_fresh = False
        return notice, raw

    def end(self, why: str) -> Refusal | None:
        """Read no more. A part of a frame or of the header that is left is refused because of ``why``, which names it.

        ``why`` has ``{}`` where the name belongs.
        """
        if self.buffer and not self.is_over:
            return self._refuse(FrameError(why.format("the PROXY header" if self.awaits_header else "the frame")))
        self.is_over = True
        return None

    def _refuse_unless_too_short_to_tell(self, error: FrameError) -> Refusal | None:
        """A PROXY header from a peer that is not listed is refused as that, once it can be told from a frame."""
        is_header = self._is_fresh and begins_with_header(self.buffer)
        if is_header is None:
            return None
        return self._refuse(unlisted(self._peer) if is_header else error)

    def _refuse(self, error: FrameError) -> Refusal:
        raw, self.buffer, self.is_over = self.buffer[self._start :], b"", True
        return Refusal(raw, error)
