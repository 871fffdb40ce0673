"""Lists of meters become sightings and changes, by the rules of MET-3."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from concentrators.meters.lists import BadRow, ListedMeter
from concentrators.meters.storing import Stored, store_list
from concentrators.models import Concentrator
from concentrators.models.meters import (
    ConcentratorMeters,
    ListOutcome,
    Meter,
    MeterKind,
    MeterList,
    MeterTally,
    Sighting,
    SightingChange,
)
from tests.concentrators.meters.storing.lists import (
    ACTIVE,
    FAILED,
    FAILING,
    HOUR,
    NOON,
    a_list,
    changes,
    csv,
    s24,
    sighting,
)
from tests.factories import ConcentratorFactory

pytestmark = pytest.mark.django_db
NOW = NOON + timedelta(days=1)


@pytest.fixture
def one() -> Concentrator:
    return ConcentratorFactory.create(in_field=True)


def tallies() -> dict[tuple[str, int], int]:
    return {(row.kind, row.state): row.meters for row in MeterTally.objects.all()}


def test_the_first_list_makes_meters_and_sightings(one: Concentrator) -> None:
    stored = store_list(s24(one, "CIR0000000001", "CIR2081000001", ZIV0000000002=FAILED), NOW)
    assert stored == Stored("taken", new=3)
    kinds = dict(Meter.objects.values_list("name", "kind"))
    assert kinds == {"CIR0000000001": "customer", "CIR2081000001": "supervisor", "ZIV0000000002": "customer"}
    assert set(Meter.objects.values_list("manufacturer", flat=True)) == {"CIR", "ZIV"}
    found = sighting(one, "ZIV0000000002")
    contact = NOON - timedelta(minutes=3)
    assert (found.first_seen, found.last_seen, found.state, found.state_since) == (contact, contact, FAILED, NOON)
    assert (found.in_list, found.chosen, found.gone_at, found.listed_at) == (True, True, None, NOON)
    assert changes(one, "ZIV0000000002") == [("first", "", "")]
    counts = ConcentratorMeters.objects.get()
    assert (counts.meters, counts.active, counts.permanent, counts.supervisors, counts.chosen) == (2, 1, 1, 1, 2)
    assert tallies() == {("customer", 2): 1, ("customer", 0): 1, ("supervisor", 2): 1}


def test_a_list_that_says_nothing_new_writes_no_sighting_but_a_later_contact(one: Concentrator) -> None:
    store_list(s24(one, "CIR1", "CIR2"), NOW)
    before = sighting(one, "CIR1")
    stored = store_list(s24(one, "CIR1", "CIR2", at=NOON + HOUR), NOW)
    assert stored == Stored("taken", unchanged=2)
    after = sighting(one, "CIR1")
    assert after.last_seen == NOON + HOUR - timedelta(minutes=3)
    assert (after.listed_at, after.state_since) == (before.listed_at, before.state_since)
    assert SightingChange.objects.count() == 2
    assert ConcentratorMeters.objects.get().listed_at == NOON + HOUR


def test_an_older_list_of_the_same_source_is_kept_and_changes_nothing(one: Concentrator) -> None:
    store_list(s24(one, "CIR1"), NOW)
    stored = store_list(s24(one, "CIR2", CIR1=FAILED, at=NOON - HOUR), NOW)
    assert stored == Stored("older")
    assert sighting(one, "CIR1").state == ACTIVE
    assert Sighting.objects.count() == Meter.objects.count() == 1
    assert MeterList.objects.filter(outcome=ListOutcome.OLDER).count() == 1


def test_an_older_list_is_kept_once(one: Concentrator) -> None:
    store_list(s24(one, "CIR1"), NOW)
    older = s24(one, "CIR2", at=NOON - HOUR)
    assert [store_list(older, NOW).outcome for _ in range(3)] == ["older", "same", "same"]
    assert MeterList.objects.count() == 2


def test_the_order_is_that_of_each_source(one: Concentrator) -> None:
    store_list(s24(one, "CIR1"), NOW)
    assert store_list(csv(one, ListedMeter("CIR1", level=2), at=NOON - HOUR), NOW).outcome == "taken"
    assert sighting(one, "CIR1").level == 2
    assert ConcentratorMeters.objects.get().listed_at == NOON


def test_the_order_is_that_of_each_concentrator(one: Concentrator) -> None:
    other = ConcentratorFactory.create(company=one.company)
    store_list(s24(one, "CIR1"), NOW)
    assert store_list(s24(other, "CIR2", at=NOON - HOUR), NOW).outcome == "taken"


def test_the_same_file_twice_changes_nothing_at_all(one: Concentrator) -> None:
    received = s24(one, "CIR1", content="a")
    store_list(received, NOW)
    store_list(s24(one, "CIR1", CIR2=FAILED, at=NOON + HOUR), NOW)
    assert store_list(received, NOW) == Stored("same")
    assert MeterList.objects.count() == 2


def test_another_file_of_the_same_date_counts(one: Concentrator) -> None:
    store_list(s24(one, "CIR1"), NOW)
    assert store_list(s24(one, CIR1=FAILED), NOW) == Stored("taken", changed=1)


def test_a_whole_list_lets_absent_meters_leave_and_come_back(one: Concentrator) -> None:
    store_list(s24(one, "CIR1", "CIR2"), NOW)
    assert store_list(s24(one, "CIR1", at=NOON + HOUR), NOW) == Stored("taken", unchanged=1, gone=1)
    gone = sighting(one, "CIR2")
    assert (gone.in_list, gone.gone_at, gone.chosen) == (False, NOON + HOUR, False)
    assert tallies() == {("customer", 2): 1}
    assert store_list(s24(one, "CIR1", CIR2=FAILING, at=NOON + 2 * HOUR), NOW) == Stored("taken", unchanged=1, back=1)
    back = sighting(one, "CIR2")
    assert (back.in_list, back.gone_at, back.chosen, back.first_seen) == (True, None, True, gone.first_seen)
    assert changes(one, "CIR2") == [("first", "", ""), ("gone", "", ""), ("back", "", ""), ("state", "2", "1")]


def test_a_partial_list_lets_nobody_leave(one: Concentrator) -> None:
    store_list(s24(one, "CIR1", "CIR2"), NOW)
    assert store_list(csv(one, ListedMeter("CIR1"), at=NOON + HOUR), NOW) == Stored("taken", unchanged=1)
    assert sighting(one, "CIR2").in_list


def test_an_empty_whole_list_lets_all_leave(one: Concentrator) -> None:
    store_list(s24(one, "CIR1", "CIR2"), NOW)
    assert store_list(s24(one, at=NOON + HOUR), NOW) == Stored("taken", gone=2)
    counts = ConcentratorMeters.objects.get()
    assert (counts.meters, counts.chosen, counts.availability, counts.listed_at) == (0, 0, None, NOON + HOUR)
    assert not MeterTally.objects.exists()


def test_an_empty_list_is_a_list(one: Concentrator) -> None:
    assert store_list(s24(one), NOW) == Stored("taken")
    assert ConcentratorMeters.objects.get().meters == 0


def test_a_meter_whose_row_nobody_could_read_does_not_leave(one: Concentrator) -> None:
    store_list(s24(one, "CIR1", "CIR2"), NOW)
    bad = BadRow(2, "CIR2", "The state is 0, 1 or 2.", "A")
    stored = store_list(replace(s24(one, "CIR1", at=NOON + HOUR), bad_rows=[bad]), NOW)
    assert stored == Stored("taken", unchanged=1, bad=1)
    assert sighting(one, "CIR2").in_list
    assert MeterList.objects.latest("pk").bad_rows == [[2, "CIR2", "The state is 0, 1 or 2.", "A"]]


def test_last_seen_never_moves_back(one: Concentrator) -> None:
    store_list(s24(one, "CIR1"), NOW)
    row = ListedMeter("CIR1", last_seen=NOON - timedelta(days=2))
    store_list(a_list(one, row, at=NOON + HOUR), NOW)
    assert sighting(one, "CIR1").last_seen == NOON - timedelta(minutes=3)


def test_a_contact_a_little_after_the_list_counts(one: Concentrator) -> None:
    row = ListedMeter("CIR1", last_seen=NOON + timedelta(minutes=10))
    assert store_list(a_list(one, row), NOW).bad == 0
    assert sighting(one, "CIR1").last_seen == row.last_seen


@pytest.mark.parametrize("field", ["first_seen", "last_seen"])
def test_a_time_far_after_its_list_is_a_fault_and_the_rest_of_the_row_counts(one: Concentrator, field: str) -> None:
    late: dict[str, Any] = {field: NOON + timedelta(minutes=10, seconds=1)}
    row = ListedMeter("CIR1", FAILED, **late)
    assert store_list(a_list(one, row), NOW) == Stored("taken", new=1, bad=1)
    found = sighting(one, "CIR1")
    assert (found.state, found.last_seen, found.first_seen) == (FAILED, None, NOON)
    assert MeterList.objects.get().bad_rows[0][:3] == [1, "CIR1", "The time lies after the date of the list."]


def test_first_seen_is_the_earliest_contact_that_is_known(one: Concentrator) -> None:
    store_list(s24(one, "CIR1"), NOW)
    early = NOON - timedelta(days=30)
    store_list(csv(one, ListedMeter("CIR1", first_seen=early), at=NOON + HOUR), NOW)
    store_list(csv(one, ListedMeter("CIR1", first_seen=early + HOUR), at=NOON + 2 * HOUR), NOW)
    assert sighting(one, "CIR1").first_seen == early


def test_a_cell_that_says_nothing_changes_nothing(one: Concentrator) -> None:
    told = ListedMeter("CIR1", ACTIVE, active=True, level=1, repeater="CIR9", lnid=5, sid=6, phase="L1", snr=2.5)
    store_list(csv(one, told), NOW)
    assert store_list(csv(one, ListedMeter("CIR1"), at=NOON + HOUR), NOW) == Stored("taken", unchanged=1)
    found = sighting(one, "CIR1")
    assert (found.state, found.active, found.level, found.repeater) == (ACTIVE, True, 1, "CIR9")
    assert (found.lnid, found.sid, found.phase, found.snr) == (5, 6, "L1", 2.5)


def test_each_change_of_state_level_and_repeater_is_a_row(one: Concentrator) -> None:
    store_list(csv(one, ListedMeter("CIR1", ACTIVE)), NOW)
    told = ListedMeter("CIR1", FAILED, level=0, repeater="CIR9", lnid=7)
    store_list(csv(one, told, at=NOON + HOUR), NOW)
    store_list(csv(one, replace(told, level=3), at=NOON + 2 * HOUR), NOW)
    assert sorted(changes(one, "CIR1")[1:4]) == [("level", "", "0"), ("repeater", "", "CIR9"), ("state", "2", "0")]
    assert changes(one, "CIR1")[4:] == [("level", "0", "3")]
    assert sighting(one, "CIR1").state_since == NOON + HOUR


def test_of_a_meter_that_stands_twice_the_first_row_counts(one: Concentrator) -> None:
    rows = [ListedMeter("CIR1", ACTIVE), ListedMeter("CIR1", FAILED)]
    assert store_list(a_list(one, *rows), NOW) == Stored("taken", new=1, bad=1)
    assert sighting(one, "CIR1").state == ACTIVE


@pytest.mark.parametrize("name", ["", "cir1", "CIR 1", "X" * 33, "CIR1\n", "É1"])
def test_a_name_that_is_none_makes_no_meter(one: Concentrator, name: str) -> None:
    assert store_list(a_list(one, ListedMeter(name), ListedMeter("CIR1")), NOW) == Stored("taken", new=1, bad=1)


def test_a_list_of_a_clock_far_ahead_does_not_make_later_ones_older(one: Concentrator) -> None:
    ahead = s24(one, "CIR1", at=NOON + timedelta(days=20_000))
    assert store_list(ahead, NOW).outcome == "taken"
    assert store_list(ahead, NOW + HOUR) == Stored("same")
    assert ConcentratorMeters.objects.get().listed_at == NOW
    assert store_list(s24(one, CIR1=FAILED, at=NOW + HOUR), NOW + HOUR) == Stored("taken", changed=1)


@pytest.mark.parametrize("state", ["available", "removed"])
def test_a_concentrator_that_is_not_in_field_still_has_its_list(state: str) -> None:
    one = ConcentratorFactory.create(state=state)
    assert store_list(s24(one, "CIR1"), NOW) == Stored("taken", new=1)
    assert sighting(one, "CIR1").chosen


def test_two_companies_may_have_meters_of_the_same_name(one: Concentrator) -> None:
    other = ConcentratorFactory.create(in_field=True)
    store_list(s24(one, "CIR1"), NOW)
    store_list(s24(other, CIR1=FAILED), NOW)
    assert Meter.objects.filter(name="CIR1").count() == 2
    assert (sighting(one, "CIR1").state, sighting(other, "CIR1").state) == (ACTIVE, FAILED)
    assert set(Sighting.objects.values_list("company", "chosen")) == {
        (one.company_id, True),
        (other.company_id, True),
    }
    assert set(MeterTally.objects.values_list("company", "meters")) == {(one.company_id, 1), (other.company_id, 1)}


def test_what_the_master_file_says_of_a_meter_stays(one: Concentrator) -> None:
    names = {"name": "CIR2081000001", "company": one.company, "created_at": NOON}
    Meter.objects.create(**names, kind=MeterKind.CUSTOMER, type="T1", in_master_since=NOON)
    told = ListedMeter("CIR2081000001", kind=MeterKind.SUPERVISOR, type="T2", manufacturer="CIR")
    store_list(csv(one, told), NOW)
    meter = Meter.objects.get()
    assert (meter.kind, meter.type, meter.manufacturer) == ("customer", "T1", "CIR")


def test_what_a_list_says_of_a_meter_moves_its_tally(one: Concentrator) -> None:
    store_list(s24(one, "CIR1", "CIR2"), NOW)
    told = ListedMeter("CIR1", kind=MeterKind.SUPERVISOR, type="T2")
    store_list(csv(one, told, at=NOON + HOUR), NOW)
    assert tallies() == {("customer", 2): 1, ("supervisor", 2): 1}
    counts = ConcentratorMeters.objects.get()
    assert (counts.meters, counts.supervisors, counts.chosen) == (1, 1, 1)


def test_2000_meters_are_one_list(one: Concentrator) -> None:
    names = [f"CIR{number:010}" for number in range(2_000)]
    assert store_list(s24(one, *names), NOW) == Stored("taken", new=2_000)
    assert store_list(s24(one, *names, at=NOON + HOUR), NOW) == Stored("taken", unchanged=2_000)
    assert store_list(s24(one, *names[:1_000], at=NOON + 2 * HOUR), NOW) == Stored("taken", unchanged=1_000, gone=1_000)
