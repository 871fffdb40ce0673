"""Bytes that no format begins with: an echo or a greeting of a modem, padding, half a header (WIR-9)."""

from __future__ import annotations

from typing import Final

from smmeplus.dlms.errors import FrameError

MAX_RAW: Final = 2_056  # bytes of what is refused that are kept


class JunkError(FrameError):
    """Bytes that no format begins with."""


class Junk:
    """A run of such bytes, begun because of ``why``. The first ``hidden`` of them were taken before for a frame's."""

    __slots__ = ("_why", "hidden", "raw", "size")

    def __init__(self, why: FrameError, hidden: int) -> None:
        self._why = why
        self.hidden = hidden
        self.raw = b""  # the first MAX_RAW
        self.size = 0

    def take(self, skipped: bytes) -> None:
        new = skipped[self.hidden :]
        self.hidden -= len(skipped) - len(new)
        self.size += len(new)
        self.raw += new[: MAX_RAW - len(self.raw)]

    def error(self, where: str) -> JunkError:
        size = f"{self.size} byte{'' if self.size == 1 else 's'}"
        return JunkError(f"junk, {size} {where}: {self._why}")
