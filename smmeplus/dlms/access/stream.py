"""The frames in what comes in on a TCP connection (WIR-1)."""

from collections.abc import Iterator
from typing import NamedTuple

from smmeplus.dlms.framing.wrapper import HEADER_SIZE, MAX_FRAME, EmptyFrameError, unwrap


class Frame(NamedTuple):
    """An APDU with the wPorts of its wrapper. ``octets`` is all of the frame."""

    source: int
    destination: int
    apdu: bytes
    octets: bytes


class Stream:
    """Cuts bytes into frames, however they are split. Holds less than one frame between two calls."""

    def __init__(self) -> None:
        self._rest = b""

    @property
    def is_amid_frame(self) -> bool:
        """Whether a frame has begun and not ended."""
        return bool(self._rest)

    def take(self, data: bytes) -> Iterator[Frame]:
        """The frames that end in ``data``; FrameError for one that is refused, behind which nothing can be read.

        Take them all. Empty wrappers, the keep-alive of some stacks, are stepped over.
        """
        if self._rest:
            data = self._rest + data
        offset = 0
        while True:
            begun = data[offset : offset + MAX_FRAME]
            if not begun:
                self._rest = begun
                return
            try:
                unwrapped = unwrap(begun)
            except EmptyFrameError:
                offset += HEADER_SIZE
                continue
            if unwrapped is None:
                self._rest = begun
                return
            source, destination, apdu, length = unwrapped
            offset += length
            yield Frame(source, destination, apdu, begun[:length])
