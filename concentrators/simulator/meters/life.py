"""What one meter is like at a time: when it was heard last, and what its concentrator therefore says of it.

Times are seconds since 1970. Failures begin and end by a chance that depends on the seed, the name and the day alone.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from concentrators.simulator.meters.chance import chance

HOUR: Final = 3_600.0
DAY: Final = 86_400.0
ACTIVE, TEMPORARY, PERMANENT = 2, 1, 0  # as S24's ComStatus says it

#: After so long without a contact it is a temporary, and then a permanent failure.
TEMPORARY_AFTER: Final = 2 * HOUR
PERMANENT_AFTER: Final = DAY

_CONTACT_EVERY: Final = 180.0  # seconds, once in each such time
_JUST_NOW: Final = 11.0  # seconds that the newest contact of a list is old
_FAILS_A_DAY: Final = 0.02
_SWITCH_FAILS_A_DAY: Final = 0.01
_UNLUCKY: Final = 0.06  # the share of meters that fail for good, are removed, and come back
_CYCLE: Final = 60 * DAY
_GOOD: Final = 42 * DAY
_FAILED: Final = 10 * DAY


@dataclass(frozen=True, slots=True)
class Seen:
    """As a concentrator has it in its list."""

    last_contact: float
    state: int

    @property
    def active(self) -> bool:
        return self.state != PERMANENT


def last_contact(seed: int, name: str, before: float) -> float:
    """In whole seconds; of a later moment never an earlier one."""
    slot = before // _CONTACT_EVERY
    for earlier in (slot, slot - 1):
        at = float(int(earlier * _CONTACT_EVERY + chance(seed, name, earlier) * _CONTACT_EVERY))
        if at <= before:
            return at
    raise AssertionError("the slot before is over")


def seen_since(last: float, at: float) -> Seen:
    """What a list of ``at`` says of one that has not been heard since ``last``."""
    silent = at - last
    if silent < TEMPORARY_AFTER:
        return Seen(last, ACTIVE)
    return Seen(last, TEMPORARY if silent < PERMANENT_AFTER else PERMANENT)


def heard(seed: int, name: str, at: float, failing_since: float | None = None) -> Seen:
    """One that is in the list, and has failed since then, if at all."""
    until = at - _JUST_NOW if failing_since is None else min(failing_since, at - _JUST_NOW)
    return seen_since(last_contact(seed, name, until), at)


def failing_since(seed: int, name: str, at: float, *, is_switch: bool) -> float | None:
    """Since when it has failed for some hours; at most once in each of its days, and over before the next one."""
    begin_of_day = at - (at + DAY * chance(seed, name, "day")) % DAY
    words = (seed, name, int(begin_of_day))
    if chance(*words, "fails") >= (_SWITCH_FAILS_A_DAY if is_switch else _FAILS_A_DAY):
        return None
    begin = begin_of_day + 4 * HOUR * chance(*words, "begins")
    end = begin + 2 * HOUR + 16 * HOUR * chance(*words, "ends")
    return begin if begin <= at < end else None


def lost_since(seed: int, name: str, at: float) -> float | None:
    """Since when an unlucky one has failed for good, whether it was removed since or not; None while it is well."""
    if chance(seed, name, "unlucky") >= _UNLUCKY:
        return None
    into = (at + _CYCLE * chance(seed, name, "cycle")) % _CYCLE
    return at - (into - _GOOD) if into >= _GOOD else None


def is_removed(lost: float | None, at: float) -> bool:
    """Whether an operator has removed what has failed for so long from the concentrator (order B06)."""
    return lost is not None and at - lost >= _FAILED
