"""A real listener that devices speak to ciphered (SEC-3, WIR-6, LIS-2)."""

from __future__ import annotations

import socket
from collections.abc import Iterator

import pytest
from pytest_django.fixtures import Settings

from concentrators.models import Concentrator, DeviceKeys
from smmeplus.dlms.kinds import Kind
from smmeplus.dlms.notification import push_notification
from tests.support.listener import Listener, running_listener
from tests.support.processes import wait_until
from tests.wakeup.ciphering.devices import OTHER_KEYS, Device, give_keys, login
from wakeup.models import Message, StrayFrame

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.process]


@pytest.fixture
def listener(settings: Settings, monkeypatch: pytest.MonkeyPatch, in_field: Concentrator) -> Iterator[Listener]:
    monkeypatch.setenv("CONFIGURATION_KEYS", settings.CONFIGURATION_KEYS[0])
    with running_listener() as running:
        yield running


def strays() -> dict[str, int]:
    return dict(StrayFrame.objects.values_list("reason", "count"))


def test_a_life_with_keys(listener: Listener, in_field: Concentrator) -> None:
    """Unknown, known at once, repeated, over UDP, with other keys, ciphered only, and over a restart."""
    device = Device(in_field.serial_number)
    assert listener.exchange(device.push()) == b""
    wait_until(lambda: strays() == {"ciphered": 1})

    give_keys(in_field)
    frame = device.push()
    for _ in range(2):
        device.reads(listener.exchange(frame))
    assert Message.objects.count() == 1

    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
        sender.settimeout(10)
        sender.connect(("127.0.0.1", listener.port))
        sender.send(device.push(Kind.LASTGASP) * 2)
        device.reads(sender.recv(100))
        device.reads(sender.recv(100))
    assert Message.objects.count() == 2

    give_keys(in_field, OTHER_KEYS, ciphered_only=True)
    assert listener.exchange(device.push()) == b"", "the old keys are of no use any more"
    new = Device(in_field.serial_number, OTHER_KEYS)
    new.reads(listener.exchange(new.push()))
    assert listener.exchange(push_notification(new.serial, Kind.KEEPALIVE)) == b""
    signed_in = listener.exchange(login(new.serial) + new.push(named=False))
    assert signed_in.startswith(bytes.fromhex("0001000100010002AA03"))
    new.reads(signed_in[10:])
    assert (Message.objects.count(), strays()) == (4, {"ciphered": 1, "tag": 1, "plain": 2})

    listener.kill()
    listener.start()
    new.reads(listener.exchange(new.push()))
    for one in (device, new):
        counters = [answer.counter for answer in one.answers]
        assert counters == sorted(set(counters)), "a nonce came twice"
    assert DeviceKeys.objects.get().accepted_counter == new.counter
