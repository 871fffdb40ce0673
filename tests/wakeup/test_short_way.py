"""Most batches take a short way into PostgreSQL, the others the long one: what is stored is the same (LIS-1)."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from django.db import DatabaseError, connection, transaction

from concentrators.models import Concentrator, State
from smmeplus.dlms.kinds import Kind
from tests.factories import ConcentratorFactory
from wakeup.models import CountingZone, Format, Message, Reason, StrayFrame, WakeupTotal
from wakeup.models.strays import Stray
from wakeup.recording import Arrival, record

pytestmark = pytest.mark.django_db(transaction=True)

NOON = datetime(2026, 4, 1, 12, tzinfo=UTC)


def arrival(serial: str, *, address: Any = "10.0.0.1") -> Arrival:
    return Arrival(serial, Kind.KEEPALIVE, Format.PUSH, NOON, address, 58_692)


@pytest.fixture
def known() -> Concentrator:
    """A concentrator whose company has had its first message: from then on the short way is open."""
    concentrator: Concentrator = ConcentratorFactory.create()
    record([arrival(concentrator.serial_number)])
    return concentrator


def test_it_needs_nothing_of_the_long_one(known: Concentrator, monkeypatch: pytest.MonkeyPatch) -> None:
    def long_way(*_args: Any, **_options: Any) -> None:
        raise AssertionError("the long way")

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
    assert recorded.strays == {Reason.UNKNOWN: 1, Reason.REMOVED: 1}
    assert Message.objects.count() == 2
    assert set(StrayFrame.objects.values_list("sender", "count")) == {("NOBODY", 1), (removed, 1)}


def test_nobody_known_at_all(known: Concentrator) -> None:
    assert record([arrival("NOBODY")]).strays == {Reason.UNKNOWN: 1}
    assert Message.objects.count() == 1


def test_a_malformed_frame_beside_a_message(known: Concentrator) -> None:
    malformed = Stray(Reason.MALFORMED, "10.0.0.9", NOON, "10.0.0.9", b"\x00")
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
