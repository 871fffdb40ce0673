"""The incidents of random histories in the database, in passes of a watcher that knows only what it has stored."""

from __future__ import annotations

import random
from collections import Counter
from datetime import datetime

import pytest

from concentrators.models import Company, Concentrator
from profiles.models import SpontaneousProfile
from tests.factories import ConcentratorFactory, SpontaneousProfileFactory
from tests.plugins.effort import IN_CI
from tests.wakeup.monitoring.incidents.histories import DAY, Fleet, fleet_of, history
from tests.wakeup.monitoring.incidents.reference import FOREVER, Dark, Place
from tests.wakeup.monitoring.incidents.test_grouping import Told, at, told_by_reference
from wakeup.models import Incident, NoteKind, Outage
from wakeup.monitoring.incidents.keeping import keep_incidents

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("seed", range(12 if IN_CI else 2))
def test_passes_at_any_time_come_to_the_incidents_of_the_reference(chile: Company, seed: int) -> None:
    dark, sizes = history(seed)
    concentrators = _stored(chile, fleet_of(seed))
    chance = random.Random(seed)
    keep_incidents(at(0))
    done: set[int] = set()
    for end in [*sorted(chance.sample(range(2 * DAY), 8)), FOREVER]:
        _happen(dark, done, concentrators, end)
        for _ in range(chance.randint(1, 2)):
            keep_incidents(at(min(end, 3 * DAY)))
    assert _told() == told_by_reference(dark, sizes)
    assert _numbers_are_true()


def _stored(company: Company, fleet: Fleet) -> list[Concentrator]:
    profile: SpontaneousProfile = SpontaneousProfileFactory.create()
    made = []
    for places, carrier in fleet:
        _, substation, feeder = (*places[-1], "", "")[:3]
        facts = {"substation": substation, "feeder": feeder, "carrier": carrier, "profile": profile}
        made.append(ConcentratorFactory.create(company=company, in_field=True, customers=10, **facts))
    return made


def _happen(dark: list[Dark], done: set[int], concentrators: list[Concentrator], until: int) -> None:
    """What was noticed, and who came back, up to ``until``; as it is recorded."""
    for one in sorted(dark, key=lambda one: (one.noticed, one.key)):
        ended = at(one.ended) if one.ended <= until else None
        if one.key in done:
            Outage.objects.filter(customers=one.key).update(ended_at=ended)
        elif one.noticed <= until:
            done.add(one.key)
            _outage(one, concentrators[one.who], ended)


def _outage(one: Dark, concentrator: Concentrator, ended: datetime | None) -> None:
    """Its number of customers is its key."""
    Outage.objects.create(
        concentrator=concentrator,
        company=concentrator.company,
        earliest_at=at(one.earliest),
        latest_at=at(one.latest),
        began_at=at(one.earliest),
        noticed_at=at(one.noticed),
        ended_at=ended,
        is_announced=one.gasped,
        verdict="carrier" if one.carrier else "ok",
        customers=one.key,
    )


def _told() -> Told:
    return {
        (
            _named(incident),
            frozenset(incident.outages.values_list("customers", flat=True)),
            _second(incident.began_at),
            _second(incident.ended_at) if incident.ended_at else None,
            incident.notes.filter(kind=NoteKind.REOPENED).count(),
        )
        for incident in Incident.objects.filter(merged_into=None)
    }


def _named(incident: Incident) -> Place:
    if incident.carrier:
        return ("c", "carrier", incident.carrier)
    return ("c", *filter(None, (incident.substation, incident.feeder)))


def _second(moment: datetime) -> int:
    return round((moment - at(0)).total_seconds())


def _numbers_are_true() -> bool:
    for incident in Incident.objects.filter(merged_into=None):
        of_one = Counter[int]()
        for concentrator, customers in incident.outages.values_list("concentrator", "customers"):
            of_one[concentrator] = max(of_one[concentrator], customers)
        assert (incident.members, incident.customers) == (len(of_one), sum(of_one.values()))
        assert incident.dark == 0 or incident.ended_at is None
        notes = Counter(incident.notes.values_list("kind", flat=True))
        assert notes[NoteKind.OPENED] == 1
        assert notes[NoteKind.ENDED] == notes[NoteKind.REOPENED] + (incident.ended_at is not None)
    return True
