"""What measurements share: the fleet, the sender, the listener, the echo server and the ledger.

Each is made when the first measurement asks for it, so that one that needs none of them pays for none.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple, ParamSpec, Protocol

from django.db import connection
from django.db.models import Sum

from concentrators.models import Concentrator, State
from tests.bench.bare import serve_bare
from tests.bench.echo import serve_echo
from tests.bench.figures import Result, Target
from tests.bench.keepalives import keepalives
from tests.bench.places import Place
from tests.bench.processor import Meter
from tests.bench.sender import Load, Outcome
from tests.bench.senders import Senders, Work
from tests.bench.servers import Server, running
from tests.support.fleet import make_fleet
from tests.support.listener import Listener, running_listener
from wakeup.models import DailyCount, Message, StrayFrame, WakeupTotal

CONCENTRATORS = 13_336  # three quarters of them in field

_Arguments = ParamSpec("_Arguments")


class Served(Protocol):
    """A server that loads go to, ours or one to compare with."""

    @property
    def pid(self) -> int: ...

    @property
    def port(self) -> int: ...


class LedgerError(AssertionError):
    """The database does not hold what was answered."""


class Run(NamedTuple):
    """One load against one server: what came back, and the seconds of processor time of each process meanwhile."""

    outcome: Outcome
    processor: dict[str, float]

    def busy(self, name: str) -> float:
        """The share of one processor that ``name`` used."""
        return self.processor[name] / self.outcome.seconds


class Ledger:
    """What must be in the database. Every message of a bench is a keep-alive of a known concentrator."""

    def __init__(self) -> None:
        self._stored = 0

    def add(self, messages: int) -> None:
        """Enter messages that were answered or recorded. Raises LedgerError unless just these are stored."""
        self._stored += messages
        if (counts := self._counts()) != (expected := (self._stored, self._stored, self._stored, 0)):
            names = "messages, in totals, in days, stray frames"
            raise LedgerError(f"{names}: {counts} in the database, {expected} are due")

    @staticmethod
    def _counts() -> tuple[int, int, int, int]:
        totals = WakeupTotal.objects.aggregate(n=Sum("wakeup_count", default=0))["n"]
        days = DailyCount.objects.aggregate(n=Sum("wakeup_count", default=0))["n"]
        return Message.objects.count(), totals, days, StrayFrame.objects.count()


@dataclass(eq=False)
class Context:
    """A migrated database to measure on; ``rounds`` is how often a figure and its floor are measured in turn."""

    place: Place
    rounds: int
    stack: ExitStack

    @property
    def is_postgres(self) -> bool:
        return connection.vendor == "postgresql"

    def on_postgres(self, target: Target) -> Target | None:
        """``target`` where it holds: section 15 sets those of speed for PostgreSQL."""
        return target if self.is_postgres else None

    @cached_property
    def fleet(self) -> Sequence[tuple[int, str]]:
        """The keys and serial numbers of the concentrators in field, in the order in which they send: no order."""
        make_fleet(CONCENTRATORS, days=0)
        return list(Concentrator.objects.filter(state=State.IN_FIELD).order_by("?").values_list("pk", "serial_number"))

    @cached_property
    def load(self) -> Load:
        return keepalives(serial for _pk, serial in self.fleet)

    @cached_property
    def ledger(self) -> Ledger:
        return Ledger()

    @cached_property
    def listener(self) -> Listener:
        return self.new_listener()

    @cached_property
    def echo(self) -> Server:
        return self.stack.enter_context(running(serve_echo, self.load.frame_size, self.load.answer))

    @cached_property
    def bare(self) -> Server:
        concentrators = {frame: pk for frame, (pk, _serial) in zip(self.load.frames, self.fleet, strict=True)}
        return self.stack.enter_context(running(serve_bare, concentrators, self.load.answer))

    def new_listener(self) -> Listener:
        """A further listener process on this database; it ends with the bench."""
        return self.stack.enter_context(running_listener("--metrics-port", "0", database=self.place.url))

    def against_echo(
        self, senders: int, work: Work[_Arguments], *arguments: _Arguments.args, **options: _Arguments.kwargs
    ) -> Run:
        """Run ``work`` in so many ``senders`` at a time against the bare echo server."""
        return self._against(self.echo, senders, {}, work, *arguments, **options)

    def against(
        self, server: Served, work: Work[_Arguments], *arguments: _Arguments.args, **options: _Arguments.kwargs
    ) -> Run:
        """Run ``work`` in the sender against ``server``, and check that what was answered is stored."""
        database = {"database": [self.place.server]} if self.place.server else {}
        run = self._against(server, 1, database, work, *arguments, **options)
        self.ledger.add(run.outcome.answered)
        return run

    @cached_property
    def senders(self) -> Senders:
        return Senders(self.load, self.stack)

    def _against(
        self,
        server: Served,
        senders: int,
        others: Mapping[str, Sequence[int]],
        work: Work[_Arguments],
        *arguments: _Arguments.args,
        **options: _Arguments.kwargs,
    ) -> Run:
        meter = Meter({"sender": self.senders.pids(senders), "server": [server.pid], **others})
        outcome = self.senders.send(senders, work, server.port, *arguments, **options)
        return Run(outcome, meter.seconds())


class Measurement(NamedTuple):
    """One entry of the registry: its name on the command line, and what measures and compares with the targets."""

    name: str
    run: Callable[[Context], list[Result]]
    is_quick: bool = True  # or it is measured only when it is asked for
