"""The configuration writer (CFG-3): works off what is due, many concentrators at a time."""

from __future__ import annotations

import asyncio
import logging
import os
import secrets
import socket
from collections.abc import Callable, Coroutine
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import partial
from typing import Any, Final, TypeVar

from django.conf import settings
from django.db import Error, connection
from django.utils import timezone

from concentrators.configuration.between import Heard, TakeHeard, TimedConversation, pass_over
from concentrators.configuration.figures import Figures, count_states
from concentrators.configuration.jobs import Job, claim, claim_to_verify
from concentrators.configuration.outcomes import Outcome, failed
from concentrators.configuration.power_logs.jobs import LogJob, claim_logs
from concentrators.configuration.power_logs.reading import attempt_log
from concentrators.configuration.power_logs.storing import LogResult, let_logs_go, store_logs
from concentrators.configuration.procedure import Found, read_all, write_all
from concentrators.configuration.rollouts import advance, open_and_close
from concentrators.configuration.storing import confirm, hurry, let_go, store
from concentrators.configuration.transport import Patience, converse

log = logging.getLogger(__name__)
T = TypeVar("T")

MOST_AT_ONCE: Final = 200
MOST_LOGS: Final = 20  # at once: they wait, configurations do not
_PARTS: Final = 4
LOOK_S: Final = 1.0  # between looks for what is due
LISTEN_S: Final = 5.0  # between looks for wake-ups that prove or hurry something
COUNT_S: Final = 60.0  # between counts of the states, which read all rows
AWAY_S: Final = 5.0  # before the next look at a database that is away


@dataclass(frozen=True)
class Plan:
    """How to work. With ``once`` the writer ends when nothing is due any more.

    With ``verify_after`` it also reads back what was last checked that long ago. With ``counts_states`` its figures say
    how many configurations are in each state.
    """

    at_once: int = MOST_AT_ONCE
    once: bool = False
    verify_after: timedelta | None = None
    counts_states: bool = False
    patience: Patience = field(default_factory=Patience)


