"""What a listener has done since it started: plain numbers, changed on its event loop alone (LIS-7)."""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from dataclasses import dataclass, field

from smmeplus.dlms.kinds import Kind
from wakeup.models import StrayReason
from wakeup.recording.arrivals import Recorded

BATCH_SIZES = (1, 2, 5, 10, 20, 50, 100, 200, 500, 1_000, 2_000, 5_000)
#: Seconds: from one fdatasync of a good disk to the patience of a connection.
TIMES_S = (0.0005, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 60)


class Histogram:
    """How often a value fell into each bucket; ``counts`` has one more for what is above all ``bounds``."""

    __slots__ = ("bounds", "counts", "total")

    def __init__(self, bounds: tuple[float, ...]) -> None:
        self.bounds = bounds
        self.counts = [0] * (len(bounds) + 1)
        self.total = 0.0

    def observe(self, value: float) -> None:
        """Count ``value`` in the first bucket whose bound it does not exceed."""
        self.counts[bisect_left(self.bounds, value)] += 1
        self.total += value


@dataclass(slots=True)
class Metrics:
    """Counters that only grow."""

    #: Stored messages by kind and format.
    accepted: Counter[tuple[Kind, int]] = field(default_factory=Counter)
    #: Stored stray frames by reason.
    strays: Counter[StrayReason] = field(default_factory=Counter)
    #: Frames that could not be stored; their connections were reset.
    failed: int = 0
    #: Datagrams that came while there was no room for them.
    dropped_datagrams: int = 0
    #: Connections accepted.
    connections: int = 0
    #: Connections turned away or cut off, by why: "full", "address", "proxy", "idle", "slow",
    #: "not reading".
    cut_off: Counter[str] = field(default_factory=Counter)
    #: Messages and strays of a transaction.
    batch_sizes: Histogram = field(default_factory=lambda: Histogram(BATCH_SIZES))
    #: Seconds of a transaction, its commit included.
    commit_s: Histogram = field(default_factory=lambda: Histogram(TIMES_S))
    #: Seconds from the arrival of a batch's oldest message until all of it is answered.
    answer_s: Histogram = field(default_factory=lambda: Histogram(TIMES_S))

    def count(self, recorded: Recorded) -> None:
        """Count what has been stored."""
        for kind_and_format, number in recorded.messages.items():
            self.accepted[kind_and_format] += number
        for reason, number in recorded.strays.items():
            self.strays[reason] += number

    @property
    def messages(self) -> int:
        """Messages stored, without strays."""
        return self.accepted.total()


@dataclass(frozen=True, slots=True)
class Levels:
    """How things stand at this moment."""

    #: Frames of connections that are read and not answered.
    queue: int
    #: Datagrams that are not stored yet.
    datagrams: int
    #: Open connections.
    connections: int
    #: Whether the database takes nothing.
    is_away: bool
    #: Seconds since the listener started.
    uptime_s: float
