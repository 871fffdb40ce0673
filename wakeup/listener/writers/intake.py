"""Group commit: whatever has queued up is stored in one transaction and only then answered (LIS-2)."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable, Sequence
from functools import partial
from itertools import chain, repeat
from typing import Any, TypeVar

from django.db import Error

from wakeup.listener.metrics import Metrics
from wakeup.listener.writers.buckets import UNLIMITED, Buckets
from wakeup.listener.writers.database import Blame, Database, blame_for
from wakeup.listener.writers.queues import Batch, BatchQueue, FrameQueues, Pending, RoundRobin, counted_as
from wakeup.listener.writers.worker import Worker
from wakeup.models.strays import Stray
from wakeup.recording.arrivals import Arrival, Recorded
from wakeup.recording.attempts import Attempt
from wakeup.recording.fast_path import FAST_PATH
from wakeup.recording.libpq import Steps
from wakeup.recording.recorder import record

log = logging.getLogger(__name__)

MAX_PENDING = 20_000
MAX_KEPT_DATAGRAMS = 10_000
#: How long a connection waits for a database that is away: as long as its concentrator would until its next retry.
PATIENCE_S = 60.0
RETRY_PAUSES_S = (0.05, 0.2, 0.5, 1.0, 2.0)  # before each try while the database is away; the last one again and again
MAX_CHANCES = 3  # tries of a batch in a row that met another writer; then it waits like all others
STUCK_S = 60.0  # of one transaction: more than all time-outs of its connection together

T = TypeVar("T")
Store = Callable[[Sequence[Arrival], Sequence[Stray | Arrival], Attempt[Recorded]], Recorded]
FastStore = Callable[[Sequence[Arrival], Attempt[Recorded]], Steps[Recorded | None]]


class Intake:
    """The queues between the sockets and the database: one for the frames of connections, one for datagrams.

    It lives on one event loop; transactions run in threads. There is no delay to gather a batch: while one is being
    committed the next one gathers by itself, and grows with the load. Most batches try the ``fast_path`` first, if
    there is one: it does what ``store`` does, without a thread. ``clock`` (seconds) and ``sleep`` are those of the
    machine, and a worker has a thread, except in tests.
    """

    def __init__(
        self,
        writers: int,
        metrics: Metrics,
        store: Store = record,
        *,
        fast_path: FastStore | None = None,
        buckets: Buckets = UNLIMITED,
        patience_s: float = PATIENCE_S,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
        make_worker: Callable[[str, Callable[[], float]], Worker] = Worker,
    ) -> None:
        self.database = Database(clock)
        self._metrics, self._store_batch, self._fast_path = metrics, store, fast_path
        self._buckets, self._patience_s, self._clock, self._sleep = buckets, patience_s, clock, sleep
        self._frames, self._datagrams = FrameQueues(clock), FrameQueues(clock)
        self._messages = RoundRobin(self._frames.messages, self._datagrams.messages)
        self._counted = RoundRobin(self._frames.counted, self._datagrams.counted)
        self._all = RoundRobin(
            self._frames.messages, self._frames.counted, self._datagrams.messages, self._datagrams.counted
        )
        self._room = MAX_PENDING
        self._filled, self._crowded, self._settled = asyncio.Event(), asyncio.Event(), asyncio.Event()
        self._waiting: list[Callable[[], None]] = []
        self._workers = [make_worker(f"writer-{number}", clock) for number in range(writers)]
        first, *others = self._workers
        takes = self._messages.take if others else self._all.take
        self._writers = [asyncio.create_task(self._write(first, self._filled, takes))]
        self._writers += [asyncio.create_task(self._write(one, self._crowded, self._take_to_help)) for one in others]

    @property
    def room(self) -> int:
        """How many more frames senders should read; at 0 and below they stop for now (LIS-3)."""
        return self._room - self._frames.messages.size - self._frames.counted.size  # without a call: often asked

    @property
    def frames(self) -> int:
        """How many frames of connections wait for their answer."""
        return self._frames.size

    @property
    def datagrams(self) -> int:
        """How many datagrams are not stored yet."""
        return self._datagrams.size

    @property
    def busy_s(self) -> float:
        """For how long the oldest transaction in hand has been going on; 0 without any."""
        return max(worker.busy_s for worker in self._workers)

    @property
    def is_stuck(self) -> bool:
        """Whether a writer makes no progress, will not recover by itself, and it is not the database's fault."""
        is_hanging = self.busy_s > STUCK_S and not self.database.is_to_blame
        return is_hanging or any(task.done() for task in self._writers)

    def put(self, *pending: Pending[Arrival], is_behind_balancer: bool = False) -> None:
        """Queue ``pending``; the ``stored`` or ``failed`` of each is called once on this loop."""
        within = []
        for one in pending:
            sender = self._buckets.sender_above(one.content, is_behind_balancer)
            if sender is None:
                within.append(one)
            else:
                self._wake_writers(self._frames.counted.put(counted_as(sender, one)))
        if within:
            self._wake_writers(self._frames.messages.put(*within))

    def put_stray(self, pending: Pending[Stray]) -> None:
        self._wake_writers(self._frames.counted.put(pending))

    def put_datagram(self, pending: Pending[Arrival], is_behind_balancer: bool = False) -> bool:
        """Queue ``pending`` and never give it up before the listener stops; False if there is no room for it.

        However full the other queue is: its sender has no power left to send it again (LIS-4).
        """
        sender = self._buckets.sender_above(pending.content, is_behind_balancer)
        if sender is None:
            return self._put_datagram(self._datagrams.messages, pending, MAX_KEPT_DATAGRAMS)
        return self.put_stray_datagram(counted_as(sender, pending))

    def put_stray_datagram(self, pending: Pending[Stray] | Pending[Arrival]) -> bool:
        """The same in half of the room: with the database away, no flood may take the place of a last gasp."""
        return self._put_datagram(self._datagrams.counted, pending, MAX_KEPT_DATAGRAMS // 2)

    def call_when_there_is_room(self, resume: Callable[[], None]) -> None:
        """Call ``resume`` once when half of the queue has been worked off."""
        self._waiting.append(resume)

    def give_up_overdue(self) -> None:
        """Give up the frames that have waited longer than they may: their concentrators then try again."""
        for batch in self._frames.take_older_than(self._clock() - self._patience_s):
            log.error("%d messages given up after %g s, their connections reset", len(batch.items), self._patience_s)
            self._fail(batch)

    def close(self) -> None:
        """Be full from now on, so that connections stop reading."""
        self._room = -1  # not even when nothing waits

    async def finish(self, timeout: float) -> bool:
        """Wait until everything queued is answered; False when ``timeout`` seconds were not enough."""
        try:
            async with asyncio.timeout(timeout):
                while self._frames.size or self._datagrams.size:
                    self._settled.clear()
                    await self._settled.wait()
        except TimeoutError:
            return False
        return True

    async def stop(self) -> None:
        """End the writers. What is still queued is given up without an answer."""
        for writer in self._writers:
            writer.cancel()
        await asyncio.gather(*self._writers, return_exceptions=True)
        for worker in self._workers:
            worker.stop()

    def _put_datagram(self, queue: BatchQueue[T], pending: Pending[T], room: int) -> bool:
        if self._datagrams.size >= room:
            return False
        self._wake_writers(queue.put(pending))
        return True

    def _wake_writers(self, is_crowded: bool) -> None:
        self._filled.set()
        if is_crowded:
            self._crowded.set()

    async def _write(self, worker: Worker, awake: asyncio.Event, take: Callable[[], Batch[Any] | None]) -> None:
        """Store batch after batch as long as ``take`` has one, then wait until ``awake`` is set again."""
        while True:
            await self.database.wait_until_there()
            batch = take()
            if batch is None:
                awake.clear()
                await awake.wait()
                continue
            error = await self._store(worker, batch)
            if error is not None and self.database.lose(error, self._frames.size + self._datagrams.size):
                await self._retry_until_there(worker)

    def _take_to_help(self) -> Batch[Any] | None:
        """What is only counted, so that no message waits behind it, or messages if there is a crowd of them."""
        batch = self._counted.take()
        return self._messages.take() if batch is None and self._messages.is_crowded else batch

    async def _retry_until_there(self, worker: Worker) -> None:
        """Try one batch after each pause until the database takes one; the other writers wait meanwhile."""
        for pause in chain(RETRY_PAUSES_S, repeat(RETRY_PAUSES_S[-1])):
            await self._sleep(pause)
            batch = self._all.take() or Batch(self._frames.messages, self._clock())  # an empty one finds out, too
            error = await self._store(worker, batch)
            if error is None:
                self.database.find()
                return
            self.database.lose(error, self._frames.size + self._datagrams.size)
            self.give_up_overdue()

    async def _store(self, worker: Worker, batch: Batch[Any]) -> Exception | None:
        """Store and answer ``batch``; None, or why the database takes nothing now: then the batch waits again.

        Its items may be given up meanwhile.
        """
        size = len(batch.items)
        try:
            recorded, seconds = await self._record(worker, batch)
        except Exception as error:  # what to do depends on which
            return self._after_failure(batch, error)
        finally:
            batch.queue.in_hand.discard(batch)
        self.database.see()
        if batch.items:
            batch.withhold_answers(recorded.unanswered)
            self._answer(batch)
            self._metrics.answer_s.observe(self._clock() - batch.since)
        if size:
            self._metrics.count(recorded)
            self._metrics.batch_sizes.observe(size)
            self._metrics.commit_s.observe(seconds)
        return None

    async def _record(self, worker: Worker, batch: Batch[Any]) -> tuple[Recorded, float]:
        """What became of ``batch``, and how many seconds that took."""
        begin = self._clock()
        arrivals, counted = batch.contents()
        recorded = None
        if self._fast_path and arrivals and not batch.tries and (pipeline := worker.pipeline_for(*FAST_PATH)):
            recorded = await worker.go_through(pipeline, self._fast_path(arrivals, batch.attempt))
        if recorded is None:
            recorded = await worker.do(partial(self._store_batch, arrivals, counted, batch.attempt))
        return recorded, self._clock() - begin

    def _after_failure(self, batch: Batch[Any], error: Exception) -> Exception | None:
        """Queue a batch again that could not be stored, whole or in halves; ``error`` if all others have to wait.

        One message cannot stop all others: what the database refuses is tried in halves, until the culprit is alone.
        """
        batch.tries += 1
        blame = blame_for(error)
        if blame is not Blame.DATABASE and isinstance(error, Error):
            batch.attempt.end()  # the database itself has said no
        if blame is Blame.BATCH:
            self._split(batch, error)
            return None
        if batch.items:
            self._give_back(batch)
        if blame is Blame.CHANCE and batch.tries <= MAX_CHANCES:
            log.info("database: %s; %d messages are tried again at once", error, len(batch.items))
            return None
        return error

    def _split(self, batch: Batch[Any], error: Exception) -> None:
        if len(batch.items) > 1:
            self._give_back(*batch.halves())
        elif batch.items and batch.tries == 1:
            self._give_back(batch)  # what it refers to may just have been deleted
        elif batch.items:
            log.error("could not be stored: %s", batch.items[0].content, exc_info=error)
            self._fail(batch)

    def _give_back(self, *batches: Batch[Any]) -> None:
        """Queue them again and wake all writers: the one that gives them back may only be a helper."""
        for batch in reversed(batches):
            batch.queue.give_back(batch)
        self._filled.set()
        self._crowded.set()

    def _answer(self, batch: Batch[Any]) -> None:
        batch.tell_stored()
        self._forget(batch)

    def _fail(self, batch: Batch[Any]) -> None:
        self._metrics.failed.inc(len(batch.items))
        for pending in batch.items:
            try:
                pending.failed()
            except Exception:
                log.exception("a connection could not be reset")
        self._forget(batch)

    def _forget(self, batch: Batch[Any]) -> None:
        batch.queue.forget(batch)
        self._settled.set()
        if self._waiting and self._frames.size <= self._room // 2:
            waiting, self._waiting = self._waiting, []
            for resume in waiting:
                resume()
