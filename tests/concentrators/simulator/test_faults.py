"""What simulated concentrators do wrong on command (SIM-2)."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from concentrators.configuration.jobs import claim
from concentrators.configuration.outcomes import Outcome
from concentrators.configuration.transport import Patience
from concentrators.configuration.writer import attempt
from concentrators.models import Company, Concentrator, Failure, Parameter
from concentrators.simulator.behaviour import Profile
from concentrators.simulator.clock import Clock
from concentrators.simulator.devices import Device, Place
from concentrators.simulator.faults import OFF_S, Faults, FaultsError, Mishap, Mishaps, faults_of, read_faults
from concentrators.simulator.fleet import Fleet
from concentrators.simulator.happening import Happening
from concentrators.simulator.inventory import Installation
from concentrators.simulator.serving import Devices
from smmeplus.dlms.kinds import Kind
from tests.concentrators.configuration.devices import installed
from tests.support.processes import free_port


@pytest.fixture(autouse=True)
def networks(settings: Any) -> None:
    settings.WRITER_NETWORKS = ["127.0.0.0/8"]


PATIENCE = Patience(connect_s=2, reply_s=0.3, total_s=5)

FILE = """
# what is wrong with ours
EPL1*  slow 0.5
EPL1*  refuses          # all of them
EPL12  slow 2
*2     forgets retry-delay
feeder:S1* off 60 30
EPL12  off 70 5
*      away 0 1
"""


def test_the_last_line_that_fits_counts() -> None:
    rules = read_faults(FILE)
    away = ((0.0, 1.0),)
    assert faults_of("EPL11", "S2", rules) == Faults(slow=0.5, refuses=True, away=away)
    assert faults_of("EPL12", "S1-F3", rules) == Faults(
        slow=2.0, refuses=True, forgets=Parameter.RETRY_DELAY, off=((60.0, 30.0), (70.0, 5.0)), away=away
    )
    assert faults_of("X", "", rules) == Faults(away=away)


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("A", "line 1: a fault is one of slow, drops, refuses"),
        ("\nA sleeps 5", "line 2: .*'sleeps'"),
        ("A slow", "slow: it has one argument"),
        ("A slow 1 2", "slow: it has one argument"),
        ("A slow 0", "slow: seconds are greater than 0"),
        ("A reboots nan", "reboots: seconds are greater than 0"),
        ("A drifts inf", "drifts: seconds are greater than 0"),
        ("A drops 0.5", "drops: invalid literal"),
        ("A drops 0", "drops: a number from 1 to"),
        ("A answers 256", "answers: a number from 1 to 255"),
        ("A forgets all", "forgets: 'all' is not a valid Parameter"),
        ("A refuses now", "refuses: it has no argument"),
        ("A poses", "poses: it has one argument"),
        ("A poses B C", "poses: it has one argument"),
        ("A off 5", "off: it has two arguments"),
        ("A away -1 5", "away: seconds are greater than 0"),
        ("A away 1 0", "away: seconds are greater than 0"),
        ("A off inf 5", "off: seconds are greater than 0"),
    ],
)
def test_a_line_that_is_no_fault_is_named(text: str, why: str) -> None:
    with pytest.raises(FaultsError, match=why):
        read_faults(text)


def test_mishaps_come_at_their_times_and_once_after_a_pause() -> None:
    mishaps = Mishaps(Faults(reboots=100.0, drifts=30.0), 1_000.0)
    assert list(mishaps.take(1_029.0)) == []
    assert list(mishaps.take(1_030.0)) == [Mishap.DRIFT]
    assert list(mishaps.take(1_100.0)) == [Mishap.DRIFT, Mishap.OFF]
    assert list(mishaps.take(1_100.0 + OFF_S - 0.1)) == []
    assert list(mishaps.take(1_100.0 + OFF_S)) == [Mishap.ON]
    assert list(mishaps.take(9_000.0)) == [Mishap.DRIFT, Mishap.OFF]
    assert list(mishaps.take(9_000.0 + OFF_S)) == [Mishap.ON]


def test_outages_begin_and_end_on_the_clock_of_the_fleet() -> None:
    mishaps = Mishaps(Faults(off=((60.0, 30.0),), away=((70.0, 5.0),)), 50.0)
    assert list(mishaps.take(59.9)) == []
    assert list(mishaps.take(60.0)) == [Mishap.OFF]
    assert list(mishaps.take(1_000.0)) == [Mishap.AWAY, Mishap.BACK, Mishap.ON]
    assert list(mishaps.take(9_000.0)) == []


async def sent_under(scenario: str, times: Sequence[float], installation: Installation) -> list[tuple[Kind, bool]]:
    """What a fleet of one has tried to send after each of the times of its clock, and whether it reached anybody."""
    timer, tried = [0.0], list[tuple[Kind, bool]]()

    async def deliver(_installation: Installation, kind: Kind, _number: int) -> bool:
        tried.append((kind, True))
        return True

    fleet = Fleet(Clock(timer=lambda: timer[0]), deliver)
    fleet.follow([installation])
    happening = Happening(read_faults(scenario), fleet, Devices(fleet.rewrite, pytest.fail))
    run = asyncio.create_task(fleet.run())
    for now in times:
        timer[0] = now
        happening.step(now)
        fleet.follow([installation])  # which has it look at the clock again
        failed = fleet.figures.failed
        for _ in range(20):
            await asyncio.sleep(0)
        tried.extend([(Kind.KEEPALIVE, False)] * (fleet.figures.failed - failed))
    run.cancel()
    await asyncio.gather(run, return_exceptions=True)
    return tried


AT_HOME = Installation("A1", Profile(600.0, last_gasp=True), "127.0.0.1", feeder="S1 F2")
BOOT, GASP, ALIVE, LOST = (Kind.BOOT, True), (Kind.LASTGASP, True), (Kind.KEEPALIVE, True), (Kind.KEEPALIVE, False)


@pytest.mark.parametrize(
    ("scenario", "times", "tried"),
    [
        ("B* off 60 30", [0, 60, 90, 600], [BOOT, ALIVE]),
        ("feeder:S1?F2 off 60 30", [0, 60, 90, 690], [BOOT, GASP, BOOT, ALIVE]),
        ("A1 off 60 30\nfeeder:S1* off 70 60", [0, 60, 70, 90, 130], [BOOT, GASP, BOOT]),  # off until the last is over
        ("* away 590 100", [0, 590, 600, 660, 690, 720], [BOOT, LOST, LOST, ALIVE]),
        ("* away 0 10", [0, 10, 60], [LOST, BOOT]),
        ("A1 reboots 100", [0, 100, 100 + OFF_S], [BOOT, GASP, BOOT]),
    ],
)
def test_a_scenario_is_what_a_fleet_lives_through(
    scenario: str, times: list[float], tried: list[tuple[Kind, bool]]
) -> None:
    assert asyncio.run(sent_under(scenario, times, AT_HOME)) == tried


def met(faults: Faults, happen: float | None = None) -> tuple[Device, list[Outcome]]:
    """A concentrator that is written twice, and the clock's ``happen`` between the two."""
    (one,) = installed()
    Concentrator.objects.update(management_port=free_port())
    one.refresh_from_db()
    device = Device(one.serial_number, one.type, {}, faults=faults)
    (job,) = claim("me", 1, timezone.now())

    async def deliver(_installation: Installation, _kind: Kind, _number: int) -> bool:
        return True

    async def scene() -> list[Outcome]:
        fleet = Fleet(Clock(), deliver)
        devices = Devices(fleet.rewrite, pytest.fail)
        assert one.management_ip
        installation = Installation(device.serial, device.profile, one.management_ip)
        fleet.follow(await devices.settle([Place(installation, one.management_port, device)]))
        rules = [("*", name, getattr(faults, name)) for name in ("reboots", "drifts")]
        happening = Happening(rules, fleet, devices)
        happening.step(0.0)
        outcomes = [await attempt(job, PATIENCE)]
        if happen is not None:
            happening.step(happen)
        outcomes.append(await attempt(job, PATIENCE))
        devices.close()
        return outcomes

    return device, asyncio.run(scene())


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    ("faults", "failure", "detail"),
    [
        (Faults(slow=1.0), Failure.SILENT, ""),
        (Faults(drops=4), Failure.CLOSED, ""),
        (Faults(refuses=True), Failure.REFUSED, "authentication-mechanism-name-required"),
        (Faults(answers=2), Failure.ACCESS, "temporary-failure (2)"),
        (Faults(answers=200), Failure.ACCESS, "unknown (200)"),
        (Faults(poses="EPL9"), Failure.OTHER_DEVICE, "EPL9"),
        (Faults(forgets=Parameter.PERIOD), Failure.NOT_KEPT, "period: 10 → 0"),
    ],
)
def test_each_fault_is_met_by_the_writer(faults: Faults, failure: Failure, detail: str) -> None:
    _device, outcomes = met(faults)
    assert [outcome.failure for outcome in outcomes] == [failure, failure]
    assert detail in outcomes[0].detail