class Writer:
    """``now`` is the clock. All that asks the database runs in one thread, which keeps its connection.

    ``take_heard`` gets the messages that devices send amid the conversations.
    """

    def __init__(
        self, plan: Plan, now: Callable[[], datetime] = timezone.now, take_heard: TakeHeard = pass_over
    ) -> None:
        self.name = f"{socket.gethostname()[:32]}:{os.getpid()}:{secrets.token_hex(4)}"
        self.figures = Figures()
        self._plan = plan
        self._now = now
        self._take_heard = take_heard
        self._thread = ThreadPoolExecutor(1, "configurations")
        self._under_way: set[asyncio.Task[None]] = set()
        self._results: list[tuple[Job, Outcome]] = []
        self._logs: list[LogJob] = []  # those that are being read
        self._logs_read: list[LogResult] = []
        self._heard: list[Heard] = []
        self._listened_at = self._counted_at = self._logs_looked_at = float("-inf")
        self._began = now()

    @property
    def under_way(self) -> int:
        """How many concentrators it is connected to, or is connecting to."""
        return len(self._under_way)

    async def run(self, stopped: asyncio.Event) -> None:
        """Work until ``stopped``, or, if the plan says once, until nothing is due; then let go of what is not done."""
        try:
            while not stopped.is_set():
                may_be_more = await self._turn()
                if self._plan.once and not may_be_more:
                    break
                await self._wait(stopped)
        finally:
            await self._end()

    async def _turn(self) -> bool:
        """Store what has ended and begin what is due; whether anything is under way. A database away is no end."""
        try:
            await self._store()
            has_advanced = await self._listen()
            await self._count()
            for job in await self._due():
                self._begin(self._work(job))
            for log_job in await self._due_logs():
                self._begin(self._read_log(log_job))
        except Error as error:
            if self._plan.once:
                raise
            log.warning("the database is away: %s", error)
            self.figures.away = str(error)
            await asyncio.sleep(AWAY_S)
            return True
        self.figures.passed()
        return has_advanced or bool(self._under_way or self._results or self._logs_read or self._heard)

    async def _store(self) -> None:
        """What ends meanwhile is stored the next time."""
        results = list(self._results)
        if results:
            await self._ask(partial(store, results, self.name, self._now()))
            del self._results[: len(results)]
        logs = list(self._logs_read)
        if logs:
            await self._ask(partial(store_logs, logs, self.name, self._now()))
            del self._logs_read[: len(logs)]
        heard = list(self._heard)
        if heard:
            await self._ask(partial(self._take_heard, heard))
            del self._heard[: len(heard)]

    async def _listen(self) -> bool:
        """Note what has come in meanwhile; whether a roll-out has gone on by it."""
        clock = asyncio.get_running_loop().time()
        if clock - self._listened_at < LISTEN_S and not self._plan.once:
            return False
        await self._ask(partial(confirm, self._now()))
        await self._ask(partial(hurry, self._now()))
        self._listened_at = clock
        return await self._ask(partial(advance, self._now()))

    async def _count(self) -> None:
        clock = asyncio.get_running_loop().time()
        if self._plan.counts_states and clock - self._counted_at >= COUNT_S:
            self.figures.states = await self._ask(count_states)
            self._counted_at = clock

    async def _due(self) -> list[Job]:
        room = self._plan.at_once - len(self._under_way)
        # Each look is a transaction: it is worth one only when a part of the places is free.
        if room * _PARTS < self._plan.at_once or not settings.WRITER_NETWORKS:
            return []
        now = self._now()
        await self._ask(partial(open_and_close, now))
        jobs = await self._ask(partial(claim, self.name, room, now))
        if len(jobs) < room:
            jobs += await self._ask(partial(claim_to_verify, self.name, room - len(jobs), None, now))
        if self._plan.verify_after is None or len(jobs) == room:
            return jobs
        # Once is once, also with 0 days.
        before = (self._began if self._plan.once else now) - self._plan.verify_after
        return jobs + await self._ask(partial(claim_to_verify, self.name, room - len(jobs), before, now))

    async def _due_logs(self) -> list[LogJob]:
        """Of the places that the configurations that are due have left, and not at each of their ends (STA-11)."""
        clock = asyncio.get_running_loop().time()
        if self._under_way and clock - self._logs_looked_at < LOOK_S:
            return []
        self._logs_looked_at = clock
        room = min(MOST_LOGS - len(self._logs), self._plan.at_once - len(self._under_way))
        if room * _PARTS < min(MOST_LOGS, self._plan.at_once) or not settings.WRITER_NETWORKS:
            return []
        jobs = await self._ask(partial(claim_logs, self.name, room, self._now()))
        self._logs += jobs
        return jobs

    def _begin(self, work: Coroutine[Any, Any, None]) -> None:
        self._under_way.add(task := asyncio.create_task(work))
        task.add_done_callback(self._under_way.discard)

    async def _work(self, job: Job) -> None:
        outcome = await attempt(job, self._plan.patience, self._now)
        self.figures.count(job, outcome)
        self._results.append((job, outcome))
        if outcome.heard:
            self._heard.append(outcome.heard)

    async def _read_log(self, job: LogJob) -> None:
        outcome = await attempt_log(job, self._plan.patience, self._now)
        self._logs.remove(job)
        self.figures.count_log(outcome.outcome.failure)
        self._logs_read.append((job, outcome))
        if outcome.heard:
            self._heard.append(outcome.heard)

    async def _wait(self, stopped: asyncio.Event) -> None:
        """Until one has ended, which makes room and is to be stored, or it is time to look again.

        Who works once and has nothing under way has looked because a roll-out went on: what that made due is due now.
        """
        is_idle = self._plan.once and not self._under_way
        if self._results or self._logs_read or self._heard or is_idle:
            return
        stop = asyncio.create_task(stopped.wait())
        await asyncio.wait({stop, *self._under_way}, timeout=LOOK_S, return_when=asyncio.FIRST_COMPLETED)
        stop.cancel()

    async def _end(self) -> None:
        for task in self._under_way:
            task.cancel()
        await asyncio.gather(*self._under_way, return_exceptions=True)
        with suppress(Error):  # what is still held is due again when its time is over
            await self._store()
            await self._ask(partial(let_logs_go, self._logs, self.name, self._now()))
            await self._ask(partial(let_go, self.name, self._now()))
        await self._ask(_disconnect)
        self._thread.shutdown()

    async def _ask(self, question: Callable[[], T]) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._thread, partial(_fresh, question))


def _disconnect() -> None:
    connection.close()  # that of this thread


def _fresh(question: Callable[[], T]) -> T:
    """With a connection that works: one that broke is made anew."""
    try:
        return question()
    except Error:
        connection.close()
        raise


async def attempt(job: Job, patience: Patience, now: Callable[[], datetime] = timezone.now) -> Outcome:
    """Write or read back one concentrator; whatever goes wrong is in the outcome."""
    if job.refusal is not None:
        return Outcome(failure=job.refusal)
    found = Found(now)
    steps = read_all if job.only_reads else write_all
    conversation = TimedConversation(steps(job.target, found), now)
    try:
        await converse(job.host, job.port, conversation, patience)
        outcome = Outcome(found)
    except Exception as error:
        outcome = failed(error, found)
        if outcome.is_unexpected:
            log.exception("concentrator %s", job.target.serial)
    heard = Heard(job.host, job.port, conversation.heard) if conversation.heard else None
    return replace(outcome, heard=heard)
