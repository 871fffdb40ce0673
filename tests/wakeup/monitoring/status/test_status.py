"""When a concentrator is late, unreachable, or not to be computed (STA-1, STA-2)."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from concentrators.models import Assignment, Concentrator, OutOfService
from profiles.models import SystemSettings
from tests.factories import ConcentratorFactory, SpontaneousProfileFactory
from tests.reports.arrivals import utc
from wakeup.models import WakeupTotal
from wakeup.monitoring.expected.loading import expectations
from wakeup.monitoring.expected.rules import AssignedSpan, Expectation, OutOfServiceSpan
from wakeup.monitoring.status.rules import ComputedStatus, Facts, Status, StatusReason, Timing, status_of

TIMING = Timing()
INSTALLED = utc("2020-09-20 00:00")
LAST = utc("2020-09-24 10:00")
TEN, DAY = timedelta(minutes=10), timedelta(days=1)
TINY = timedelta(microseconds=1)
FACTS = Facts(INSTALLED, TEN, last_wakeup_at=LAST, assigned=[AssignedSpan(INSTALLED, None, TEN)])


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
        ("10:10:59.999999", Status.REACHABLE, None),
        ("10:11:00", Status.LATE, "10:11:00"),
        ("10:13:59.999999", Status.LATE, "10:11:00"),
        ("10:14:00", Status.UNREACHABLE, "10:14:00"),
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
        ("00:10:59.999999", Status.NEVER_CALLED),
        ("00:11", Status.LATE),
        ("00:14", Status.UNREACHABLE),
    ],
)
@pytest.mark.parametrize("before", [None, INSTALLED - TINY])
def test_one_that_never_called_counts_from_its_installation(clock: str, found: Status, before: datetime | None) -> None:
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
    assert status_of(facts(in_field=False), LAST, TIMING) == ComputedStatus()


def test_without_wakeup_it_is_disabled_since_it_got_that_profile() -> None:
    spans = [AssignedSpan(INSTALLED, LAST, TEN), AssignedSpan(LAST, None, None)]
    computed = status_of(facts(period=None, assigned=spans, last_gasp_at=LAST), at("12:00"), TIMING)
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
    [("12:05:59.999999", Status.REACHABLE), ("12:06", Status.LATE), ("12:09", Status.UNREACHABLE)],
)
def test_while_it_is_out_of_service_the_clock_of_its_silence_stands_still(now: str, found: Status) -> None:
    computed = status_of(facts(outs=[OutOfServiceSpan(at("10:05"), at("12:00"))]), at(now), TIMING)
    assert (computed.status, computed.due_at) == (found, at("12:05"))


def test_a_time_out_of_service_to_come_changes_nothing_yet() -> None:
    assert status(facts(outs=[OutOfServiceSpan(at("11:00"), at("12:00"))]), at("10:14")) is Status.UNREACHABLE


@pytest.mark.parametrize(
    ("now", "found"),
    [("20:00", Status.REACHABLE), ("20:10:59.999999", Status.REACHABLE), ("20:11", Status.LATE)],
)
def test_a_shorter_period_counts_from_the_change(now: str, found: Status) -> None:
    spans = [AssignedSpan(INSTALLED, at("20:00"), DAY), AssignedSpan(at("20:00"), None, TEN)]
    assert status(facts(assigned=spans), at(now)) is found


@pytest.mark.parametrize(
    ("change", "found"),
    [("10:14", Status.UNREACHABLE), ("10:13:59.999999", Status.REACHABLE)],
)
def test_a_change_of_profile_never_makes_an_unreachable_one_reachable(change: str, found: Status) -> None:
    spans = [AssignedSpan(INSTALLED, at(change), TEN), AssignedSpan(at(change), None, DAY)]
    changed = facts(period=DAY, assigned=spans)
    assert status(changed, at("20:00")) is found
    if found is Status.UNREACHABLE:
        assert status_of(changed, at("20:00"), TIMING)[1:3] == (at("10:14"), at("10:10"))


def test_the_next_wakeup_makes_reachable_again_after_any_change() -> None:
    spans = [AssignedSpan(INSTALLED, at("11:00"), TEN), AssignedSpan(at("11:00"), None, DAY)]
    called = facts(period=DAY, assigned=spans, last_wakeup_at=at("11:30"), last_gasp_at=at("10:20"))
    assert status_of(called, at("20:00"), TIMING) == ComputedStatus(
        Status.REACHABLE, None, at("11:30") + DAY, StatusReason.MESSAGE
    )


def test_a_stay_in_field_before_does_not_count() -> None:
    before = [AssignedSpan(utc("2020-09-01"), utc("2020-09-10"), TEN), AssignedSpan(INSTALLED, None, TEN)]
    silent = facts(assigned=before, last_wakeup_at=utc("2020-09-02"))
    assert status_of(silent, INSTALLED, TIMING).status is Status.NEVER_CALLED


def test_without_an_assignment_the_profile_counts_from_the_installation() -> None:
    assert status_of(facts(assigned=[]), at("10:05"), TIMING) == status_of(FACTS, at("10:05"), TIMING)


@pytest.mark.django_db
def test_the_facts_are_read_from_the_database() -> None:
    profile = SpontaneousProfileFactory.create(wakeup_period=10)
    one = ConcentratorFactory.create(in_field=True, profile=profile, installed_at=INSTALLED)
    assert Facts.of(one, expectation(one)) == Facts(INSTALLED, TEN, assigned=[], outs=[])
    WakeupTotal.objects.create(concentrator=one, last_wakeup_at=LAST, last_gasp_at=INSTALLED)
    Assignment.objects.create(concentrator=one, begin=LAST, period_min=10)
    Assignment.objects.create(concentrator=one, begin=INSTALLED, end=LAST)
    OutOfService.objects.create(concentrator=one, begin=INSTALLED, end=LAST)
    one.refresh_from_db()
    spans = [AssignedSpan(INSTALLED, LAST, None), AssignedSpan(LAST, None, TEN)]
    read = Facts(INSTALLED, TEN, True, LAST, INSTALLED, spans, [OutOfServiceSpan(INSTALLED, LAST)])
    assert Facts.of(one, expectation(one)) == read
    profile.wakeup_enabled = False
    one.profile = profile
    assert Facts.of(one, Expectation()).period is None
    assert not Facts.of(ConcentratorFactory.create(), Expectation()).in_field


def expectation(one: Concentrator) -> Expectation:
    return expectations(one.assignments.all(), one.outs_of_service.all())[one.pk]


def test_every_status_has_a_label_and_a_colour() -> None:
    assert {str(one.label) for one in Status} == set(Status.values)
    assert {one.colour for one in Status} <= {"info", "success", "warning", "danger", "secondary"}
