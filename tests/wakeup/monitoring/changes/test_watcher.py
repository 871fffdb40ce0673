"""What a pass of the watcher finds and records (STA-3)."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from concentrators.models import Company, Concentrator, Watch
from concentrators.procedures.actions import install, modify, remove
from profiles.models import SpontaneousProfile
from smmeplus.dlms.kinds import Kind
from tests.factories import ConcentratorFactory, OutOfServiceFactory, SpontaneousProfileFactory
from tests.reports.arrivals import send, utc
from wakeup.models import Message, StatusChange, WakeupTotal
from wakeup.monitoring.changes.watcher import SETTLED, watch
from wakeup.monitoring.status.finding import of_reason, of_status
from wakeup.monitoring.status.rules import Timing

BEGIN = utc("2020-09-24 12:00")
MINUTE = timedelta(minutes=1)


@pytest.fixture
def profile(db: None) -> SpontaneousProfile:
    return SpontaneousProfileFactory.create(wakeup_period=10)


@pytest.fixture
def one(chile: Company, profile: SpontaneousProfile) -> Concentrator:
    one: Concentrator = ConcentratorFactory.create(company=chile, serial_number="ONE1")
    install(Concentrator.objects.all(), profile, user=None, now=BEGIN)
    return one


def at(clock: str) -> datetime:
    return utc(f"2020-09-24 {clock}")


def passed(clock: str) -> int:
    """A pass that sees all up to ``clock``."""
    return watch(at(clock) + SETTLED)


def told() -> list[tuple[str, str, str]]:
    changes = StatusChange.objects.order_by("pk")
    return [(f"{change.at:%H:%M:%S}", change.to_status, change.reason) for change in changes]


def test_each_change_is_told_once_with_its_true_time(one: Concentrator) -> None:
    passed("12:00")
    send(one, "2020-09-24 12:05")
    send(one, "2020-09-24 12:40")
    assert passed("12:30") == 4
    assert passed("12:30") == 0
    assert passed("12:45") == 1
    assert told() == [
        ("12:00:00", "never called", "operator"),
        ("12:05:00", "reachable", "message"),
        ("12:16:00", "late", "silence"),
        ("12:19:00", "unreachable", "silence"),
        ("12:40:00", "reachable", "message"),
    ]


def test_what_happened_while_nobody_watched_is_told_afterwards(one: Concentrator) -> None:
    for minute in (5, 13, 40, 48):
        send(one, f"2020-09-24 12:{minute:02}")
    passed("12:50")
    assert [change[:2] for change in told()] == [
        ("12:00:00", "never called"),
        ("12:05:00", "reachable"),
        ("12:24:00", "late"),
        ("12:27:00", "unreachable"),
        ("12:40:00", "reachable"),
    ]


def test_a_message_that_is_not_settled_waits_for_the_next_pass(one: Concentrator) -> None:
    send(one, "2020-09-24 12:05:01")
    assert passed("12:05") == 1
    assert passed("12:05:01") == 1


def test_a_last_gasp_is_found_before_anything_is_due(one: Concentrator) -> None:
    send(one, "2020-09-24 12:05")
    passed("12:05")
    send(one, "2020-09-24 12:06", kind=Kind.LASTGASP)
    passed("12:06")
    assert told()[-1] == ("12:06:00", "unreachable", "last gasp")
    found = of_reason(Concentrator.objects.all(), "power", at("12:07"), Timing())
    assert [one.serial_number for one in found] == ["ONE1"]


def test_a_last_gasp_that_came_in_while_no_watcher_ran_is_found_by_the_first_pass(one: Concentrator) -> None:
    Watch.objects.update(period_min=1440)
    send(one, "2020-09-24 12:05")
    passed("12:10")
    send(one, "2020-09-24 13:00", kind=Kind.LASTGASP)
    passed("15:00")
    assert told()[-1] == ("13:00:00", "unreachable", "last gasp")


def test_a_filter_finds_a_last_gasp_that_no_watcher_has_seen(one: Concentrator) -> None:
    send(one, "2020-09-24 12:05")
    passed("12:05")
    send(one, "2020-09-24 13:00")
    send(one, "2020-09-24 13:01", kind=Kind.LASTGASP)
    assert of_status(Concentrator.objects.all(), "unreachable", at("13:02"), Timing()).exists()


def test_filters_tell_the_truth_while_no_watcher_runs(one: Concentrator) -> None:
    send(one, "2020-09-24 12:05")
    passed("12:06")
    everything = Concentrator.objects.all()
    assert of_status(everything, "reachable", at("12:16"), Timing()).exists()
    assert of_status(everything, "late", at("12:17"), Timing()).exists()
    assert of_status(everything, "unreachable", at("12:20"), Timing()).exists()


def test_filters_know_that_a_time_out_of_service_puts_the_wake_up_off(one: Concentrator) -> None:
    send(one, "2020-09-24 12:05")
    passed("12:06")
    OutOfServiceFactory.create(concentrator=one, begin=at("12:06"), end=at("12:16"))
    everything = Concentrator.objects.all()
    assert of_status(everything, "reachable", at("12:20"), Timing()).exists()
    assert of_status(everything, "late", at("12:26:01"), Timing()).exists()


def test_a_message_that_has_been_pruned_is_told_by_its_counter(one: Concentrator) -> None:
    passed("12:20")
    send(one, "2020-09-24 12:30")
    Message.objects.all().delete()
    passed("12:31")
    assert told()[-1] == ("12:30:00", "reachable", "message")


def test_a_message_from_elsewhere_changes_nothing(one: Concentrator) -> None:
    passed("12:20")
    send(one, "2020-09-24 12:30")
    send(one, "2020-09-24 12:40")
    Message.objects.filter(received_at=at("12:30")).update(elsewhere=True)
    passed("12:41")
    assert told()[-1] == ("12:40:00", "reachable", "message")


def test_a_message_from_elsewhere_changes_nothing_when_a_last_gasp_is_told_again(one: Concentrator) -> None:
    send(one, "2020-09-24 12:05")
    passed("12:20")
    for clock in ("12:30", "12:40"):
        send(one, f"2020-09-24 {clock}")
    Message.objects.filter(received_at=at("12:30")).update(elsewhere=True)
    send(one, "2020-09-24 12:41", kind=Kind.LASTGASP)
    passed("12:42")
    assert told()[-2:] == [("12:40:00", "reachable", "message"), ("12:41:00", "unreachable", "last gasp")]


def test_who_calls_in_time_is_moved_on_without_a_look_at_messages(one: Concentrator) -> None:
    send(one, "2020-09-24 12:05")
    passed("12:05")
    send(one, "2020-09-24 12:15")
    Message.objects.all().delete()
    passed("12:15:30")
    found = Watch.objects.get()
    assert (found.seen_wakeup_at, found.look_at, found.next_at) == (at("12:15"), at("12:25"), at("12:26"))


def test_who_calls_in_time_is_not_moved_on_before_that_has_settled(one: Concentrator) -> None:
    """An earlier message may be committed later."""
    send(one, "2020-09-24 12:05")
    passed("12:05")
    send(one, "2020-09-24 12:15:02")
    passed("12:15:01")
    assert Watch.objects.get().seen_wakeup_at == at("12:05")
    passed("12:15:02")
    assert Watch.objects.get().seen_wakeup_at == at("12:15:02")


def test_a_last_gasp_that_was_overtaken_by_the_boot_after_it_changes_nothing(one: Concentrator) -> None:
    """By the device's own clock, which is years behind."""
    send(one, "2020-09-24 12:05", "2020-09-24 12:09")
    send(one, "2020-09-24 12:10", kind=Kind.LASTGASP)
    Message.objects.filter(received_at=at("12:09")).update(device_time=utc("2000-01-01 00:03"))
    Message.objects.filter(received_at=at("12:10")).update(device_time=utc("2000-01-01 00:01"))
    passed("12:11")
    assert told()[-1] == ("12:05:00", "reachable", "message")
    assert Watch.objects.get().void_gasp_at == at("12:10")


