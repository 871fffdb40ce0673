"""A simulated concentrator keeps a log of its real power failures (STA-11, SIM-3)."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from concentrators.models import ConcentratorType
from concentrators.simulator.behaviour import Profile
from concentrators.simulator.clock import Clock
from concentrators.simulator.devices import Device, Place
from concentrators.simulator.faults import Faults, faults_of, read_faults
from concentrators.simulator.fleet import Fleet
from concentrators.simulator.happening import Happening
from concentrators.simulator.inventory import Installation
from concentrators.simulator.messages import Service
from concentrators.simulator.power_log import MOST_ENTRIES, PowerLog
from concentrators.simulator.serving import Devices, DeviceServer
from smmeplus.dlms import data as d
from smmeplus.dlms.access.attributes import Attribute, logical_name
from smmeplus.dlms.access.client import Client
from smmeplus.dlms.access.coding.initiate import WITH_SELECTIVE_ACCESS
from smmeplus.dlms.access.coding.requests import Selection
from smmeplus.dlms.access.errors import AccessError, ExceptionResponseError
from smmeplus.dlms.access.power_failures import failures_in, layout_of
from smmeplus.dlms.access.profile_generic import (
    BUFFER,
    CAPTURE_OBJECTS,
    CLOCK,
    ENTRIES_IN_USE,
    PROFILE_CLASS,
    Column,
    Range,
    decode_columns,
    encode_range,
)
from smmeplus.dlms.clock import UNSPECIFIED, encode_clock
from smmeplus.dlms.kinds import Kind
from tests.smmeplus.dlms.access.device import associated, talk

NAME = logical_name("1-0:99.97.0.255")
LOG = Attribute(PROFILE_CLASS, NAME, BUFFER)
#: Ten minutes before the end of a year by UTC, in summer in Chile.
BEGIN = datetime(2026, 12, 31, 23, 50, tzinfo=UTC)
Entries = list[tuple[datetime | None, int]]


class Time:
    """A clock that is moved."""

    def __init__(self) -> None:
        self.at = BEGIN

    def __call__(self) -> datetime:
        return self.at

    def go_on(self, **span: float) -> None:
        self.at += timedelta(**span)


def fail(log: PowerLog, time: Time, seconds: float) -> None:
    log.lose_supply()
    time.go_on(seconds=seconds)
    log.restore_supply()


def entries(log: PowerLog, selection: Selection | None = None) -> Entries:
    value = log.value_of(LOG, selection)
    assert value
    return [(one.clock.to_utc(UTC), one.duration_s) for one in failures_in(value).failures]


def test_a_failure_is_noted_when_the_supply_is_back_with_how_long_it_was_away() -> None:
    time = Time()
    log = PowerLog(NAME, time)
    assert entries(log) == []
    log.lose_supply()
    time.go_on(seconds=300)
    log.lose_supply()  # its feeder's outage and its own
    assert entries(log) == []
    time.go_on(seconds=600.4)
    log.restore_supply()
    log.restore_supply()
    assert entries(log) == [(datetime(2027, 1, 1, 0, 5, tzinfo=UTC), 900)]


def test_of_more_than_a_hundred_the_last_hundred_are_kept() -> None:
    time = Time()
    log = PowerLog(NAME, time)
    for seconds in range(MOST_ENTRIES + 5):
        fail(log, time, seconds)
    assert [duration for _at, duration in entries(log)] == list(range(5, MOST_ENTRIES + 5))
    assert log.value_of(Attribute(PROFILE_CLASS, NAME, ENTRIES_IN_USE), None) == (d.DOUBLE_LONG_UNSIGNED, MOST_ENTRIES)


@pytest.mark.parametrize("wrong", [-86_400, 3_600])
def test_a_wrong_clock_dates_all_of_it_and_measures_the_duration_all_the_same(wrong: float) -> None:
    time = Time()
    log = PowerLog(NAME, time, timedelta(seconds=wrong))
    fail(log, time, 60)
    assert entries(log) == [(BEGIN + timedelta(seconds=60 + wrong), 60)]
    assert log.value_of(CLOCK, None) == (d.OCTET_STRING, encode_clock(BEGIN + timedelta(seconds=60 + wrong)))


def test_one_that_forgets_has_an_empty_log_after_each_restart() -> None:
    time = Time()
    log = PowerLog(NAME, time, forgets=True)
    fail(log, time, 60)
    assert entries(log) == []


def test_it_says_which_column_is_what() -> None:
    value = PowerLog(NAME, Time()).value_of(Attribute(PROFILE_CLASS, NAME, CAPTURE_OBJECTS), None)
    assert value
    assert layout_of(decode_columns(value))[:3] == (0, 1, 2)


def three() -> tuple[PowerLog, list[datetime]]:
    """A log with an entry for each of three days, and when they were."""
    time = Time()
    log, ends = PowerLog(NAME, time), []
    for _ in range(3):
        fail(log, time, 60)
        ends.append(time())
        time.go_on(days=1)
    return log, ends


def range_of(begin: datetime, end: datetime, column: Attribute = CLOCK) -> Selection:
    return encode_range(Range(Column(column), encode_clock(begin), encode_clock(end)))


def test_a_range_has_the_entries_from_its_begin_to_its_end() -> None:
    log, ends = three()
    second = timedelta(seconds=1)
    assert [at for at, _ in entries(log, range_of(ends[1], ends[2]))] == ends[1:]
    assert [at for at, _ in entries(log, range_of(ends[0] + second, ends[2] - second))] == [ends[1]]
    assert entries(log, range_of(ends[2] + second, ends[2] + 2 * second)) == []


def asked(selection: Selection, *attributes: Attribute) -> list[d.Data]:
    """What a device with that log answers over DLMS."""
    device = Device("EPL1", ConcentratorType(name="CERCO1"), {})
    client, answers = Client(proposes=WITH_SELECTIVE_ACCESS), []
    server = DeviceServer(device)
    for number, attribute in enumerate(attributes):
        steps = client.read(attribute, selection)
        answers.append(talk(steps if number else associated(client, steps), server.receive))
    return answers


def test_it_is_read_over_dlms_and_in_parts() -> None:
    assert asked(range_of(BEGIN, BEGIN), LOG) == [(d.ARRAY, [])]


@pytest.mark.parametrize(
    "selection",
    [
        range_of(BEGIN, BEGIN, Attribute(1, bytes(6), 2)),
        encode_range(Range(Column(CLOCK), UNSPECIFIED, UNSPECIFIED)),
        Selection(2, (d.NULL, None)),
    ],
)
def test_a_part_that_it_does_not_know_is_refused(selection: Selection) -> None:
    with pytest.raises(ExceptionResponseError):
        asked(selection, LOG)


def test_only_the_log_has_parts() -> None:
    with pytest.raises(AccessError, match="scope-of-access-violated"):
        asked(range_of(BEGIN, BEGIN), CLOCK)


def test_a_type_without_a_log_keeps_none() -> None:
    device = Device("EPL1", ConcentratorType(name="Other", power_log_object=""), {})
    assert device.log is None
    assert LOG not in device.memory


def test_a_scenario_spoils_the_clock_and_the_log() -> None:
    rules = read_faults("EPL1 clock -3600\nEPL1 forgets-log\nEPL2 clock 0.5")
    assert faults_of("EPL1", "", rules) == Faults(clock=-3_600.0, forgets_log=True)
    assert faults_of("EPL2", "", rules).clock == 0.5
    log = Device("EPL1", ConcentratorType(name="CERCO1"), {}, None, faults_of("EPL1", "", rules), Time()).log
    assert log
    assert log.clock == BEGIN - timedelta(hours=1)


@pytest.mark.parametrize("spoilt", ["clock", "clock 0", "clock nan", "clock inf", "clock 1e9", "forgets-log 1"])
def test_no_other_such_fault_is_read(spoilt: str) -> None:
    with pytest.raises(ValueError, match="line 1"):
        read_faults(f"EPL1 {spoilt}")


async def _nothing(*_arguments: Any) -> bool:
    return True


def test_only_a_loss_of_supply_is_noted_and_not_a_loss_of_the_network() -> None:
    time, clock = Time(), Clock(timer=lambda: 0.0)
    device = Device("EPL1", ConcentratorType(name="CERCO1"), {}, now=time)
    devices = Devices(lambda *_: None, lambda _: None)
    devices._devices["EPL1"] = device
    fleet = Fleet(clock, _nothing)
    place = Place(Installation("EPL1", device.profile, "127.0.0.1", "F1"), 0, device)
    fleet.follow([place.installation])
    happening = Happening(read_faults("EPL1 away 10 10\nfeeder:F1 off 100 60\nEPL1 off 130 70"), fleet, devices)
    for at in range(0, 300, 5):
        time.at = BEGIN + timedelta(seconds=at)
        happening.step(at)
    assert device.log
    assert entries(device.log) == [(BEGIN + timedelta(seconds=200), 100)]


@pytest.mark.parametrize("kind", [Kind.BOOT, Kind.LASTGASP])
def test_what_it_sends_bears_the_wrong_time_too(monkeypatch: pytest.MonkeyPatch, kind: Kind) -> None:
    moments: list[datetime] = []

    def composed(*arguments: Any, moment: datetime | None = None) -> bytes:
        moments.append(moment or arguments[-1])
        return b""

    async def sent(*_arguments: Any, **_options: Any) -> bytes:
        return b""

    messages = "concentrators.simulator.messages"
    for name, stand_in in {"compose": composed, "event_notification": composed}.items():
        monkeypatch.setattr(f"{messages}.{name}", stand_in)
    for name in ("exchange", "send_datagram"):
        monkeypatch.setattr(f"{messages}.{name}", sent)
    monkeypatch.setattr(f"{messages}.confirms", lambda *_: True)
    service = Service("127.0.0.1", 1, clock_off=timedelta(hours=1))
    for wrong in (0.0, 86_400.0):
        asyncio.run(service.deliver(Installation("EPL1", Profile(600.0), "127.0.0.1", "", wrong), kind, 1))
    apart = (moments[1] - moments[0]).total_seconds()
    assert 86_400 <= apart < 86_460
