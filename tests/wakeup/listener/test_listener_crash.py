"""`kill -9` of the listener under load: nothing answered is lost, nothing is counted twice (LIS-2)."""

from __future__ import annotations

import asyncio
import random
from pathlib import Path

import pytest
from cryptography.fernet import Fernet
from django.core.management import call_command
from pytest_django.fixtures import Settings

from concentrators.models import Company
from tests.factories import ConcentratorFactory
from tests.support.ledger import Ledger, senders
from tests.support.tls.listener import TlsListener, running_tls_listener
from tests.wakeup.ciphering.devices import Device, give_keys
from wakeup.models import DailyCount, Message, StrayFrame, WakeupTotal

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.process, pytest.mark.ci_only]

SENDERS = 8
ROUNDS = 4
ANY_MOMENT = random.Random(58_692)


async def kill_in_a_loop(ledger: Ledger, listener: TlsListener, serials: list[str]) -> None:
    """Half of the senders speak TLS."""
    half = len(serials) // 2
    async with (
        senders(ledger, listener.plain.port, serials[:half]),
        senders(ledger, listener.port, serials[half:], tls=listener.context()),
    ):
        for _ in range(ROUNDS):
            await ledger.wait_for(ANY_MOMENT.randint(1, 2_000))
            await asyncio.to_thread(listener.plain.kill)
            await asyncio.to_thread(listener.plain.start)
        await ledger.wait_for(1)


@pytest.fixture
def _encryption(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    settings.CONFIGURATION_KEYS = [Fernet.generate_key().decode()]
    monkeypatch.setenv("CONFIGURATION_KEYS", settings.CONFIGURATION_KEYS[0])


@pytest.mark.usefixtures("_encryption")
def test_nothing_answered_is_lost_and_nothing_counted_twice(chile: Company, tmp_path: Path) -> None:
    """Every other sender ciphers: no counter of ours may come twice, however a listener ends (SEC-3)."""
    concentrators = ConcentratorFactory.create_batch(SENDERS, company=chile)
    by_serial = {concentrator.serial_number: concentrator for concentrator in concentrators}
    ledger, ciphering = Ledger(), []
    for number, concentrator in enumerate(concentrators[::2]):
        title = b"EPL" + number.to_bytes(5, "big")
        give_keys(concentrator, title=title)
        ciphering.append(Device(concentrator.serial_number, title=title))
        ledger.ciphers[concentrator.serial_number] = ciphering[-1]
    with running_tls_listener(tmp_path) as listener:
        asyncio.run(kill_in_a_loop(ledger, listener, list(by_serial)))
        assert listener.plain.terminate() == 0
    assert all(ledger.answered[serial] for serial in by_serial)

    for serial, concentrator in by_serial.items():
        stored = list(Message.objects.filter(concentrator=concentrator).values_list("device_time", flat=True))
        assert len(stored) == len(set(stored)), "stored twice"
        assert ledger.answered[serial] <= set(stored), "answered and lost"
        assert set(stored) <= ledger.sent[serial], "stored and never sent"
        assert WakeupTotal.objects.get(concentrator=concentrator).wakeup_count == len(stored)
    assert sum(DailyCount.objects.values_list("wakeup_count", flat=True)) == Message.objects.count()
    assert not StrayFrame.objects.exists()
    for device in ciphering:
        counters = [answer.counter for answer in device.answers]
        assert len(counters) == len(set(counters)) > 0, "a nonce came twice"
    call_command("rebuildcounts", dry_run=True)
