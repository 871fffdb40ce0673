"""STA-5: 40,000 outages of one evening, and the page of their incident, against a plain GROUP BY over them."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from django.conf import settings
from django.contrib.auth.models import User
from django.test import Client

from concentrators.models import Company, Concentrator, ConcentratorType
from tests.bench.context import Context
from tests.bench.figures import Result, Target, compared
from tests.bench.per4 import MS, query, seconds, usual_seconds
from wakeup.models import Incident, Outage
from wakeup.monitoring.incidents.grouping import Grouping
from wakeup.monitoring.incidents.groups import Rule, Sighting
from wakeup.monitoring.incidents.places import Place, places_of

OUTAGES = 40_000
OF_A_FEEDER, OF_A_SUBSTATION = 40, 400
PERIOD = timedelta(minutes=100)
BEGIN = datetime(2027, 2, 25, 18, 15, tzinfo=UTC)
_GROUP_BY = """
    SELECT o.company_id, c.substation, c.feeder, count(*), min(o.earliest_at), max(o.latest_at), max(o.noticed_at)
    FROM wakeup_outage o JOIN concentrators_concentrator c ON c.id = o.concentrator_id
    WHERE o.company_id = %s GROUP BY o.company_id, c.substation, c.feeder
"""
_FLOOR = "a plain GROUP BY over them"


def measure(context: Context) -> list[Result]:
    """A whole country goes dark within three minutes; of four in ten the last gasp is lost."""
    if not context.is_postgres:
        return []
    outages, page = _outages(), _page()
    sizes = Counter(place for one in outages for place in _places(one))
    grouped, shown, floors = [], [], []
    for _ in range(context.rounds):
        floors.append(MS * usual_seconds(lambda: query(_GROUP_BY, [outages[0].company_id])))
        sightings = [_sighting(one) for one in outages]
        grouping = Grouping(Rule(), sizes)
        grouped.append(MS * seconds(lambda: grouping.take(sightings)))  # noqa: B023 - done at once
        _check(grouping)
        shown.append(MS * usual_seconds(page))
    what = f"{OUTAGES:,} outages grouped into incidents"
    return [
        compared("STA-5", what, "ms", grouped, _FLOOR, floors, Target("≤", 20)),
        compared("STA-5", "  the page of their incident", "ms", shown, _FLOOR, floors, Target("≤", 0.5)),
    ]


def _outages() -> list[Outage]:
    """Each of a concentrator of its own, all in one incident."""
    company = Company.objects.create(name="Country", time_zone="America/Santiago")
    kind, _ = ConcentratorType.objects.get_or_create(name="CERCO1")
    made = Concentrator.objects.bulk_create(
        [_concentrator(company, kind, number) for number in range(OUTAGES)], batch_size=5_000
    )
    times = dict.fromkeys(("began_at", "window_from", "window_until", "opened_at"), BEGIN)
    numbers = {"members": OUTAGES, "dark": OUTAGES, "size": OUTAGES}
    incident = Incident.objects.create(company=company, scope="company", cause="power", **times, **numbers)
    chance = random.Random(1)
    outages = Outage.objects.bulk_create([_outage(one, incident, chance) for one in made], batch_size=5_000)
    query("VACUUM ANALYZE")
    return outages


def _page() -> Callable[[], object]:
    settings.ALLOWED_HOSTS = ["*"]
    client, address = Client(), f"/incidents/{Incident.objects.get().pk}/"
    client.force_login(User.objects.create_superuser("desk"))
    if client.get(address).status_code != 200:
        raise AssertionError("the page of the incident was expected")
    return lambda: client.get(address)


def _concentrator(company: Company, kind: ConcentratorType, number: int) -> Concentrator:
    place = {"substation": f"S{number // OF_A_SUBSTATION}", "feeder": f"F{number // OF_A_FEEDER}"}
    return Concentrator(serial_number=f"DARK{number}", company=company, type=kind, **place)


def _outage(one: Concentrator, incident: Incident, chance: random.Random) -> Outage:
    of_one = {"concentrator": one, "company_id": one.company_id, "incident": incident}
    began = BEGIN + timedelta(seconds=chance.uniform(0, 180))
    if chance.random() < 0.6:
        times = {"earliest_at": began, "began_at": began, "latest_at": began, "noticed_at": began}
        return Outage(**of_one, is_announced=True, **times)
    last = began - chance.random() * PERIOD
    times = {"earliest_at": last, "began_at": last + PERIOD / 2, "latest_at": last + PERIOD}
    return Outage(**of_one, noticed_at=last + PERIOD + timedelta(minutes=4), **times)


def _places(one: Outage) -> tuple[Place, ...]:
    return places_of(one.company_id, one.concentrator.substation, one.concentrator.feeder)


def _sighting(one: Outage) -> Sighting:
    times = (one.earliest_at, one.latest_at, one.noticed_at)
    return Sighting(one.pk, one.concentrator_id, _places(one), "", *times, is_announced=one.is_announced)


def _check(grouping: Grouping) -> None:
    if [len(group.members) for group in grouping.groups if group.into is None] != [OUTAGES]:
        raise AssertionError("one incident was expected")
