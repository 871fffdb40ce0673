"""The demo's 30 days: what the pages show follows from them as from any messages (OPS-1, LIS-9, STA-3, STA-4)."""

from __future__ import annotations

from collections import Counter
from datetime import datetime, timedelta

import pytest
from django.db import transaction
from django.db.models import Count, Max

from concentrators.demo import CANARY
from concentrators.models import (
    Assignment,
    Company,
    Concentrator,
    Configuration,
    ConfigurationState,
    Failure,
    Outcome,
    PastWatch,
    PlannedWork,
    RollOut,
    RollOutState,
    State,
)
from profiles.models import SystemSettings
from smmeplus.demo.past import load_demo
from smmeplus.demo.scenario import serials
from smmeplus.demo.story import IN_FIELD, REMOVED_SERIAL, Story
from smmeplus.dlms.kinds import Kind
from tests.smmeplus.demo.conftest import PORT
from wakeup.counts.rebuild import rebuild
from wakeup.models import (
    ChangeReason,
    DailyCount,
    ListenerRun,
    Message,
    MinuteCount,
    Receiver,
    StatusChange,
    StrayFrame,
)
from wakeup.models.verdicts import Cause
from wakeup.monitoring.changes.watcher import watch
from wakeup.monitoring.desk import follow
from wakeup.monitoring.status.finding import of_status
from wakeup.monitoring.status.rules import Status, Timing

pytestmark = [pytest.mark.django_db, pytest.mark.one_database(in_ci=True), pytest.mark.usefixtures("past")]
STORY = Story()


def serial(index: int) -> str:
    return serials()[index]


def timing() -> Timing:
    return Timing.in_force(SystemSettings.current())


def changes_of(name: str) -> list[tuple[str, str, str]]:
    rows = StatusChange.objects.filter(concentrator__serial_number=name).order_by("at", "pk")
    return list(rows.values_list("from_status", "to_status", "reason"))


def test_60_are_in_field_on_both_profiles_and_30_in_the_store() -> None:
    fleet = Concentrator.objects.of_the_field()
    assert dict(fleet.order_by().values_list("state").annotate(Count("pk"))) == {
        State.IN_FIELD: 60,
        State.AVAILABLE: 30,
        State.REMOVED: 1,
    }
    profiles = fleet.filter(state=State.IN_FIELD).order_by().values_list("profile__name").annotate(Count("pk"))
    assert dict(profiles) == {"Wake up SMMePlus 10 min": 30, "Wake up SMMePlus 100 min": 30}


def test_totals_and_days_are_those_of_the_messages() -> None:
    (one,) = rebuild([Company.objects.get()], dry_run=True)
    assert (one.wrong_totals, one.wrong_days) == (0, 0)
    assert one.days > 60 * 28


def test_one_that_was_never_lost_has_as_many_a_day_as_its_period_asks(past: datetime) -> None:
    """But on the day on which the listener was stopped, and that on which the clocks went forward."""
    lost = StatusChange.objects.filter(to_status__in=(Status.UNREACHABLE, Status.OUT_OF_SERVICE))
    usual = Concentrator.objects.filter(serial_number__in=serials()[:14]).exclude(pk__in=lost.values("concentrator"))
    whole = DailyCount.objects.filter(
        concentrator__in=usual, day__gt=(past - timedelta(days=29)).date(), day__lt=(past - timedelta(days=1)).date()
    )
    counts = Counter(whole.values_list("wakeup_count", flat=True))
    assert usual
    assert set(counts) <= set(range(137, 146))
    assert counts[144] > 20 * len(usual)


def test_the_profiles_were_assigned_before_the_first_message(past: datetime) -> None:
    of_field = Message.objects.filter(concentrator__is_canary=False)
    first = of_field.earliest("received_at").received_at
    assert past - timedelta(days=30) == Assignment.objects.earliest("begin").begin < first
    assert Message.objects.latest("received_at").received_at <= past + timedelta(seconds=1)
    assert Assignment.objects.filter(end__isnull=True).count() == IN_FIELD


def test_who_is_silent_is_unreachable_and_the_rest_is_not(past: datetime) -> None:
    in_field = Concentrator.objects.of_the_field().filter(state=State.IN_FIELD)
    lost = set(of_status(in_field, Status.UNREACHABLE, past, timing()).values_list("serial_number", flat=True))
    dark = set(
        Concentrator.objects.filter(feeder="N4-F1", state=State.IN_FIELD).values_list("serial_number", flat=True)
    )
    assert len(dark) == 3
    assert lost == {serial(index) for index, _at in STORY.silent} | dark | {serial(STORY.newcomer)}
    out = of_status(in_field, Status.OUT_OF_SERVICE, past, timing())
    assert [one.serial_number for one in out] == [serial(STORY.out_of_service)]
    assert not of_status(in_field, Status.LATE, past, timing())


