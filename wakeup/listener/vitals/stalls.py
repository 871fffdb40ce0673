"""Notices a transaction that goes on and on without an error, and finds out what it waits for (LIS-4).

No time-out ends a commit that waits for a standby: it is on the disk already, and cannot be taken back.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

from django.db import connection

from wakeup.listener.writers.intake import Intake
from wakeup.listener.writers.worker import Worker
from wakeup.models.listeners import WaitsFor

STALLED_S = 10.0
EVERY_S = 1.0
ANSWER_S = 3.0  # for the database to say what its sessions do

#: Those of listeners that have been at the same statement for long: their number, and how many wait for a standby.
_AT_WORK = """
SELECT count(*), count(*) FILTER (WHERE wait_event = 'SyncRep')
FROM pg_stat_activity
WHERE datname = current_database() AND usename = current_user AND pid <> pg_backend_pid()
    AND application_name = current_setting('application_name')
    AND state = 'active' AND query_start < clock_timestamp() - make_interval(secs => %s)
"""


def look() -> WaitsFor:
    """What the sessions of listeners wait for, by what the database says; NOTHING if none of them is at work.

    Through a pooler, too: it hands on the name by which they are found, but not the number of a session's process.
    Raises Django's database errors.
    """
    if connection.vendor != "postgresql":
        return WaitsFor.NOTHING
    with connection.cursor() as cursor:
        cursor.execute(_AT_WORK, [STALLED_S / 2])
        at_work, for_standby = cursor.fetchone()
    if for_standby:
        return WaitsFor.STANDBY
    return WaitsFor.DATABASE if at_work else WaitsFor.NOTHING


class Stalls:
    """Looks after the writers of ``intake`` every second. ``worker`` asks the database, and must not wait for it."""

    def __init__(
        self,
        intake: Intake,
        worker: Worker,
        *,
        ask: Callable[[], WaitsFor] = look,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._intake, self._worker = intake, worker
        self._ask, self._sleep = ask, sleep
        self._asking: asyncio.Task[WaitsFor] | None = None  # until it is answered, however long that takes
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        self._task = asyncio.create_task(self._run_for_ever())

    async def end(self) -> None:
        tasks = [task for task in (self._task, self._asking) if task is not None]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def check(self) -> None:
        """Say how the writers are getting on."""
        intake = self._intake
        if intake.busy_s < STALLED_S:
            intake.database.move()
            return
        waits_for = await self._find_out()
        if intake.busy_s >= STALLED_S:
            intake.database.stall(intake.busy_s, waits_for, intake.frames + intake.datagrams)

    async def _run_for_ever(self) -> None:
        while True:
            await self.check()
            await self._sleep(EVERY_S)

    async def _find_out(self) -> WaitsFor:
        """What the database says. Without an answer it is the database that is waited for."""
        if self._asking is None:
            self._asking = asyncio.create_task(self._worker.do(self._ask))
        done, _ = await asyncio.wait({self._asking}, timeout=ANSWER_S)
        if not done:
            return WaitsFor.DATABASE
        asked, self._asking = self._asking, None
        return WaitsFor.DATABASE if asked.exception() else asked.result()
