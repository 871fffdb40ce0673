"""What has come in and is on its way into the database: what it says, and who waits for its answer."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from smmeplus.dlms.errors import FrameError
from wakeup.formats.notice import Notice
from wakeup.models.strays import Stray, StrayReason
from wakeup.recording.arrivals import Arrival

if TYPE_CHECKING:
    from wakeup.listener.connections.tcp import Connection

MAX_RAW = 2_056  # bytes of a refused frame that are kept


@dataclass(slots=True, eq=False)
class Unanswered:
    """A frame of a connection."""

    content: Arrival | Stray
    connection: Connection
    answer: bytes
    is_stored: bool = False
    is_answered: bool = False

    def stored(self) -> None:
        if not self.is_answered:  # with the first one of its connection, as all of a batch are
            self.connection.answer_what_is_stored()

    def failed(self) -> None:
        self.connection.reset()


def take_answers(queue: deque[Unanswered]) -> bytes:
    """Take the stored frames off the front of ``queue``, up to the first that is not stored yet: their answers."""
    answers = []
    while queue and queue[0].is_stored:
        unanswered = queue.popleft()
        unanswered.is_answered = True
        answers.append(unanswered.answer)
    return b"".join(answers)


def arrival_of(notice: Notice, raw: bytes, now: datetime, peer: str, port: int) -> Arrival:
    """A notice as it came in at ``now`` from ``peer`` on our ``port``."""
    return Arrival(notice.serial, notice.kind, notice.format, now, peer, port, notice.clock, raw, notice.sign)


def refused_of(raw: bytes, error: FrameError, now: datetime, peer: str) -> Stray:
    """A frame that no format could read."""
    return Stray(StrayReason.MALFORMED, peer, now, peer, raw[:MAX_RAW], str(error))