def test_changes_have_their_reasons_and_verdicts() -> None:
    found = Counter(StatusChange.objects.values_list("to_status", "reason", "verdict"))
    assert found[Status.UNREACHABLE, ChangeReason.LAST_GASP, Cause.FIELD] >= 12
    assert found[Status.UNREACHABLE, ChangeReason.LAST_GASP, Cause.OK] == 6
    assert found[Status.UNREACHABLE, ChangeReason.SILENCE, Cause.OK] > 30
    assert found[Status.LATE, ChangeReason.SILENCE, Cause.OUR_SIDE] > 20
    assert not found[Status.UNREACHABLE, ChangeReason.SILENCE, Cause.OUR_SIDE]
    assert found[Status.OUT_OF_SERVICE, ChangeReason.OPERATOR, Cause.OK] == 1
    assert not PastWatch.objects.exists()


def test_the_pages_recorded_status_is_the_one_that_facts_give(past: datetime) -> None:
    """What watches say was recorded, so that a watcher that begins now finds nothing to change."""
    before = StatusChange.objects.count()
    watch(past + timedelta(seconds=10))
    assert StatusChange.objects.count() == before


def test_the_silent_ones_have_been_lost_once_and_since_then() -> None:
    for index, _at in STORY.silent:
        assert changes_of(serial(index))[-2:] == [
            ("reachable", "late", "silence"),
            ("late", "unreachable", "silence"),
        ]


def test_one_roll_out_is_over_with_one_failure_and_one_runs() -> None:
    done = RollOut.objects.get(action="modification")
    assert (done.state, done.size, done.current_wave) == (RollOutState.DONE, 16, 2)
    assert Counter(done.members.values_list("outcome", flat=True)) == {Outcome.CONFIRMED: 15, Outcome.FAILED: 1}
    assert RollOut.objects.exclude(state=RollOutState.DONE).get().size == 1


def test_configurations_are_confirmed_but_three() -> None:
    found = {
        one.concentrator.serial_number: (one.state, one.failure)
        for one in Configuration.objects.filter(profile__isnull=False)
        .exclude(state=ConfigurationState.CONFIRMED)
        .select_related("concentrator")
    }
    assert found == {
        serial(STORY.refuses): (ConfigurationState.FAILED, Failure.REFUSED),
        serial(STORY.drifts): (ConfigurationState.DRIFTED, ""),
        serial(STORY.newcomer): (ConfigurationState.FAILED, Failure.OTHER_DEVICE),
    }
    other = Configuration.objects.exclude(other_serial="").get()
    assert other.other_serial == serial(STORY.newcomer_is)


def test_unknown_senders_have_many_reasons_and_the_removed_one_still_sends() -> None:
    found = Counter(StrayFrame.objects.values_list("reason", flat=True))
    assert found == {"removed": 1, "unknown": 2, "malformed": 2, "ciphered": 1, "nameless": 1, "junk": 1}
    removed = StrayFrame.objects.get(reason="removed")
    assert (removed.sender, removed.count > 1_000) == (REMOVED_SERIAL, True)
    assert removed.last_at > StrayFrame.objects.aggregate(at=Max("last_at"))["at"] - timedelta(hours=1)


def test_the_last_day_is_counted_by_the_minute(past: datetime) -> None:
    minutes = MinuteCount.objects.filter(minute__gte=past - timedelta(hours=23))
    assert minutes.count() >= 23 * 60
    expected = minutes.latest("minute").expected
    assert expected == pytest.approx(29 / 10 + 30 / 100)  # one is out of service
    came = sum(minutes.values_list("wakeups", flat=True)) / minutes.count()
    assert 0.75 * expected < came < expected


def test_one_failure_of_supply_was_planned_and_more_work_is_to_come(past: datetime) -> None:
    first, second = PlannedWork.objects.order_by("begin")
    assert first.begin < past - timedelta(hours=STORY.planned.outage.begin) < first.end < past
    assert past < second.begin < past + timedelta(days=2)
    assert second.windows.count() == 8
    lost = StatusChange.objects.filter(
        to_status=Status.UNREACHABLE, reason=ChangeReason.LAST_GASP, at__range=(first.begin, first.end)
    )
    assert set(lost.values_list("concentrator__feeder", flat=True)) == {first.feeder}


def test_somebody_is_told_of_what_is_open_and_nothing_leaves_the_machine(past: datetime) -> None:
    """The watcher of `make run` begins with the outages, the incidents and then the notifications."""
    (receiver,) = Receiver.objects.all()
    assert receiver.address.endswith(".example")
    with transaction.atomic():
        follow(past + timedelta(minutes=1))
        follow(past + timedelta(minutes=40))
        assert receiver.deliveries.exists()
        transaction.set_rollback(True)


def test_messages_come_from_addresses_of_this_machine_to_its_listener() -> None:
    assert set(Message.objects.values_list("port", flat=True)) == {PORT}
    assert not Message.objects.exclude(source_ip__startswith="127.")
    assert Message.objects.filter(kind=Kind.LASTGASP).count() > 20
    assert Message.objects.filter(concentrator__serial_number=CANARY).count() >= 24 * 60
    assert not ListenerRun.objects.filter(ended_at=None)


def test_a_second_past_is_never_added(past: datetime) -> None:
    before = Message.objects.count()
    assert not load_demo(now=past + timedelta(days=1), port=PORT)
    assert Message.objects.count() == before