@pytest.mark.django_db(transaction=True)
def test_one_that_is_slow_within_bounds_is_written() -> None:
    device, outcomes = met(Faults(slow=0.01, drops=1_000))
    assert [outcome.failure for outcome in outcomes] == [None, None]
    assert device.profile.period == 600.0


@pytest.mark.django_db(transaction=True)
def test_one_that_has_lost_its_supply_takes_no_connection() -> None:
    device, outcomes = met(Faults(reboots=60.0), happen=60.0)
    assert [outcome.failure for outcome in outcomes] == [None, Failure.CLOSED]
    assert not device.is_on


@pytest.mark.django_db(transaction=True)
def test_one_that_drifts_has_another_period_then() -> None:
    device, outcomes = met(Faults(drifts=60.0), happen=60.0)
    assert [outcome.found.before[Parameter.PERIOD] for outcome in outcomes] == ["0", "11"]
    assert device.profile.period == 600.0


@pytest.mark.one_database
def test_the_command_names_the_line_that_is_wrong(chile: Company, tmp_path: Path) -> None:
    file = tmp_path / "faults"
    file.write_text("A1 slow\n")
    options = ["--company", "Chile", "--scenario", str(file)]
    with pytest.raises(CommandError, match="faults: line 1: slow: it has one argument"):
        call_command("simulateconcentrators", *options, "--writable", stdout=StringIO())
    file.write_text("A1 away 5 5\nA1 slow 1\n")
    with pytest.raises(CommandError, match="that can be written have “slow”"):
        call_command("simulateconcentrators", *options, stdout=StringIO())
    file.unlink()
    with pytest.raises(CommandError, match="No such file"):
        call_command("simulateconcentrators", *options, "--writable", stdout=StringIO())
