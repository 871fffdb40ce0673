"""Most batches take a fast path into PostgreSQL, the others the long one: what is stored is the same (LIS-1)."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import DatabaseError, connection, transaction

from concentrators.models import Concentrator, State
from smmeplus.dlms.kinds import Kind
from tests.factories import ConcentratorFactory
from tests.wakeup.recording.fast_paths import NOON, arrival
from wakeup.models import CountingZone, Format, Message, StrayFrame, StrayReason, WakeupTotal
from wakeup.models.strays import Stray
from wakeup.recording.recorder import record

pytestmark = pytest.mark.django_db(transaction=True)


def test_it_needs_nothing_of_the_long_one(known: Concentrator, monkeypatch: pytest.MonkeyPatch) -> None:
    def long_way(*_args: Any, **_options: Any) -> None:
        raise AssertionError("the slow path")

    if connection.vendor == "postgresql":
        monkeypatch.setattr(transaction, "atomic", long_way)
    recorded = record([arrival(known.serial_number)] * 2)
    assert recorded.messages == {(Kind.KEEPALIVE, Format.PUSH): 2}
    assert WakeupTotal.objects.get().wakeup_count == Message.objects.count() == 3


def test_the_first_message_of_a_company_puts_its_zone_into_force() -> None:
    serial = ConcentratorFactory.create().serial_number
    record([arrival(serial)])
    assert CountingZone.objects.get().time_zone == "America/Santiago"
    assert Message.objects.count() == 1


def test_one_stranger_among_them_changes_nothing_for_the_others(known: Concentrator) -> None:
    removed = ConcentratorFactory.create(company=known.company, state=State.REMOVED).serial_number
    recorded = record([arrival(known.serial_number), arrival("NOBODY"), arrival(removed)])
    assert recorded.strays == {StrayReason.UNKNOWN: 1, StrayReason.REMOVED: 1}
    assert Message.objects.count() == 2
    assert set(StrayFrame.objects.values_list("sender", "count")) == {("NOBODY", 1), (removed, 1)}


def test_nobody_known_at_all(known: Concentrator) -> None:
    assert record([arrival("NOBODY")]).strays == {StrayReason.UNKNOWN: 1}
    assert Message.objects.count() == 1


def test_a_malformed_frame_beside_a_message(known: Concentrator) -> None:
    malformed = Stray(StrayReason.MALFORMED, "10.0.0.9", NOON, "10.0.0.9", b"\x00")
    recorded = record([arrival(known.serial_number)], [malformed])
    assert (recorded.messages.total(), recorded.strays.total()) == (1, 1)


def test_what_the_database_refuses_leaves_nothing_and_the_connection_goes_on(known: Concentrator) -> None:
    serial = known.serial_number
    with pytest.raises(DatabaseError):
        record([arrival(serial), arrival(serial, address=None)])
    assert Message.objects.count() == 1
    record([arrival(serial)])
    assert WakeupTotal.objects.get().wakeup_count == Message.objects.count() == 2


def test_within_a_transaction_it_is_a_part_of_it(known: Concentrator) -> None:
    with transaction.atomic():
        record([arrival(known.serial_number)])
        transaction.set_rollback(True)
    assert Message.objects.count() == 1


def test_a_serial_number_may_be_a_word_of_the_database(known: Concentrator) -> None:
    ConcentratorFactory.create(company=known.company, serial_number="NULL")
    assert record([arrival("NULL"), arrival("NULL")]).messages.total() == 2
    assert record([arrival("NULL"), arrival("NOBODY")]).messages.total() == 1
