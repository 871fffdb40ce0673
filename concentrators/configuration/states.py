"""When a configuration is tried next (CFG-3): pure, on a given clock and a given chance."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from typing import NamedTuple

from concentrators.models.configuration import MOST_TRIES

SHORTEST = timedelta(minutes=10)
LONGEST = timedelta(hours=12)
SPREAD = 0.25  # of the back-off, either way


class Standing(NamedTuple):
    """What counts for the next try: failures in a row, and the tries on ``day`` (UTC)."""

    failures: int = 0
    day: date | None = None
    tries: int = 0


class Rules(NamedTuple):
    """Of the procedure (PRC-1): how often a write is tried, and how long it pauses after the first failure."""

    tries: int | None = None  # None: without end
    shortest: timedelta = SHORTEST
    verify_after: timedelta | None = None


ENDLESS = Rules()


class NextTry(NamedTuple):
    """``wakes_from`` is when the back-off is over: from then on a wake-up makes the configuration due at once.

    After the last try of its procedure only a wake-up does, and ``at`` is None.
    """

    at: datetime | None
    wakes_from: datetime


def tried(standing: Standing, now: datetime) -> Standing:
    """``standing`` with one more try at ``now``."""
    today = now.astimezone(UTC).date()
    return standing._replace(day=today, tries=standing.tries + 1 if standing.day == today else 1)


def has_tries_left(standing: Standing, now: datetime) -> bool:
    return standing.day != now.astimezone(UTC).date() or standing.tries < MOST_TRIES


def back_off(failures: int, shortest: timedelta = SHORTEST) -> timedelta:
    """After the first failure ``shortest``, then twice as long each time, up to 12 hours."""
    return min(shortest * 2 ** min(failures - 1, 16), LONGEST) if failures else timedelta(0)


def next_try(standing: Standing, now: datetime, chance: float, rules: Rules = ENDLESS) -> NextTry:
    """When to try again after the failure at ``now`` that ``standing`` includes; ``chance`` is from 0 to 1.

    Chance moves it by up to a quarter, so that a network that was away is not met by all of its concentrators at once.
    On a day without tries left it is in the first hour of the next day, and no wake-up brings it forward.
    """
    pause = back_off(standing.failures, rules.shortest)
    at = now + pause * (1 - SPREAD + 2 * SPREAD * chance)
    wakes_from = now + pause
    if not has_tries_left(standing, at):
        tomorrow = datetime.combine(at.astimezone(UTC).date() + timedelta(days=1), time(), UTC)
        at = wakes_from = tomorrow + timedelta(hours=1) * chance
    is_last = rules.tries is not None and standing.failures >= rules.tries
    return NextTry(None if is_last else at, wakes_from)
