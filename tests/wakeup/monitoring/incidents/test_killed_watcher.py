"""A watcher that is killed at any point of its pass leaves nothing undone, and nothing done twice (STA-5)."""

from __future__ import annotations

import os
import subprocess
import sys
from collections import Counter
from datetime import timedelta

import pytest
from django.db import connection, models
from django.utils import timezone

from concentrators.models import Company, Concentrator
from concentrators.procedures.actions import install
from profiles.models import SpontaneousProfile
from smmeplus.dlms.kinds import Kind
from tests import ROOT
from tests.factories import ConcentratorFactory, SpontaneousProfileFactory
from tests.plugins.effort import SOAKS
from tests.support.listener import database_url
from tests.support.processes import wait_until
from wakeup.models import Format, Incident, IncidentNote, Outage, StatusChange
from wakeup.monitoring.changes.watcher import SETTLED, watch
from wakeup.monitoring.desk import follow
from wakeup.recording.arrivals import Arrival
from wakeup.recording.recorder import record

pytestmark = [
    pytest.mark.process,
    pytest.mark.ci_only,
    pytest.mark.one_database("postgresql", in_ci=True),
    pytest.mark.django_db(transaction=True),
]

ROUNDS = 50 if SOAKS else 3
FEEDER = 40
#: What a pass stores, in this order: it is killed as soon as there is more of one of them. A return makes no outage.
DARK: tuple[type[models.Model], ...] = (StatusChange, Outage, IncidentNote)
BACK: tuple[type[models.Model], ...] = (IncidentNote, StatusChange)


@pytest.fixture
def feeder(chile: Company) -> list[Concentrator]:
    profile: SpontaneousProfile = SpontaneousProfileFactory.create(wakeup_period=1440)
    ConcentratorFactory.create_batch(FEEDER, company=chile, feeder="F1")
    ConcentratorFactory.create_batch(FEEDER + 10, company=chile)
    install(Concentrator.objects.all(), profile, user=None, now=timezone.now() - timedelta(hours=5))
    return list(Concentrator.objects.filter(feeder="F1"))


def test_no_outage_and_no_incident_is_lost_or_told_twice(feeder: list[Concentrator]) -> None:
    say(feeder, Kind.KEEPALIVE)
    for number in range(ROUNDS):
        say(feeder, Kind.LASTGASP)
        kill_as_soon_as_there_is_more_of(DARK[number % len(DARK)])
        say(feeder, Kind.BOOT)
        kill_as_soon_as_there_is_more_of(BACK[number % len(BACK)])
    for _ in range(2):
        later = timezone.now() + SETTLED
        watch(later)
        follow(later)
    assert set(Counter(Outage.objects.values_list("concentrator", flat=True)).values()) == {ROUNDS}
    assert not Outage.objects.open().exists()
    incident = Incident.objects.get(scope="feeder")
    assert set(Outage.objects.values_list("incident", flat=True)) == {incident.pk}
    assert (incident.members, incident.dark) == (FEEDER, 0)
    notes = Counter(incident.notes.values_list("kind", flat=True))
    assert (notes["opened"], notes["reopened"], notes["ended"]) == (1, ROUNDS - 1, ROUNDS)


def say(feeder: list[Concentrator], kind: Kind) -> None:
    now = timezone.now()
    record([Arrival(one.serial_number, kind, Format.PUSH, now, "10.60.0.7", 58692) for one in feeder])


def kill_as_soon_as_there_is_more_of(model: type[models.Model]) -> None:
    before = model._default_manager.count()
    environment = os.environ | {"DATABASE_URL": database_url()}
    process = subprocess.Popen([sys.executable, "manage.py", "watchstatus"], cwd=ROOT, env=environment)

    def is_more() -> bool:
        try:
            return model._default_manager.count() > before
        finally:
            connection.close()  # or SQLite would have it look at an old state

    try:
        wait_until(is_more, patience_s=60)
    finally:
        process.kill()
        process.wait()
