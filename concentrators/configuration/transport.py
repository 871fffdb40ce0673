"""One conversation with a device over TCP, bounded in time and bytes (CFG-2)."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import Final, TypeVar

from smmeplus.dlms.access.conversation import Conversation

T = TypeVar("T")
#: All that one device may send in one conversation: its values fit many times over.
MAX_BYTES: Final = 256 * 1024
_PIECE: Final = 4_096


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
    reader, writer = await _connect(host, port, patience.connect_s)
    try:
        async with asyncio.timeout(patience.total_s):
            return await _talk(reader, writer, conversation, patience.reply_s)
    except TimeoutError:
        raise SilentError from None
    except OSError as error:
        raise ClosedError(error.strerror or "") from None
    finally:
        writer.transport.abort()


async def _connect(host: str, port: int, seconds: float) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    try:
        async with asyncio.timeout(seconds):
            return await asyncio.open_connection(host, port)
    except TimeoutError:
        raise UnreachableError("no answer to the connection") from None
    except OSError as error:
        raise UnreachableError(error.strerror or str(error)) from None


async def _talk(
    reader: asyncio.StreamReader, writer: asyncio.StreamWriter, conversation: Conversation[T], reply_s: float
) -> T:
    received, to_send = 0, conversation.start()
    async with asyncio.timeout(reply_s) as reply_due:
        while not conversation.is_over:
            if to_send:
                writer.write(to_send)
                # What a device sends in between does not put off the reply.
                reply_due.reschedule(asyncio.get_running_loop().time() + reply_s)
            data = await reader.read(_PIECE)
            if not data:
                raise ClosedError(str(conversation.closed()))
            received += len(data)
            if received > MAX_BYTES:
                raise TooMuchError
            to_send = conversation.receive(data)
    return conversation.result
