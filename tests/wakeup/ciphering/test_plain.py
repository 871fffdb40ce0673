"""Plain messages of who ciphers, and what is above the rate: neither takes what is the device's own (SEC-2, SEC-3)."""

from __future__ import annotations

import pytest
from django.utils import timezone

from concentrators.models import Concentrator, DeviceKeys
from smmeplus.dlms.kinds import Kind
from smmeplus.dlms.notification import push_notification
from smmeplus.dlms.telegram import telegram
from tests.factories import ConcentratorFactory
from tests.wakeup.ciphering.devices import Device, answer_of, arrivals, login
from wakeup.formats import read_frame
from wakeup.listener.connections.pieces import arrival_of
from wakeup.listener.writers.buckets import Buckets, Rates
from wakeup.models import Message, StrayFrame, SurplusCount
from wakeup.recording.arrivals import Arrival, Recorded
from wakeup.recording.fast_path import FastPath
from wakeup.recording.recorder import record

pytestmark = pytest.mark.django_db(transaction=True)


def reasons() -> dict[str, int]:
    return dict(StrayFrame.objects.values_list("reason", "count"))


def plain(serial: str, frame: bytes = b"") -> Arrival:
    found = read_frame(frame or push_notification(serial, Kind.KEEPALIVE))
    assert found is not None
    return arrival_of(found[0], b"", timezone.now(), "10.60.0.10", 58_692)


def recorded_plain(device: Device, frame: bytes = b"") -> tuple[Arrival, Recorded]:
    arrival = plain(device.serial, frame)
    return arrival, record([arrival], fast_path=FastPath())


def test_who_may_send_plain_messages_does(device: Device) -> None:
    _, recorded = recorded_plain(device)
    assert (Message.objects.count(), list(recorded.unanswered)) == (1, [])


@pytest.mark.parametrize("is_first", [True, False], ids=["first", "later"])
def test_plain_messages_of_who_has_to_cipher_are_strays_without_an_answer(
    device: Device, in_field: Concentrator, is_first: bool
) -> None:
    if not is_first:  # the fast path is open by then
        record(arrivals(device.push()))
    DeviceKeys.objects.update(ciphered_only=True)
    before = Message.objects.count()
    arrival, recorded = recorded_plain(device)
    assert (Message.objects.count() - before, reasons(), list(recorded.unanswered)) == (0, {"plain": 1}, [arrival])
    text, recorded = recorded_plain(device, telegram(device.serial, Kind.BOOT))
    assert (reasons(), list(recorded.unanswered)) == ({"plain": 2}, [text])


def test_who_has_to_cipher_may(device: Device) -> None:
    DeviceKeys.objects.update(ciphered_only=True)
    record(arrivals(device.push()))
    assert (Message.objects.count(), reasons()) == (1, {})


def test_what_is_above_the_rate_raises_the_counter_and_is_answered_once(device: Device) -> None:
    frame = device.push()
    (new,) = arrivals(frame)
    record([], [new])
    assert (SurplusCount.objects.get().count, Message.objects.exists()) == (1, False)
    device.reads(answer_of(new))
    (again,) = arrivals(frame)
    record([], [again])
    assert (answer_of(again), DeviceKeys.objects.get().accepted_counter) == (b"", 1)
    record(arrivals(frame))
    assert not Message.objects.exists(), "nobody may send later what was above the rate"


def test_plain_messages_above_the_rate_of_who_has_to_cipher_are_strays(device: Device) -> None:
    DeviceKeys.objects.update(ciphered_only=True)
    arrival = plain(device.serial)
    recorded = record([], [arrival, plain("UNKNOWN9")])
    assert (reasons(), list(recorded.unanswered)) == ({"plain": 1}, [arrival])
    assert SurplusCount.objects.get().sender == "UNKNOWN9"


def test_others_in_the_batch_are_stored_beside_what_is_refused(device: Device) -> None:
    other = ConcentratorFactory.create(in_field=True)
    old, new = device.push(), device.push()
    record(arrivals(new))
    record([*arrivals(old), plain(other.serial_number)])
    assert (Message.objects.count(), reasons()) == (2, {"replay": 1})


def test_a_login_of_who_has_to_cipher_is_a_stray_and_answered_because_nothing_comes_without(device: Device) -> None:
    DeviceKeys.objects.update(ciphered_only=True)
    _, recorded = recorded_plain(device, login(device.serial))
    assert (reasons(), list(recorded.unanswered), Message.objects.exists()) == ({"plain": 1}, [], False)


def test_neither_plain_messages_nor_replays_take_the_places_of_what_only_the_device_can_send(device: Device) -> None:
    buckets = Buckets(Rates(of_serial=1, burst_of_serial=2))
    first, *later = arrivals(*(device.push() for _ in range(4)))
    assert buckets.sender_above(first) is None
    record([first])
    forged = [plain(device.serial)] * 5
    assert [buckets.sender_above(one) for one in forged] == [None, None, *[device.serial] * 3]
    assert [buckets.sender_above(first) for _ in range(5)] == [None, None, *[device.serial] * 3]
    assert [buckets.sender_above(one) for one in later] == [None, device.serial, device.serial]
