"""The listeners of both commits under the loads of PER-1, PER-2, PER-3 and PER-7, from one and the same sender."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from statistics import median

from tests.bench.against.rounds import Figure, Values
from tests.bench.against.sides import Fleet, Side, query
from tests.bench.context import CONCENTRATORS, LedgerError, Run, Served
from tests.bench.echo import serve_echo
from tests.bench.figures import percentile
from tests.bench.keepalives import keepalives
from tests.bench.per1 import AT_ONCE, SECONDS, WARM_UP_S
from tests.bench.per2 import CONNECTIONS, IN_FLIGHT
from tests.bench.per3 import MESSAGES
from tests.bench.per7 import CONNECTIONS as OPEN
from tests.bench.processor import Meter, resident_mib
from tests.bench.sender import (
    Load,
    Outcome,
    hold_open,
    many_in_flight,
    one_after_the_other,
    one_connection_each,
    release_all,
)
from tests.bench.senders import Senders
from tests.bench.servers import Server, running

FLEET = Fleet(CONCENTRATORS, 0)
MICROSECONDS = 1e6
MS = 1e3

_NOISE = Figure("noise", "the bare echo server, one and the same for both", "messages/s", is_judged=False)


@dataclass(eq=False)
class Tools:
    """What both sides share: the sender, and the echo server that shows how even the machine's speed was."""

    load: Load
    senders: Senders
    echo: Server


@dataclass(eq=False)
class Listening:
    """A listener of one side on the database at ``url``, which has ``stored`` messages."""

    side: Side
    url: str
    listener: Served
    tools: Tools
    stored: int = 0

    def send(self, work: Callable[..., Outcome], *arguments: float, to: Served | None = None, **options: bool) -> Run:
        """Run ``work`` in the sender. Raises LedgerError unless the database then holds just what was answered."""
        server, senders = to or self.listener, self.tools.senders
        database = self.side.place.server
        groups = {"listener": [server.pid], "database": [database] if database else []}
        meter = Meter(groups)
        outcome = senders.send(1, work, server.port, *arguments, **options)
        run = Run(outcome, meter.seconds())
        self.stored += outcome.answered
        ((count,),) = query(self.url, "SELECT count(*) FROM wakeup_message")
        if count != self.stored:
            raise LedgerError(f"{self.side.checkout.name}: {self.stored} were answered, {count} are stored")
        return run


class Listeners:
    """Opens the two sides' listeners; the processes that both share live as long as ``stack``."""

    def __init__(self, stack: ExitStack) -> None:
        self._stack = stack
        self._tools: Tools | None = None
        self.steps: Mapping[str, Callable[[Listening], Values]] = {
            "warm-up": _warm_up,
            "noise": _noise,
            "per1": _per1,
            "per2": _per2,
            "per3": _per3,
            "per7": _per7,
        }

    @contextmanager
    def opened(self, side: Side) -> Iterator[Listening]:
        """A listener of ``side`` on a new database. Raises ValueError if the fleets of the two sides differ."""
        with side.database(FLEET) as url, side.listener(url) as listener:
            yield Listening(side, url, listener, self._tools_for(keepalives(_serial_numbers(url))))

    def _tools_for(self, load: Load) -> Tools:
        if self._tools is None:
            echo = self._stack.enter_context(running(serve_echo, load.frame_size, load.answer))
            self._tools = Tools(load, Senders(load, self._stack), echo)
        if self._tools.load != load:
            raise ValueError("the two commits make different fleets, so that no load is the same for both")
        return self._tools


def _serial_numbers(url: str) -> Sequence[str]:
    """Those in field, in an order that is none but the same for both."""
    sql = "SELECT serial_number FROM concentrators_concentrator WHERE state = 'in field' ORDER BY serial_number"
    found = [str(serial) for (serial,) in query(url, sql)]
    random.Random(len(found)).shuffle(found)
    return found


def _warm_up(at: Listening) -> Values:
    at.send(one_connection_each, WARM_UP_S, AT_ONCE)
    at.send(many_in_flight, WARM_UP_S, CONNECTIONS, IN_FLIGHT)
    return {}


def _noise(at: Listening) -> Values:
    tools = at.tools
    return {_NOISE: tools.senders.send(1, one_connection_each, tools.echo.port, SECONDS, AT_ONCE).rate}


def _per1(at: Listening) -> Values:
    return _rates(
        "PER-1", f"one connection per message, {AT_ONCE} at once", at.send(one_connection_each, SECONDS, AT_ONCE)
    )


def _per2(at: Listening) -> Values:
    what = f"{CONNECTIONS} connections, {IN_FLIGHT} in flight each"
    plain = at.send(many_in_flight, SECONDS, CONNECTIONS, IN_FLIGHT)
    mixed = at.send(many_in_flight, SECONDS, CONNECTIONS, IN_FLIGHT, is_mixed=True)
    return {
        **_rates("PER-2", what, plain),
        **_rates("PER-2", "the same, each message of another concentrator", mixed),
    }


def _per3(at: Listening) -> Values:
    alone = at.send(one_after_the_other, MESSAGES).outcome.times
    loaded = at.send(one_connection_each, SECONDS, AT_ONCE).outcome.times
    return {
        _time("alone, p50"): MS * median(alone),
        _time("alone, p99"): MS * percentile(alone, 0.99),
        _time("under PER-1, p50"): MS * median(loaded),
        _time("under PER-1, p99"): MS * percentile(loaded, 0.99),
    }


def _per7(at: Listening) -> Values:
    figure = Figure("PER-7", f"memory with {OPEN:,} open connections", "MiB", is_less_better=True)
    with at.side.listener(at.url) as fresh:
        at.send(hold_open, OPEN, to=fresh)
        held = resident_mib(fresh.pid)
        at.tools.senders.run(release_all)
    return {figure: held}


def _rates(requirement: str, what: str, run: Run) -> Values:
    """The rate, and what a message costs: on a machine that does other work too the cost is the steadier one."""
    cost = MICROSECONDS / run.outcome.answered
    return {Figure(requirement, what, "messages/s"): run.outcome.rate} | {
        Figure(requirement, f"  of it the {who}'s processor time a message", "µs", True, False): cost * seconds
        for who, seconds in run.processor.items()
    }


def _time(what: str) -> Figure:
    return Figure("PER-3", f"time to the answer {what}", "ms", is_less_better=True)
