"""Ciphered and plain messages in any mixture come out as one by one would have it, by whichever path (SEC-3)."""

from __future__ import annotations

import random
from collections import Counter

import pytest

from concentrators.models import Company, DeviceKeys
from smmeplus.dlms.kinds import Kind
from smmeplus.dlms.notification import push_notification
from tests.factories import ConcentratorFactory
from tests.plugins.effort import examples
from tests.wakeup.ciphering.devices import Device, arrivals, give_keys
from wakeup.models import Message, StrayFrame, WakeupTotal
from wakeup.recording.fast_path import FastPath
from wakeup.recording.recorder import record

pytestmark = pytest.mark.django_db(transaction=True)


def make_devices(company: Company) -> list[Device]:
    devices = []
    for number in range(4):
        concentrator = ConcentratorFactory.create(company=company)
        title = b"EPL" + number.to_bytes(5, "big")
        give_keys(concentrator, title=title, ciphered_only=number == 0)
        devices.append(Device(concentrator.serial_number, title=title))
    return devices


class Story:
    """What a fleet sends, and what is to become of it."""

    def __init__(self, devices: list[Device], seed: int) -> None:
        self.chance = random.Random(seed)
        self.devices = devices
        self.last: dict[str, tuple[int, bytes]] = {}
        self.sent: dict[str, list[tuple[int, bytes]]] = {device.serial: [] for device in devices}
        self.stored: Counter[str] = Counter()
        self.strays: Counter[tuple[str, str]] = Counter()

    def next_frame(self) -> bytes:
        device = self.chance.choice(self.devices)
        way = self.chance.choice(["new", "new", "new", "new", "plain", "again", "old"])
        sent = self.sent[device.serial]
        if way == "plain":
            self._expect_plain(device)
            return push_notification(device.serial, Kind.KEEPALIVE)
        if way == "new" or not sent:
            device.counter += self.chance.randint(0, 3)
            sent.append((device.counter + 1, device.push(self.chance.choice([Kind.KEEPALIVE, Kind.BOOT]))))
        counter, frame = sent[-1] if way in ("new", "again") else self.chance.choice(sent)
        self._expect(device.serial, counter, frame)
        return frame

    def _expect_plain(self, device: Device) -> None:
        if device is self.devices[0]:
            self.strays[device.serial, "plain"] += 1
        else:
            self.stored[device.serial] += 1

    def _expect(self, serial: str, counter: int, frame: bytes) -> None:
        before = self.last.get(serial)
        if before is None or counter > before[0]:
            self.last[serial] = (counter, frame)
            self.stored[serial] += 1
        elif (counter, frame) != before:
            self.strays[serial, "replay"] += 1


@pytest.mark.parametrize("seed", range(examples(in_ci=12, at_the_desk=6)))
def test_what_is_stored_and_what_is_refused_is_the_same_as_one_by_one(chile: Company, seed: int) -> None:
    story, fast_path = Story(make_devices(chile), seed), FastPath()
    for _ in range(12):
        batch = arrivals(*(story.next_frame() for _ in range(story.chance.randint(1, 12))))
        fast_path._rest = 0  # it is tried each time
        record(batch, fast_path=fast_path)
    totals = WakeupTotal.objects.values_list("concentrator__serial_number", "wakeup_count")
    assert dict(totals) == {serial: count for serial, count in story.stored.items() if count}
    assert Message.objects.count() == story.stored.total()
    strays = StrayFrame.objects.values_list("sender", "reason", "count")
    assert {(sender, reason): count for sender, reason, count in strays} == dict(story.strays)
    counters = DeviceKeys.objects.values_list("concentrator__serial_number", "accepted_counter")
    assert dict(counters) == {
        device.serial: story.last[device.serial][0] if device.serial in story.last else None for device in story.devices
    }
