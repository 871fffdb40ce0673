"""What a reader finds in the bytes of a peer: a PROXY header, messages with their bytes, refusals (WIR-6, WIR-9)."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final, NamedTuple, TypeAlias

from smmeplus.dlms.ciphering.errors import DAMAGED, CipheringError, Reason
from smmeplus.dlms.errors import CipheredError, FrameError, NoDeviceIdError
from wakeup.formats.notice import Notice
from wakeup.listener.connections.hello import TlsError
from wakeup.listener.connections.junk import MAX_RAW, JunkError
from wakeup.listener.connections.proxy import Source
from wakeup.listener.keys.cache import Wanted
from wakeup.models.strays import Stray, StrayReason
from wakeup.recording.arrivals import Arrival

NEXT: Final = timedelta(microseconds=1)  # between the times of receipt of two frames that come in together


class IdentityError(FrameError):
    """A message of another concentrator than the one that its sender has proven to be."""


_REASONS: Final = (
    (CipheredError, StrayReason.CIPHERED),
    (NoDeviceIdError, StrayReason.NAMELESS),
    (JunkError, StrayReason.JUNK),
    (TlsError, StrayReason.TLS),
    (IdentityError, StrayReason.IDENTITY),
)


class Header(NamedTuple):
    """A PROXY header; the source is None where it names none."""

    source: Source | None


class Refusal(NamedTuple):
    """Bytes that no format could read, or a PROXY header that is refused; then the error is a ProxyError."""

    raw: bytes
    error: FrameError
    reason: StrayReason
    identity: str = ""  # of the sender: a serial number that its connection has named, or nothing
    is_first: bool = True  # of its reason on its connection

    def as_stray(self, now: datetime, peer: str) -> Stray:
        sender = self.error.identity or self.identity or peer
        raw, detail = self.raw[:MAX_RAW], str(self.error)
        return Stray(self.reason, sender, now, peer, raw, detail, connections=int(self.is_first))


#: A message with its bytes.
Taken: TypeAlias = tuple[Notice, bytes]
Piece: TypeAlias = Taken | Refusal
#: A device that is wanted has to be looked up; then the reader goes on with the same frame.
Step: TypeAlias = Piece | Wanted


def refusal_of(raw: bytes, error: FrameError) -> Refusal:
    return Refusal(raw, error, _reason_of(error))


def _reason_of(error: FrameError) -> StrayReason:
    if not isinstance(error, CipheringError):
        return next((reason for kind, reason in _REASONS if isinstance(error, kind)), StrayReason.MALFORMED)
    if error.reason is Reason.WRONG_TAG:
        return StrayReason.TAG
    return StrayReason.MALFORMED if error.reason in DAMAGED else StrayReason.PROTECTION


def not_its_own(notice: Notice, length: int, owner: str) -> IdentityError:
    """The refusal of ``notice``, which came from the concentrator ``owner``; answered, or it would come again."""
    return IdentityError(
        f"a message of {notice.serial}, but the certificate of its sender is that of {owner}",
        answer=notice.answer,
        length=length,
    )


def arrival_of(notice: Notice, raw: bytes, now: datetime, peer: str, port: int, *, is_proven: bool = False) -> Arrival:
    serial, kind, clock, format_, _answer, key, seal = notice
    return Arrival(serial, kind, format_, now, peer, port, clock, raw, key, seal, is_proven)
