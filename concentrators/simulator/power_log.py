"""The log of its power failures that a simulated concentrator keeps (STA-11): pure, on a given clock (SIM-3)."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Final

from smmeplus.dlms import data as d
from smmeplus.dlms.access.attributes import Attribute
from smmeplus.dlms.access.coding.requests import Selection
from smmeplus.dlms.access.profile_generic import (
    BUFFER,
    CAPTURE_OBJECTS,
    CLOCK,
    ENTRIES_IN_USE,
    PROFILE_CLASS,
    Column,
    decode_range,
    encode_columns,
)
from smmeplus.dlms.access.values import VALUE
from smmeplus.dlms.clock import decode_clock, encode_clock
from smmeplus.dlms.data import Data
from smmeplus.dlms.errors import FrameError
from smmeplus.dlms.kinds import DATA_CLASS

MOST_ENTRIES: Final = 100
#: The duration of the last long power failure in any phase.
_DURATION: Final = Attribute(DATA_CLASS, bytes((0, 0, 96, 7, 19, 255)), VALUE)
_COLUMNS: Final = encode_columns([Column(CLOCK), Column(_DURATION)])


def by_the_clock() -> datetime:
    return datetime.now(UTC)


class PowerLog:
    """The last 100 failures of the supply, oldest first. ``now`` is the true time.

    The device's own clock is wrong by ``clock_off``. With ``forgets`` the log is empty after each restart.
    """

    def __init__(
        self,
        name: bytes,
        now: Callable[[], datetime] = by_the_clock,
        clock_off: timedelta = timedelta(0),
        *,
        forgets: bool = False,
    ) -> None:
        self._now = now
        self._clock_off = clock_off
        self._forgets = forgets
        self._lost_at: datetime | None = None
        self._entries: deque[tuple[datetime, int]] = deque(maxlen=MOST_ENTRIES)
        self._buffer, columns, in_use = (
            Attribute(PROFILE_CLASS, name, number) for number in (BUFFER, CAPTURE_OBJECTS, ENTRIES_IN_USE)
        )
        self._values: dict[Attribute, Callable[[], Data]] = {
            CLOCK: lambda: _time(self.clock),
            columns: lambda: _COLUMNS,
            in_use: lambda: (d.DOUBLE_LONG_UNSIGNED, len(self._entries)),
        }

    @property
    def attributes(self) -> Iterator[Attribute]:
        """Those that it has a value for: its own, and the device's clock."""
        yield self._buffer
        yield from self._values

    @property
    def clock(self) -> datetime:
        return self._now() + self._clock_off

    def lose_supply(self) -> None:
        if self._lost_at is None:
            self._lost_at = self._now()

    def restore_supply(self) -> None:
        """The device starts again, and notes for how long it was without supply; to the second, as all of it."""
        if self._lost_at is None:
            return
        seconds = round((self._now() - self._lost_at).total_seconds())
        self._entries.append((self.clock.replace(microsecond=0), seconds))
        self._lost_at = None
        if self._forgets:
            self._entries.clear()

    def value_of(self, attribute: Attribute, selection: Selection | None) -> Data | None:
        """None for what it has no value for; FrameError for a selection that it does not know."""
        if attribute == self._buffer:
            return d.ARRAY, [_entry(at, seconds) for at, seconds in self._selected(selection)]
        value = self._values.get(attribute)
        return value() if value and selection is None else None

    def _selected(self, selection: Selection | None) -> Iterator[tuple[datetime, int]]:
        if selection is None:
            yield from self._entries
            return
        wanted = decode_range(selection)
        begin, end = (_utc(octets) for octets in (wanted.begin, wanted.end))
        if wanted.column.attribute != CLOCK:
            raise FrameError("entries are selected by the clock")
        yield from ((at, seconds) for at, seconds in self._entries if begin <= at <= end)


def _entry(at: datetime, seconds: int) -> Data:
    return d.STRUCTURE, [_time(at), (d.DOUBLE_LONG_UNSIGNED, seconds)]


def _time(at: datetime) -> Data:
    return d.OCTET_STRING, encode_clock(at)


def _utc(octets: bytes) -> datetime:
    clock = decode_clock(octets)
    at = clock.to_utc(UTC) if clock else None
    if at is None:
        raise FrameError("a range ends at a time that is none")
    return at
