"""Database work in threads of its own, away from the event loop."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Mapping
from contextlib import suppress
from functools import partial
from queue import SimpleQueue
from typing import Any, TypeVar

import psycopg
from django.db import Error, connection
from psycopg.pq import ConnStatus

from smmeplus.common.vitals.ids import begin_batch
from wakeup.listener.writers.sessions import SETTINGS, drop_if_lost, use_settings
from wakeup.recording.libpq import Statement, Steps, knows
from wakeup.recording.pipeline import Pipeline

_T = TypeVar("_T")
_Job = tuple[Callable[[], Any], "asyncio.Future[Any]", asyncio.AbstractEventLoop]


class Worker:
    """A thread that does one piece of work after the other on a database connection of its own, with ``settings``.

    It is a daemon, unlike the threads of an executor: a listener that has to end does not wait for a database
    that hangs.
    """

    def __init__(self, name: str, clock: Callable[[], float], settings: Mapping[str, str] = SETTINGS) -> None:
        self._clock, self._settings = clock, settings
        self._busy_since: float | None = None
        self._pipeline: Pipeline | None = None
        self._jobs: SimpleQueue[_Job | None] = SimpleQueue()
        threading.Thread(target=self._work, name=name, daemon=True).start()

    @property
    def busy_s(self) -> float:
        """For how long the work in hand has been going on; 0 without any."""
        since = self._busy_since
        return 0.0 if since is None else self._clock() - since

    async def do(self, work: Callable[[], _T]) -> _T:
        """What ``work`` returns or raises. After an error of the database the next work has a new connection."""
        loop = asyncio.get_running_loop()
        if self._pipeline is not None:
            self._pipeline.detach()
        done: asyncio.Future[_T] = loop.create_future()
        self._jobs.put((partial(begin_batch().run, work), done, loop))
        return await done

    def pipeline_for(self, *statements: Statement) -> Pipeline | None:
        """That of its connection, if that is one to PostgreSQL which knows ``statements``, and was not cut off."""
        pipeline = self._pipeline
        if pipeline is None or pipeline.is_lost or not knows(pipeline.raw, *statements):
            return None
        return pipeline

    async def go_through(self, pipeline: Pipeline, steps: Steps[_T]) -> _T:
        """What the short transaction ``steps`` returns or raises, by :meth:`pipeline_for` and so without the thread."""
        self._busy_since = self._clock()
        begin_batch()
        try:
            result: _T = await pipeline.go_through(steps)
        except Exception:
            await self.do(_close)  # whatever state it is in
            raise
        finally:
            self._busy_since = None
        return result

    def stop(self) -> None:
        """End after the work in hand."""
        if self._pipeline is not None:
            self._pipeline.detach()
        self._jobs.put(None)

    def _work(self) -> None:
        use_settings(self._settings)
        while job := self._jobs.get():
            work, done, loop = job
            self._busy_since = self._clock()
            result, error = _outcome(work)
            self._pipeline = _pipeline_of(self._pipeline)
            self._busy_since = None
            with suppress(RuntimeError):  # the loop is closed: nobody waits for it any more
                loop.call_soon_threadsafe(_settle, done, result, error)
            del job, work, done, result, error  # while it waits for the next
        connection.close()


def _outcome(work: Callable[[], _T]) -> tuple[_T | None, Exception | None]:
    try:
        drop_if_lost()
        return work(), None
    except Error as error:
        connection.close()  # it may be broken
        return None, error
    except Exception as error:  # raised again where it was asked for
        return None, error


def _close() -> None:
    connection.close()  # that of the thread which calls


def _pipeline_of(before: Pipeline | None) -> Pipeline | None:
    """The pipeline of this thread's connection as it is now, if it is one to PostgreSQL that is not lost."""
    raw = connection.connection
    if not isinstance(raw, psycopg.Connection) or raw.pgconn.status != ConnStatus.OK:
        return None
    return before if before is not None and raw is before.raw else Pipeline(raw, connection.wrap_database_errors)


def _settle(done: asyncio.Future[_T], result: _T, error: Exception | None) -> None:
    if done.cancelled():
        return
    if error is None:
        done.set_result(result)
    else:
        done.set_exception(error)
