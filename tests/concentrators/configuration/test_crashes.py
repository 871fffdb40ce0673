"""Writers that are killed, and addresses that change hands while they write (CFG-3). `make soak` goes on for longer."""

from __future__ import annotations

import random

import pytest
from django.db import connection
from django.utils import timezone

from concentrators.models import Concentrator, Configuration, ConfigurationState
from concentrators.procedures.actions import modify
from concentrators.procedures.configurations import try_again
from concentrators.simulator.devices import Device
from concentrators.simulator.faults import Faults
from profiles.models import SpontaneousProfile
from tests.concentrators.configuration.devices import bound, device_of, installed, values_of
from tests.concentrators.configuration.watched import Address, Watch, watched, writing
from tests.factories import SpontaneousProfileFactory
from tests.plugins.effort import SOAKS
from tests.support.processes import wait_until

pytestmark = [pytest.mark.process, pytest.mark.ci_only, pytest.mark.django_db(transaction=True)]

ROUNDS = 50 if SOAKS else 3
FLEET = 12
REQUESTS = 6  # of a concentrator of which one value is written
ANY_MOMENT = random.Random(4_059)
WRITES = 10_000 if SOAKS else 300
SHARE_THAT_MOVES = 0.05


def is_over() -> bool:
    try:
        return not Configuration.objects.exclude(state=ConfigurationState.WRITTEN).exists()
    finally:
        connection.close()  # or SQLite would have it look at an old state


def check_held(pid: int) -> None:
    """Each parameter is written and read back, or the concentrator is due again."""
    for one in Configuration.objects.filter(held_by__contains=f":{pid}:"):
        assert one.state == ConfigurationState.WRITING
        assert one.next_try_at is not None
        assert one.next_try_at == one.held_until
    for done in Concentrator.objects.filter(configuration__state=ConfigurationState.WRITTEN):
        assert all(desired == read_back for desired, _written, read_back in values_of(done).values())


def pass_hold(pid: int) -> None:
    """Let the time be over for which the killed one holds its concentrators, and the tries of a day begin again."""
    now = timezone.now()
    Configuration.objects.filter(held_by__contains=f":{pid}:").update(held_until=now, next_try_at=now, tries=0)


def kill_one(watch: Watch, profile: SpontaneousProfile) -> None:
    """Have all written by two writers, of which one is killed at any moment, and the other one ends the work."""
    Configuration.objects.update(tries=0)
    moment = watch.after(ANY_MOMENT.randint(1, FLEET * REQUESTS // 2))
    with writing("--at-once", "5") as killed:
        modify(Concentrator.objects.all(), profile, user=None, now=timezone.now())
        assert moment.wait(60)
        killed.kill()
        killed.wait()
    check_held(killed.pid)
    pass_hold(killed.pid)
    wait_until(is_over, patience_s=60)


def test_whenever_a_writer_is_killed_all_is_written_in_the_end_and_by_one_at_a_time() -> None:
    ones = installed(FLEET)
    devices = {one: device_of(one) for one in ones}
    profiles = [SpontaneousProfileFactory.create(wakeup_period=minutes) for minutes in (100, 10)]
    for device in devices.values():
        device.faults = Faults(slow=0.02)  # enough for another writer to come in between
    sockets = {bound(one): device for one, device in devices.items()}
    with watched(sockets) as watch, writing("--at-once", "5"):
        for number in range(ROUNDS):
            profile = profiles[number % 2]
            kill_one(watch, profile)
            assert profile.wakeup_period is not None
            assert {device.profile.period for device in devices.values()} == {60.0 * profile.wakeup_period}
    assert watch.sets >= ROUNDS * FLEET
    assert watch.at_once == []


def move_some(watch: Watch) -> list[tuple[Address, Address]]:
    """Let devices change places while the others are written; which ones did."""
    places = ANY_MOMENT.sample(sorted(watch.devices), round(SHARE_THAT_MOVES * len(watch.devices)) // 2 * 2)
    pairs = list(zip(places[::2], places[1::2], strict=True))
    for one, other in pairs:
        assert watch.after(ANY_MOMENT.randint(1, REQUESTS)).wait(60)
        watch.swap(one, other)
    return pairs


def forget_all(devices: dict[Concentrator, Device]) -> None:
    for one, device in devices.items():
        device.memory |= device_of(one).memory


def test_while_addresses_change_hands_no_stranger_is_written() -> None:
    ones = installed(min(WRITES, 100))
    devices = {one: device_of(one) for one in ones}
    refused = 0
    with watched({bound(one): device for one, device in devices.items()}) as watch:
        for _ in range(WRITES // len(ones)):
            forget_all(devices)
            try_again(Configuration.objects.all(), timezone.now())
            Configuration.objects.update(tries=0)
            with writing("--once", "--at-once", "10") as writer:
                moved = move_some(watch)
                assert writer.wait(120) == 0
            for one, other in moved:
                watch.swap(one, other)
            refused += Configuration.objects.filter(failure="other device").count()
    assert watch.strangers == []
    assert refused > 0
    assert watch.sets > WRITES
