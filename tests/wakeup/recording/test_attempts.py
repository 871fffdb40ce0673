"""A commit whose outcome is not known is looked up before the next try (LIS-2)."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace

import pytest
from django.db import connection, transaction

from wakeup.models import Message, StrayFrame
from wakeup.recording.arrivals import Arrival, Recorded
from wakeup.recording.attempts import Attempt
from wakeup.recording.recorder import record

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.mark.parametrize("strangers", [[], ["NOBODY"]], ids=["the fast path", "the slow path"])
def test_what_was_committed_is_not_stored_again(batch: list[Arrival], strangers: list[str]) -> None:
    attempt: Attempt[Recorded] = Attempt()
    batch += [replace(batch[0], serial=serial) for serial in strangers]
    first = record(batch, attempt=attempt)
    if connection.vendor == "postgresql":  # only there a connection can break between a commit and its confirmation
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


def test_a_try_of_strays_alone_is_made_again(batch: list[Arrival]) -> None:
    attempt: Attempt[Recorded] = Attempt()
    for _ in range(2):
        assert record([replace(batch[0], serial="NOBODY")], attempt=attempt).strays.total() == 1
    assert StrayFrame.objects.get().count == 2
