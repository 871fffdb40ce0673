"""Of which kind a conflict is, where the meter seems to belong, and how long a decision holds (MET-5).

Pure: what lists say of one meter goes in, with the moment at which it is judged. Only lists that hold the meter now
count. A list that is as old as the window says nothing any more: its concentrator has fallen silent.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import combinations
from typing import Final

from concentrators.models.meters import ConflictKind, Decision, MeterState, Preference, Reopened

WINDOW: Final = timedelta(days=7)
#: Less apart than this many points, two availabilities do not differ.
POINTS_APART: Final = 5.0
#: Not further apart than this, two last contacts do not differ.
TIME_APART: Final = timedelta(hours=24)


@dataclass(frozen=True, slots=True)
class Held:
    """A meter as the current list of one concentrator has it. Times are aware; None: not known.

    ``last_seen`` is the last contact. ``listed_at`` is the date of the newest list, whatever is in it.
    ``availability`` is in percent, of 7 days; ``level`` counts the repeaters on the way.
    """

    concentrator: int
    first_seen: datetime
    last_seen: datetime | None
    listed_at: datetime
    state: MeterState | None = None
    availability: float | None = None
    level: int | None = None
    is_expected: bool = False

    @property
    def contact(self) -> datetime:
        """A list that tells no contact, and no failure either, says that it had the meter on its date."""
        if self.last_seen is not None:
            return self.last_seen
        return self.first_seen if self.has_failed else max(self.first_seen, self.listed_at)

    @property
    def has_failed(self) -> bool:
        return self.state in (MeterState.TEMPORARY_FAILURE, MeterState.PERMANENT_FAILURE)

    def is_current(self, now: datetime) -> bool:
        """Whether its list is of a concentrator that still reports."""
        return self.listed_at + WINDOW > now

    def is_in_contact(self, now: datetime) -> bool:
        return self.is_current(now) and self.contact + WINDOW > now


@dataclass(frozen=True, slots=True)
class Preferred:
    """``concentrator`` is None, and ``reason`` empty, if nothing speaks for one rather than for another."""

    concentrator: int | None = None
    reason: Preference | None = None


@dataclass(frozen=True, slots=True)
class Decided:
    """What an operator has decided; ``of`` are the concentrators that listed the meter then."""

    decision: Decision
    of: frozenset[int]
    keep_at: int | None = None
    until: datetime | None = None


def kind_of(held: Sequence[Held], now: datetime) -> ConflictKind:
    """Of which kind it is that all of ``held``, two or more, have the meter. The first that holds, in this order.

    A third list takes nothing from it that two others alternate.
    """
    if any(_alternate(*pair, now) for pair in combinations(held, 2)):
        return ConflictKind.LIVE
    if sum(one.is_current(now) for one in held) <= 1:
        return ConflictKind.STALE
    if all(one.has_failed and not one.is_in_contact(now) for one in held):
        return ConflictKind.FAILED
    return ConflictKind.MOVED


def _alternate(one: Held, other: Held, now: datetime) -> bool:
    """Whether both are in contact with the meter, by turns: each still was when the other had begun."""
    both = (one, other)
    if any(held.state == MeterState.PERMANENT_FAILURE or not held.is_in_contact(now) for held in both):
        return False
    return one.contact >= other.first_seen and other.contact >= one.first_seen


def preferred(held: Sequence[Held], now: datetime) -> Preferred:
    """Where the meter seems to belong, by the first criterion that leaves one alone.

    What a list does not tell speaks neither for it nor against it. Lists of concentrators that have fallen silent are
    no evidence, so they are left out first.
    """
    left = list(held)
    for reason, narrow in _CRITERIA:
        left = narrow(left, now)
        if len(left) == 1:
            return Preferred(left[0].concentrator, reason)
    return Preferred()


def _current(held: list[Held], now: datetime) -> list[Held]:
    return [one for one in held if one.is_current(now)] or held


def _by_state(held: list[Held], _now: datetime) -> list[Held]:
    best = max((one.state for one in held if one.state is not None), default=None)
    return [one for one in held if one.state is None or one.state == best]


def _by_availability(held: list[Held], _now: datetime) -> list[Held]:
    best = max((one.availability for one in held if one.availability is not None), default=0.0)
    return [one for one in held if one.availability is None or round(best - one.availability, 6) < POINTS_APART]


def _by_level(held: list[Held], _now: datetime) -> list[Held]:
    least = min((one.level for one in held if one.level is not None), default=None)
    return [one for one in held if one.level is None or one.level == least]


def _by_contact(held: list[Held], _now: datetime) -> list[Held]:
    known = [one.last_seen for one in held if one.last_seen is not None]
    return [one for one in held if one.last_seen is None or max(known) - one.last_seen <= TIME_APART]


def _by_expectation(held: list[Held], _now: datetime) -> list[Held]:
    return [one for one in held if one.is_expected] or held


_CRITERIA: Final[Sequence[tuple[Preference, Callable[[list[Held], datetime], list[Held]]]]] = (
    (Preference.LIST, _current),
    (Preference.STATE, _by_state),
    (Preference.AVAILABILITY, _by_availability),
    (Preference.LEVEL, _by_level),
    (Preference.LAST_SEEN, _by_contact),
    (Preference.EXPECTED, _by_expectation),
)


def chosen(held: Sequence[Held], decided: Decided | None, now: datetime) -> int | None:
    """The concentrator where the meter counts, so that it counts once; None if no list holds it.

    Where it is to be kept; else where it seems to belong; else where it is active and was seen last.
    """
    keys = {one.concentrator for one in held}
    if decided is not None and decided.keep_at in keys:
        return decided.keep_at
    found = preferred(held, now).concentrator
    if found is not None or not held:
        return found
    best = max(_current(list(held), now), key=lambda one: (_rank(one), one.contact, -one.concentrator))
    return best.concentrator


def _rank(one: Held) -> int:
    """Active before what is not known, that before failures."""
    return {MeterState.ACTIVE: 3, None: 2, MeterState.TEMPORARY_FAILURE: 1}.get(one.state, 0)


def reopened(held: Sequence[Held], decided: Decided, now: datetime) -> Reopened | None:
    """Why what was decided does not hold any more; None while it does.

    That one of its concentrators has left changes nothing: that is what was asked for.
    """
    by_key = {one.concentrator: one for one in held}
    if by_key.keys() - decided.of:
        return Reopened.ANOTHER
    if decided.decision == Decision.KEEP:
        kept = by_key.get(decided.keep_at or 0)
        if kept is None:
            return Reopened.GONE
        return Reopened.FAILED if kept.state == MeterState.PERMANENT_FAILURE else None
    is_over = decided.decision == Decision.ALLOWED and (decided.until is None or decided.until <= now)
    return Reopened.OVER if is_over else None


def review_at(held: Sequence[Held], decided: Decided | None, now: datetime) -> datetime | None:
    """The next moment at which time alone changes the kind, the preferred one or the decision; None: never."""
    moments = {moment + WINDOW for one in held for moment in (one.contact, one.listed_at)}
    until = decided.until if decided is not None and decided.decision == Decision.ALLOWED else None
    is_now = (kind_of(held, now), preferred(held, now))
    for moment in sorted(moment for moment in moments | _known(until) if moment > now):
        if moment == until or (kind_of(held, moment), preferred(held, moment)) != is_now:
            return moment
    return None


def _known(moment: datetime | None) -> set[datetime]:
    return set() if moment is None else {moment}
