"""Frames of a connection that are read, and not answered yet."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol, Self

from wakeup.formats.notice import Said
from wakeup.models.strays import Stray
from wakeup.recording.arrivals import Arrival


class Answering(Protocol):
    """What a frame asks of its connection. ``is_proven``: its sender has shown whose it is (SEC-4)."""

    port: int

    @property
    def source(self) -> str: ...
    @property
    def is_proven(self) -> bool: ...
    def answer_what_is_stored(self) -> None: ...
    def reset(self) -> None: ...


class Unanswered:
    """A frame on its way into the database."""

    __slots__ = ()

    connection: Answering
    is_stored: bool
    is_answered: bool

    def stored(self) -> None:
        if not self.is_answered:  # with the first one of its connection, as all of a batch are
            self.connection.answer_what_is_stored()

    def failed(self) -> None:
        self.connection.reset()


@dataclass(slots=True, eq=False)
class UnansweredStray(Unanswered):
    content: Stray
    connection: Answering
    answer: bytes
    is_stored: bool = False
    is_answered: bool = False

    @property
    def due(self) -> bytes:
        """What is sent as answer, once it is stored."""
        return self.answer


class Message(Arrival, Unanswered):
    """A message, from being read to being answered one object: there may be tens of thousands in a second."""

    __slots__ = ("answer", "connection", "is_answered", "is_stored", "received_us")

    received_us: int

    def __init__(self, connection: Answering, said: Said, raw: bytes, received_at: datetime, received_us: int) -> None:
        self.serial, self.kind, self.clock, self.format, self.answer, self.kind_key, self.seal = said
        self.raw = raw
        self.received_at, self.received_us = received_at, received_us
        self.connection = connection
        self.source_ip, self.port, self.is_proven = connection.source, connection.port, connection.is_proven
        self.is_stored = self.is_answered = False

    @property
    def content(self) -> Self:
        return self

    @property
    def due(self) -> bytes:
        """What is sent as answer, once it is stored."""
        return self.answer if self.seal is None else self.seal.answer()
