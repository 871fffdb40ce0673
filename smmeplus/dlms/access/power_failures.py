"""The log of power failures that a device keeps, as a Profile generic (STA-11; Blue Book 4.3.6, 6.2).

An entry has the time at which the supply was back, by the device's clock, and for how long it had been away. Which
column is what the capture objects say; a device that does not show them is read as CERCO1: { clock, duration in s }.

An entry is skipped, and never guessed, if

* its time is null (a device may leave out what follows from the entry before and the capture period), not specified,
  impossible, or marked as invalid or doubtful in the status of the clock;
* its duration is no whole number from 0 to 20 years, as ``FFFFFFFF`` for *not known* is;
* it has another number of elements than there are columns.
"""

from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import Any, Final, NamedTuple

from smmeplus.dlms import data as d
from smmeplus.dlms.access.attributes import Attribute
from smmeplus.dlms.access.profile_generic import CLOCK, Column, entries_in
from smmeplus.dlms.access.values import VALUE
from smmeplus.dlms.clock import SIZE, Clock, decode_clock, is_doubtful
from smmeplus.dlms.data import Data
from smmeplus.dlms.errors import FrameError

MOST_ENTRIES: Final = 10_000
LONGEST_S: Final = 20 * 366 * 86_400
#: The duration of the last long power failure in any phase, in all, and in L1, L2 and L3, in turn of their worth.
DURATIONS: Final = tuple(bytes((96, 7, number)) for number in (19, 15, 16, 17, 18))
REGISTERS: Final = frozenset({3, 4})  # classes whose attribute 3 has scaler and unit
SCALER_UNIT: Final = 3

_TIMES: Final = frozenset({d.OCTET_STRING, d.DATE_TIME})
_NUMBERS: Final = frozenset(
    {
        *(d.UNSIGNED, d.LONG_UNSIGNED, d.DOUBLE_LONG_UNSIGNED, d.LONG64_UNSIGNED),
        *(d.INTEGER, d.LONG, d.DOUBLE_LONG, d.LONG64),
    }
)
_UNITS_S: Final[Mapping[int, int]] = {7: 1, 6: 60, 5: 3_600, 4: 86_400}
_MOST_SCALER: Final = 9


class Layout(NamedTuple):
    """In which columns of how many the clock and the duration stand, and which objects they are.

    ``duration_of`` is None if it is not known.
    """

    clock: int
    duration: int
    width: int
    clock_of: Attribute = CLOCK
    duration_of: Attribute | None = None


CERCO1: Final = Layout(0, 1, 2)


class LoggedFailure(NamedTuple):
    """When the supply was back, by the device's clock, and how many seconds it had been away."""

    clock: Clock
    duration_s: int


class Log(NamedTuple):
    """``skipped`` counts the entries that could not be read."""

    failures: list[LoggedFailure]
    skipped: int


def layout_of(columns: Sequence[Column]) -> Layout:
    """Where the clock and the duration are; FrameError if that cannot be told from the capture objects."""
    clocks = [at for at, column in enumerate(columns) if _is_clock(column.attribute)]
    if not clocks:
        raise FrameError("the log has no column with the clock")
    duration = _duration_in(columns, clocks)
    return Layout(clocks[0], duration, len(columns), columns[clocks[0]].attribute, columns[duration].attribute)


def unit_of(scaler_unit: Data) -> Fraction:
    """How many seconds 1 is in a register with this scaler and unit; FrameError if that is no time."""
    tag, parts = scaler_unit
    if tag != d.STRUCTURE or [part[0] for part in parts] != [d.INTEGER, d.ENUM]:
        raise FrameError("scaler and unit are a structure of an integer and an enum")
    (_, scaler), (_, unit) = parts
    if unit not in _UNITS_S or abs(scaler) > _MOST_SCALER:
        raise FrameError(f"a duration in units of {unit}, scaled by {scaler}")
    return Fraction(_UNITS_S[unit]) * Fraction(10 ** max(scaler, 0), 10 ** max(-scaler, 0))


def failures_in(buffer: Data, layout: Layout = CERCO1, unit: Fraction = Fraction(1)) -> Log:
    """What the value of a buffer tells; FrameError for what is none, or has more than ``MOST_ENTRIES``.

    ``unit`` is how many seconds a duration of 1 is.
    """
    entries = entries_in(buffer, MOST_ENTRIES)
    read = [failure for entry in entries if (failure := _failure_in(entry, layout, unit)) is not None]
    return Log(read, len(entries) - len(read))


def clock_in(value: Data) -> Clock | None:
    """The time in ``value``; None if there is none, or the device does not vouch for it."""
    tag, octets = value
    if tag not in _TIMES or len(octets) != SIZE or is_doubtful(octets):
        return None
    return decode_clock(octets)


def _is_clock(attribute: Attribute) -> bool:
    """Of any clock that the device may have."""
    return (attribute.class_id, attribute.number) == (CLOCK.class_id, CLOCK.number)


def _duration_in(columns: Sequence[Column], clocks: Sequence[int]) -> int:
    others = [at for at in range(len(columns)) if at not in clocks]
    if len(others) == 1:
        return others[0]
    values = [at for at in others if columns[at].attribute.number == VALUE]
    names = {columns[at].attribute.logical_name[2:5]: at for at in reversed(values)}
    for name in DURATIONS:
        if name in names:
            return names[name]
    raise FrameError("the log has no column that is known as the duration of a power failure")


def _failure_in(entry: Data, layout: Layout, unit: Fraction) -> LoggedFailure | None:
    tag, parts = entry
    if tag != d.STRUCTURE or len(parts) != layout.width:
        return None
    clock, duration_s = clock_in(parts[layout.clock]), _seconds_in(parts[layout.duration], unit)
    return None if clock is None or duration_s is None else LoggedFailure(clock, duration_s)


def _seconds_in(value: Data, unit: Fraction) -> int | None:
    tag, content = value
    if tag not in _NUMBERS:
        return None
    number: Any = content
    seconds = number * unit if unit != 1 else number
    return round(seconds) if 0 <= seconds <= LONGEST_S else None
