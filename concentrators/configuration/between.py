"""The messages that devices send by themselves amid a conversation, with the time at which each came in (CFG-2).

They are handed to whoever knows the listener's formats, far above this room.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TypeAlias, TypeVar

from smmeplus.dlms.access.conversation import Conversation, Steps

T = TypeVar("T")


@dataclass(frozen=True)
class Heard:
    """The frames of one conversation, whole and in order, and the address and port that it was with."""

    host: str
    port: int
    frames: Sequence[tuple[datetime, bytes]]


#: Stores what was heard, in the thread of the writer that asks the database; raises Django's database errors.
TakeHeard: TypeAlias = Callable[[Sequence[Heard]], None]


def pass_over(_heard: Sequence[Heard]) -> None:
    """For who has no use for them."""


class TimedConversation(Conversation[T]):
    """Notes when each message in between came in, also if the conversation fails."""

    def __init__(self, steps: Steps[T], now: Callable[[], datetime]) -> None:
        super().__init__(steps)
        self._now = now
        self.heard: list[tuple[datetime, bytes]] = []

    def receive(self, data: bytes) -> bytes:
        try:
            return super().receive(data)
        finally:
            if len(self.between) > len(self.heard):
                at = self._now()
                self.heard += [(at, frame) for frame in self.between[len(self.heard) :]]
