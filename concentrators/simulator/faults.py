"""What simulated concentrators do wrong on command (SIM-2), as a file says, and when: pure, on a given clock.

A file has a line for each fault: a serial number, or a pattern such as ``EPL*``, the fault, and its argument. What
follows a ``#`` is for people. One concentrator may have several faults; of the same one the last line counts.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import Enum, auto
from fnmatch import fnmatchcase
from typing import Any, Final

from concentrators.models import Parameter

OFF_S: Final = 5.0  # without supply, when it reboots
MOST_RESULT: Final = 255


class FaultsError(ValueError):
    """A line that is no fault; the message says which one, and why."""


@dataclass(frozen=True)
class Faults:
    """What one concentrator does wrong; from the factory nothing."""

    slow: float = 0.0  # seconds of real time before each reply
    drops: int = 0  # it resets the connection at each request of this number, counted over all connections
    refuses: bool = False  # every association
    answers: int = 0  # this data-access-result to each SET
    forgets: Parameter | None = None  # accepts this one and keeps the old value
    reboots: float = 0.0  # seconds of the fleet's clock from one reboot to the next
    drifts: float = 0.0  # seconds of the fleet's clock after which the period has changed by itself

    @property
    def happen(self) -> bool:
        """Whether something happens to it by itself."""
        return bool(self.reboots or self.drifts)


Rule = tuple[str, str, Any]


def read_faults(text: str) -> list[Rule]:
    """The rules in ``text``, for :func:`faults_of`. Raises FaultsError."""
    rules = []
    for number, line in enumerate(text.splitlines(), start=1):
        words = line.partition("#")[0].split()
        if words:
            rules.append(_rule(words, number))
    return rules


def faults_of(serial: str, rules: Sequence[Rule]) -> Faults:
    return replace(Faults(), **{fault: value for pattern, fault, value in rules if fnmatchcase(serial, pattern)})


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


def _number(most: int) -> Callable[[list[str]], int]:
    def read(arguments: list[str]) -> int:
        number = int(_one(arguments))
        if not 0 < number <= most:
            raise ValueError(f"a number from 1 to {most} is due")
        return number

    return read


def _parameter(arguments: list[str]) -> Parameter:
    return Parameter(_one(arguments).replace("-", " "))


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
}


class Mishap(Enum):
    """What happens to a concentrator by itself."""

    OFF = auto()
    ON = auto()
    DRIFT = auto()


class Mishaps:
    """Those of one concentrator that has been running since ``now``."""

    def __init__(self, faults: Faults, now: float) -> None:
        self._faults = faults
        self._due = {
            mishap: now + after
            for mishap, after in ((Mishap.OFF, faults.reboots), (Mishap.DRIFT, faults.drifts))
            if after
        }

    def take(self, now: float) -> Iterator[Mishap]:
        """What has happened until ``now``, in turn; what was missed in a long pause happens once."""
        for mishap, _due in sorted(self._due.items(), key=lambda item: item[1]):
            if self._due[mishap] <= now:
                del self._due[mishap]
                self._go_on(mishap, now)
                yield mishap

    def _go_on(self, mishap: Mishap, now: float) -> None:
        if mishap is Mishap.OFF:
            self._due[Mishap.ON] = now + OFF_S
        elif mishap is Mishap.ON:
            self._due[Mishap.OFF] = now + self._faults.reboots
        else:
            self._due[Mishap.DRIFT] = now + self._faults.drifts
