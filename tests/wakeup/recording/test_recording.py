"""Who is recorded, who is a stray, and on which reporting day (LIS-1, LIS-6, REP-5)."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from concentrators.models import Concentrator, ConcentratorType, KindRule
from profiles.models import SystemSettings
from smmeplus.dlms.kinds import WAKEUPS, Kind, KindKey
from tests.factories import CompanyFactory, ConcentratorFactory
from tests.smmeplus.dlms.vectors import GOOD, Vector
from tests.wakeup.formats.whole import read_whole
from wakeup.listener.connections.pieces import arrival_of
from wakeup.models import CountingZone, DailyCount, Format, Message, StrayFrame, StrayReason, WakeupTotal
from wakeup.models.strays import Stray
from wakeup.recording.arrivals import Arrival, Recorded
from wakeup.recording.recorder import record

pytestmark = pytest.mark.django_db

NOON = datetime(2020, 9, 23, 12, tzinfo=UTC)


def arrival(serial: str, at: datetime = NOON, kind: Kind = Kind.KEEPALIVE, **facts: Any) -> Arrival:
    return Arrival(serial, kind, Format.PUSH, at, "10.60.0.10", 58_692, **facts)


def malformed(sender: str, at: datetime = NOON, detail: str = "too short") -> Stray:
    return Stray(StrayReason.MALFORMED, sender, at, sender, b"\x00", detail)


@pytest.mark.parametrize("vector", GOOD, ids=lambda vector: vector.name)
def test_each_vector_is_recorded_with_its_facts(vector: Vector) -> None:
    concentrator = ConcentratorFactory.create(
        serial_number=vector.serial, company=CompanyFactory.create(time_zone="America/Santiago")
    )
    notice = read_whole(vector.frame)
    record([arrival_of(notice, vector.frame, NOON, "10.60.0.10", 58_692)])
    message = Message.objects.get()
    assert message.concentrator == concentrator
    assert (message.kind, message.device_time) == (vector.kind, vector.moment)
    assert (message.received_at, message.source_ip, message.port) == (NOON, "10.60.0.10", 58_692)
    assert message.format == notice.format
    assert vector.kind is not None
    assert WakeupTotal.objects.get().wakeup_count == int(vector.kind in WAKEUPS)
    assert DailyCount.objects.count() == int(vector.kind in WAKEUPS)


def test_only_keepalive_and_boot_count_as_wakeups(in_field: Concentrator) -> None:
    record([arrival(in_field.serial_number, kind=kind) for kind in Kind])
    total = WakeupTotal.objects.get()
    assert Message.objects.count() == 4
    assert (total.wakeup_count, total.last_gasp_at) == (2, NOON)
    assert DailyCount.objects.get().wakeup_count == 2


def test_a_last_gasp_alone_leaves_no_day_and_no_address_behind(in_field: Concentrator) -> None:
    record([arrival(in_field.serial_number, kind=Kind.LASTGASP)])
    total = WakeupTotal.objects.get()
    assert (total.wakeup_count, total.first_wakeup_at, total.source_ip) == (0, None, None)
    assert not DailyCount.objects.exists()


def test_an_available_concentrator_is_recorded_too() -> None:
    concentrator = ConcentratorFactory.create()
    record([arrival(concentrator.serial_number)])
    assert Message.objects.get().concentrator == concentrator


@pytest.mark.parametrize(
    ("zone", "at", "day"),
    [
        ("America/Santiago", datetime(2020, 9, 24, 2, 59, 59, tzinfo=UTC), date(2020, 9, 23)),
        ("America/Santiago", datetime(2020, 9, 24, 3, 0, tzinfo=UTC), date(2020, 9, 24)),
        # The clocks go forward at midnight of 6 September 2020: from 23:59:59 (-04) to 01:00 (-03).
        ("America/Santiago", datetime(2020, 9, 6, 3, 59, 59, tzinfo=UTC), date(2020, 9, 5)),
        ("America/Santiago", datetime(2020, 9, 6, 4, 0, tzinfo=UTC), date(2020, 9, 6)),
        # They go back at midnight of 5 April 2020: the hour from 23:00 comes twice, both on the 4th.
        ("America/Santiago", datetime(2020, 4, 5, 3, 59, 59, tzinfo=UTC), date(2020, 4, 4)),
        ("America/Santiago", datetime(2020, 4, 5, 4, 0, tzinfo=UTC), date(2020, 4, 5)),
        ("America/Santiago", datetime(2021, 1, 1, 2, 59, 59, tzinfo=UTC), date(2020, 12, 31)),
        ("Europe/Rome", datetime(2020, 12, 31, 23, 0, tzinfo=UTC), date(2021, 1, 1)),
        ("UTC", datetime(2020, 12, 31, 23, 59, 59, 999_999, tzinfo=UTC), date(2020, 12, 31)),
    ],
)
def test_a_day_begins_at_midnight_of_the_companys_zone(zone: str, at: datetime, day: date) -> None:
    concentrator = ConcentratorFactory.create(company=CompanyFactory.create(time_zone=zone))
    record([arrival(concentrator.serial_number, at)])
    assert DailyCount.objects.get().day == day


def test_the_settings_zone_goes_before_the_companys(in_field: Concentrator) -> None:
    SystemSettings(reporting_zone="Europe/Rome").save()
    record([arrival(in_field.serial_number, datetime(2020, 9, 23, 22, tzinfo=UTC))])
    assert DailyCount.objects.get().day == date(2020, 9, 24)
    assert CountingZone.objects.get().time_zone == "Europe/Rome"


def test_a_new_zone_counts_only_after_a_rebuild(in_field: Concentrator) -> None:
    record([arrival(in_field.serial_number, datetime(2020, 9, 23, 22, tzinfo=UTC))])
    SystemSettings(reporting_zone="Europe/Rome").save()
    record([arrival(in_field.serial_number, datetime(2020, 9, 23, 22, 1, tzinfo=UTC))])
    assert [(count.day, count.wakeup_count) for count in DailyCount.objects.all()] == [(date(2020, 9, 23), 2)]


def test_unknown_and_removed_senders_are_kept_as_strays(removed: Concentrator) -> None:
    record([arrival("NOSUCH1", raw=b"\x01\x02"), arrival(removed.serial_number)])
    assert not Message.objects.exists()
    strays = {stray.sender: stray for stray in StrayFrame.objects.all()}
    assert strays["NOSUCH1"].reason == StrayReason.UNKNOWN
    assert bytes(strays["NOSUCH1"].last_bytes) == b"\x01\x02"
    assert strays[removed.serial_number].reason == StrayReason.REMOVED


def test_strays_of_one_sender_are_counted_in_one_row() -> None:
    record([arrival("NOSUCH1", NOON + timedelta(minutes=minutes)) for minutes in range(3)])
    record([arrival("NOSUCH1", NOON + timedelta(hours=1), Kind.BOOT)], [malformed("10.9.9.9")])
    unknown = StrayFrame.objects.get(reason=StrayReason.UNKNOWN)
    assert (unknown.count, unknown.first_at, unknown.last_at) == (4, NOON, NOON + timedelta(hours=1))
    assert unknown.detail == "boot"
    assert StrayFrame.objects.get(reason=StrayReason.MALFORMED).detail == "too short"


def test_what_an_operator_ignores_stays_ignored_and_is_still_counted() -> None:
    record([arrival("NOSUCH1")])
    StrayFrame.objects.update(ignored=True)
    record([arrival("NOSUCH1")])
    stray = StrayFrame.objects.get()
    assert (stray.ignored, stray.count) == (True, 2)


def test_a_long_detail_is_cut_and_not_refused() -> None:
    record([], [malformed("10.9.9.9", detail="x" * 1_000)])
    assert len(StrayFrame.objects.get().detail) == 200


def test_the_queries_of_a_batch_do_not_grow_with_it(in_field: Concentrator, django_assert_max_num_queries: Any) -> None:
    record([arrival(in_field.serial_number)])
    with django_assert_max_num_queries(16):
        record([arrival(in_field.serial_number) for _ in range(400)])
    assert WakeupTotal.objects.get().wakeup_count == 401


def test_what_a_sign_means_may_differ_by_type_of_concentrator(in_field: Concentrator) -> None:
    other = ConcentratorFactory.create(type=ConcentratorType.objects.create(name="OTHER"), company=in_field.company)
    KindRule.objects.create(type=other.type, sign="code 7", kind=Kind.LASTGASP)
    code_7 = KindKey(code=7)
    record([arrival(one.serial_number, kind=Kind.OTHER, kind_key=code_7) for one in (in_field, other)])
    assert dict(Message.objects.values_list("concentrator__serial_number", "kind")) == {
        in_field.serial_number: Kind.OTHER,
        other.serial_number: Kind.LASTGASP,
    }
    record([arrival(other.serial_number, kind=Kind.BOOT, kind_key=KindKey(code=2))])
    assert Message.objects.filter(kind=Kind.BOOT).exists()


def test_it_says_what_became_of_a_batch(in_field: Concentrator) -> None:
    recorded = record(
        [arrival(in_field.serial_number), arrival(in_field.serial_number), arrival("NOBODY1")],
        [malformed("10.0.0.1"), malformed("10.0.0.1")],
    )
    assert recorded.messages == {(Kind.KEEPALIVE, Format.PUSH): 2}
    assert recorded.strays == {StrayReason.UNKNOWN: 1, StrayReason.MALFORMED: 2}
    assert record([]) == Recorded()
