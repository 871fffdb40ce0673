"""The writer reads the logs that are due, over real sockets (STA-11, CFG-3)."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from datetime import datetime, timedelta
from functools import partial
from typing import Any

import pytest
from django.utils import timezone

from concentrators.configuration.power_logs.jobs import MOST_TRIES, LogJob
from concentrators.configuration.writer import MOST_LOGS, Plan, Writer
from concentrators.models import (
    Concentrator,
    ConcentratorType,
    Configuration,
    ConfigurationState,
    PowerFailure,
    PowerLog,
)
from concentrators.procedures.configurations import try_again
from concentrators.simulator.devices import NO_FAULTS, Device
from concentrators.simulator.faults import Faults
from smmeplus.dlms.access.coding.association import RLRQ
from smmeplus.dlms.access.coding.requests import SET_REQUEST
from smmeplus.dlms.framing.wrapper import HEADER_SIZE
from smmeplus.dlms.kinds import Kind
from smmeplus.dlms.notification import push_notification
from tests.concentrators.configuration.devices import (
    PATIENCE,
    Fault,
    FaultyLine,
    _meet,
    bound,
    configuration_of,
    installed,
    meet,
    obey,
)
from tests.concentrators.configuration.power_logs.booted import booted, device_of, log_of, written
from tests.concentrators.configuration.power_logs.logs import LOG

pytestmark = pytest.mark.django_db(transaction=True)


def test_after_a_boot_the_log_is_read_and_stored() -> None:
    (one,) = written()
    booted(one, failure="silent", skipped=3)
    lines = meet({one: device_of(one, failures=2)})
    assert len(lines) == 1
    log = log_of(one)
    assert (log.due_at, log.failure, log.tries, log.held_until, log.skipped) == (None, "", 0, None, 0)
    assert log.read_at
    failures = list(PowerFailure.objects.all())
    assert [one.duration_s for one in failures] == [600, 600]
    assert abs(log.read_at - failures[0].ended_at - timedelta(minutes=50)) < timedelta(seconds=30)
    assert configuration_of(one).state == ConfigurationState.CONFIRMED
    assert (configuration_of(one).held_by, configuration_of(one).held_until) == ("", None)
    assert meet({one: device_of(one)}) == [], "until the next boot there is nothing to do"


@pytest.mark.parametrize("wrong", [0.0, -3_600.0, 86_400.0])
def test_reading_again_stores_nothing_twice_even_if_the_clock_was_set_meanwhile(wrong: float) -> None:
    (one,) = written()
    device = device_of(one, Faults(clock=wrong), failures=3)
    booted(one)
    meet({one: device})
    stored = list(PowerFailure.objects.values_list("pk", "ended_at"))
    assert len(stored) == 3
    assert all(timezone.now() - at < timedelta(hours=3) for _pk, at in stored)
    assert device.log
    device.log._clock_off = timedelta(0)
    booted(one)
    meet({one: device})
    assert list(PowerFailure.objects.values_list("pk", "ended_at")) == stored


def test_a_log_that_has_forgotten_leaves_what_is_known() -> None:
    (one,) = written()
    booted(one)
    meet({one: device_of(one)})
    booted(one)
    meet({one: device_of(one, Faults(forgets_log=True))})
    assert PowerFailure.objects.count() == 1
    assert log_of(one).failure == ""


def test_what_cannot_be_read_is_counted() -> None:
    (one,) = written()
    device = device_of(one)
    assert device.log
    device.log._entries.append((timezone.now() + timedelta(days=1), 60))
    booted(one)
    meet({one: device})
    assert (log_of(one).skipped, PowerFailure.objects.count()) == (1, 1)


def keep_silent(_line: FaultyLine, _data: bytes) -> None:
    """The reply does not come."""


def hang_up(line: FaultyLine, _data: bytes) -> None:
    line.transport.abort()


@pytest.mark.parametrize(
    ("faults", "fault", "said", "reason"),
    [
        (Faults(poses="EPL999"), obey, "other device: EPL999", "another device answers (EPL999)"),
        (Faults(refuses=True), obey, "refused: ", "it refused the association"),
        (NO_FAULTS, keep_silent, "silent", "it did not answer in time"),
        (NO_FAULTS, hang_up, "closed", "it closed the connection before it had answered"),
    ],
)
def test_a_failure_is_said_and_tried_again_after_ten_minutes(
    faults: Faults, fault: Fault, said: str, reason: str
) -> None:
    (one,) = written()
    booted(one)
    before = timezone.now()
    meet({one: device_of(one, faults)}, fault)
    log = log_of(one)
    assert log.failure.startswith(said)
    assert log.reason.startswith(reason)
    assert (log.tries, log.read_at, log.held_until) == (1, None, None)
    assert log.due_at
    assert timedelta(minutes=7.4) < log.due_at - before < timedelta(minutes=13)
    assert not PowerFailure.objects.exists()
    assert configuration_of(one).held_until is None


def test_nobody_at_the_address_is_a_failure_like_others() -> None:
    (one,) = written()
    Concentrator.objects.update(management_ip=None)
    booted(one)
    meet({})
    assert log_of(one).failure == "no address"
    assert log_of(one).tries == 1


def test_after_five_tries_it_is_given_up_until_the_next_boot() -> None:
    (one,) = written()
    device, tried = device_of(one, Faults(refuses=True)), 0
    log = booted(one)
    pauses = []
    while log.due_at:
        PowerLog.objects.update(due_at=timezone.now())
        before = timezone.now()
        meet({one: device})
        tried += 1
        log = log_of(one)
        if log.due_at:
            pauses.append((log.due_at - before) / timedelta(minutes=10))
    assert tried == MOST_TRIES
    assert all(0.75 <= pause / 2**number < 1.26 for number, pause in enumerate(pauses))
    assert log.failure.startswith("refused")
    log.due_at = log.booted_at = timezone.now()  # and whoever notes the boot need not know of tries
    log.save()
    meet({one: device_of(one)})
    assert (log_of(one).failure, PowerFailure.objects.count()) == ("", 1)


def test_a_device_that_has_no_such_log_is_asked_once() -> None:
    (one,) = written()
    other = ConcentratorType(name="Other", power_log_object="")
    booted(one)
    assert len(meet({one: Device(one.serial_number, other, {})})) == 1
    log = log_of(one)
    assert log.due_at is None
    assert "object-undefined (4)" in log.reason


def test_without_networks_nothing_is_connected_to_and_it_stays_due(settings: Any) -> None:
    settings.WRITER_NETWORKS = []
    (one,) = written()
    booted(one)
    assert meet({one: device_of(one)}) == []
    assert log_of(one).due_at


class Seen:
    """Obeys, and notes which device was written and of which the log was read, in turn."""

    def __init__(self) -> None:
        self.events: list[tuple[str, str]] = []

    def __call__(self, line: FaultyLine, data: bytes) -> None:
        is_log = LOG.logical_name + bytes((LOG.number,)) in data
        if is_log or data[HEADER_SIZE] == SET_REQUEST:
            self.events.append(("log" if is_log else "set", line.device.serial))
        obey(line, data)


def test_one_that_is_due_for_both_is_written_first() -> None:
    (one,) = installed()
    booted(one)
    seen = Seen()
    assert len(meet({one: device_of(one)}, seen)) == 2
    assert seen.events[-1] == ("log", one.serial_number)
    assert [kind for kind, _serial in seen.events].count("log") == 1
    assert configuration_of(one).state == ConfigurationState.WRITTEN
    assert PowerFailure.objects.count() == 1


def test_a_log_takes_no_place_while_a_configuration_is_due() -> None:
    ones = written(2)
    booted(ones[0], timezone.now() - timedelta(days=1))
    try_again(Configuration.objects.filter(concentrator=ones[1]), timezone.now())
    seen = Seen()
    sockets = {bound(one): device_of(one) for one in ones}
    asyncio.run(_meet(sockets, seen, [Writer(Plan(at_once=1, once=True, patience=PATIENCE))]))
    kinds = [kind for kind, _serial in seen.events]
    assert "set" in kinds
    assert kinds.index("log") == len(kinds) - 1


def test_logs_are_not_looked_for_whenever_a_configuration_is_written(monkeypatch: pytest.MonkeyPatch) -> None:
    looks: list[int] = []

    def look(_writer: str, most: int, _now: datetime) -> list[LogJob]:
        looks.append(most)
        return []

    def part_in_turn(line: FaultyLine, data: bytes) -> None:
        """Each is over by itself, a little later than the one before."""
        pause = 0.01 * serials.index(line.device.serial) if data[HEADER_SIZE] == RLRQ else 0.0
        asyncio.get_running_loop().call_later(pause, obey, line, data)

    monkeypatch.setattr("concentrators.configuration.writer.claim_logs", look)
    monkeypatch.setattr("concentrators.configuration.writer.LOOK_S", 60.0)  # however slow this machine is
    ones = installed(MOST_LOGS)
    serials = [one.serial_number for one in ones]
    meet({one: device_of(one) for one in ones}, part_in_turn)
    assert not Configuration.objects.exclude(state=ConfigurationState.WRITTEN).exists()
    assert 1 <= len(looks) <= 3, looks


def test_many_logs_are_read_a_few_at_a_time_each_by_one_of_two_writers() -> None:
    ones = written(MOST_LOGS + 5)
    for one in ones:
        booted(one)
    lines = meet({one: device_of(one) for one in ones}, writers=2)
    assert sorted(line.device.serial for line in lines) == sorted(one.serial_number for one in ones)
    assert PowerFailure.objects.count() == len(ones)
    assert not PowerLog.objects.exclude(due_at=None, failure="").exists()


def test_a_writer_that_is_stopped_amid_a_log_lets_go_of_it() -> None:
    (one,) = written()
    booted(one)
    stopped = asyncio.Event()

    def stop(_line: FaultyLine, _data: bytes) -> None:
        stopped.set()

    asyncio.run(_stopped({bound(one): device_of(one)}, stop, stopped))
    log = log_of(one)
    assert log.due_at
    assert (log.held_until, log.tries, configuration_of(one).held_until) == (None, 0, None)
    assert log.due_at <= timezone.now()


async def _stopped(devices: Mapping[Any, Device], fault: Any, stopped: asyncio.Event) -> None:
    loop = asyncio.get_running_loop()
    for sock, device in devices.items():
        await loop.create_server(partial(FaultyLine, device, fault), sock=sock)
    await Writer(Plan(patience=PATIENCE)).run(stopped)


def test_what_the_device_sends_amid_the_log_is_handed_on() -> None:
    (one,) = written()
    booted(one)
    frame = push_notification(one.serial_number, Kind.KEEPALIVE, invoke_id=1, confirmed=True, moment=timezone.now())
    heard: list[Any] = []

    def speak(line: FaultyLine, data: bytes) -> None:
        if line.requests == 2:
            line.transport.write(frame)
        obey(line, data)

    meet({one: device_of(one)}, speak, take_heard=heard.extend)
    assert [one.frames[0][1] for one in heard] == [frame]
    assert PowerFailure.objects.count() == 1


def test_the_figures_count_logs_by_what_came_of_them() -> None:
    (one, other) = written(2)
    for each in (one, other):
        booted(each)
    writer = Writer(Plan(once=True, patience=PATIENCE))
    sockets = {bound(one): device_of(one), bound(other): device_of(other, Faults(refuses=True))}
    asyncio.run(_meet(sockets, obey, [writer]))
    assert writer.figures.logs == {"read": 1, "refused": 1}
    assert (writer.figures.written, writer.figures.checked, writer.figures.failed) == (0, 0, 0)
