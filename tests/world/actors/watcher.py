"""`manage.py watchstatus` in a world, its two kinds of work apart.

It passes at moments that chance draws, because its changes have their true times, and judges each minute.
"""

from __future__ import annotations

import asyncio
import random
from contextvars import Context
from datetime import datetime

from django.db import connection
from django.utils import timezone

from tests.world.actors.listener import DatabaseSite
from tests.world.trace import Trace
from wakeup.models import StatusChange
from wakeup.monitoring.changes.watcher import SETTLED, watch
from wakeup.monitoring.desk import follow
from wakeup.monitoring.verdicts.judging import judge


class WorldJudge:
    """Finds each minute whose fault silence is, and notes it when that changes."""

    def __init__(self, database: DatabaseSite, trace: Trace) -> None:
        self._database, self._trace = database, trace
        self._context = Context()
        self._said = ""

    async def run(self) -> None:
        """Judge until cancelled."""
        while True:
            await asyncio.sleep(60)
            if not self._database.is_away:
                self._note(self._context.run(judge, timezone.now()).cause)

    async def end(self) -> None:
        self._context.run(_close)

    def _note(self, cause: str) -> None:
        if cause != self._said:
            self._said = cause
            self._trace.note("verdict", cause)


class WorldWatcher:
    def __init__(
        self, database: DatabaseSite, chance: random.Random, pause: tuple[float, float], *, follows: bool
    ) -> None:
        self._database, self._chance, self._pause, self._follows = database, chance, pause, follows
        self._context = Context()  # and with it a connection to the database of its own
        #: After each pass: up to when it saw all, and how many changes were recorded by then.
        self.passes: list[tuple[datetime, int]] = []

    async def run(self) -> None:
        """Pass until cancelled."""
        while True:
            await asyncio.sleep(self._chance.uniform(*self._pause))
            self._pass()

    async def end(self) -> None:
        """See all up to now, and pass no more."""
        await asyncio.sleep(SETTLED.total_seconds())
        self._pass()
        self._context.run(_close)

    def _pass(self) -> None:
        if not self._database.is_away:
            now = timezone.now()
            self._context.run(watch, now)
            if self._follows:
                self._context.run(follow, now)
            self.passes.append((now - SETTLED, self._context.run(_recorded)))


def _recorded() -> int:
    return StatusChange.objects.count()


def _close() -> None:
    connection.close()  # that of the context
