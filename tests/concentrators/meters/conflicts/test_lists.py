"""Lists, decisions and time in any order: conflicts and stored numbers are those of the reference (MET-5, MET-8)."""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User

from concentrators.meters.conflicts import deciding
from concentrators.meters.conflicts.reviewing import review
from concentrators.meters.lists import ListedMeter, ReceivedList
from concentrators.meters.storing import rebuild, store_list
from concentrators.models import (
    Company,
    Concentrator,
    ConcentratorMeters,
    ConflictKind,
    Decision,
    MeterConflict,
    MeterSource,
    MeterTally,
    Sighting,
)
from tests.concentrators.meters.conflicts.held import NOW
from tests.concentrators.meters.conflicts.reference import Listed, Reference
from tests.factories import CompanyFactory, ConcentratorFactory, UserFactory
from tests.plugins.effort import examples

METERS = ("CIR1", "ZIV2")
STEPS = 12


@dataclass
class Field:
    """Three concentrators that list two meters, and what the reference knows of each."""

    dice: random.Random
    company: Company = field(default_factory=lambda: CompanyFactory.create())
    user: User = field(default_factory=lambda: UserFactory.create())
    now: datetime = NOW
    newest: dict[int, datetime] = field(default_factory=dict)
    ever: dict[tuple[str, int], Listed] = field(default_factory=dict)

    def __post_init__(self) -> None:
        made = [ConcentratorFactory.create(company=self.company, in_field=True) for _ in range(3)]
        self.concentrators: dict[int, Concentrator] = {one.pk: one for one in made}
        self.references = {name: Reference() for name in METERS}
        self._number = 0

    def step(self) -> None:
        self.now += timedelta(hours=self.dice.choice([1, 6, 30, 100, 200]))
        if self.dice.random() < 0.8:
            self._list(self.dice.choice(list(self.concentrators)))
        review(self.now)
        self._settle()
        if self.dice.random() < 0.4:
            self._decide(self.dice.choice(METERS))
            self._settle()

    def _settle(self) -> None:
        for reference in self.references.values():
            reference.settle(self.now)

    def _list(self, key: int) -> None:
        """A whole list, now and then one that comes too late."""
        at = self.now - timedelta(hours=self.dice.choice([0, 0, 1, 50]))
        rows = [self._row(name, at) for name in METERS if self.dice.random() < 0.75]
        self._number += 1
        received = ReceivedList(key, MeterSource.S24, at, True, f"{self._number:064}", rows)
        outcome = store_list(received, self.now).outcome
        is_older = at < self.newest.get(key, at)
        assert outcome == ("older" if is_older else "taken")
        if not is_older:
            self.newest[key] = at
            self._note(key, at, {row.name: row for row in rows})

    def _row(self, name: str, at: datetime) -> ListedMeter:
        seen = at - timedelta(hours=self.dice.choice([0, 1, 20, 160, 168, 300]))
        state: Any = self.dice.choice([0, 1, 2, 2, 2])
        return ListedMeter(name, state, last_seen=seen, level=self.dice.choice([None, 0, 1]))

    def _note(self, key: int, at: datetime, rows: dict[str, ListedMeter]) -> None:
        for name, reference in self.references.items():
            reference.lists.pop(key, None)
            if name not in rows:
                continue
            seen = rows[name].last_seen or at
            one = self.ever.setdefault((name, key), Listed(min(seen, at), seen, at))
            one.first, one.last, one.listed = min(one.first, seen, at), max(one.last, seen), at
            one.state = rows[name].state
            one.level = one.level if rows[name].level is None else rows[name].level
            reference.lists[key] = one

    def _decide(self, name: str) -> None:
        reference = self.references[name]
        if reference.kind is None:
            return
        one, how = self.conflict(name), {"user": self.user, "now": self.now}
        decision = self.dice.choice(list(Decision))
        until = self.now + timedelta(hours=48) if decision == Decision.ALLOWED else None
        healthy = sorted(key for key, row in reference.lists.items() if row.state)
        keep = self.dice.choice(healthy) if decision == Decision.KEEP and healthy else None
        if until is not None:
            deciding.allow_until(one, until, **how)  # type: ignore[arg-type] # of the two values
        elif keep is not None:
            deciding.keep_at(one, self.concentrators[keep], **how)  # type: ignore[arg-type]
        elif decision == Decision.NONE:
            deciding.not_a_conflict(one, **how)  # type: ignore[arg-type]
        else:
            return
        reference.decide(decision, keep, until)

    def conflict(self, name: str) -> MeterConflict:
        return MeterConflict.objects.open().get(meter__name=name)

    def check(self) -> None:
        for name, reference in self.references.items():
            chosen = Sighting.objects.filter(meter__name=name, chosen=True)
            assert chosen.values_list("concentrator", flat=True).first() == reference.chosen
            if reference.kind is None:
                assert not MeterConflict.objects.open().filter(meter__name=name).exists()
                continue
            one = self.conflict(name)
            assert ConflictKind(one.kind).name.lower() == reference.kind
            assert (one.decision, one.reopened, one.lists) == (
                reference.decision,
                reference.reopened,
                len(reference.lists),
            )
            assert one.preferred_id == reference.preferred


def numbers() -> list[Any]:
    counts = ConcentratorMeters.objects.order_by("pk").values_list()
    tally = MeterTally.objects.exclude(meters=0).order_by("manufacturer", "type", "kind", "state")
    return [*counts, *tally.values_list("manufacturer", "type", "kind", "state", "meters")]


@pytest.mark.django_db
@pytest.mark.parametrize("seed", range(examples(16, 6)))
def test_lists_decisions_and_time_in_any_order_end_where_the_reference_does(seed: int) -> None:
    place = Field(random.Random(seed))
    for _step in range(STEPS):
        place.step()
        place.check()
    stored = numbers()
    rebuild()
    assert numbers() == stored
