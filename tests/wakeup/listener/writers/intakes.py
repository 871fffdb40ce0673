"""Frames, a database and a clock for tests of the intake."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Coroutine, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Generic, TypeVar

import uvloop

from smmeplus.dlms.kinds import Kind
from wakeup.listener.metrics import Metrics
from wakeup.listener.writers.intake import Intake
from wakeup.models import Format, StrayReason
from wakeup.models.strays import Stray
from wakeup.recording.arrivals import Arrival, Recorded
from wakeup.recording.attempts import Attempt

NOW = datetime(2020, 9, 23, tzinfo=UTC)

T = TypeVar("T", Arrival, Stray)


@dataclass
class Frame(Generic[T]):
    """A frame on its way that remembers how it went."""

    content: T
    outcome: str = ""
    answer: bytes = b""
    is_stored: bool = False

    def stored(self) -> None:
        assert not self.outcome
        self.outcome = "stored"

    def failed(self) -> None:
        assert not self.outcome
        self.outcome = "failed"


def frame(serial: str = "A1") -> Frame[Arrival]:
    return Frame(Arrival(serial, Kind.BOOT, Format.PUSH, NOW, "10.0.0.1", 1))


def stray(sender: str = "10.9.9.9") -> Frame[Stray]:
    return Frame(Stray(StrayReason.MALFORMED, sender, NOW, sender, b""))


class Store:
    """Remembers its batches, empty ones left out. Raises ``errors`` first, ``away`` while set, always for poison."""

    def __init__(self, *errors: Exception, poison: str = "") -> None:
        self.batches: list[list[str]] = []
        self.strays: list[str] = []
        self.surplus: list[str] = []  # the senders by which they are counted
        self.tries = 0
        self.attempts: list[Attempt[Recorded]] = []
        self.away: Exception | None = None
        self.errors = list(errors)
        self.poison = poison
        self.go = threading.Event()
        self.go.set()

    def __call__(
        self, arrivals: Sequence[Arrival], counted: Sequence[Stray | Arrival], attempt: Attempt[Recorded]
    ) -> Recorded:
        self.tries += 1
        self.attempts.append(attempt)
        assert self.go.wait(10)
        serials = [arrival.serial for arrival in arrivals]
        if self.errors:
            raise self.errors.pop(0)
        if self.away is not None:
            raise self.away
        if self.poison in serials:
            raise ValueError(self.poison)
        strays = [one for one in counted if isinstance(one, Stray)]
        surplus = [one for one in counted if isinstance(one, Arrival)]
        if arrivals or counted:
            self.batches.append(serials)
            self.strays += [one.sender for one in strays]
            self.surplus += [one.serial for one in surplus]
        return Recorded.of(arrivals, strays, len(surplus))

    @property
    def stored(self) -> list[str]:
        """The serial numbers stored, in this order."""
        return [serial for batch in self.batches for serial in batch]


class Clock:
    """Time that passes only when somebody sleeps, or when it is moved."""

    def __init__(self) -> None:
        self.now = 1_000.0
        self.slept: list[float] = []

    def __call__(self) -> float:
        return self.now

    async def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.now += seconds
        await asyncio.sleep(0)


def run(work: Coroutine[object, object, None]) -> None:
    """Run ``work`` on the listener's loop. It hangs if something is wrong, but not for ever."""
    uvloop.run(asyncio.wait_for(work, 30))


async def until(is_so: object) -> None:
    """Let the loop and its threads go on until ``is_so()``."""
    assert callable(is_so)
    while not is_so():
        await asyncio.sleep(0.001)


def make_intake(store: Store, writers: int = 1, *, patience_s: float = 60.0, clock: Clock | None = None) -> Intake:
    """An intake of ``store`` with a clock of its own."""
    clock = clock or Clock()
    return Intake(writers, Metrics(), store, patience_s=patience_s, clock=clock, sleep=clock.sleep)


async def store_all(
    store: Store, messages: Sequence[Frame[Arrival]], strays: Sequence[Frame[Stray]] = (), *, writers: int = 1
) -> None:
    intake = make_intake(store, writers)
    for stray in strays:
        intake.put_stray(stray)
    for message in messages:
        intake.put(message)
    assert await intake.finish(20)
    await intake.stop()
