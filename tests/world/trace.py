"""What happened in a world, and when: two runs with one seed are compared by it."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple


class Entry(NamedTuple):
    """``at``: seconds since the beginning. ``who`` is a serial number, a listener or the world's own hand."""

    at: float
    who: str
    what: str


class Trace:
    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self.entries: list[Entry] = []

    def note(self, who: str, what: str) -> None:
        self.entries.append(Entry(self._clock(), who, what))


def seconds(text: str) -> float:
    """``1:40:00``, hours, minutes and seconds since the beginning, in seconds."""
    hours, minutes, rest = text.split(":")
    return int(hours) * 3_600 + int(minutes) * 60 + float(rest)


def hms(moment: float) -> str:
    """The whole second in which ``moment`` (seconds since the beginning) lies, as :func:`seconds` reads it."""
    minutes, rest = divmod(int(moment), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}"
