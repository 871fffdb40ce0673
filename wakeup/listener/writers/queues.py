"""What waits to be stored, gathered into the batches in which it will be."""

from __future__ import annotations

import logging
from collections import deque
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field
from typing import Any, Generic, Protocol, TypeVar

from wakeup.models.strays import Stray
from wakeup.recording.arrivals import Arrival, Recorded
from wakeup.recording.attempts import Attempt

log = logging.getLogger(__name__)

#: Items of a batch. To prepare more of them at once would block the event loop for more than a few milliseconds.
MAX_BATCH = 1_000
#: Messages that have to wait before the writer of the strays helps with them. A transaction costs much beside its
#: messages: to split what fits into one makes all of them slower.
CROWD = 250

T = TypeVar("T")
T_co = TypeVar("T_co", covariant=True)
#: Messages to be stored; and what is only counted: strays, and messages above what their sender may have stored.
Contents = tuple[Sequence[Arrival], Sequence[Stray | Arrival]]


class Pending(Protocol[T_co]):
    """Something that waits to be stored and wants to know how that went."""

    answer: bytes
    #: Set for all of a batch before any of them is told: so a connection sends its answers at once.
    is_stored: bool

    @property
    def content(self) -> T_co: ...

    def stored(self) -> None:
        """It is in the database for good."""

    def failed(self) -> None:
        """It could not be stored, and will not be."""


def counted_as(sender: str, pending: Pending[Arrival]) -> Pending[Arrival]:
    """``pending``, which is only counted, with the sender by which it is counted in the place of its serial number."""
    pending.content.serial = sender
    return pending


@dataclass(slots=True, eq=False)
class Batch(Generic[T]):
    """Items of one queue that are stored in one transaction. ``since``: when the oldest came, by our clock."""

    queue: BatchQueue[T]
    since: float
    items: list[Pending[T]] = field(default_factory=list)
    tries: int = 0  # in vain
    #: Whether the last try was committed although its connection broke. The halves of what was refused have not been.
    attempt: Attempt[Recorded] = field(default_factory=Attempt)

    def contents(self) -> Contents:
        return self.queue.contents_of([pending.content for pending in self.items])

    def surrender(self) -> Batch[T]:
        """Its items in a batch of their own. This one is stored or not, but nobody waits for it any more."""
        items, self.items = self.items, []
        return Batch(self.queue, self.since, items)

    def withhold_answers(self, unanswered: Collection[Arrival]) -> None:
        """Have those items answer nothing whose messages are ``unanswered``; each has a time of receipt of its own."""
        if not unanswered:
            return
        times = {arrival.received_at for arrival in unanswered}
        for pending in self.items:
            if isinstance(pending.content, Arrival) and pending.content.received_at in times:
                pending.answer = b""

    def tell_stored(self) -> None:
        for pending in self.items:
            pending.is_stored = True
        items = iter(self.items)
        while True:
            try:
                for pending in items:
                    pending.stored()
                break
            except Exception:
                log.exception("an answer could not be given")  # the others can

    def halves(self) -> tuple[Batch[T], Batch[T]]:
        middle = len(self.items) // 2
        older, newer = self.items[:middle], self.items[middle:]
        return Batch(self.queue, self.since, older), Batch(self.queue, self.since, newer)


class BatchQueue(Generic[T]):
    """A queue of batches. A new item joins the last one, until that is full or taken: batches grow with the load.

    ``size`` counts the items that are neither stored nor given up, those of batches taken included; ``waiting``
    leaves these out. ``crowd`` of them waiting are too many for one writer. ``contents_of`` tells whether they are
    stored or only counted.
    """

    def __init__(self, contents_of: Callable[[list[T]], Contents], clock: Callable[[], float], crowd: int) -> None:
        self.size = self.waiting = 0
        self.contents_of = contents_of
        self._clock = clock
        self._crowd = crowd
        self.in_hand: set[Batch[T]] = set()  # taken by a writer that has not come to an end with them yet
        self._batches: deque[Batch[T]] = deque()
        self._open: Batch[T] | None = None  # the last one, if it takes in more

    @property
    def is_crowded(self) -> bool:
        """Whether a further writer should help."""
        return self.waiting >= self._crowd

    def put(self, *pending: Pending[T]) -> bool:
        self.size += len(pending)
        self.waiting += len(pending)
        while pending:
            batch = self._open
            if batch is None:
                batch = self._open = Batch(self, self._clock())
                self._batches.append(batch)
            room = MAX_BATCH - len(batch.items)
            batch.items += pending[:room]
            pending = pending[room:]
            if len(batch.items) >= MAX_BATCH:
                self._open = None
        return self.waiting >= self._crowd

    def take(self) -> Batch[T] | None:
        """The oldest batch, or None. It goes to :meth:`give_back` or, when it is settled, to :meth:`forget`.

        It is ``in_hand`` until the transaction has ended.
        """
        if not self._batches:
            return None
        batch = self._batches.popleft()
        if batch is self._open:
            self._open = None
        self.waiting -= len(batch.items)
        self.in_hand.add(batch)
        return batch

    def give_back(self, batch: Batch[T]) -> None:
        """Queue a batch that was taken, or a half of one, before all others."""
        self._batches.appendleft(batch)
        self.waiting += len(batch.items)

    def forget(self, batch: Batch[T]) -> None:
        """``batch`` is stored or given up."""
        self.size -= len(batch.items)

    def take_older_than(self, moment: float) -> list[Batch[T]]:
        """Take the batches whose oldest item came before ``moment``, and the items of those that a writer has in hand.

        Called every few seconds, which keeps the items of one batch about the same age: the last one is closed.
        """
        self._open = None
        overdue = [batch for batch in self._batches if batch.since < moment]
        if overdue:
            self._batches = deque(batch for batch in self._batches if batch.since >= moment)
            self.waiting -= sum(len(batch.items) for batch in overdue)
        return [*overdue, *(batch.surrender() for batch in self.in_hand if batch.items and batch.since < moment)]


class FrameQueues:
    """What has come in one way. What is only counted is apart: nothing that is stored has to wait for it.

    A helper counts it, so a single one is already a crowd.
    """

    def __init__(self, clock: Callable[[], float]) -> None:
        self.messages = BatchQueue[Arrival](lambda arrivals: (arrivals, ()), clock, CROWD)
        self.counted = BatchQueue[Any](lambda counted: ((), counted), clock, 1)

    @property
    def size(self) -> int:
        return self.messages.size + self.counted.size

    def take_older_than(self, moment: float) -> list[Batch[Any]]:
        return [*self.messages.take_older_than(moment), *self.counted.take_older_than(moment)]


class RoundRobin:
    """Several queues of batches that take turns, so that none keeps the others waiting."""

    def __init__(self, *queues: BatchQueue[Any]) -> None:
        self._queues = deque(queues)

    @property
    def is_crowded(self) -> bool:
        return any(queue.is_crowded for queue in self._queues)

    def take(self) -> Batch[Any] | None:
        """The oldest batch of the next queue that has one, or None."""
        for queue in tuple(self._queues):
            self._queues.rotate(-1)
            batch = queue.take()
            if batch is not None:
                return batch
        return None
