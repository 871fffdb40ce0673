"""Writers, rebuilds and operators at the same time: counters stay what the messages say (LIS-5, REP-5)."""

from __future__ import annotations

import random
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from functools import partial

import pytest
from django.db import connection
from django.utils import timezone

from concentrators.models import Company, Concentrator
from concentrators.procedures.actions import install, remove
from profiles.models import SystemSettings
from smmeplus.dlms.kinds import Kind
from tests.factories import CompanyFactory, ConcentratorFactory, SpontaneousProfileFactory
from wakeup.counts.rebuild import rebuild
from wakeup.models import CountingZone, DailyCount, Format, Message, StrayFrame, StrayReason, WakeupTotal
from wakeup.models.strays import Stray
from wakeup.recording.arrivals import Arrival
from wakeup.recording.recorder import record

pytestmark = pytest.mark.django_db(transaction=True)

BATCHES = 25
BATCH = 60
START = datetime(2020, 9, 5, 12, tzinfo=UTC)
ZONES = ("Europe/Rome", "", "Asia/Kolkata")


def in_thread(work: Callable[[], None]) -> None:
    try:
        work()
    finally:
        connection.close()


def write(serials: list[str], seed: int) -> None:
    """Batches in random order of concentrators, over two midnights, with strays of shared senders."""
    chance = random.Random(seed)
    for _ in range(BATCHES):
        arrivals = [
            Arrival(
                chance.choice([*serials, "NOSUCH1", "NOSUCH2"]),
                chance.choice(list(Kind)),
                Format.PUSH,
                START + timedelta(minutes=chance.randint(0, 2_880)),
                f"10.60.0.{chance.randint(1, 9)}",
                58_692,
            )
            for _ in range(BATCH)
        ]
        strays = [Stray(StrayReason.MALFORMED, f"10.9.9.{chance.randint(1, 3)}", START, "10.9.9.9", b"\x00")] * 3
        record(arrivals, strays)


def change_zones(company: Company) -> None:
    for zone in ZONES:
        SystemSettings(reporting_zone=zone).save()
        rebuild([company])


def install_and_remove(concentrators: list[Concentrator]) -> None:
    chosen = Concentrator.objects.filter(pk__in=[one.pk for one in concentrators])
    profile = SpontaneousProfileFactory.create()
    for _ in range(3):
        install(chosen, profile, user=None, now=timezone.now())
        remove(chosen, user=None, now=timezone.now())


def test_two_writers_a_rebuild_and_an_operator_at_once(chile: Company) -> None:
    stay = ConcentratorFactory.create_batch(20, company=chile)
    move = ConcentratorFactory.create_batch(5, company=chile)
    serials = [one.serial_number for one in [*stay, *move]]
    jobs = [
        partial(write, serials, 1),
        partial(write, serials, 2),
        partial(change_zones, chile),
        partial(install_and_remove, move),
    ]
    with ThreadPoolExecutor(len(jobs)) as pool:
        for future in [pool.submit(in_thread, job) for job in jobs]:
            future.result(60)

    (result,) = rebuild([chile], dry_run=True)
    assert result.is_right
    assert CountingZone.objects.get().time_zone == (ZONES[-1] or chile.time_zone)
    frames = Message.objects.count() + sum(
        StrayFrame.objects.exclude(reason=StrayReason.MALFORMED).values_list("count", flat=True)
    )
    assert frames == 2 * BATCHES * BATCH, "each frame is a message or a stray, once"
    assert (
        sum(StrayFrame.objects.filter(reason=StrayReason.MALFORMED).values_list("count", flat=True)) == 2 * BATCHES * 3
    )
    assert sum(WakeupTotal.objects.values_list("wakeup_count", flat=True)) == sum(
        DailyCount.objects.values_list("wakeup_count", flat=True)
    )


def test_the_first_messages_of_a_company_from_two_writers_at_once() -> None:
    companies = CompanyFactory.create_batch(4)
    serials = [ConcentratorFactory.create(company=company).serial_number for company in companies]
    with ThreadPoolExecutor(2) as pool:
        for future in [pool.submit(in_thread, partial(write, serials, seed)) for seed in (3, 4)]:
            future.result(60)
    assert CountingZone.objects.count() == len(companies)
    assert all(result.is_right for result in rebuild(companies, dry_run=True))
