"""A month at 400,000 concentrators against the limits of EEMUA 191 and ISA-18.2 (STA-9), by the pure rules."""

from __future__ import annotations

import random
from collections import Counter
from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from tests.plugins.effort import IN_CI
from tests.wakeup.monitoring.alarms.rules.incidents import LIMITS, NOON, Book, feeder, minutes
from wakeup.models.alarms import Priority
from wakeup.models.incidents import CauseClass, IncidentScope
from wakeup.monitoring.alarms.rules.due import Seen

DAYS = 30
PERIOD = minutes(10)
#: Customers of feeders: most are small, a city's are not. About 80, 15 and 5 of a hundred below, between and above.
CUSTOMERS = (*range(100, 900, 50), 1_500, 4_000, 9_000, 25_000)


def month(rng: random.Random) -> list[Seen]:
    """30 feeder outages, 40 that heal themselves, 2 carrier failures and a storm of 60 feeders in three hours.

    Some 2,000 concentrators a day fall silent by themselves: they are on the work list and make no incident.
    """
    starts = [NOON + timedelta(minutes=rng.randrange(DAYS * 24 * 60)) for _ in range(72)]
    lasts = [timedelta(minutes=rng.randrange(5, 300)) for _ in range(30)] + [timedelta(seconds=90)] * 40
    seen = [_outage(rng, pk, at, lasted) for pk, (at, lasted) in enumerate(zip(starts, lasts, strict=False))]
    seen += [
        _outage(rng, 100 + n, at, minutes(50), scope=IncidentScope.CARRIER, cause=CauseClass.COMMUNICATION)
        for n, at in enumerate(starts[-2:])
    ]
    storm = NOON + timedelta(days=17, minutes=rng.randrange(600))
    times = sorted(storm + minutes(rng.triangular(0, 180, 30)) for _ in range(60))
    return seen + [_outage(rng, 200 + n, at, minutes(rng.randrange(20, 900))) for n, at in enumerate(times)]


def _outage(rng: random.Random, pk: int, at: datetime, lasted: timedelta, **values: object) -> Seen:
    began_at = at - minutes(rng.choice((0, 0, 4, 12))) if lasted > minutes(14) else at
    customers = rng.choice(CUSTOMERS)
    return feeder(pk, at, began_at=began_at, ended_at=began_at + lasted, customers=customers, **values)


def moments(seen: list[Seen]) -> list[datetime]:
    """When anything may change: passes of the watcher between these find nothing to do."""
    steps = [
        moment + after for one in seen for moment in (one.since, one.began_at) for after in (minutes(0), minutes(2))
    ]
    ends = [one.ended_at for one in seen if one.ended_at]
    return sorted({*steps, *ends, *(one + timedelta(seconds=5) for one in ends)})


@pytest.mark.parametrize("seed", range(8 if IN_CI else 2))
def test_a_month_stays_within_the_limits(seed: int) -> None:
    seen, book = month(random.Random(seed)), Book()
    standing = 0
    for now in moments(seen):
        book.follow(seen, now)
        open_for_a_day = [one for one in book.open.values() if now - one.raised_at > timedelta(days=1)]
        standing = max(standing, len(open_for_a_day))
    per_hour = len(book.alarms) / (DAYS * 24)
    assert per_hour <= 6
    periods = Counter((one.raised_at - NOON) // PERIOD for one in book.alarms)
    assert sum(number > 10 for number in periods.values()) / (DAYS * 24 * 6) < 0.01
    assert standing < 10
    assert not book.open
    shares = {level: number / len(book.alarms) for level, number in book.priorities().items()}
    assert shares[Priority.LOW] > 0.6 > 0.3 > shares[Priority.MEDIUM]
    assert shares[Priority.HIGH] < 0.25


@pytest.mark.parametrize("seed", range(8 if IN_CI else 2))
def test_no_real_incident_is_without_an_alarm_and_nothing_else_has_one(seed: int) -> None:
    seen, book = month(random.Random(seed)), Book()
    for now in moments(seen):
        book.follow(seen, now)
    spans = [
        (datetime.fromisoformat(one.due.facts["from"]), datetime.fromisoformat(one.due.facts["until"]))
        for one in book.alarms
        if "until" in one.due.facts
    ]
    alone = {one.due.incident for one in book.alarms}
    assert spans, "a storm is a flood"
    for one in seen:
        is_real = one.has_lasted(LIMITS.delay, NOON + timedelta(days=DAYS + 2))
        in_flood = any(begin <= one.since <= end for begin, end in spans)
        assert (one.pk in alone or in_flood) if is_real else one.pk not in alone, one


def test_a_month_without_passes_is_made_up_for_in_one() -> None:
    """The watcher stood still and comes back: what is over by then is told at once."""
    seen = [replace(one, since=NOON + timedelta(days=DAYS)) for one in month(random.Random(1)) if one.pk < 30][:4]
    book = Book()
    book.follow(seen, NOON + timedelta(days=DAYS + 1))
    assert {one.due.incident for one in book.alarms} == {one.pk for one in seen}
    assert not book.open
