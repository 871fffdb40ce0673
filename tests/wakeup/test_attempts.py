"""A commit whose outcome is not known is looked up before the next try (LIS-2)."""

from __future__ import annotations

from contextlib import suppress
from datetime import UTC, datetime, timedelta

import pytest
from django.db import OperationalError, connection, connections, transaction

from concentrators.models import Concentrator
from smmeplus.dlms.kinds import Kind
from tests.factories import ConcentratorFactory
from wakeup.attempts import Attempt
from wakeup.looking_up import hold_and_look_up
from wakeup.models import Format, Message, StrayFrame
from wakeup.recording import Arrival, Recorded, record
from wakeup.rows import Row

pytestmark = pytest.mark.django_db(transaction=True)

NOON = datetime(2026, 4, 1, 12, tzinfo=UTC)
ROW = Row(1, Kind.BOOT, NOON, None, "10.0.0.1", 58_692, Format.PUSH, NOON.date())


@pytest.fixture
def batch() -> list[Arrival]:
    concentrator: Concentrator = ConcentratorFactory.create()
    return [Arrival(concentrator.serial_number, Kind.BOOT, Format.PUSH, NOON, "10.0.0.1", 58_692)]


def needs_postgres() -> bool:
    """Only there a connection can break between a commit and its confirmation."""
    return connection.vendor == "postgresql"


def test_what_was_committed_is_not_stored_again(batch: list[Arrival]) -> None:
    attempt: Attempt[Recorded] = Attempt()
    first = record(batch, attempt=attempt)
    if needs_postgres():
        assert record(batch, attempt=attempt) == first
    assert Message.objects.count() == 1


def test_what_was_rolled_back_is_stored_by_the_next_try(batch: list[Arrival]) -> None:
    attempt: Attempt[Recorded] = Attempt()
    with suppress(ZeroDivisionError), transaction.atomic():
        record(batch, attempt=attempt)
        raise ZeroDivisionError
    assert not Message.objects.exists()
    record(batch, attempt=attempt)
    assert Message.objects.count() == 1


def test_one_attempt_says_nothing_about_another(batch: list[Arrival]) -> None:
    record(batch, attempt=Attempt())
    record(batch, attempt=Attempt())
    assert Message.objects.count() == 2


def test_a_try_that_has_not_ended_yet_is_waited_for(batch: list[Arrival]) -> None:
    if not needs_postgres():
        return
    other = connections.create_connection("default")
    try:
        with other.cursor() as cursor:
            cursor.execute("BEGIN")
            cursor.execute("SELECT pg_current_xact_id()::text")
            number = cursor.fetchone()[0]
            attempt: Attempt[Recorded] = Attempt(number, [ROW], Recorded())
            with pytest.raises(OperationalError, match="not ended yet"):
                record(batch, attempt=attempt)
            cursor.execute("ROLLBACK")
        record(batch, attempt=attempt)
    finally:
        other.close()
    assert Message.objects.count() == 1


def test_a_transaction_of_somebody_else_that_got_the_same_number_proves_nothing(batch: list[Arrival]) -> None:
    """As after a crash, if nothing of ours had reached the disk."""
    if not needs_postgres():
        return
    other: Attempt[Recorded] = Attempt()
    record([replaced._replace(received_at=NOON + timedelta(seconds=1)) for replaced in batch], attempt=other)
    ours: Attempt[Recorded] = Attempt(other.transaction, [ROW], Recorded())
    assert record(batch, attempt=ours).messages.total() == 1
    assert Message.objects.count() == 2
    assert ours.transaction != other.transaction


def test_what_was_not_committed_is_not_asked_for_again(batch: list[Arrival]) -> None:
    """By then another transaction may bear the number."""
    if not needs_postgres():
        return
    attempt: Attempt[Recorded] = Attempt("3", [ROW], Recorded())
    assert attempt.committed() is None
    assert attempt.transaction is None


def test_a_try_of_strays_alone_is_made_again(batch: list[Arrival]) -> None:
    attempt: Attempt[Recorded] = Attempt()
    for _ in range(2):
        assert record([batch[0]._replace(serial="NOBODY")], attempt=attempt).strays.total() == 1
    assert StrayFrame.objects.get().count == 2


def test_a_transaction_that_the_database_never_heard_of_was_not_committed(batch: list[Arrival]) -> None:
    if not needs_postgres():
        return
    with transaction.atomic():
        number = int(hold_and_look_up(set())[1] or 0)
    record(batch, attempt=Attempt(str(number + 1_000_000), [ROW], Recorded()))
    assert Message.objects.count() == 1
