"""What a peer sends, cut into a PROXY header and frames, without any I/O (WIR-6, WIR-7, WIR-9)."""

from __future__ import annotations

from enum import Enum, auto
from typing import Final

from smmeplus.dlms.errors import FrameError
from smmeplus.dlms.framing.wrapper import EmptyFrameError
from wakeup.formats import MAX_FRAME, read_frame
from wakeup.formats.beginnings import is_half_header, next_beginning
from wakeup.formats.notice import NamelessError, Notice, Said
from wakeup.formats.sealed import SealedError
from wakeup.formats.sealed_fast import read_sealed_fast
from wakeup.formats.wrapped_fast import read_many
from wakeup.listener.connections.hello import begins_with_hello, hello_on_the_plain_port
from wakeup.listener.connections.junk import Junk
from wakeup.listener.connections.pieces import Header, Piece, Refusal, Step, not_its_own, refusal_of
from wakeup.listener.connections.proxy import ProxyError, begins_with_header, read_header_of, unlisted
from wakeup.listener.keys.cache import KeyCache, Wanted
from wakeup.listener.keys.unsealing import unseal
from wakeup.models import Format
from wakeup.models.strays import StrayReason

MAX_SKIPPED = 65_536  # bytes dropped behind the last refused frame: unread, a reset could overtake its answer
MAX_JUNK = 4_096  # bytes of a connection that no format begins with
MAX_REFUSED = 20  # frames in a row
MAX_HIDDEN = 256  # bytes before an empty wrapper in which the next frame may begin


class _GoOn(Enum):
    """A step that gave no piece, with more to read behind it."""

    GO_ON = auto()


_SESSION: Final = Format.SESSION
_GO_ON: Final = _GoOn.GO_ON
_HALF: Final = FrameError("half a header of a wrapper")


