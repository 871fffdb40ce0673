"""What proves that a try was committed, and what does not (LIS-2)."""

from __future__ import annotations

import pytest
from django.db import OperationalError, connection, connections

from wakeup.models import Message
from wakeup.recording.arrivals import Arrival, Recorded
from wakeup.recording.attempts import HOLD_AND_LOCK, Attempt
from wakeup.recording.recorder import record

__test__ = connection.vendor == "postgresql"  # elsewhere no connection can break before a commit is confirmed
pytestmark = pytest.mark.django_db(transaction=True)


def test_a_try_that_has_not_ended_yet_is_waited_for(batch: list[Arrival]) -> None:
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
    record(batch[:1])
    attempt: Attempt[Recorded] = Attempt()
    attempt.begin(batch, Recorded())
    assert attempt.committed() is None
    record(batch[1:])
    attempt.begin(batch, Recorded())
    assert attempt.committed() is None


def test_what_was_not_committed_is_not_asked_for_again(batch: list[Arrival]) -> None:
    attempt: Attempt[Recorded] = Attempt()
    attempt.begin(batch, Recorded())
    assert attempt.committed() is None
    assert not attempt.arrivals
