"""One conversation with a device over TCP, bounded in time and bytes (CFG-2)."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any, Final, TypeVar, cast

from smmeplus.dlms.access.conversation import Conversation

T = TypeVar("T")
#: All that one device may send in one conversation: its values fit many times over.
MAX_BYTES: Final = 256 * 1024


class UnreachableError(Exception):
    """Nobody accepts a connection there; the message is the system's."""


class SilentError(Exception):
    """The reply did not come in time."""


class ClosedError(Exception):
    """The device closed or reset the connection before the conversation was over; the message says where."""


class TooMuchError(Exception):
    """The device sent more than MAX_BYTES."""


@dataclass(frozen=True)
class Patience:
    """Seconds for the connection, for each reply, and for all of it."""

    connect_s: float = 10.0
    reply_s: float = 15.0
    total_s: float = 120.0


async def converse(host: str, port: int, conversation: Conversation[T], patience: Patience) -> T:
    """The result of ``conversation`` with the device there.

    Raises one of the errors above, and FrameError for what the device says.
    """
    line = _Line(conversation, patience.reply_s)
    transport = await _connect(host, port, line, patience.connect_s)
    try:
        async with asyncio.timeout(patience.total_s):
            await line.over
    except TimeoutError:
        raise SilentError from None
    finally:
        transport.abort()
    return conversation.result


async def _connect(host: str, port: int, line: _Line, seconds: float) -> asyncio.Transport:
    try:
        async with asyncio.timeout(seconds):
            transport, _ = await asyncio.get_running_loop().create_connection(lambda: line, host, port)
            return transport
    except TimeoutError:
        raise UnreachableError("no answer to the connection") from None
    except OSError as error:
        raise UnreachableError(error.strerror or str(error)) from None


class _Line(asyncio.Protocol):
    """A connection that carries a conversation, without a task that would be woken up for each reply."""

    def __init__(self, conversation: Conversation[Any], reply_s: float) -> None:
        self._loop = asyncio.get_running_loop()
        #: Done when the conversation is over, or has failed.
        self.over: asyncio.Future[None] = self._loop.create_future()
        self._conversation = conversation
        self._reply_s = reply_s
        self._reply_due = self._loop.time() + reply_s
        self._received = 0
        self._timer: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)
        self._go_on(self._conversation.start)
        self._watch()

    def data_received(self, data: bytes) -> None:
        self._received += len(data)
        if self._received > MAX_BYTES:
            self._end(TooMuchError())
        elif not self.over.done():
            self._go_on(partial(self._conversation.receive, data))

    def connection_lost(self, error: Exception | None) -> None:
        if isinstance(error, OSError):
            self._end(ClosedError(error.strerror or ""))
        else:
            self._end(ClosedError(str(self._conversation.closed())))

    def _go_on(self, step: Callable[[], bytes]) -> None:
        try:
            to_send = step()
        except Exception as error:  # whoever waits for the end is told
            self._end(error)
            return
        if to_send:
            self._transport.write(to_send)
            # What a device sends in between does not put off the reply.
            self._reply_due = self._loop.time() + self._reply_s
        elif self._conversation.is_over:
            self._end()

    def _watch(self) -> None:
        """One timer for all replies: it looks again when the one that is due meanwhile should be there."""
        if self.over.done():
            return
        if self._loop.time() >= self._reply_due:
            self._end(SilentError())
        else:
            self._timer = self._loop.call_at(self._reply_due, self._watch)

    def _end(self, error: Exception | None = None) -> None:
        if self.over.done():
            return
        if error:
            self.over.set_exception(error)
        else:
            self.over.set_result(None)
        if self._timer:
            self._timer.cancel()
