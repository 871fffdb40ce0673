"""Several writers at once: of the same ciphered message one stores it, and no counter of ours comes twice (SEC-3)."""

from __future__ import annotations

import random
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial

import pytest
from django.db import connection

from concentrators.models import Company, DeviceKeys
from tests.factories import ConcentratorFactory
from tests.wakeup.ciphering.devices import Device, answer_of, arrivals, give_keys
from wakeup.models import Message, StrayFrame
from wakeup.recording.arrivals import Arrival
from wakeup.recording.fast_path import FastPath
from wakeup.recording.recorder import record

pytestmark = pytest.mark.django_db(transaction=True)

WRITERS = 4


def in_thread(work: Callable[[], None]) -> None:
    try:
        work()
    finally:
        connection.close()


def write(batches: list[list[Arrival]], fast_path: FastPath) -> None:
    for batch in batches:
        record(batch, fast_path=fast_path)


def at_once(batches_of_writers: list[list[list[Arrival]]]) -> None:
    with ThreadPoolExecutor(WRITERS) as pool:
        jobs = [partial(write, batches, FastPath()) for batches in batches_of_writers]
        for done in [pool.submit(in_thread, job) for job in jobs]:
            done.result()


def test_of_the_same_message_at_once_one_is_stored_and_each_is_answered(device: Device) -> None:
    record(arrivals(device.push()))  # from then on the fast path is open
    device.counter = 20
    frames = [device.push() for _ in range(10)]
    copies = [[arrivals(frame) for frame in frames] for _ in range(WRITERS)]
    at_once(copies)
    answers = [device.reads(answer_of(arrival)).counter for batches in copies for batch in batches for arrival in batch]
    assert len(answers) == len(set(answers)) == 10 * WRITERS
    stored = Message.objects.count() - 1
    replays = sum(StrayFrame.objects.values_list("count", flat=True))
    assert 1 <= stored <= 10
    assert stored + replays <= 10 * WRITERS
    assert DeviceKeys.objects.get().accepted_counter == 30


def test_batches_of_many_devices_in_any_order_wait_for_each_other_and_lose_nothing(chile: Company) -> None:
    devices = []
    for number in range(12):
        concentrator = ConcentratorFactory.create(company=chile)
        title = b"EPL" + number.to_bytes(5, "big")
        give_keys(concentrator, title=title)
        devices.append(Device(concentrator.serial_number, title=title))
    record(arrivals(devices[0].push()))
    chance = random.Random(7)
    work = list[list[list[Arrival]]]()
    for _ in range(WRITERS):
        batches = []
        for _ in range(6):
            order = chance.sample(devices, len(devices))
            for device in order:
                device.counter = chance.randint(1, 1_000)
            batches.append(arrivals(*(device.push() for device in order)))
        work.append(batches)
    at_once(work)
    sent = WRITERS * 6 * len(devices) + 1
    assert Message.objects.count() + sum(StrayFrame.objects.values_list("count", flat=True)) <= sent
    answers = [
        (arrival.serial, arrival.seal.own_counter)
        for batches in work
        for batch in batches
        for arrival in batch
        if arrival.seal is not None
    ]
    assert len(answers) == len(set(answers)), "a nonce came twice"
    assert all(counter is not None for _, counter in answers)
