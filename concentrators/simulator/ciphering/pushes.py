"""What one simulated concentrator ciphers, and the confirmations that it deciphers (SEC-3)."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Final

from smmeplus.dlms.access.protection import Received, Security
from smmeplus.dlms.ciphering.apdus import cipher, opened_apdu, parse
from smmeplus.dlms.ciphering.keys import Keys
from smmeplus.dlms.errors import FrameError
from smmeplus.dlms.framing.wrapper import unwrap, wrap

#: Nothing is kept over a restart but the clock: a counter is the eighths of a second since then, or one more than the
#: last one. In 32 bits there is room until 2043.
BEGIN: Final = datetime(2026, 1, 1, tzinfo=UTC).timestamp()
PER_SECOND: Final = 8


class Ciphering:
    """The keys of a concentrator and its counter, which all that it sends has in common.

    With ``ciphered_only`` nobody configures it without its keys. ``now`` is the time in seconds since 1970.
    """

    def __init__(
        self, keys: Keys, title: bytes, *, ciphered_only: bool = False, now: Callable[[], float] = time.time
    ) -> None:
        self.security = Security(keys, title, b"", rising(now))
        self.ciphered_only = ciphered_only
        self._confirmed = Received()

    def push(self, frame: bytes) -> bytes:
        """``frame``, a wrapped message, with its APDU in general-glo-ciphering."""
        source, destination, apdu = _apdu_in(frame)
        one = self.security
        return wrap(source, destination, cipher(apdu, one.keys, one.title, next(one.counters)))

    def opened(self, answer: bytes) -> bytes:
        """``answer``, a frame, deciphered; FrameError if it is not by these keys, or was used before."""
        source, destination, apdu = _apdu_in(answer)
        ciphered = parse(apdu)
        text = opened_apdu(ciphered, self.security.keys)
        self._confirmed.rise(ciphered.title, ciphered.counter)
        return wrap(source, destination, text)


def rising(now: Callable[[], float]) -> Iterator[int]:
    """Invocation counters that also rise from one run to the next."""
    last = -1
    while True:
        last = max(last + 1, int((now() - BEGIN) * PER_SECOND))
        yield last


def _apdu_in(frame: bytes) -> tuple[int, int, bytes]:
    unwrapped = unwrap(frame)
    if unwrapped is None or unwrapped[3] != len(frame):
        raise FrameError("it is not exactly one frame")
    return unwrapped[:3]