class Reader:
    """Takes in the bytes of one connection; what they hold is then read piece by piece.

    Each piece comes out as what it is or as a Refusal, and as None while it is incomplete. One bad frame costs itself
    alone: it is skipped by its length, and bytes that are no frame up to where the next one begins::

        push  refused frame  push  0D 0A  push      push, Refusal, push, Refusal (2 bytes of junk), push

    A frame that was cut hides the beginning of the next one in itself. So if junk follows a frame, the next beginning
    is looked for in that frame, too::

        00 01 00 01 … (cut)  00 01 00 01 … push     Refusal, push

    Before a ciphered message it wants the device whose keys are not in ``keys``: once that is looked up, it goes on.

    After a refused header, too much junk or too many refused frames in a row ``is_over`` is set: nothing more is read,
    and what still comes in is dropped. Wherever the bytes are split, the same pieces come out; only of a refused header
    is kept what had come with it, because nothing behind its first wrong byte is waited for.
    """

    __slots__ = (
        "_has_asked",
        "_has_header",
        "_identity",
        "_is_fresh",
        "_is_junk_told",
        "_junk",
        "_junk_size",
        "_keys",
        "_last",
        "_peer",
        "_reasons",
        "_refused_in_a_row",
        "_skipped",
        "_start",
        "awaits_header",
        "buffer",
        "is_over",
        "owner",
    )

    def __init__(self, peer: str, awaits_header: bool, keys: KeyCache | None = None) -> None:
        self.awaits_header, self.is_over = awaits_header, False
        self.buffer = b""  # empty as soon as all of it is read
        self._start = 0  # of what is not read yet
        self._peer, self._keys = peer, keys
        self._has_asked = False  # for the device of the ciphered message that is next
        self._skipped = 0
        self._is_fresh, self._has_header = True, False  # no frame has been read; a header has
        self.owner = ""  # the serial number that the sender has proven to be, of which every message must be (SEC-4)
        self._identity = ""  # the serial number that the last login or heartbeat has named (WIR-10)
        self._last = b""  # the frame before what comes now
        self._refused_in_a_row = 0
        self._junk: Junk | None = None  # what is skipped now
        self._junk_size = 0  # bytes of what was skipped before
        self._is_junk_told = False
        self._reasons: tuple[StrayReason, ...] = ()  # for which something was refused

    @property
    def has_skipped_enough(self) -> bool:
        """Whether so much had to be dropped that no more should be received."""
        return self._skipped > MAX_SKIPPED

    @property
    def is_in_frame(self) -> bool:
        """Whether a frame has begun and not ended."""
        return bool(self.buffer) and self._junk is None

    @property
    def is_in_junk(self) -> bool:
        return self._junk is not None

    def bind(self, serial: str) -> None:
        """From now on every message has to be of ``serial``, and one that names nobody is (SEC-4)."""
        self.owner = self._identity = serial

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
            return self._close(self.buffer, error)
        if found is None:
            return None
        source, length = found
        self.buffer = self.buffer[length:]
        self.awaits_header, self._has_header = False, True
        return Header(source)

    def read_frames(self, limit: int) -> list[tuple[Said, bytes]] | Refusal | Wanted:
        """The messages that come next with their bytes: as many as can be read at once, or one; none if incomplete."""
        if self._junk is None and not self.owner:
            pushes, end = read_many(self.buffer, self._start, limit)
            if pushes:
                self._is_fresh, self._refused_in_a_row, self._last = False, 0, pushes[-1][1]
                self._move_to(end)
                return pushes
        step = self.read_frame()
        return step if isinstance(step, Refusal | Wanted) else [step] if step is not None else []

    def read_frame(self) -> Step | None:
        step: Step | _GoOn | None
        while self.buffer:
            if self._junk is not None:
                step = self._skip_junk(self._junk)
            elif self._keys and (sealed := read_sealed_fast(self.buffer, self._start, self._keys.find_fast)):
                self._has_asked = False
                return self._taken(*sealed)
            else:
                try:
                    found = read_frame(self.buffer, self._start)
                except FrameError as error:
                    step = self._after(error)
                else:
                    if found is not None:
                        return self._taken(*found)
                    step = self._begin_junk(_HALF) if is_half_header(self._begun()) else None
            if step is not _GO_ON:
                return step
        return None

    def end(self, why: str) -> Refusal | None:
        """Read no more. A part of a frame or of the header that is left is refused because of ``why``, which names it.

        ``why`` has ``{}`` where the name belongs.
        """
        rest, junk = self.buffer[self._start :], self._junk
        if self.is_over or not (rest or junk):
            self.is_over = True
            return None
        if junk is None:
            name = "the PROXY header" if self.awaits_header else "the frame"
            is_whole = not self.awaits_header and _refusal_of_whole(rest)
            return self._close(rest, is_whole or FrameError(why.format(name)))
        junk.take(rest)
        told = self._is_junk_told or not junk.size
        refusal = self._close(junk.raw, junk.error("without a frame"))
        return None if told else refusal

    def _taken(self, notice: Notice, length: int) -> Piece:
        if self.owner and notice.serial != self.owner:
            return self._refuse(not_its_own(notice, length, self.owner))
        self._is_fresh = False
        self._refused_in_a_row = 0
        if notice.format is _SESSION:
            self._identity = notice.serial
        raw = self._last = self._take(length)
        return notice, raw

    def _begun(self) -> bytes:
        """What is not read yet, as far as it may be one frame."""
        return self.buffer[self._start : self._start + MAX_FRAME]

    def _take(self, length: int) -> bytes:
        """The next ``length`` bytes of the buffer, which are read by that."""
        end = self._start + length
        taken = self.buffer[self._start : end]
        self._move_to(end)
        return taken

    def _move_to(self, end: int) -> None:
        if end < len(self.buffer):
            self._start = end
        else:
            self.buffer, self._start = b"", 0

    def _after(self, error: FrameError) -> Step | _GoOn | None:
        """What becomes of a frame that could not be read."""
        if isinstance(error, SealedError):
            return self._unseal(error)
        if isinstance(error, EmptyFrameError):
            self._last = (self._last + self._take(error.length))[-MAX_HIDDEN:]
            return _GO_ON
        if isinstance(error, NamelessError) and self._identity:
            return self._taken(error.notice._replace(serial=self._identity), error.length)
        if error.length:
            return self._begin_junk(_HALF) if is_half_header(self._begun()) else self._refuse(error)
        beginning = self._foreign_beginning() if self._is_fresh else _GO_ON
        return self._begin_junk(error) if beginning is _GO_ON else beginning

    def _foreign_beginning(self) -> Refusal | _GoOn | None:
        """The refusal of a connection that begins with a PROXY header or with TLS; None while that cannot be told."""
        is_header = not self._has_header and begins_with_header(self.buffer)
        is_hello = begins_with_hello(self.buffer)
        if is_header:
            return self._close(self.buffer, unlisted(self._peer))
        if is_hello:
            return self._close(self.buffer, hello_on_the_plain_port())
        return None if is_header is None or is_hello is None else _GO_ON

    def _unseal(self, sealed: SealedError) -> Step:
        found: Notice | Wanted | FrameError = sealed
        if self._keys is not None:
            found = unseal(sealed, self._identity, self._keys, has_asked=self._has_asked)
        self._has_asked = isinstance(found, Wanted)
        if isinstance(found, Wanted):
            return found
        return self._refuse(found) if isinstance(found, FrameError) else self._taken(found, sealed.length)

    def _refuse(self, error: FrameError) -> Refusal:
        raw = self._last = self._take(error.length)
        self._is_fresh = False
        self._refused_in_a_row += 1
        if self._refused_in_a_row == MAX_REFUSED:
            return self._close(raw, error)
        return self._refusal(raw, error)

    def _begin_junk(self, error: FrameError) -> _GoOn:
        """Skip what comes, for ``error``: what was taken for the end of the frame before may be the next one's."""
        rest = self.buffer[self._start :]
        hidden, self._last = self._last[1:], b""
        self.buffer, self._start = hidden + rest, 0
        self._junk = Junk(error, len(hidden))
        self._is_fresh = False
        return _GO_ON

    def _skip_junk(self, junk: Junk) -> Refusal | _GoOn | None:
        start = self._start
        begin, is_sure = next_beginning(self.buffer, start, start + junk.hidden)
        if begin > start:
            junk.take(self._take(begin - start))
        if self._junk_size + junk.size > MAX_JUNK:
            refusal = self._close(junk.raw, junk.error("without a frame"))
            return None if self._is_junk_told else refusal
        if not is_sure:
            return None
        self._junk = None
        self._junk_size += junk.size
        if self._is_junk_told or not junk.size:
            return _GO_ON
        self._is_junk_told = True
        return self._refusal(junk.raw, junk.error("before a frame"))

    def _close(self, raw: bytes, error: FrameError) -> Refusal:
        """Refuse ``raw``, and read no more."""
        self.buffer, self._start, self._junk, self.is_over = b"", 0, None, True
        return self._refusal(raw, error)

    def _refusal(self, raw: bytes, error: FrameError) -> Refusal:
        refusal = refusal_of(raw, error)
        if refusal.reason in self._reasons:
            return refusal._replace(identity=self._identity, is_first=False)
        self._reasons = (*self._reasons, refusal.reason)
        return refusal._replace(identity=self._identity)


def _refusal_of_whole(rest: bytes) -> FrameError | None:
    """Why a whole frame is refused for which the reader still waited for more, to tell it from half a header."""
    try:
        read_frame(rest[:MAX_FRAME])
    except FrameError as error:
        return error if error.length else None
    return None
