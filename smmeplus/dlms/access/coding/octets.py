"""Taking an APDU apart from left to right."""

from smmeplus.dlms.data import Data, decode
from smmeplus.dlms.errors import FrameError
from smmeplus.dlms.framing.wrapper import MAX_APDU


class Octets:
    """Bytes that are read from ``offset`` on. Each step raises FrameError, which names ``what``, at their end."""

    __slots__ = ("_buffer", "_offset", "_what")

    def __init__(self, buffer: bytes, what: str, offset: int = 0) -> None:
        self._buffer = buffer
        self._what = what
        self._offset = offset

    @property
    def left(self) -> int:
        """How many bytes are left."""
        return len(self._buffer) - self._offset

    def take(self, size: int) -> bytes:
        begin = self._offset
        end = begin + size
        if end > len(self._buffer):
            raise FrameError(f"the {self._what} is cut short")
        self._offset = end
        return self._buffer[begin:end]

    def number(self, size: int = 1) -> int:
        """A big-endian number of ``size`` bytes."""
        return int.from_bytes(self.take(size), "big")

    def length(self) -> int:
        """A length: one byte below 80, else 81 or 82 and that many bytes, not necessarily the fewest."""
        first = self.number()
        if first < 0x80:
            return first
        octets = first & 0x7F
        if octets not in (1, 2):
            raise FrameError(f"a length of {octets} octets in the {self._what}")
        return self.number(octets)

    def expect(self, octets: bytes) -> None:
        if (found := self.take(len(octets))) != octets:
            raise FrameError(f"{found.hex().upper()} in the {self._what}, where {octets.hex().upper()} is due")

    def data(self, limit: int = MAX_APDU) -> Data:
        """One COSEM Data; ``limit`` is how long all of the bytes may be."""
        data, self._offset = decode(self._buffer, self._offset, limit)
        return data

    def end(self) -> None:
        """FrameError if bytes are left over."""
        if self.left:
            raise FrameError(f"{self.left} bytes are left over behind the {self._what}")


def encode_length(length: int) -> bytes:
    """``length``, of at most 65,535, in the fewest bytes."""
    if length < 0x80:
        return bytes((length,))
    octets = 1 if length < 0x100 else 2
    return bytes((0x80 | octets,)) + length.to_bytes(octets, "big")
