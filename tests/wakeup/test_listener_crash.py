"""`kill -9` of the listener under load: nothing answered is lost, nothing is counted twice (LIS-2)."""

from __future__ import annotations

import asyncio
import random
from collections import defaultdict
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import pytest
from django.core.management import call_command

from concentrators.models import Company
from smmeplus.dlms.kinds import Kind
from smmeplus.dlms.notification import push_notification, read_confirmation
from tests.factories import ConcentratorFactory
from tests.support.listener import HOST, Listener, running_listener
from wakeup.models import DailyCount, Message, StrayFrame, WakeupTotal

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.process]

SENDERS = 8
IN_FLIGHT = 20
ANSWER_SIZE = 14
ROUNDS = 4


@dataclass
class Ledger:
    """What the senders know: the device times sent, and of those the ones answered, by serial number."""

    sent: dict[str, set[datetime]] = field(default_factory=lambda: defaultdict(set))
    answered: dict[str, set[datetime]] = field(default_factory=lambda: defaultdict(set))
    enough: asyncio.Event = field(default_factory=asyncio.Event)
    goal: int = 0

    def answer(self, serial: str, moment: datetime) -> None:
        self.answered[serial].add(moment)
        if sum(map(len, self.answered.values())) >= self.goal:
            self.enough.set()


async def send_without_end(ledger: Ledger, port: int, serial: str, clock: list[datetime]) -> None:
    """Keep ``IN_FLIGHT`` messages on the way, each with a device time of its own, until the connection breaks."""
    reader, writer = await asyncio.open_connection(HOST, port)
    waiting: dict[int, datetime] = {}
    number = 0
    while True:
        while len(waiting) < IN_FLIGHT:
            number += 1
            clock[0] += timedelta(milliseconds=10)
            waiting[number] = clock[0]
            ledger.sent[serial].add(clock[0])
            writer.write(push_notification(serial, Kind.KEEPALIVE, invoke_id=number, moment=clock[0]))
        invoke_id = read_confirmation(await reader.readexactly(ANSWER_SIZE))
        ledger.answer(serial, waiting.pop(invoke_id))


Clocks = dict[str, list[datetime]]


async def load_until_killed(ledger: Ledger, listener: Listener, clocks: Clocks, answers: int) -> None:
    ledger.goal = sum(map(len, ledger.answered.values())) + answers
    ledger.enough = asyncio.Event()
    senders = [
        asyncio.create_task(send_without_end(ledger, listener.port, serial, clock)) for serial, clock in clocks.items()
    ]
    await asyncio.wait_for(ledger.enough.wait(), 60)
    listener.kill()
    for sender in senders:
        with suppress(OSError, asyncio.IncompleteReadError):
            await sender


def test_nothing_answered_is_lost_and_nothing_counted_twice(chile: Company) -> None:
    concentrators = ConcentratorFactory.create_batch(SENDERS, company=chile)
    by_serial = {concentrator.serial_number: concentrator for concentrator in concentrators}
    clocks = {serial: [datetime(2026, 1, 1, tzinfo=UTC)] for serial in by_serial}
    ledger = Ledger()
    moments = random.Random(58_692)
    with running_listener() as listener:
        for _ in range(ROUNDS):
            asyncio.run(load_until_killed(ledger, listener, clocks, moments.randint(1, 3_000)))
            listener.start()
        assert listener.terminate() == 0

    for serial, concentrator in by_serial.items():
        stored = list(Message.objects.filter(concentrator=concentrator).values_list("device_time", flat=True))
        assert len(stored) == len(set(stored)), "stored twice"
        assert ledger.answered[serial] <= set(stored), "answered and lost"
        assert set(stored) <= ledger.sent[serial], "stored and never sent"
        assert WakeupTotal.objects.get(concentrator=concentrator).wakeup_count == len(stored)
    assert sum(DailyCount.objects.values_list("wakeup_count", flat=True)) == Message.objects.count()
    assert sum(map(len, ledger.answered.values())) > ROUNDS
    assert not StrayFrame.objects.exists()
    call_command("rebuildcounts", dry_run=True)
