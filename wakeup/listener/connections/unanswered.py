"""Frames of a connection that are read, and not answered yet."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Generic, Protocol, TypeVar

from wakeup.formats.seals import Seal

T = TypeVar("T")


class Answering(Protocol):
    """What a frame has its connection do."""

    def answer_what_is_stored(self) -> None: ...
    def reset(self) -> None: ...


@dataclass(slots=True, eq=False)
class Unanswered(Generic[T]):
    """A frame of a connection on its way into the database."""

    content: T
    connection: Answering
    answer: bytes
    seal: Seal | None = None  # of a ciphered message: then its answer is made when it is stored
    is_stored: bool = False
    is_answered: bool = False

    @property
    def due(self) -> bytes:
        """What is sent as answer, once the message is stored."""
        return self.answer if self.seal is None else self.seal.answer()

    def stored(self) -> None:
        if not self.is_answered:  # with the first one of its connection, as all of a batch are
            self.connection.answer_what_is_stored()

    def failed(self) -> None:
        self.connection.reset()