def test_a_last_gasp_between_two_calls_in_time_is_told(one: Concentrator) -> None:
    send(one, "2020-09-24 12:05")
    passed("12:05")
    send(one, "2020-09-24 12:06", kind=Kind.LASTGASP)
    send(one, "2020-09-24 12:10")
    passed("12:15:30")
    assert told()[-2:] == [("12:06:00", "unreachable", "last gasp"), ("12:10:00", "reachable", "message")]


def test_who_calls_several_times_after_a_silence_is_reachable_from_the_first_on(one: Concentrator) -> None:
    send(one, "2020-09-24 12:05")
    passed("12:30")
    for minute in (31, 32, 44):
        send(one, f"2020-09-24 12:{minute}")
    passed("12:44")
    assert told()[-3:] == [
        ("12:31:00", "reachable", "message"),
        ("12:43:00", "late", "silence"),
        ("12:44:00", "reachable", "message"),
    ]
    found = Watch.objects.get()
    assert (found.seen_wakeup_at, found.look_at, found.next_at) == (at("12:44"), at("12:54"), at("12:55"))


def test_who_is_late_and_calls_after_it_was_lost_was_unreachable_between(one: Concentrator) -> None:
    send(one, "2020-09-24 12:05")
    passed("12:17")
    send(one, "2020-09-24 12:19:01")
    passed("12:20")
    assert [change[:2] for change in told()[-2:]] == [("12:19:00", "unreachable"), ("12:19:01", "reachable")]


