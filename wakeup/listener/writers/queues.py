"""What waits to be stored, gathered into the batches in which it will be."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Protocol

from wakeup.models.strays import Stray
from wakeup.recording.arrivals import Arrival, Recorded
from wakeup.recording.attempts import Attempt

#: Messages of a batch. To write down more of them at once would keep the event loop for more than a few milliseconds.
MAX_BATCH = 1_000
#: Messages that have to wait before a further writer, whose own work are the strays, helps the first with them. A
#: transaction costs much beside its messages: to split what fits into one makes all of them slower.
CROWD = 250


class Pending(Protocol):
    """Something that waits to be stored and wants to know how that went."""

    content: Arrival | Stray
    #: Set for all of a batch before any of them is told: so a connection sends its answers at once.
    is_stored: bool

    def stored(self) -> None:
        """It is in the database for good."""

    def failed(self) -> None:
        """It could not be stored, and will not be."""


@dataclass(slots=True, eq=False)
class Batch:
    """Messages of one queue that are stored in one transaction. ``since``: when the oldest came, by our clock."""

    queue: Batches
    since: float
    messages: list[Pending] = field(default_factory=list)
    tries: int = 0  # in vain
    #: Whether the last try was committed although its connection broke. The halves of what was refused have not been.
    attempt: Attempt[Recorded] = field(default_factory=Attempt)

    def contents(self) -> tuple[list[Arrival], list[Stray]]:
        """What is to be stored."""
        contents = [pending.content for pending in self.messages]
        strays = [content for content in contents if isinstance(content, Stray)]
        return [content for content in contents if isinstance(content, Arrival)], strays

    def halves(self) -> tuple[Batch, Batch]:
        """Its older and its newer half."""
        middle = len(self.messages) // 2
        older, newer = self.messages[:middle], self.messages[middle:]
        return Batch(self.queue, self.since, older), Batch(self.queue, self.since, newer)


class Batches:
    """A queue of batches. Who comes joins the last one, until it is full or taken: it grows with the load.

    ``size`` counts the messages that are neither stored nor given up, those of batches taken included; ``waiting``
    leaves these out. ``crowd`` of them waiting are more than one writer should see to.
    """

    def __init__(self, clock: Callable[[], float], crowd: int) -> None:
        self.size = self.waiting = 0
        self._clock = clock
        self._crowd = crowd
        self._batches: deque[Batch] = deque()
        self._open: Batch | None = None  # the last one, if it takes in more

    @property
    def is_crowded(self) -> bool:
        """Whether a further writer should help."""
        return self.waiting >= self._crowd

    def put(self, pending: Pending) -> bool:
        """Queue ``pending``; whether it is crowded now."""
        batch = self._open
        if batch is None:
            batch = self._open = Batch(self, self._clock())
            self._batches.append(batch)
        batch.messages.append(pending)
        self.size += 1
        self.waiting += 1
        if len(batch.messages) >= MAX_BATCH:
            self._open = None
        return self.is_crowded

    def take(self) -> Batch | None:
        """The oldest batch, or None. It goes to :meth:`give_back` or, when it is settled, to :meth:`forget`."""
        if not self._batches:
            return None
        batch = self._batches.popleft()
        if batch is self._open:
            self._open = None
        self.waiting -= len(batch.messages)
        return batch

    def give_back(self, batch: Batch) -> None:
        """Queue a batch that was taken, or a half of one, before all others."""
        self._batches.appendleft(batch)
        self.waiting += len(batch.messages)

    def forget(self, batch: Batch) -> None:
        """``batch`` is stored or given up."""
        self.size -= len(batch.messages)

    def take_older_than(self, moment: float) -> list[Batch]:
        """Take the batches whose oldest message came before ``moment``.

        Called every few seconds, which keeps the messages of one batch about the same age: the last one is closed.
        """
        self._open = None
        overdue = [batch for batch in self._batches if batch.since < moment]
        if overdue:
            self._batches = deque(batch for batch in self._batches if batch.since >= moment)
            self.waiting -= sum(len(batch.messages) for batch in overdue)
        return overdue


class Queue:
    """What has come in one way, messages and strays apart: strays take longer to store and nobody waits for them.

    They are a helper's work, so that one alone is a crowd.
    """

    def __init__(self, clock: Callable[[], float]) -> None:
        self.messages, self.strays = Batches(clock, CROWD), Batches(clock, 1)

    @property
    def size(self) -> int:
        """How many are neither stored nor given up."""
        return self.messages.size + self.strays.size

    def put(self, pending: Pending) -> bool:
        """Queue ``pending``; whether it is crowded now where it waits."""
        return (self.strays if isinstance(pending.content, Stray) else self.messages).put(pending)

    def take_older_than(self, moment: float) -> list[Batch]:
        """Take the batches of both whose oldest came before ``moment``."""
        return self.messages.take_older_than(moment) + self.strays.take_older_than(moment)


class Turns:
    """Several queues of batches of which each has its turn, so that none keeps the others waiting."""

    def __init__(self, *queues: Batches) -> None:
        self._queues = deque(queues)

    @property
    def is_crowded(self) -> bool:
        """Whether one of them is."""
        return any(queue.is_crowded for queue in self._queues)

    def take(self) -> Batch | None:
        """The oldest batch of whose turn it is, or None."""
        for queue in tuple(self._queues):
            self._queues.rotate(-1)
            batch = queue.take()
            if batch is not None:
                return batch
        return None
