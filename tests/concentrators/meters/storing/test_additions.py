"""What S11, G02 and S06 add to sightings, and how it waits for them (MET-2, MET-3)."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from concentrators.meters.lists import ListedMeter, ReceivedList
from concentrators.meters.storing import Stored, store_list, store_waiting
from concentrators.models import Concentrator
from concentrators.models.meters import (
    ConcentratorMeters,
    Meter,
    MeterAvailability,
    MeterList,
    MeterSource,
    Sighting,
)
from tests.concentrators.meters.storing.lists import HOUR, NOON, a_list, changes, csv, s24, sighting
from tests.factories import ConcentratorFactory

pytestmark = pytest.mark.django_db
NOW = NOON + timedelta(days=9)
MAC, OTHER_MAC = "40402200A1B2", "40402200A1B3"
DAY = date(2026, 11, 20)


@pytest.fixture
def one() -> Concentrator:
    return ConcentratorFactory.create(in_field=True)


def s11(one: Concentrator, *rows: ListedMeter, hours: int = 0, whole: bool = True) -> ReceivedList:
    return a_list(one, *rows, source=MeterSource.S11, at=NOON + hours * HOUR, whole=whole)


def s06(one: Concentrator, *rows: ListedMeter, hours: int = 0) -> ReceivedList:
    return a_list(one, *rows, source=MeterSource.S06, at=NOON + hours * HOUR, whole=False)


def g02(one: Concentrator, *rows: ListedMeter, days: int = 0) -> ReceivedList:
    return a_list(one, *rows, source=MeterSource.G02, at=NOON + timedelta(days=days), whole=False)


def placed(mac: str = MAC, level: int = 1, sid: int = 2, lsid: int | None = 3) -> ListedMeter:
    return ListedMeter("", mac=mac, level=level, sid=sid, lsid=lsid, lnid=14001)


def waiting(one: Concentrator) -> int:
    return sum(len(rows) for rows in MeterList.objects.filter(concentrator=one).values_list("waiting", flat=True))


def test_none_of_them_makes_a_meter_or_a_sighting(one: Concentrator) -> None:
    lists = (
        s11(one, placed()),
        s06(one, ListedMeter("CIR1", mac=MAC)),
        g02(one, ListedMeter("CIR1", availability=99.0, day=DAY)),
    )
    assert [store_list(received, NOW) for received in lists] == [Stored("taken")] * 3
    assert not Meter.objects.exists()
    assert not Sighting.objects.exists()
    assert not ConcentratorMeters.objects.exists()  # none of them is a list of meters


@pytest.mark.parametrize("order", ["A6T", "AT6", "6AT", "6TA", "TA6", "T6A"])
def test_topology_joins_by_the_mac_in_whatever_order_it_comes(one: Concentrator, order: str) -> None:
    lists = {
        "A": s24(one, "CIR1", "CIR2"),
        "6": s06(one, ListedMeter("CIR1", mac=MAC, manufacturer="CIRCUTOR", type="CIRWATT")),
        "T": s11(one, placed(), placed(OTHER_MAC)),
    }
    for letter in order:
        store_list(lists[letter], NOW)
    found = sighting(one, "CIR1")
    assert (found.level, found.sid, found.lsid, found.lnid) == (1, 2, 3, 14001)
    assert (found.meter.mac, found.meter.manufacturer, found.meter.type) == (MAC, "CIRCUTOR", "CIRWATT")
    assert waiting(one) == 1  # the other MAC is nobody's


def test_topology_says_all_of_a_place(one: Concentrator) -> None:
    store_list(csv(one, ListedMeter("CIR1", mac=MAC)), NOW)
    store_list(s11(one, placed()), NOW)
    store_list(s11(one, placed(level=2, lsid=None), hours=1), NOW)
    found = sighting(one, "CIR1")
    assert (found.level, found.lsid) == (2, None)
    assert changes(one, "CIR1") == [("first", "", ""), ("level", "", "1"), ("level", "1", "2")]
    assert ConcentratorMeters.objects.get().deepest is None  # its switch is not in the list


def test_a_whole_topology_makes_what_waited_out_of_date(one: Concentrator) -> None:
    store_list(s11(one, placed(level=1)), NOW)
    store_list(s11(one, placed(OTHER_MAC), hours=1), NOW)
    store_list(csv(one, ListedMeter("CIR1", mac=MAC)), NOW)
    assert sighting(one, "CIR1").level is None
    assert waiting(one) == 1


def test_partial_lists_wait_together_and_the_newer_row_counts(one: Concentrator) -> None:
    store_list(s06(one, ListedMeter("CIR1", mac=MAC), ListedMeter("CIR2", mac="40402200A1B4")), NOW)
    store_list(s06(one, ListedMeter("CIR1", mac=OTHER_MAC), hours=1), NOW)
    store_list(s24(one, "CIR1", "CIR2"), NOW)
    assert dict(Meter.objects.values_list("name", "mac")) == {"CIR1": OTHER_MAC, "CIR2": "40402200A1B4"}
    assert waiting(one) == 0


def test_of_two_meters_with_one_mac_neither_has_the_place(one: Concentrator) -> None:
    store_list(csv(one, ListedMeter("CIR1", mac=MAC), ListedMeter("CIR2", mac=MAC)), NOW)
    store_list(s11(one, placed()), NOW)
    assert set(Sighting.objects.values_list("level", flat=True)) == {None}
    assert Meter.objects.count() == 2  # a MAC alone never merges


def test_a_meter_in_the_list_has_the_place_before_one_that_is_gone(one: Concentrator) -> None:
    store_list(csv(one, ListedMeter("CIR1", mac=MAC), ListedMeter("CIR2", mac=MAC)), NOW)
    store_list(s24(one, "CIR2", at=NOON + HOUR), NOW)
    store_list(s11(one, placed()), NOW)
    assert (sighting(one, "CIR1").level, sighting(one, "CIR2").level) == (None, 1)


def test_a_mac_that_another_concentrator_tells_ends_the_waiting(one: Concentrator) -> None:
    other = ConcentratorFactory.create(company=one.company)
    store_list(s24(one, "CIR1"), NOW)
    store_list(s24(other, "CIR1"), NOW)
    store_list(s11(one, placed()), NOW)
    store_list(s06(other, ListedMeter("CIR1", mac=MAC)), NOW)
    assert (sighting(one, "CIR1").level, sighting(other, "CIR1").level) == (1, None)


def test_a_mac_that_the_master_file_tells_ends_the_waiting(one: Concentrator) -> None:
    store_list(s24(one, "CIR1"), NOW)
    store_list(s11(one, placed()), NOW)
    Meter.objects.update(mac=MAC)
    store_waiting([one.pk], NOW)
    assert sighting(one, "CIR1").level == 1
    assert waiting(one) == 0


def test_a_mac_of_another_company_joins_nothing(one: Concentrator) -> None:
    other = ConcentratorFactory.create(in_field=True)
    store_list(csv(other, ListedMeter("CIR1", mac=MAC)), NOW)
    store_list(s24(one, "CIR1"), NOW)
    store_list(s11(one, placed()), NOW)
    assert set(Sighting.objects.values_list("level", flat=True)) == {None}


@pytest.mark.parametrize("is_first", [True, False])
def test_availability_is_that_of_the_last_day_and_of_seven(one: Concentrator, is_first: bool) -> None:
    if not is_first:
        store_list(s24(one, "CIR1", "CIR2"), NOW)
    for day, percent in enumerate([0.0, 100.0, 90.0, 80.0, 70.0, 60.0, 50.0, 40.0]):
        row = ListedMeter("CIR1", availability=percent, changes=day, day=DAY + timedelta(days=day))
        assert store_list(g02(one, row, days=day), NOW).outcome == "taken"
    if is_first:
        store_list(s24(one, "CIR1", "CIR2"), NOW)
    found = sighting(one, "CIR1")
    assert (found.availability, found.availability_7d, found.changes) == (40.0, 70.0, 7)
    assert MeterAvailability.objects.count() == 7  # the day before them is gone
    assert ConcentratorMeters.objects.get().availability == 40.0  # of those that it is known of
    assert sighting(one, "CIR2").availability is None


def test_availability_of_supervisors_is_not_that_of_meters(one: Concentrator) -> None:
    store_list(s24(one, "CIR1", "CIR2081000001"), NOW)
    rows = [ListedMeter("CIR1", availability=100.0), ListedMeter("CIR2081000001", availability=0.0)]
    assert store_list(g02(one, *rows), NOW) == Stored("taken", changed=2)
    assert ConcentratorMeters.objects.get().availability == 100.0


@pytest.mark.parametrize("percent", [-0.1, 100.1])
def test_an_availability_that_is_none_is_a_fault(one: Concentrator, percent: float) -> None:
    store_list(s24(one, "CIR1"), NOW)
    assert store_list(g02(one, ListedMeter("CIR1", availability=percent, day=DAY)), NOW).bad == 1
    assert sighting(one, "CIR1").availability is None


def test_a_day_ahead_is_a_fault_and_ends_no_other_day(one: Concentrator) -> None:
    store_list(g02(one, ListedMeter("CIR1", availability=50.0, day=DAY)), NOW)
    ahead = ListedMeter("CIR1", availability=1.0, day=date(2099, 1, 1))
    assert store_list(g02(one, ahead, days=1), NOW).bad == 1
    assert list(MeterAvailability.objects.values_list("percent", flat=True)) == [50.0]


def test_a_spreadsheet_tells_the_availability_of_its_own_day_in_the_companys_zone(one: Concentrator) -> None:
    at = NOON.replace(hour=2)  # eleven in the evening of the day before, in Santiago
    store_list(csv(one, ListedMeter("CIR1", availability=75.0), at=at), NOW)
    assert MeterAvailability.objects.get().day == date(2026, 11, 19)
    assert sighting(one, "CIR1").availability == 75.0
