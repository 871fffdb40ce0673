"""When a concentrator is late, unreachable, or not to be computed (STA-1, STA-2)."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from concentrators.models import Concentrator, Watch
from profiles.models import SystemSettings
from tests.factories import ConcentratorFactory, SpontaneousProfileFactory
from tests.reports.arrivals import utc
from wakeup.models import WakeupTotal
from wakeup.monitoring.expected.rules import OutOfServiceSpan
from wakeup.monitoring.status.rules import ComputedStatus, Facts, Status, StatusReason, Timing, status_of

TIMING = Timing()
INSTALLED = utc("2020-09-20 00:00")
LAST = utc("2020-09-24 10:00")
TEN, DAY = timedelta(minutes=10), timedelta(days=1)
TINY = timedelta(microseconds=1)
FACTS = Facts(INSTALLED, INSTALLED, TEN, LAST)


def at(clock: str) -> datetime:
    return utc(f"2020-09-24 {clock}")


def facts(**changes: object) -> Facts:
    values = {name: getattr(FACTS, name) for name in Facts.__slots__}
    return Facts(**{**values, **changes})


def status(facts: Facts, now: datetime) -> Status | None:
    return status_of(facts, now, TIMING).status


@pytest.mark.parametrize(
    ("now", "found", "since"),
    [
        ("10:00:00", Status.REACHABLE, None),
        ("10:11:00", Status.REACHABLE, None),
        ("10:11:00.000001", Status.LATE, "10:11:00"),
        ("10:14:00", Status.LATE, "10:11:00"),
        ("10:14:00.000001", Status.UNREACHABLE, "10:14:00"),
        ("23:59:59", Status.UNREACHABLE, "10:14:00"),
    ],
)
def test_silence_makes_late_and_then_unreachable_at_the_true_time(now: str, found: Status, since: str | None) -> None:
    reason = StatusReason.MESSAGE if found is Status.REACHABLE else StatusReason.SILENCE
    assert status_of(FACTS, at(now), TIMING) == ComputedStatus(found, at(since) if since else None, at("10:10"), reason)


def test_the_retries_and_the_margin_are_those_of_the_settings() -> None:
    assert Timing.of(SystemSettings()) == TIMING
    settings = SystemSettings(retry_count=5, retry_interval_s=30, margin_s=10)
    assert Timing.of(settings) == Timing(timedelta(seconds=10), timedelta(seconds=160))


@pytest.mark.parametrize(
    ("clock", "found"),
    [
        ("00:00", Status.NEVER_CALLED),
        ("00:14", Status.NEVER_CALLED),
        ("00:14:00.000001", Status.UNREACHABLE),
    ],
)
@pytest.mark.parametrize("before", [None, INSTALLED - TINY])
def test_one_that_never_called_is_never_late(clock: str, found: Status, before: datetime | None) -> None:
    computed = status_of(facts(last_wakeup_at=before), utc(f"2020-09-20 {clock}"), TIMING)
    assert (computed.status, computed.due_at, computed.reason) == (
        found,
        INSTALLED + TEN,
        StatusReason.NEVER_CALLED,
    )


def test_a_wakeup_at_the_instant_of_the_installation_is_one() -> None:
    assert status(facts(last_wakeup_at=INSTALLED), INSTALLED) is Status.REACHABLE


def test_a_last_gasp_makes_unreachable_at_once() -> None:
    computed = status_of(facts(last_gasp_at=at("10:03")), at("10:03"), TIMING)
    assert computed == ComputedStatus(Status.UNREACHABLE, at("10:03"), at("10:10"), StatusReason.POWER)


@pytest.mark.parametrize(
    ("gasp", "found"),
    [
        (LAST - TINY, Status.REACHABLE),
        (LAST, Status.UNREACHABLE),
        (INSTALLED - TINY, Status.REACHABLE),
    ],
)
def test_only_a_wakeup_after_the_last_gasp_takes_it_back(gasp: datetime, found: Status) -> None:
    assert status(facts(last_gasp_at=gasp), at("10:05")) is found


@pytest.mark.parametrize(
    ("gasp", "reason"), [(INSTALLED, StatusReason.POWER), (INSTALLED - TINY, StatusReason.NEVER_CALLED)]
)
def test_a_last_gasp_before_the_installation_says_nothing(gasp: datetime, reason: StatusReason) -> None:
    computed = status_of(facts(last_wakeup_at=None, last_gasp_at=gasp), INSTALLED + TEN, TIMING)
    assert computed.reason == reason


def test_nothing_is_said_of_what_is_not_in_field() -> None:
    assert status_of(Facts(), LAST, TIMING) == ComputedStatus()


def test_without_wakeup_it_is_disabled_since_it_got_that_profile() -> None:
    computed = status_of(facts(period=None, silent_from=LAST, last_gasp_at=LAST), at("12:00"), TIMING)
    assert computed == ComputedStatus(Status.DISABLED, LAST, None, StatusReason.PROFILE)


@pytest.mark.parametrize(
    ("now", "found"),
    [
        ("10:29:59.999999", Status.UNREACHABLE),
        ("10:30", Status.OUT_OF_SERVICE),
        ("11:59:59.999999", Status.OUT_OF_SERVICE),
        ("12:00", Status.UNREACHABLE),
    ],
)
def test_out_of_service_goes_before_everything_and_makes_nobody_reachable(now: str, found: Status) -> None:
    outs = [OutOfServiceSpan(at("10:30"), at("12:00"))]
    assert status(facts(outs=outs), at(now)) is found


def test_after_its_time_out_of_service_it_is_unreachable_since_then() -> None:
    computed = status_of(facts(outs=[OutOfServiceSpan(at("10:30"), at("12:00"))]), at("12:30"), TIMING)
    assert (computed.since, computed.due_at) == (at("12:00"), at("11:40"))


@pytest.mark.parametrize(
    ("now", "found"),
    [("12:06", Status.REACHABLE), ("12:09", Status.LATE), ("12:09:00.000001", Status.UNREACHABLE)],
)
def test_while_it_is_out_of_service_the_clock_of_its_silence_stands_still(now: str, found: Status) -> None:
    computed = status_of(facts(outs=[OutOfServiceSpan(at("10:05"), at("12:00"))]), at(now), TIMING)
    assert (computed.status, computed.due_at) == (found, at("12:05"))


def test_a_time_out_of_service_to_come_changes_nothing_yet() -> None:
    assert status(facts(outs=[OutOfServiceSpan(at("11:00"), at("12:00"))]), at("10:15")) is Status.UNREACHABLE


@pytest.mark.parametrize(("now", "found"), [("20:11", Status.REACHABLE), ("20:11:00.000001", Status.LATE)])
def test_a_period_counts_from_when_it_was_written(now: str, found: Status) -> None:
    assert status(facts(silent_from=at("20:00")), at(now)) is found


def test_one_that_was_unreachable_when_its_period_changed_stays_so() -> None:
    changed = facts(period=DAY, silent_from=at("10:20"), lost_due_at=at("10:10"))
    assert status_of(changed, at("10:20"), TIMING) == ComputedStatus(
        Status.UNREACHABLE, at("10:14"), at("10:10"), StatusReason.SILENCE
    )


def test_the_next_wakeup_makes_reachable_again_after_any_change() -> None:
    called = facts(period=DAY, silent_from=at("11:00"), lost_due_at=at("10:10"), last_wakeup_at=at("11:30"))
    assert status_of(called, at("20:00"), TIMING) == ComputedStatus(
        Status.REACHABLE, None, at("11:30") + DAY, StatusReason.MESSAGE
    )


def test_a_time_out_of_service_that_was_called_off_moves_nothing() -> None:
    called_off = [OutOfServiceSpan(at("10:30"), at("10:30"))]
    assert status_of(facts(outs=called_off), at("12:00"), TIMING).since == at("10:14")


@pytest.mark.django_db
def test_the_facts_are_read_from_watch_and_total() -> None:
    profile = SpontaneousProfileFactory.create(wakeup_period=10)
    one = ConcentratorFactory.create(in_field=True, profile=profile, installed_at=INSTALLED)
    assert Facts.of(Concentrator.objects.get(), ()) == Facts(INSTALLED, INSTALLED, TEN)
    WakeupTotal.objects.create(concentrator=one, last_wakeup_at=LAST, last_gasp_at=INSTALLED)
    Watch.objects.update(silent_from=LAST, lost_due_at=at("09:00"))
    outs = [OutOfServiceSpan(INSTALLED, LAST)]
    read = Facts(INSTALLED, LAST, TEN, LAST, INSTALLED, at("09:00"), outs)
    assert Facts.of(Concentrator.objects.get(), outs) == read
    Watch.objects.update(period_min=None, void_gasp_at=INSTALLED)
    assert (Facts.of(Concentrator.objects.get(), ()).period, Facts.of(Concentrator.objects.get(), ()).last_gasp_at) == (
        None,
        None,
    )
    assert Facts.of(ConcentratorFactory.create(), ()) == Facts()


def test_every_status_has_a_label_and_a_colour() -> None:
    assert {str(one.label) for one in Status} == set(Status.values)
    assert {one.colour for one in Status} <= {"info", "success", "warning", "danger", "secondary"}
