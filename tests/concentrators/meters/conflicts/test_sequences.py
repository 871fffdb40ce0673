"""Facts and decisions in any order, without the lists that bring them: settling agrees with the reference (MET-5)."""

from __future__ import annotations

import random
from datetime import datetime, timedelta

import pytest

from concentrators.models import ConflictKind, Decision, Sighting
from tests.concentrators.meters.conflicts.held import NOW
from tests.concentrators.meters.conflicts.making import Place, decide
from tests.concentrators.meters.conflicts.reference import Listed, Reference


@pytest.mark.django_db
@pytest.mark.parametrize("seed", range(12))
def test_any_sequence_of_facts_ends_where_the_reference_does(seed: int) -> None:
    """The reference is told each step, and asked what is open, of which kind, decided how, and where it counts."""
    dice, place = random.Random(seed), Place()
    reference = Reference()
    now = NOW
    for number in (1, 2, 3):
        place.at(number)
    for _step in range(20):
        now += timedelta(days=dice.choice([0, 0.3, 1, 3, 8]))
        for number in dice.sample([1, 2, 3], dice.randint(0, 2)):
            _tell(dice, place, number, now, reference)
        place.settle(now)
        reference.settle(now)
        _sometimes_decide(dice, place, now, reference)
        _assert_alike(place, reference)


def _tell(dice: random.Random, place: Place, number: int, now: datetime, reference: Reference) -> None:
    if dice.random() < 0.2 and number in reference.lists:
        place.gone(number, now)
        del reference.lists[number]
        return
    known = reference.lists.get(number)
    seen = now - timedelta(days=dice.choice([0, 0.1, 2, 6.9, 7, 13]))
    row = Listed(known.first if known else seen, seen, now, dice.choice([0, 1, 2, 2, 2]), dice.choice([None, 0, 1, 2]))
    reference.lists[number] = row
    Sighting.objects.update_or_create(
        meter=place.meter,
        concentrator=place.at(number),
        defaults={
            "company": place.company,
            "first_seen": row.first,
            "last_seen": row.last,
            "listed_at": row.listed,
            "state": row.state,
            "level": row.level,
            "in_list": True,
            "gone_at": None,
        },
    )


def _sometimes_decide(dice: random.Random, place: Place, now: datetime, reference: Reference) -> None:
    if reference.kind is None or dice.random() < 0.5:
        return
    decision = dice.choice(list(Decision))
    healthy = [number for number, row in reference.lists.items() if row.state]
    if decision == Decision.KEEP and not healthy:
        return
    keep = dice.choice(healthy) if decision == Decision.KEEP else None
    until = now + timedelta(days=2) if decision == Decision.ALLOWED else None
    decide(place, decision, keep, allowed_until=until, reopened="")
    reference.decide(decision, keep, until)
    place.settle(now)
    reference.settle(now)


def _assert_alike(place: Place, reference: Reference) -> None:
    found = place.conflict()
    assert place.chosen() == reference.chosen
    if reference.kind is None:
        assert found is None
        return
    assert found is not None
    assert ConflictKind(found.kind).name.lower() == reference.kind
    assert (found.decision, found.reopened) == (reference.decision, reference.reopened)
    numbers = {one.pk: number for number, one in place.concentrators.items()}
    assert numbers.get(found.preferred_id or 0) == reference.preferred
