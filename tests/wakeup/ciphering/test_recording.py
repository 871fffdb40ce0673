"""Ciphered messages in the database: stored once, replays refused, answers with counters of their own (SEC-3)."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.conf import settings

from concentrators.models import LAST_COUNTER, Concentrator, DeviceKeys, State
from smmeplus.dlms.kinds import Kind
from tests.factories import ConcentratorFactory
from tests.wakeup.ciphering.devices import KEYS, OTHER_KEYS, Device, answer_of, arrivals, give_keys, read
from wakeup.listener.connections.pieces import Refusal
from wakeup.listener.keys.cache import KeyCache
from wakeup.models import Message, StrayFrame, StrayReason, WakeupTotal
from wakeup.recording.fast_path import FastPath
from wakeup.recording.recorder import record

pytestmark = pytest.mark.django_db(transaction=True)


def keys_in_database() -> DeviceKeys:
    return DeviceKeys.objects.get()


def reasons() -> dict[str, int]:
    return dict(StrayFrame.objects.values_list("reason", "count"))


@pytest.mark.parametrize("control", [0x30, 0x10])
@pytest.mark.parametrize("kind", list(Kind))
def test_a_ciphered_push_is_stored_and_confirmed_ciphered_alike(device: Device, kind: Kind, control: int) -> None:
    device.control = control
    (arrival,) = arrivals(device.push(kind))
    record([arrival])
    assert Message.objects.get().kind == kind
    answer = device.reads(answer_of(arrival))
    assert (answer.invoke_id, answer.control, answer.title) == (device.counter, control, settings.SYSTEM_TITLE)
    assert (keys_in_database().accepted_counter, keys_in_database().accepted_at) == (1, arrival.received_at)


@pytest.mark.parametrize("kind", [Kind.KEEPALIVE, Kind.LASTGASP])
def test_a_ciphered_event_is_stored_and_has_no_answer(device: Device, kind: Kind) -> None:
    (arrival,) = arrivals(device.event(kind))
    record([arrival])
    assert Message.objects.get().kind == kind
    assert answer_of(arrival) == b""
    assert keys_in_database().own_counter == 1


def test_one_that_asks_for_no_answer_has_none_and_uses_no_counter_up(device: Device) -> None:
    (arrival,) = arrivals(device.push(confirmed=False))
    record([arrival])
    assert (answer_of(arrival), keys_in_database().own_counter, Message.objects.count()) == (b"", 1, 1)


def test_the_first_message_may_bring_any_counter(device: Device) -> None:
    device.counter = 70_000
    record(arrivals(device.push()))
    assert (keys_in_database().accepted_counter, Message.objects.count()) == (70_001, 1)


def test_the_same_bytes_again_are_answered_again_and_not_stored(device: Device) -> None:
    frame = device.push()
    for _ in range(3):
        (arrival,) = arrivals(frame)
        record([arrival])
        device.reads(answer_of(arrival))
    assert Message.objects.count() == WakeupTotal.objects.get().wakeup_count == 1
    assert not StrayFrame.objects.exists()
    assert len({answer.counter for answer in device.answers}) == 3


def test_another_message_with_the_same_counter_is_a_replay(device: Device) -> None:
    record(arrivals(device.push()))
    device.counter -= 1
    record(arrivals(device.push(Kind.BOOT)))
    assert (Message.objects.count(), reasons()) == (1, {"replay": 1})


def test_an_older_message_is_a_replay_however_it_comes(device: Device) -> None:
    old, new = device.push(), device.push()
    record(arrivals(new))
    for _ in range(2):
        (arrival,) = arrivals(old)
        record([arrival])
        device.reads(answer_of(arrival))
    stray = StrayFrame.objects.get()
    assert (stray.reason, stray.sender, stray.count) == (StrayReason.REPLAY, device.serial, 2)
    assert "counter 1, which is not above 2" in stray.detail
    assert (Message.objects.count(), keys_in_database().accepted_counter) == (1, 2)


def test_a_batch_may_hold_several_of_one_device_in_any_order(device: Device) -> None:
    one, two, three = device.push(), device.push(), device.push()
    batch = arrivals(one, three, two, three)
    record(batch)
    assert (Message.objects.count(), reasons()) == (2, {"replay": 1})
    assert keys_in_database().accepted_counter == 3
    assert len({device.reads(answer_of(arrival)).counter for arrival in batch}) == 4


def test_no_counter_of_ours_comes_twice(device: Device) -> None:
    for _ in range(3):
        batch = arrivals(*(device.push() for _ in range(4)))
        record(batch, fast_path=FastPath())
        for arrival in batch:
            device.reads(answer_of(arrival))
    used = [answer.counter for answer in device.answers]
    assert used == sorted(set(used))
    assert keys_in_database().own_counter > max(used)


def test_without_a_counter_left_there_is_no_answer(device: Device) -> None:
    DeviceKeys.objects.update(own_counter=LAST_COUNTER)
    first, second = arrivals(device.push(), device.push())
    record([first])
    record([second])
    assert device.reads(answer_of(first)).counter == LAST_COUNTER
    assert (answer_of(second), Message.objects.count()) == (b"", 2)


def test_the_last_counter_is_accepted_once_and_the_key_is_used_up(device: Device) -> None:
    device.counter = LAST_COUNTER - 1
    last = device.push()
    record(arrivals(last))
    assert (Message.objects.count(), keys_in_database().accepted_counter) == (1, LAST_COUNTER)
    device.counter = 0
    record(arrivals(device.push()))
    record(arrivals(last))
    assert (Message.objects.count(), reasons()) == (1, {"replay": 1})


def test_one_that_names_another_device_is_refused_and_raises_nothing(device: Device) -> None:
    other = ConcentratorFactory.create(in_field=True)
    (arrival,) = arrivals(device.push(says=other.serial_number))
    record([arrival])
    stray = StrayFrame.objects.get()
    assert (stray.reason, stray.sender) == (StrayReason.IDENTITY, device.serial)
    assert other.serial_number in stray.detail
    assert (Message.objects.exists(), keys_in_database().accepted_counter) == (False, None)
    device.reads(answer_of(arrival))


@pytest.mark.parametrize(
    "text",
    [
        "0F4000000100020209103136434543353036313030",  # cut
        "C4010000",  # a response
        "0A0110",  # a login
        "DB0000",  # ciphered twice
        "",
    ],
)
def test_content_that_cannot_be_read_is_a_stray_and_raises_nothing(device: Device, text: str) -> None:
    record(arrivals(device.apdu(bytes.fromhex(text))))
    assert (reasons(), Message.objects.exists()) == ({"malformed": 1}, False)
    assert keys_in_database().accepted_counter is None


def test_one_that_names_nobody_is_of_the_device_of_its_title(device: Device) -> None:
    nameless = bytes.fromhex("0F00000001000201 09060001190900FF")
    record(arrivals(device.apdu(nameless)))
    assert Message.objects.get().concentrator.serial_number == device.serial


def test_an_unknown_title_is_refused_though_its_serial_would_be_known(in_field: Concentrator) -> None:
    (refusal,) = read(Device(in_field.serial_number).push())
    assert isinstance(refusal, Refusal)
    assert (refusal.reason, refusal.error.identity, refusal.error.answer) == (
        StrayReason.CIPHERED,
        "45504C0000000001",
        b"",
    )


def test_a_wrong_key_is_refused_without_an_answer(device: Device) -> None:
    (refusal,) = read(Device(device.serial, OTHER_KEYS).push())
    assert isinstance(refusal, Refusal)
    assert (refusal.reason, refusal.error.answer) == (StrayReason.TAG, b"")


def test_removed_ones_are_strays_whose_counter_rises_all_the_same(removed: Concentrator) -> None:
    give_keys(removed)
    device = Device(removed.serial_number)
    frame = device.push()
    for _ in range(2):
        record(arrivals(frame))
    Concentrator.objects.update(state=State.AVAILABLE)
    record(arrivals(frame))
    assert (Message.objects.exists(), reasons()) == (False, {"removed": 1})
    assert keys_in_database().accepted_counter == 1


def test_other_keys_count_from_the_moment_on_in_which_they_are_stored(device: Device, in_field: Concentrator) -> None:
    cache = KeyCache()
    record(arrivals(device.push(), cache=cache))
    (old,) = arrivals(device.push(), cache=cache)
    give_keys(in_field, OTHER_KEYS)
    record([old])
    assert (reasons(), answer_of(old), Message.objects.count()) == ({"tag": 1}, b"", 1)
    new = Device(device.serial, OTHER_KEYS)
    record(arrivals(new.push(), cache=cache))
    assert (Message.objects.count(), keys_in_database().accepted_counter) == (2, 1)


def test_the_same_keys_given_again_lose_no_message(device: Device, in_field: Concentrator) -> None:
    cache = KeyCache()
    for _ in range(3):
        (arrival,) = arrivals(device.push(), cache=cache)
        give_keys(in_field)
        record([arrival])
        device.reads(answer_of(arrival))
    assert (Message.objects.count(), reasons()) == (3, {})


def test_keys_that_are_removed_read_nothing_more(device: Device) -> None:
    cache = KeyCache()
    record(arrivals(device.push(), cache=cache))
    (arrival,) = arrivals(device.push(), cache=cache)
    DeviceKeys.objects.all().delete()
    record([arrival])
    assert (reasons(), answer_of(arrival), Message.objects.count()) == ({"ciphered": 1}, b"", 1)
    (refusal,) = read(device.push(), cache=cache)
    assert isinstance(refusal, Refusal)


def test_keys_that_nobody_can_decrypt_read_nothing(device: Device) -> None:
    DeviceKeys.objects.update(encrypted_unicast_key="damaged")
    (refusal,) = read(device.push())
    assert isinstance(refusal, Refusal)
    assert refusal.reason == StrayReason.CIPHERED


def test_two_devices_have_counters_of_their_own(device: Device) -> None:
    other = ConcentratorFactory.create(in_field=True)
    give_keys(other, KEYS, b"EPLother")
    second = Device(other.serial_number, KEYS, b"EPLother")
    record(arrivals(device.push(), second.push()))
    assert set(DeviceKeys.objects.values_list("accepted_counter", "own_counter")) == {(1, 2)}
    assert Message.objects.count() == 2
    assert timedelta(0) <= max(Message.objects.values_list("received_at", flat=True)) - min(
        Message.objects.values_list("received_at", flat=True)
    )
