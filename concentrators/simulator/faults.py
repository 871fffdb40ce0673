"""What goes wrong with simulated concentrators on command (SIM-2), as a scenario says: pure, on a given clock.

A scenario has a line for each fault: whose it is, the fault, and its arguments. Whose it is says a serial number, a
pattern such as ``EPL*``, or ``feeder:`` and the name of a feeder or a pattern. What follows a ``#`` is for people. One
concentrator may have several faults; of the same one the last line counts, but outages are all held.
"""

from __future__ import annotations

import heapq
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import Enum, auto
from fnmatch import fnmatchcase
from typing import Any, Final

from concentrators.models import Parameter

OFF_S: Final = 5.0  # without supply, when it reboots
MOST_RESULT: Final = 255
MOST_WRONG_S: Final = 10 * 366 * 86_400


class FaultsError(ValueError):
    """A line that is no fault; the message says which one, and why."""


Outage = tuple[float, float]


@dataclass(frozen=True)
class Faults:
    """What goes wrong with one concentrator; from the factory nothing.

    Outages are pairs of when they begin and how long they last, in seconds of the fleet's clock.
    """

    slow: float = 0.0  # seconds of real time before each reply
    drops: int = 0  # it resets the connection at each request of this number, counted over all connections
    refuses: bool = False  # every association
    answers: int = 0  # this data-access-result to each SET
    forgets: Parameter | None = None  # accepts this one and keeps the old value
    reboots: float = 0.0  # seconds of the fleet's clock from one reboot to the next
    drifts: float = 0.0  # seconds of the fleet's clock after which the period has changed by itself
    poses: str = ""  # the serial number that it says it has; empty: its own
    clock: float = 0.0  # seconds by which its clock is wrong
    forgets_log: bool = False  # the log of its power failures is empty after each restart

    off: tuple[Outage, ...] = ()  # without supply
    away: tuple[Outage, ...] = ()  # with supply, and neither sends nor is reached

    @property
    def happen(self) -> bool:
        """Whether something happens to it by itself."""
        return bool(self.reboots or self.drifts or self.off or self.away)


Rule = tuple[str, str, Any]
OUTAGES: Final = ("off", "away")
FEEDER: Final = "feeder:"


def read_faults(text: str) -> list[Rule]:
    """The rules in ``text``, for :func:`faults_of`. Raises FaultsError."""
    rules = []
    for number, line in enumerate(text.splitlines(), start=1):
        words = line.partition("#")[0].split()
        if words:
            rules.append(_rule(words, number))
    return rules


def faults_of(serial: str, feeder: str, rules: Sequence[Rule]) -> Faults:
    found: dict[str, Any] = {}
    for pattern, fault, value in rules:
        if fnmatchcase(FEEDER + feeder if pattern.startswith(FEEDER) else serial, pattern):
            field = fault.replace("-", "_")
            found[field] = (*found.get(field, ()), value) if fault in OUTAGES else value
    return replace(Faults(), **found)


def first_of_writable(rules: Sequence[Rule]) -> str:
    """The first fault that only a concentrator that can be written has; empty if there is none."""
    return next((fault for _pattern, fault, _value in rules if fault not in (*OUTAGES, "reboots")), "")


def _rule(words: list[str], number: int) -> Rule:
    pattern, fault, arguments = words[0], "".join(words[1:2]), words[2:]
    read = _ARGUMENTS.get(fault)
    if read is None:
        raise FaultsError(f"line {number}: a fault is one of {', '.join(_ARGUMENTS)}, not {fault!r}")
    try:
        return pattern, fault, read(arguments)
    except ValueError as error:
        raise FaultsError(f"line {number}: {fault}: {error}") from None


def _seconds(arguments: list[str]) -> float:
    seconds = float(_one(arguments))
    if not 0 < seconds < float("inf"):
        raise ValueError("seconds are greater than 0")
    return seconds


def _clock(arguments: list[str]) -> float:
    seconds = float(_one(arguments))
    if not 0 < abs(seconds) <= MOST_WRONG_S:
        raise ValueError(f"seconds are up to {MOST_WRONG_S} in either direction, and not 0")
    return seconds


def _outage(arguments: list[str]) -> Outage:
    if len(arguments) != 2:
        raise ValueError("it has two arguments, its beginning and how long it lasts")
    begin, seconds = map(float, arguments)
    if not (0 <= begin < float("inf") and 0 < seconds < float("inf")):
        raise ValueError("seconds are greater than 0")
    return begin, seconds


def _number(most: int) -> Callable[[list[str]], int]:
    def read(arguments: list[str]) -> int:
        number = int(_one(arguments))
        if not 0 < number <= most:
            raise ValueError(f"a number from 1 to {most} is due")
        return number

    return read


def _parameter(arguments: list[str]) -> Parameter:
    return Parameter(_one(arguments).replace("-", " "))


def _serial(arguments: list[str]) -> str:
    return _one(arguments).upper()


def _nothing(arguments: list[str]) -> bool:
    if arguments:
        raise ValueError("it has no argument")
    return True


def _one(arguments: list[str]) -> str:
    if len(arguments) != 1:
        raise ValueError("it has one argument")
    return arguments[0]


_ARGUMENTS: Mapping[str, Callable[[list[str]], Any]] = {
    "slow": _seconds,
    "drops": _number(1_000_000),
    "refuses": _nothing,
    "answers": _number(MOST_RESULT),
    "forgets": _parameter,
    "reboots": _seconds,
    "drifts": _seconds,
    "poses": _serial,
    "clock": _clock,
    "forgets-log": _nothing,
    "off": _outage,
    "away": _outage,
}


class Mishap(Enum):
    """What happens to a concentrator by itself."""

    OFF = auto()
    ON = auto()
    AWAY = auto()
    BACK = auto()
    DRIFT = auto()


class Mishaps:
    """Those of one concentrator that has been running since ``now``, on a clock that shows how long its fleet has."""

    def __init__(self, faults: Faults, now: float) -> None:
        self._faults = faults
        self._due: list[tuple[float, int, Mishap]] = []
        self._count = 0
        for outages, begin, end in ((faults.off, Mishap.OFF, Mishap.ON), (faults.away, Mishap.AWAY, Mishap.BACK)):
            for at, seconds in outages:
                self._add(at, begin)
                self._add(at + seconds, end)
        self._repeat(Mishap.DRIFT, now, faults.drifts)
        self._reboots_at = now + faults.reboots if faults.reboots else None
        if self._reboots_at is not None:
            self._add(self._reboots_at, Mishap.OFF)

    def take(self, now: float) -> Iterator[Mishap]:
        """What has happened until ``now``, in turn; what repeats itself happens once in a long pause."""
        while self._due and self._due[0][0] <= now:
            at, _, mishap = heapq.heappop(self._due)
            self._go_on(mishap, at, now)
            yield mishap

    def _go_on(self, mishap: Mishap, at: float, now: float) -> None:
        if mishap is Mishap.DRIFT:
            self._repeat(mishap, now, self._faults.drifts)
        elif mishap is Mishap.OFF and at == self._reboots_at:
            self._add(now + OFF_S, Mishap.ON)
            self._reboots_at = now + OFF_S + self._faults.reboots
            self._add(self._reboots_at, Mishap.OFF)

    def _repeat(self, mishap: Mishap, now: float, seconds: float) -> None:
        if seconds:
            self._add(now + seconds, mishap)

    def _add(self, at: float, mishap: Mishap) -> None:
        self._count += 1
        heapq.heappush(self._due, (at, self._count, mishap))
