"""A commit whose outcome is not known is looked up before the next try (LIS-2)."""

from __future__ import annotations

from contextlib import suppress
from datetime import UTC, datetime, timedelta

import pytest
from django.db import OperationalError, connection, connections, transaction

from concentrators.models import Concentrator
from smmeplus.dlms.kinds import Kind
from tests.factories import ConcentratorFactory
from wakeup.arrivals import Arrival, Recorded
from wakeup.attempts import HOLD_AND_LOCK, Attempt
from wakeup.models import Format, Message, StrayFrame
from wakeup.recording import record

pytestmark = pytest.mark.django_db(transaction=True)

NOON = datetime(2026, 4, 1, 12, tzinfo=UTC)


@pytest.fixture
def batch() -> list[Arrival]:
    """Two messages of a concentrator, as they come in together."""
    concentrator: Concentrator = ConcentratorFactory.create()
    first = Arrival(concentrator.serial_number, Kind.BOOT, Format.PUSH, NOON, "10.0.0.1", 58_692)
    return [first, first._replace(received_at=NOON + timedelta(microseconds=1))]


def needs_postgres() -> bool:
    """Only there a connection can break between a commit and its confirmation."""
    return connection.vendor == "postgresql"


@pytest.mark.parametrize("strangers", [[], ["NOBODY"]], ids=["the short way", "the long way"])
def test_what_was_committed_is_not_stored_again(batch: list[Arrival], strangers: list[str]) -> None:
    attempt: Attempt[Recorded] = Attempt()
    batch += [batch[0]._replace(serial=serial) for serial in strangers]
    first = record(batch, attempt=attempt)
    if needs_postgres():
        assert record(batch, attempt=attempt) == first
    assert Message.objects.count() == 2


def test_what_was_rolled_back_is_stored_by_the_next_try(batch: list[Arrival]) -> None:
    attempt: Attempt[Recorded] = Attempt()
    with suppress(ZeroDivisionError), transaction.atomic():
        record(batch, attempt=attempt)
        raise ZeroDivisionError
    assert not Message.objects.exists()
    record(batch, attempt=attempt)
    assert Message.objects.count() == 2


def test_one_attempt_says_nothing_about_another(batch: list[Arrival]) -> None:
    record(batch, attempt=Attempt())
    record(batch, attempt=Attempt())
    assert Message.objects.count() == 4


def test_a_try_that_has_not_ended_yet_is_waited_for(batch: list[Arrival]) -> None:
    if not needs_postgres():
        return
    attempt: Attempt[Recorded] = Attempt()
    attempt.begin(batch, Recorded())
    other = connections.create_connection("default")
    try:
        with other.cursor() as theirs, connection.cursor() as ours:
            theirs.execute("BEGIN")
            theirs.execute(HOLD_AND_LOCK.body.replace("$1", str(attempt.key)))
            ours.execute("SET lock_timeout = '100ms'")
            with pytest.raises(OperationalError, match="lock timeout"):
                record(batch, attempt=attempt)
            theirs.execute("ROLLBACK")
        record(batch, attempt=attempt)
    finally:
        other.close()
        connection.close()
    assert Message.objects.count() == 2


def test_a_part_of_it_proves_nothing(batch: list[Arrival]) -> None:
    """Neither do messages of several transactions, as if the clock had been set back meanwhile."""
    if not needs_postgres():
        return
    record(batch[:1])
    attempt: Attempt[Recorded] = Attempt()
    attempt.begin(batch, Recorded())
    assert attempt.committed() is None
    record(batch[1:])
    attempt.begin(batch, Recorded())
    assert attempt.committed() is None


def test_what_was_not_committed_is_not_asked_for_again(batch: list[Arrival]) -> None:
    if not needs_postgres():
        return
    attempt: Attempt[Recorded] = Attempt()
    attempt.begin(batch, Recorded())
    assert attempt.committed() is None
    assert not attempt.arrivals


def test_a_try_of_strays_alone_is_made_again(batch: list[Arrival]) -> None:
    attempt: Attempt[Recorded] = Attempt()
    for _ in range(2):
        assert record([batch[0]._replace(serial="NOBODY")], attempt=attempt).strays.total() == 1
    assert StrayFrame.objects.get().count == 2
