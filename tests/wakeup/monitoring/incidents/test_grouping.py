"""Outages become incidents as the words of STA-5 say, however many are looked at in one pass."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest

from tests.plugins.effort import IN_CI
from tests.wakeup.monitoring.incidents import reference
from tests.wakeup.monitoring.incidents.histories import DAY, history
from tests.wakeup.monitoring.incidents.reference import FOREVER, Dark, Reference
from wakeup.monitoring.incidents.grouping import Grouping, Span, densest
from wakeup.monitoring.incidents.groups import REOPENED, Group, Rule, Sighting
from wakeup.monitoring.incidents.places import Place

START = datetime(2027, 12, 31, 22, tzinfo=UTC)
RULE = Rule(reference.LEAST, reference.PERCENT, timedelta(seconds=reference.WINDOW))
Told = set[tuple[tuple[str, ...], frozenset[int], int, int | None, int]]


def at(second: int) -> datetime:
    return START + timedelta(seconds=second)


def place_of(place: reference.Place) -> Place:
    return Place(1, *place[1:])


def sighting(one: Dark) -> Sighting:
    places = tuple(place_of(place) for place in one.places)
    times = (at(one.earliest), at(one.latest), at(one.noticed), None if one.ended == FOREVER else at(one.ended))
    return Sighting(one.key, one.who, places, one.carrier, *times, one.gasped, bool(one.carrier))


def told_by_reference(dark: list[Dark], sizes: Counter[reference.Place]) -> Told:
    model = Reference(sizes)
    model.take(dark)
    return {
        (
            one.place,
            frozenset(member.key for member in one.members),
            one.began,
            None if one.end == FOREVER else one.end,
            one.reopened,
        )
        for one in model.incidents
    }


def told(groups: Iterable[Group]) -> Told:
    """Place, outages, beginning and end of each incident, and how often it went on after it had ended."""
    return {
        (
            _named(group.place),
            frozenset(one.key for one in group.members),
            _second(group.began),
            _end(group),
            sum(happening.what == REOPENED for happening in group.told),
        )
        for group in groups
        if group.into is None
    }


def _named(place: Place) -> tuple[str, ...]:
    return ("c", "carrier", place.carrier) if place.carrier else ("c", *filter(None, place[1:3]))


def _second(moment: datetime) -> int:
    return round((moment - START).total_seconds())


def _end(group: Group) -> int | None:
    return None if group.last_end is None else _second(group.last_end)


def in_passes(dark: list[Dark], sizes: Counter[reference.Place], ends: list[int]) -> Told:
    """Passes at ``ends``, each of a watcher that was started anew and knows what matters alone."""
    places = {place_of(place): size for place, size in sizes.items()}
    seen: list[Sighting] = []
    groups: list[Group] = []
    for begin, end in pairwise([-FOREVER, *ends, FOREVER]):
        new = [sighting(one) for one in dark if begin < one.noticed <= end]
        if new:
            earliest = min(one.earliest for one in new) - 2 * RULE.window
            known = [one for one in seen if one.latest >= earliest or (one.is_hidden and not one.has_ended(at(begin)))]
            grouping = Grouping(RULE, places, [group for group in groups if group.into is None], known)
            grouping.take(new)
            groups += [group for group in grouping.groups if group not in groups]
            seen += new
    return told(groups)


@pytest.mark.parametrize("tens", range(20 if IN_CI else 3))
def test_the_incidents_are_those_of_the_reference_however_many_passes_there_were(tens: int) -> None:
    for seed in range(10 * tens, 10 * tens + 10):
        dark, sizes = history(seed)
        expected = told_by_reference(dark, sizes)
        assert in_passes(dark, sizes, []) == expected, seed
        chance = random.Random(seed)
        assert in_passes(dark, sizes, sorted(chance.sample(range(2 * DAY), 20))) == expected, seed
        assert in_passes(dark, sizes, sorted({one.noticed for one in dark})) == expected, seed


def test_the_histories_hold_what_matters() -> None:
    found: Counter[str] = Counter()
    for seed in range(100):
        dark, sizes = history(seed)
        incidents = told_by_reference(dark, sizes)
        found.update(place[2] if "carrier" in place else str(len(place)) for place, *_ in incidents)
        found["reopened"] += sum(reopened for *_, reopened in incidents)
        found["single"] += len(dark) - sum(len(members) for _, members, *_ in incidents)
    assert min(found[what] for what in ("1", "2", "3", "claro", "single", "reopened")) >= 10, found


def test_the_densest_window_counts_a_concentrator_once() -> None:
    spans = [Span(at(0), at(10), 1), Span(at(5), at(20), 1), Span(at(20), at(30), 2), Span(at(31), at(40), 3)]
    assert densest(spans) == (2, at(20))
    assert densest(spans[:2]) == (1, at(0))
