"""What makes an outage, when it began and ended, and how well that is known (STA-5)."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db.models import F

from concentrators.models import (
    Company,
    Concentrator,
    PlannedWindow,
    PlannedWork,
    PowerFailure,
    PowerLog,
)
from concentrators.procedures.actions import remove
from profiles.models import SpontaneousProfile
from smmeplus.dlms.kinds import Kind
from tests.factories import OutOfServiceFactory, SpontaneousProfileFactory
from tests.wakeup.monitoring.outages.story import at, installed, passed, say, told
from wakeup.models import DeskProgress, Incident, Outage, StatusChange, VerdictSpan
from wakeup.monitoring.changes.watcher import SETTLED, watch
from wakeup.monitoring.outages import recording
from wakeup.monitoring.outages.recording import record_outages

BOOT, KEEPALIVE, GASP = Kind.BOOT, Kind.KEEPALIVE, Kind.LASTGASP


@pytest.fixture
def profile(db: None) -> SpontaneousProfile:
    return SpontaneousProfileFactory.create(wakeup_period=10)


@pytest.fixture
def one(chile: Company, profile: SpontaneousProfile) -> Concentrator:
    """It has called at 12:05."""
    one = installed(chile, profile, customers=70, feeder="F1", substation="S")
    say(one, KEEPALIVE, "12:05")
    return one


def test_a_last_gasp_and_a_boot_make_a_measured_outage(one: Concentrator) -> None:
    say(one, GASP, "12:10")
    passed("12:12")
    assert told() == [("12:10", "", "", "inferred", "power")]
    say(one, BOOT, "12:40")
    passed("12:45")
    assert told() == [("12:10", "12:40", "boot", "measured", "power")]
    outage = Outage.objects.get()
    assert (outage.company_id, outage.customers, outage.is_announced) == (one.company_id, 70, True)
    assert outage.earliest_at == outage.latest_at == outage.noticed_at == at("12:10")


def test_a_cause_that_an_operator_said_of_its_incident_stays(one: Concentrator, chile: Company) -> None:
    passed("12:30")
    begin = Outage.objects.get().began_at
    times = dict.fromkeys(("began_at", "window_from", "window_until", "opened_at"), begin)
    said = Incident.objects.create(company=chile, scope="feeder", cause="communication", is_cause_said=True, **times)
    Outage.objects.update(incident=said, cause="communication")
    say(one, BOOT, "12:40")
    passed("12:45")
    assert [row[-2:] for row in told()] == [("restored", "communication")]


def test_a_silence_began_between_the_last_wake_up_and_the_next_that_was_due(one: Concentrator) -> None:
    passed("12:30")
    outage = Outage.objects.get()
    assert (outage.earliest_at, outage.began_at, outage.latest_at) == (at("12:05"), at("12:10"), at("12:15"))
    assert outage.noticed_at == at("12:19")
    assert told() == [("12:10", "", "", "inferred", "undecided")]


@pytest.mark.parametrize(
    ("kind", "quality", "cause"), [(BOOT, "restored", "power"), (KEEPALIVE, "inferred", "communication")]
)
def test_what_ends_a_silence_says_what_it_was(one: Concentrator, kind: Kind, quality: str, cause: str) -> None:
    say(one, kind, "13:00")
    passed("13:01")
    assert told() == [("12:10", "13:00", kind.word, quality, cause)]


def test_who_calls_on_after_a_gasp_had_lost_its_power_for_a_short_time(one: Concentrator) -> None:
    say(one, GASP, "12:10")
    say(one, KEEPALIVE, "12:15")
    passed("12:20")
    assert told() == [("12:10", "12:15", "keepalive", "inferred", "power")]


def test_who_was_never_heard_is_dark_since_the_installation(chile: Company, profile: SpontaneousProfile) -> None:
    installed(chile, profile)
    passed("12:20")
    outage = Outage.objects.get()
    assert (outage.earliest_at, outage.latest_at) == (at("12:00"), at("12:10"))


def test_the_first_boot_after_an_installation_is_no_outage(chile: Company, profile: SpontaneousProfile) -> None:
    say(installed(chile, profile), BOOT, "12:03")
    passed("12:05")
    assert told() == []


@pytest.mark.parametrize("clock", ["12:13", "12:17"])
def test_a_boot_out_of_the_blue_is_a_momentary_outage(one: Concentrator, clock: str) -> None:
    """Whoever was reachable, or late."""
    say(one, BOOT, clock)
    passed("12:20")
    assert told() == [(clock, clock, "boot", "restored", "power")]
    outage = Outage.objects.get()
    assert outage.is_momentary
    assert (outage.earliest_at, outage.latest_at) == (at("12:05"), at(clock))


def test_a_boot_that_is_sent_again_is_one(one: Concentrator) -> None:
    say(one, BOOT, "12:13", "12:14", "12:15", device=["12:13", "12:13", "12:15"])
    passed("12:20")
    assert [begin for begin, *_ in told()] == ["12:13", "12:15"]


def test_a_boot_that_ended_a_silence_is_no_second_outage_whichever_is_seen_first(one: Concentrator) -> None:
    say(one, BOOT, "12:40")
    passed("12:41")
    change = StatusChange.objects.get(to_status="unreachable")
    ended = Outage.objects.get()
    ended.is_momentary, ended.change, ended.began_at, ended.latest_at = True, None, at("12:40"), at("12:40")
    ended.save()  # as if the changes had been recorded by another, after the boot was seen
    DeskProgress.objects.update(change=change.pk - 1)
    record_outages(at("12:50"))
    assert told() == [("12:10", "12:40", "boot", "restored", "power")]


def test_a_gasp_that_comes_after_the_boot_says_when_it_began(one: Concentrator) -> None:
    say(one, BOOT, "12:13", device=["12:12"])
    passed("12:14")
    say(one, GASP, "12:16", device=["12:07"])  # on its way for longer than the power was away
    passed("12:20")
    assert told() == [("12:08", "12:13", "boot", "measured", "power")]
    assert not Outage.objects.get().is_momentary


@pytest.mark.parametrize("is_late", [False, True])
def test_a_gasp_that_the_clock_calls_void_says_when_a_silence_began(one: Concentrator, *, is_late: bool) -> None:
    """Whether the silence is known by then or not."""
    say(one, KEEPALIVE, "12:15", device=["23:00"])  # its clock was hours before ours, and was set right then
    clock = "12:40" if is_late else "12:20"
    for moment in ("12:16", "12:22", "12:39"):
        if moment > clock:
            continue
        passed(moment)
    say(one, GASP, clock, device=[clock])
    passed("12:45")
    say(one, BOOT, "13:00")
    passed("13:05")
    assert told() == [(clock, "13:00", "boot", "measured", "power")]


def test_removal_and_a_time_out_of_service_end_an_outage(one: Concentrator) -> None:
    passed("12:30")
    remove(Concentrator.objects.all(), user=None, now=at("12:40"))
    passed("12:45")
    assert told() == [("12:10", "12:40", "", "inferred", "undecided")]


def test_what_is_still_dark_after_a_time_out_of_service_is_an_outage_from_its_end_on(one: Concentrator) -> None:
    passed("12:30")
    OutOfServiceFactory.create(concentrator=one, begin=at("12:40"), end=at("13:40"))
    passed("13:45")
    assert told() == [("12:10", "12:40", "", "inferred", "undecided"), ("13:40", "", "", "inferred", "undecided")]


def test_a_canary_has_no_outages(chile: Company, profile: SpontaneousProfile) -> None:
    one = installed(chile, profile, is_canary=True)
    say(one, KEEPALIVE, "12:05")
    say(one, BOOT, "12:08")
    passed("12:30")
    assert told() == []


@pytest.mark.parametrize(
    ("verdict", "cause"), [("carrier", "communication"), ("field", "undecided"), ("undecided", "undecided")]
)
def test_the_verdict_says_what_a_silence_is(one: Concentrator, verdict: str, cause: str) -> None:
    VerdictSpan.objects.create(cause=verdict, began_at=at("12:00"), judged_at=at("12:30"))
    passed("12:30")
    assert told() == [("12:10", "", "", "inferred", cause)]
    assert Outage.objects.get().verdict == verdict


def test_many_in_one_pass_are_as_if_each_had_been_followed_by_itself(
    one: Concentrator, monkeypatch: pytest.MonkeyPatch
) -> None:
    for minute in range(10, 30, 4):
        say(one, GASP, f"12:{minute}")
        say(one, BOOT, f"12:{minute + 2}")
    say(one, GASP, "12:31")
    watch(at("12:32") + SETTLED)
    monkeypatch.setattr(recording, "CHUNK", 3)
    record_outages(at("12:32"))
    assert record_outages(at("12:32")) == 0
    expected = [(f"12:{minute}", f"12:{minute + 2}", "boot", "measured", "power") for minute in range(10, 30, 4)]
    assert told() == [*expected, ("12:31", "", "", "inferred", "power")]


def test_planned_work_covers_an_outage_that_began_in_it(one: Concentrator) -> None:
    work = PlannedWork.objects.create(
        company=one.company, scope="feeder", feeder="F1", title="Pole", begin=at("12:09"), end=at("14:00")
    )
    window = PlannedWindow.objects.create(work=work, begin=work.begin, end=work.end)
    passed("12:30")
    assert Outage.objects.get().planned == window


def test_the_log_of_a_boot_is_due_to_be_read_and_makes_the_outage_measured(one: Concentrator) -> None:
    say(one, BOOT, "12:40")
    passed("12:41")
    log = PowerLog.objects.get()
    assert (log.due_at, log.booted_at) == (at("12:40"), at("12:40"))
    PowerFailure.objects.create(concentrator=one, ended_at=at("12:44"), duration_s=1_800, read_at=at("12:50"))
    PowerFailure.objects.create(concentrator=one, ended_at=at("12:47"), duration_s=60, read_at=at("12:50"))
    PowerFailure.objects.create(concentrator=one, ended_at=at("11:40"), duration_s=60, read_at=at("12:50"))
    passed("12:51")
    assert told() == [("12:10", "12:40", "boot", "measured", "power")]
    outage = Outage.objects.get()
    assert (outage.logged_s, outage.reckoned_s) == (1_800, 1_800)
    assert outage.earliest_at == outage.latest_at == at("12:10")
    passed("12:52")
    assert Outage.objects.get().logged_s == 1_800


def test_the_log_tells_how_long_a_momentary_outage_was(one: Concentrator) -> None:
    say(one, BOOT, "12:13")
    passed("12:14")
    PowerFailure.objects.create(concentrator=one, ended_at=at("12:13"), duration_s=60, read_at=at("12:20"))
    passed("12:21")
    assert told() == [("12:12", "12:13", "boot", "measured", "power")]
    outage = Outage.objects.get()
    assert (outage.is_momentary, outage.logged_s, outage.reckoned_s) == (False, 60, 0)


def test_a_failure_far_from_any_boot_measures_nothing(one: Concentrator) -> None:
    say(one, BOOT, "12:40")
    passed("12:41")
    PowerFailure.objects.create(
        concentrator=one, ended_at=at("12:50") + timedelta(seconds=1), duration_s=60, read_at=at("12:55")
    )
    passed("12:56")
    assert not Outage.objects.exclude(logged_s=None).exists()


def test_no_outage_ends_before_it_began(one: Concentrator) -> None:
    say(one, GASP, "12:10")
    say(one, BOOT, "12:10")
    passed("12:12")
    assert not Outage.objects.filter(ended_at__lt=F("began_at")).exists()
