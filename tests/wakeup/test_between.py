"""What devices send amid the writing of their configuration is stored and counted as by a listener (CFG-2, WIR-1)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import DataError, OperationalError
from django.utils import timezone

from concentrators.configuration.between import Heard
from concentrators.configuration.storing import confirm
from concentrators.models import ConfigurationState
from smmeplus.dlms.framing.wrapper import wrap
from smmeplus.dlms.kinds import Kind
from tests.concentrators.configuration.devices import (
    FaultyLine,
    configuration_of,
    device_of,
    heard,
    installed,
    meet,
    obey,
)
from tests.factories import ConcentratorFactory
from tests.smmeplus.dlms.vectors import BY_NAME
from wakeup import between
from wakeup.between import record_heard
from wakeup.models import Message, StrayFrame, StrayReason, WakeupTotal

AT = datetime(2027, 4, 3, 23, 30, tzinfo=UTC)
SERIAL = "EPL1000400000042"
KEEPALIVE, EVENT, BOOT = (BY_NAME[name].frame for name in ("DN-P-keepalive", "EN-keepalive", "DN-P-boot"))
CIPHERED = wrap(1, 1, bytes.fromhex("DB084142433132333435" + "00" * 8))
NAMELESS = wrap(1, 1, bytes.fromhex("0F00000001000200"))

transactional = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def networks(settings: Any) -> None:
    settings.WRITER_NETWORKS = ["127.0.0.0/8"]


def conversation(*frames: bytes, at: datetime = AT) -> Heard:
    return Heard("10.60.0.7", 4059, [(at, frame) for frame in frames])


@pytest.mark.django_db
def test_messages_are_stored_and_counted_each_with_a_time_of_its_own() -> None:
    one = ConcentratorFactory.create(serial_number=SERIAL, in_field=True, installed_at=AT - timedelta(days=1))
    record_heard([conversation(KEEPALIVE, EVENT), conversation(BOOT, at=AT + timedelta(seconds=1))])
    rows = Message.objects.order_by("received_at").values_list("kind", "received_at", "source_ip", "port")
    assert list(rows) == [
        (Kind.KEEPALIVE, AT, "10.60.0.7", 4059),
        (Kind.KEEPALIVE, AT + timedelta(microseconds=1), "10.60.0.7", 4059),
        (Kind.BOOT, AT + timedelta(seconds=1), "10.60.0.7", 4059),
    ]
    assert WakeupTotal.objects.get(concentrator=one).wakeup_count == 3


@pytest.mark.django_db
def test_what_is_of_nobody_or_cannot_be_read_is_listed_with_the_unknown_senders() -> None:
    record_heard([conversation(KEEPALIVE, CIPHERED, NAMELESS)])
    assert set(StrayFrame.objects.values_list("reason", flat=True)) == {
        StrayReason.UNKNOWN,
        StrayReason.CIPHERED,
        StrayReason.NAMELESS,
    }
    assert not Message.objects.exists()


@pytest.mark.one_database
@pytest.mark.django_db
def test_what_the_database_refuses_stops_nothing_and_a_database_that_is_away_is_told(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    errors = iter([DataError("refused"), None, OperationalError("away")])
    stored: list[int] = []

    def record(arrivals: list[Any], _strays: list[Any]) -> None:
        if error := next(errors):
            raise error
        stored.append(len(arrivals))

    monkeypatch.setattr(between, "record", record)
    record_heard([conversation(KEEPALIVE), conversation(KEEPALIVE, BOOT)])
    assert stored == [2]
    assert "1 messages of 10.60.0.7 could not be stored" in caplog.text
    with pytest.raises(OperationalError):
        record_heard([conversation(KEEPALIVE)])


class SendsBetween:
    """Obeys, and sends a keep-alive of ``serial`` before each reply but the first."""

    def __init__(self, serial: str) -> None:
        self.frame = wrap(
            1, 1, bytes.fromhex("0F000000010002020910") + serial.encode() + bytes.fromhex("09060001190900FF")
        )

    def __call__(self, line: FaultyLine, data: bytes) -> None:
        if line.requests > 1:
            line.transport.write(self.frame)
        obey(line, data)


@transactional
def test_the_writer_hands_on_what_came_in_amid_its_conversation_and_it_confirms_nothing() -> None:
    (one,) = installed()
    meet({one: device_of(one)}, SendsBetween(one.serial_number), take_heard=record_heard)
    assert configuration_of(one).state == ConfigurationState.WRITTEN
    total = WakeupTotal.objects.get(concentrator=one)
    assert (total.wakeup_count, total.source_ip) == (Message.objects.count(), "127.77.0.1")
    assert total.wakeup_count > 5
    assert confirm(timezone.now()) == 0
    heard(one, timezone.now())
    assert confirm(timezone.now()) == 1


@transactional
def test_it_does_so_if_the_conversation_fails_too() -> None:
    (one,) = installed()
    sends = SendsBetween(one.serial_number)

    def closes(line: FaultyLine, data: bytes) -> None:
        sends(line, data) if line.requests < 4 else line.transport.abort()

    meet({one: device_of(one)}, closes, take_heard=record_heard)
    assert configuration_of(one).failure == "closed"
    assert Message.objects.count() == 2


@transactional
def test_a_database_that_is_away_for_a_moment_costs_no_message() -> None:
    (one,) = installed()
    away = iter([OperationalError("away")])
    taken: list[int] = []

    def flaky(found: Any) -> None:
        if error := next(away, None):
            raise error
        taken.extend(len(each.frames) for each in found)

    with pytest.raises(OperationalError):  # once: it says so, and ends with another attempt
        meet({one: device_of(one)}, SendsBetween(one.serial_number), take_heard=flaky)
    (number,) = taken
    assert number > 5
    assert configuration_of(one).state == ConfigurationState.WRITTEN
