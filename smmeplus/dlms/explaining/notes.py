"""The lines in which a frame is explained, gathered while its bytes are taken one after the other."""

from __future__ import annotations

from typing import Final, NamedTuple

from smmeplus.dlms.errors import FrameError
from smmeplus.dlms.explaining.wording import hex_in_words

MAX_LINES: Final = 250  # and a few more on what it all means
REFUSED: Final = "refused"
REST: Final = "not read"


class Line(NamedTuple):
    """One thing that the bytes say, ``depth`` levels inside of others."""

    depth: int
    name: str
    value: str


class Notes:
    """The lines so far, and the bytes that none of them is about yet."""

    def __init__(self, frame: bytes) -> None:
        self.rest = frame
        self._lines: list[Line] = []
        self._left_out = 0

    def say(self, depth: int, name: str, value: str) -> None:
        self._lines.append(Line(depth, name, value))

    def say_if_there_is_room(self, depth: int, name: str, value: str) -> None:
        """For what a sender can repeat at will."""
        if len(self._lines) < MAX_LINES:
            self.say(depth, name, value)
        else:
            self._left_out += 1

    def take(self, size: int) -> bytes:
        if len(self.rest) < size:
            raise FrameError("the frame is not complete")
        taken, self.rest = self.rest[:size], self.rest[size:]
        return taken

    def closed(self, refusal: str = "") -> list[Line]:
        left_out = f"{self._left_out} more lines" if self._left_out else ""
        closing = {"left out": left_out, REFUSED: refusal, REST: hex_in_words(self.rest)}
        return self._lines + [Line(0, name, value) for name, value in closing.items() if value]
