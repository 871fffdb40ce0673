"""Meters in the lists of several concentrators: where they count, and in whose numbers (MET-4, MET-5)."""

from __future__ import annotations

from datetime import timedelta

import pytest

from concentrators.meters.lists import ListedMeter
from concentrators.meters.storing import rebuild, recount, store_list
from concentrators.models import Concentrator
from concentrators.models.meters import ConcentratorMeters, MeterConflict, MeterKind, MeterTally, Sighting
from tests.concentrators.meters.storing.lists import FAILED, HOUR, NOON, csv, s24, sighting
from tests.factories import ConcentratorFactory

pytestmark = pytest.mark.django_db
NOW = NOON + 2 * HOUR


@pytest.fixture
def one() -> Concentrator:
    return ConcentratorFactory.create(in_field=True)


@pytest.fixture
def other(one: Concentrator) -> Concentrator:
    return ConcentratorFactory.create(in_field=True, company=one.company)


def numbers(one: Concentrator) -> tuple[int, int, int]:
    counts = ConcentratorMeters.objects.get(concentrator=one)
    return counts.meters, counts.chosen, counts.in_conflict


def test_a_shared_meter_counts_once(one: Concentrator, other: Concentrator) -> None:
    store_list(s24(one, "CIR1", "CIR2"), NOW)
    store_list(s24(other, CIR1=FAILED), NOW)
    assert Sighting.objects.filter(meter__name="CIR1", chosen=True).get() == sighting(one, "CIR1")
    assert (numbers(one), numbers(other)) == ((2, 2, 1), (1, 0, 1))
    assert MeterTally.objects.get().meters == 2


def test_it_counts_elsewhere_once_it_has_failed_here(one: Concentrator, other: Concentrator) -> None:
    store_list(s24(one, "CIR1", "CIR2"), NOW)
    store_list(s24(other, CIR1=FAILED), NOW)
    store_list(s24(other, "CIR1", at=NOON + HOUR), NOW)
    store_list(s24(one, "CIR2", CIR1=FAILED, at=NOON + HOUR), NOW)
    assert Sighting.objects.filter(meter__name="CIR1", chosen=True).get() == sighting(other, "CIR1")
    assert (numbers(one), numbers(other)) == ((2, 1, 1), (1, 1, 1))


def test_it_counts_where_it_is_left(one: Concentrator, other: Concentrator) -> None:
    store_list(s24(one, "CIR1", "CIR2"), NOW)
    store_list(s24(other, CIR1=FAILED), NOW)
    store_list(s24(one, "CIR2", at=NOON + HOUR), NOW)
    assert sighting(other, "CIR1").chosen
    assert (numbers(one), numbers(other)) == ((1, 1, 0), (1, 1, 0))
    assert not MeterConflict.objects.open().exists()
    assert dict(MeterTally.objects.values_list("state", "meters")) == {2: 1, 0: 1}


def test_what_one_list_says_of_a_meter_changes_the_numbers_of_the_other(one: Concentrator, other: Concentrator) -> None:
    store_list(s24(one, "CIR1"), NOW)
    store_list(s24(other, "CIR1"), NOW)
    store_list(csv(one, ListedMeter("CIR1", kind=MeterKind.SUPERVISOR)), NOW)
    assert (numbers(one)[0], numbers(other)[0]) == (0, 0)
    assert ConcentratorMeters.objects.get(concentrator=other).supervisors == 1


def test_all_numbers_can_be_made_anew(one: Concentrator, other: Concentrator) -> None:
    store_list(csv(one, ListedMeter("CIR1", level=0, lsid=1), ListedMeter("CIR2", level=1, sid=1)), NOW)
    store_list(s24(other, "CIR1", "CIR2081000001", at=NOON - timedelta(hours=1)), NOW)
    before = [list(model.objects.values()) for model in (ConcentratorMeters, Sighting)]
    tallies = set(MeterTally.objects.values_list("kind", "state", "meters"))
    ConcentratorMeters.objects.filter(concentrator=one).update(meters=99, repeaters=99)
    ConcentratorMeters.objects.filter(concentrator=other).delete()
    MeterTally.objects.update(meters=99)
    rebuild()
    assert [list(model.objects.values()) for model in (ConcentratorMeters, Sighting)] == before
    assert set(MeterTally.objects.values_list("kind", "state", "meters")) == tallies
    assert ConcentratorMeters.objects.get(concentrator=one).repeaters == 1


def test_only_those_that_have_a_list_are_counted(one: Concentrator, other: Concentrator) -> None:
    store_list(s24(one, "CIR1"), NOW)
    ConcentratorMeters.objects.update(meters=99)
    recount([one.pk, other.pk])
    assert numbers(one) == (1, 1, 0)
    assert ConcentratorMeters.objects.count() == 1
