"""What a spontaneous message means (WIR-4)."""

from enum import IntEnum


class Kind(IntEnum):
    """The kinds of message; the numbers are what the database stores."""

    KEEPALIVE = 1
    BOOT = 2
    LASTGASP = 3
    OTHER = 4

    @property
    def word(self) -> str:
        """The kind as files, commands and reports write it: ``keepalive``, ``boot``, ``lastgasp``, ``other``."""
        return self.name.lower()

    @property
    def is_wakeup(self) -> bool:
        """Whether it counts as a wake-up: keep-alive and boot do."""
        return self in WAKEUPS


WAKEUPS = frozenset({Kind.KEEPALIVE, Kind.BOOT})
KIND_BY_WORD = {kind.word: kind for kind in Kind}
