"""Counting anew after messages were pruned: no count is lost, whatever the zones (OPS-4, REP-5)."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.db import transaction
from django.db.models import F, QuerySet
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from concentrators.models import Company, Concentrator
from profiles.models import SystemSettings
from smmeplus.dlms.kinds import WAKEUPS, Kind
from tests.factories import CompanyFactory, ConcentratorFactory
from tests.plugins.effort import examples
from wakeup.counts.days import begin_of
from wakeup.counts.rebuild import Rebuilt, rebuild
from wakeup.models import ClosedDay, DailyCount, Format, Message, Retention, WakeupTotal
from wakeup.recording.arrivals import Arrival
from wakeup.recording.recorder import record

pytestmark = pytest.mark.django_db

PRUNED = datetime(2020, 9, 6, tzinfo=UTC)  # at 4 o'clock of which the clocks go forward in Chile
# From 12 hours behind to 14 ahead: the same label may stand for days that have no instant in common.
ZONES = [
    "UTC",
    "America/Santiago",
    "Europe/Rome",
    "Asia/Kolkata",
    "Australia/Lord_Howe",
    "Pacific/Kiritimati",
    "Etc/GMT+12",
]


def hours(*numbers: float) -> list[datetime]:
    return [PRUNED + timedelta(hours=number) for number in numbers]


def count(concentrator: Concentrator, moments: list[datetime], kind: Kind = Kind.KEEPALIVE) -> None:
    record(
        [
            Arrival(concentrator.serial_number, kind, Format.PUSH, at, f"10.60.0.{index}", 58_692)
            for index, at in enumerate(moments)
        ]
    )


def prune(before: datetime = PRUNED) -> None:
    Message.objects.filter(received_at__lt=before).delete()
    Retention.advance(before)


def rebuild_in(company: Company, zone: str) -> None:
    SystemSettings(reporting_zone=zone).save()
    rebuild([company])


def compare(company: Company) -> Rebuilt:
    (result,) = rebuild([company], dry_run=True)
    return result


def totals() -> list[object]:
    """Without what they say of the open day, which is another one in another zone."""
    ever = ("pk", "first_wakeup_at", "last_wakeup_at", "wakeup_count", "last_gasp_at", "source_ip", "port")
    return list(WakeupTotal.objects.order_by("pk").values(*ever))


def days() -> dict[date, int]:
    return dict(DailyCount.objects.order_by("day").values_list("day", "wakeup_count"))


def test_right_counters_stay_right_when_their_messages_are_gone(in_field: Concentrator) -> None:
    silent = ConcentratorFactory.create(company=in_field.company, in_field=True)
    never = ConcentratorFactory.create(company=in_field.company, in_field=True)
    count(in_field, hours(-50, -26, -1, 2, 5, 30))
    count(in_field, hours(-20), Kind.LASTGASP)
    count(silent, hours(-50, -26))
    count(never, hours(-26), Kind.OTHER)
    before = totals(), days()
    prune()
    assert compare(in_field.company).is_right
    rebuild([in_field.company])
    assert (totals(), days()) == before


@pytest.mark.parametrize(
    ("day", "is_found"),
    [(date(2020, 9, 5), False), (date(2020, 9, 6), True), (date(2020, 9, 7), True)],
    ids=["whose begin is gone", "that begins with the pruning or after it", "later"],
)
def test_a_day_that_is_wholly_there_is_proven_by_its_messages(
    in_field: Concentrator, day: date, is_found: bool
) -> None:
    count(in_field, hours(1, 12, 36))  # in Chile the first of them is still of the day before
    before = days()
    assert sorted(before) == [date(2020, 9, 5), date(2020, 9, 6), date(2020, 9, 7)]
    prune()
    WakeupTotal.objects.all().close_days()
    ClosedDay.objects.filter(day=day).update(wakeup_count=99)
    result = compare(in_field.company)
    assert (result.wrong_days == 1) == is_found
    rebuild([in_field.company])
    assert days() == (before if is_found else before | {day: 99})
    assert WakeupTotal.objects.get().wakeup_count == sum(days().values()), "the total is the sum of the days"


def test_a_day_that_begins_at_the_instant_of_the_pruning_is_counted_anew(in_field: Concentrator) -> None:
    rebuild_in(in_field.company, "UTC")
    count(in_field, hours(0, 1))
    prune()
    WakeupTotal.objects.all().close_days()
    ClosedDay.objects.update(wakeup_count=99)
    rebuild([in_field.company])
    assert days() == {date(2020, 9, 6): 2}


def test_a_lost_total_comes_back_as_far_as_its_days_know_it(in_field: Concentrator) -> None:
    count(in_field, hours(-50, -49, -26))
    prune()
    WakeupTotal.objects.all().close_days()
    WakeupTotal.objects.all().delete()
    rebuild([in_field.company])
    total = WakeupTotal.objects.get()
    assert (total.wakeup_count, total.first_wakeup_at, total.last_wakeup_at) == (3, *hours(-50, -26))
    assert (total.source_ip, total.port) == ("10.60.0.2", None)


def test_a_wrong_total_takes_its_times_from_the_messages_where_there_are_some(in_field: Concentrator) -> None:
    count(in_field, hours(-50, 30, 40))
    count(in_field, hours(35), Kind.LASTGASP)
    before = totals()
    prune()
    WakeupTotal.objects.update(
        wakeup_count=7, last_wakeup_at=PRUNED, last_gasp_at=PRUNED + timedelta(days=9), source_ip="10.9.9.9", port=1
    )
    rebuild([in_field.company])
    assert totals() == before


def test_before_anything_is_pruned_an_extra_total_is_wrong(in_field: Concentrator) -> None:
    WakeupTotal.objects.create(concentrator=in_field, last_gasp_at=PRUNED)
    assert compare(in_field.company).wrong_totals == 1
    prune(PRUNED + timedelta(days=1))
    assert compare(in_field.company).is_right, "now it may be of a last gasp whose message is gone"


def test_after_a_change_of_zone_the_last_kept_day_has_what_is_left(in_field: Concentrator) -> None:
    rebuild_in(in_field.company, "Europe/Rome")
    count(in_field, hours(*range(-48, 72)))
    prune()
    rebuild_in(in_field.company, "America/Santiago")
    # Rome's 6 September began 2 hours before the pruning; Santiago's, 23 hours long, 4 hours after it.
    assert days() == {
        date(2020, 9, 4): 22,
        date(2020, 9, 5): 24 + 6,
        date(2020, 9, 6): 23,
        date(2020, 9, 7): 24,
        date(2020, 9, 8): 21,
    }
    last = DailyCount.objects.get(day=date(2020, 9, 5))
    assert (last.first_wakeup_at, last.last_wakeup_at, last.source_ip) == (*hours(-26, 3), "10.60.0.51")


def test_the_example_of_a_change_of_zone_is_true(in_field: Concentrator) -> None:
    ninth, tenth = date(2020, 6, 9), date(2020, 6, 10)
    pruned_before = datetime(2020, 6, 10, tzinfo=UTC)
    count(in_field, [pruned_before + timedelta(hours=number) for number in (-1, 2, 5)])
    prune(pruned_before)
    assert days() == {ninth: 2, tenth: 1}
    rebuild_in(in_field.company, "UTC")
    assert days() == {ninth: 1, tenth: 2}
    rebuild_in(in_field.company, "America/Santiago")
    assert days() == {ninth: 2, tenth: 1}


def test_what_comes_to_the_last_kept_day_begins_it_if_nothing_else_does(in_field: Concentrator) -> None:
    count(in_field, hours(-21, 3, 4, 21, 22))
    prune()
    rebuild_in(in_field.company, "Europe/Rome")
    assert list(DailyCount.objects.order_by("day").values_list("day", "first_wakeup_at", "last_wakeup_at")) == [
        (date(2020, 9, 4), *hours(-21, -21)),
        (date(2020, 9, 5), *hours(3, 3)),
        (date(2020, 9, 6), *hours(4, 21)),
        (date(2020, 9, 7), *hours(22, 22)),
    ]


def test_a_day_that_knew_only_its_last_takes_its_first_from_the_messages_that_are_left(in_field: Concentrator) -> None:
    rebuild_in(in_field.company, "Europe/Rome")
    count(in_field, hours(1, 2, 5))
    prune()
    WakeupTotal.objects.all().close_days()
    ClosedDay.objects.update(first_wakeup_at=F("last_wakeup_at"))
    rebuild_in(in_field.company, "America/Santiago")
    assert list(DailyCount.objects.order_by("day").values_list("day", "first_wakeup_at", "last_wakeup_at")) == [
        (date(2020, 9, 5), *hours(1, 2)),
        (date(2020, 9, 6), *hours(5, 5)),
    ]


MOMENTS = st.lists(st.integers(-80, 100).map(lambda n: n * 3_540), max_size=25)  # seconds, a little under an hour


@example([], [38_940, 49_560], ["Etc/GMT+12", "Europe/Rome", "UTC"], [1])
@given(MOMENTS, MOMENTS, st.lists(st.sampled_from(ZONES), min_size=2, max_size=4), st.lists(st.integers(0, 60)))
@settings(max_examples=examples(50, 6), suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_no_change_of_zones_and_no_pruning_loses_or_doubles_a_wakeup(
    one: list[int], other: list[int], zones: list[str], later: list[int]
) -> None:
    with transaction.atomic():
        company = CompanyFactory.create(time_zone=zones[0])
        sent = {ConcentratorFactory.create(company=company): moments for moments in (one, other)}
        for concentrator, moments in sent.items():
            count(concentrator, [PRUNED + timedelta(seconds=each) for each in moments])
        before = totals()
        pruned = PRUNED
        prune(pruned)
        for zone, hours_later in zip(zones, [0, *later, 0, 0, 0], strict=False):
            rebuild_in(company, zone)
            assert totals() == before
            assert_sums_and_days(sent, pruned, ZoneInfo(zone))
            assert compare(company).is_right
            pruned += timedelta(hours=hours_later)
            prune(pruned)
            assert compare(company).is_right, "also when more was pruned meanwhile"
        transaction.set_rollback(True)


def assert_sums_and_days(sent: dict[Concentrator, list[int]], pruned: datetime, zone: ZoneInfo) -> None:
    for concentrator, moments in sent.items():
        stored = DailyCount.objects.filter(concentrator=concentrator)
        counted = dict(stored.values_list("day", "wakeup_count"))
        assert sum(counted.values()) == len(moments)
        assert_first(stored, [PRUNED + timedelta(seconds=each) for each in moments], pruned, zone)
        local = Counter((PRUNED + timedelta(seconds=each)).astimezone(zone).date() for each in moments)
        whole = {day: n for day, n in local.items() if begin_of(day, zone) >= pruned}
        assert {day: n for day, n in counted.items() if begin_of(day, zone) >= pruned} == whole


def assert_first(stored: QuerySet[DailyCount], moments: list[datetime], pruned: datetime, zone: ZoneInfo) -> None:
    """Each day begins with a wake-up, after those before it; a whole day with its own first."""
    firsts = dict(stored.order_by("day").values_list("day", "first_wakeup_at"))
    assert list(firsts.values()) == sorted(set(firsts.values()) & set(moments))
    assert min(firsts.values(), default=None) == min(moments, default=None)
    assert not stored.filter(first_wakeup_at__gt=F("last_wakeup_at"))
    for day, first in firsts.items():
        if begin_of(day, zone) >= pruned:
            assert first == min(moment for moment in moments if moment.astimezone(zone).date() == day)


def test_a_last_kept_day_of_which_no_message_is_left_keeps_its_time(in_field: Concentrator) -> None:
    rebuild_in(in_field.company, "Europe/Rome")
    count(in_field, hours(-2, -1, 5))
    before = totals()
    prune()
    rebuild_in(in_field.company, "America/Santiago")
    assert days() == {date(2020, 9, 5): 2, date(2020, 9, 6): 1}
    assert set(DailyCount.objects.values_list("last_wakeup_at", flat=True)) == set(hours(5))
    assert totals() == before


def test_every_wakeup_kind_counts() -> None:
    assert {Kind.KEEPALIVE, Kind.BOOT} == set(WAKEUPS), "else the tests above would have to send more kinds"
