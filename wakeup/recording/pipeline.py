"""Short transactions that the event loop executes itself, without a thread."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import AbstractContextManager, suppress
from typing import Any

import psycopg
from psycopg.pq import ConnStatus, ExecStatus
from psycopg.pq.abc import PGresult

from wakeup.recording.libpq import Call, Statements, Steps, check, is_lost, read_cells, rolled_back_unless_committed

#: Seconds after which the connection is read although libuv has reported nothing. If the server's last bytes and a
#: reset arrive together, libuv reports the bytes and then never anything again.
LOOK_S = 0.5


class _Transaction:
    """The transaction that is running: its steps, the future of its end, and the last result that came in."""

    __slots__ = ("done", "last", "steps")

    def __init__(self, steps: Steps[Any], done: asyncio.Future[Any]) -> None:
        self.steps = steps
        self.done = done
        self.last: PGresult | None = None


class Pipeline:
    """A worker's connection to PostgreSQL, which the event loop uses while the worker's thread does not.

    For a few messages a thread costs more than the work it does: it has to be woken, it wakes the loop, and then both
    want to run. Here the loop itself takes the next step when the server has answered the one before. ``errors`` turns
    psycopg's errors into Django's.
    """

    def __init__(self, raw: psycopg.Connection[Any], errors: AbstractContextManager[None]) -> None:
        self.raw = raw
        self._pgconn = raw.pgconn
        self._socket = raw.pgconn.socket  # kept, because a lost connection no longer has it
        self._errors = errors
        self._loop: asyncio.AbstractEventLoop | None = None  # while it looks at what comes from the server
        self._timer: asyncio.TimerHandle | None = None
        self._current: _Transaction | None = None

    @property
    def is_lost(self) -> bool:
        """Whether the server, or something in between, has ended the connection while nobody used it."""
        if self._loop is None:
            return is_lost(self._pgconn)
        return self._pgconn.status != ConnStatus.OK  # the loop reads what comes

    def go_through(self, steps: Steps[Any]) -> asyncio.Future[Any]:
        """Execute the short transactions ``steps``. The future has what they return, or Django's database error.

        After an error the connection cannot be used any more.
        """
        done = asyncio.get_running_loop().create_future()
        self._current = _Transaction(rolled_back_unless_committed(self.raw, steps), done)
        self._guarded(self._begin)
        return done

    def detach(self) -> None:
        """Stop reading from the server: the worker's thread is going to use the connection, or to close it."""
        loop, self._loop = self._loop, None
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        if loop is not None:
            with suppress(OSError, RuntimeError):  # libpq has closed it; another socket may have its number now
                loop.remove_reader(self._socket)
                loop.remove_writer(self._socket)

    def _begin(self) -> None:
        if self._pgconn.status != ConnStatus.OK:  # another socket may have the number of its socket now
            raise psycopg.OperationalError("the connection is lost")
        if self._loop is None:
            self._loop = asyncio.get_running_loop()
            self._loop.add_reader(self._socket, self._guarded, self._take_in)
            self._timer = self._loop.call_later(LOOK_S, self._look)
        if self._current is not None:
            self._send(next(self._current.steps))

    def _guarded(self, work: Callable[[], None]) -> None:
        """Do ``work``. An error ends the transaction and stops reading: a socket that is shut is always readable."""
        try:
            with self._errors:
                work()
        except StopIteration as end:
            self._end(end.value, None)
        except Exception as error:  # raised again where it is awaited
            self._end(None, error)
            self.detach()

    def _end(self, result: object, error: Exception | None) -> None:
        transaction, self._current = self._current, None
        if transaction is None or transaction.done.cancelled():
            return
        if error is None:
            transaction.done.set_result(result)
        else:
            transaction.done.set_exception(error)

    def _look(self) -> None:
        """Read what has come, even if the loop has not reported anything; the end of an idle connection, too."""
        self._guarded(self._take_in)
        if self._loop is not None:
            self._timer = self._loop.call_later(LOOK_S, self._look)

    def _take_in(self) -> None:
        """Read what has come from the server; when its answer is complete, take the next step.

        An error ends the transaction at once: what follows it may never be reported, see ``LOOK_S``.
        """
        self._pgconn.consume_input()
        transaction = self._current
        while transaction is not None and not self._pgconn.is_busy():
            result = self._pgconn.get_result()
            if result is None:  # between the results of two statements
                continue
            if result.status != ExecStatus.PIPELINE_SYNC:
                check(self.raw, result)
                transaction.last = result
                continue
            last, transaction.last = transaction.last, None
            if last is None:
                raise psycopg.OperationalError("the server said nothing")
            self._pgconn.exit_pipeline_mode()
            self._send(transaction.steps.send(read_cells(self.raw, last)))

    def _send(self, statements: Statements) -> None:
        """Send ``statements`` by the extended protocol, which costs less than the text of :func:`as_sql`."""
        self._pgconn.enter_pipeline_mode()
        for one in statements:
            if isinstance(one, Call):
                arguments = [argument.encode() for argument in one.arguments]
                self._pgconn.send_query_prepared(one.statement.name.encode(), arguments)
            else:
                self._pgconn.send_query_params(one.encode(), None)
        self._pgconn.pipeline_sync()
        if self._pgconn.flush() and self._loop is not None:
            self._loop.add_writer(self._socket, self._guarded, self._flush)

    def _flush(self) -> None:
        """Send what the socket had no room for."""
        if not self._pgconn.flush() and self._loop is not None:
            self._loop.remove_writer(self._socket)