def test_a_call_in_the_instant_of_a_deadline_is_in_time(one: Concentrator) -> None:
    send(one, "2020-09-24 12:05")
    passed("12:17")
    send(one, "2020-09-24 12:19")
    passed("12:20")
    assert [change[:2] for change in told()[-2:]] == [("12:16:00", "late"), ("12:19:00", "reachable")]


def test_a_call_before_a_last_gasp_that_is_known_already_does_not_hide_it(one: Concentrator) -> None:
    """It was committed late."""
    send(one, "2020-09-24 12:05")
    passed("12:30")
    send(one, "2020-09-24 12:40", kind=Kind.LASTGASP)
    passed("12:40")
    send(one, "2020-09-24 12:35")
    passed("12:41")
    assert told()[-1] == ("12:19:00", "unreachable", "silence")
    assert Watch.objects.get().status == "unreachable"


def test_out_of_service_is_one_change_in_and_one_out(one: Concentrator) -> None:
    OutOfServiceFactory.create(concentrator=one, begin=at("12:05"), end=at("13:00"))
    send(one, "2020-09-24 12:10")
    passed("12:30")
    passed("13:01")
    assert told() == [
        ("12:00:00", "never called", "operator"),
        ("12:05:00", "out of service", "operator"),
        ("13:00:00", "reachable", "operator"),
    ]


def test_who_calls_just_before_a_time_out_of_service_is_out_all_the_same(one: Concentrator) -> None:
    send(one, "2020-09-24 12:05")
    passed("12:05")
    OutOfServiceFactory.create(concentrator=one, begin=at("12:12"), end=at("12:20"))
    send(one, "2020-09-24 12:11")
    passed("12:13")
    assert told()[-1] == ("12:12:00", "out of service", "operator")


def test_another_period_makes_nobody_reachable(one: Concentrator) -> None:
    send(one, "2020-09-24 12:05")
    passed("12:30")
    modify(Concentrator.objects.all(), SpontaneousProfileFactory.create(wakeup_period=60), user=None, now=at("12:31"))
    passed("12:40")
    assert told()[-1] == ("12:19:00", "unreachable", "silence")


def test_what_is_removed_has_no_status_any_more(one: Concentrator) -> None:
    passed("12:01")
    remove(Concentrator.objects.all(), user=None, now=at("12:30"))
    passed("12:31")
    assert told()[1:] == [("12:14:00", "unreachable", "silence"), ("12:30:00", "", "operator")]


def test_what_was_in_field_before_gets_its_status_without_a_change(one: Concentrator) -> None:
    WakeupTotal.objects.create(concentrator=one, last_wakeup_at=at("12:25"))
    Watch.objects.update(status="", status_at=None)
    assert passed("12:30") == 0
    assert Watch.objects.get().status == "reachable"
    passed("12:50")
    assert [change[:2] for change in told()] == [("12:36:00", "late"), ("12:39:00", "unreachable")]


def test_nothing_is_written_when_nothing_has_changed(one: Concentrator) -> None:
    passed("12:01")
    before = Watch.objects.values().get()
    passed("12:02")
    assert Watch.objects.values().get() == before
