"""Lists that come at once: nothing twice, nobody waits for ever, and all numbers hold (MET-3)."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from time import monotonic
from typing import Any

import pytest
from django.db import connection, transaction

from concentrators.meters.lists import ReceivedList
from concentrators.meters.storing import Stored, hold_meters, rebuild, store_list
from concentrators.models import Concentrator
from concentrators.models.meters import ConcentratorMeters, Meter, MeterConflict, MeterList, MeterTally, Sighting
from tests.concentrators.meters.storing.lists import FAILED, HOUR, NOON, s24
from tests.factories import ConcentratorFactory
from tests.plugins.effort import ROUNDS

__test__ = connection.vendor == "postgresql"  # elsewhere a transaction that writes is alone
pytestmark = pytest.mark.django_db(transaction=True)
NOW = NOON + 24 * HOUR
NAMES = [f"CIR{number:010}" for number in range(60)]

#: In both lists of those that swap.
SHARED: dict[str, Any] = dict.fromkeys(NAMES[28:32], FAILED)


@pytest.fixture
def ones() -> list[Concentrator]:
    one = ConcentratorFactory.create(in_field=True)
    return [one, *ConcentratorFactory.create_batch(2, company=one.company, in_field=True)]


def at_once(lists: list[list[ReceivedList]]) -> list[Stored]:
    """Each of ``lists`` is stored by a thread of its own, one list after the other."""
    start = Barrier(len(lists))

    def store_all(of_one: list[ReceivedList]) -> list[Stored]:
        try:
            start.wait(30)
            return [store_list(received, NOW) for received in of_one]
        finally:
            connection.close()

    with ThreadPoolExecutor(len(lists)) as pool:
        return [stored for done in [pool.submit(store_all, of_one) for of_one in lists] for stored in done.result(60)]


def numbers() -> list[object]:
    tally = MeterTally.objects.order_by("state").values_list("kind", "state", "meters")
    return [list(ConcentratorMeters.objects.order_by("pk").values()), list(tally)]


def assert_numbers_hold() -> None:
    before = numbers()
    rebuild()
    assert numbers() == before


def test_the_same_list_in_two_processes_is_one(ones: list[Concentrator]) -> None:
    received = s24(ones[0], *NAMES)
    stored = at_once([[received], [received], [received]])
    assert sorted(one.outcome for one in stored) == ["same", "same", "taken"]
    assert (MeterList.objects.count(), Meter.objects.count(), Sighting.objects.count()) == (1, 60, 60)


def test_a_newer_and_an_older_list_at_once_leave_the_newer_one(ones: list[Concentrator]) -> None:
    store_list(s24(ones[0], *NAMES), NOW)
    newer = s24(ones[0], *NAMES[:30], at=NOON + 2 * HOUR)
    at_once([[newer], [s24(ones[0], *NAMES[30:], at=NOON + HOUR)]])
    held = Sighting.objects.filter(in_list=True).order_by("meter__name").values_list("meter__name", flat=True)
    assert list(held) == NAMES[:30]
    assert_numbers_hold()


@pytest.mark.parametrize("_round", range(ROUNDS))
def test_one_new_meter_in_the_lists_of_several_is_one(ones: list[Concentrator], _round: int) -> None:
    lists = [s24(one, *(NAMES if number else reversed(NAMES))) for number, one in enumerate(ones)]
    assert [one.new for one in at_once([[received] for received in lists])] == [60, 60, 60]
    assert (Meter.objects.count(), Sighting.objects.count()) == (60, 180)
    assert Sighting.objects.filter(chosen=True).count() == 60
    assert MeterConflict.objects.open().filter(lists=3).count() == 60
    assert_numbers_hold()


@pytest.mark.parametrize("_round", range(ROUNDS))
def test_concentrators_that_swap_their_meters_do_not_lock_each_other_out(ones: list[Concentrator], _round: int) -> None:
    one, other = ones[:2]
    halves = NAMES[:30], NAMES[30:]
    lists = [
        [s24(of, *halves[(number + hour) % 2], at=NOON + hour * HOUR, **SHARED) for hour in range(4)]
        for number, of in enumerate((one, other))
    ]
    assert {stored.outcome for stored in at_once(lists)} == {"taken"}
    chosen = Sighting.objects.filter(chosen=True).values_list("meter", flat=True)
    assert sorted(chosen) == sorted(Meter.objects.values_list("pk", flat=True))
    assert_numbers_hold()


def test_a_list_waits_for_whoever_holds_the_meters_of_the_company(ones: list[Concentrator]) -> None:
    with ThreadPoolExecutor(1) as pool:
        with transaction.atomic():
            hold_meters([ones[0].company_id])
            stored = pool.submit(_closing, lambda: store_list(s24(ones[0], *NAMES), NOW))
            _wait_for_a_lock()
            assert not stored.done()
        assert stored.result(30).new == 60


def test_lists_of_two_companies_do_not_wait_for_each_other(ones: list[Concentrator]) -> None:
    foreign = ConcentratorFactory.create(in_field=True)
    with ThreadPoolExecutor(1) as pool, transaction.atomic():
        hold_meters([ones[0].company_id])
        stored = pool.submit(_closing, lambda: store_list(s24(foreign, *NAMES), NOW))
        assert stored.result(30).new == 60


def _closing(work: Callable[[], Stored]) -> Stored:
    try:
        return work()
    finally:
        connection.close()


def _wait_for_a_lock() -> None:
    deadline = monotonic() + 30
    with connection.cursor() as cursor:
        while monotonic() < deadline:
            cursor.execute("SELECT EXISTS (SELECT FROM pg_locks WHERE NOT granted)")
            if cursor.fetchone() == (True,):
                return
    pytest.fail("nobody waits")
