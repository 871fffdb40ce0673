"""The listener sees to the partitions of the coming days (OPS-4)."""

from __future__ import annotations

import asyncio
import logging
from datetime import datetime

import pytest
from django.db import OperationalError

from wakeup.listener.vitals import housekeeping as module
from wakeup.listener.vitals.housekeeping import AGAIN_AFTER_S, EVERY_S, Housekeeping

pytestmark = pytest.mark.time


class Partitions:
    """Stands for the database: raises ``errors`` first."""

    def __init__(self, *errors: Exception) -> None:
        self.errors = list(errors)
        self.calls: list[datetime] = []

    def __call__(self, now: datetime) -> list[str]:
        self.calls.append(now)
        if self.errors:
            raise self.errors.pop(0)
        return []


def pauses_of(partitions: Partitions, calls: int, monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """How long it slept between so many calls."""
    monkeypatch.setattr(module, "ensure_partitions", partitions)
    pauses: list[float] = []
    enough = asyncio.Event()

    async def sleep(seconds: float) -> None:
        pauses.append(seconds)
        if len(pauses) >= calls:
            enough.set()
            await asyncio.Event().wait()

    async def work() -> None:
        housekeeping = Housekeeping(sleep=sleep)
        housekeeping.start()
        await asyncio.wait_for(enough.wait(), 10)
        await housekeeping.end()

    asyncio.run(work())
    return pauses


def test_it_begins_at_once_and_comes_again_every_hour(monkeypatch: pytest.MonkeyPatch) -> None:
    partitions = Partitions()
    assert pauses_of(partitions, 3, monkeypatch) == [EVERY_S] * 3
    assert len(partitions.calls) == 3


def test_what_goes_wrong_is_said_and_tried_again_soon(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.WARNING):
        pauses = pauses_of(Partitions(OperationalError("away\nfor a while"), ValueError("odd")), 3, monkeypatch)
    assert pauses == [AGAIN_AFTER_S, AGAIN_AFTER_S, EVERY_S]
    assert caplog.messages == ["no partitions were made: away", "no partitions were made: odd"]
