"""PER-1: one connection per message, confirmed, 50 at once, against a bare echo server and a bare one that stores."""

from __future__ import annotations

from functools import cache
from typing import NamedTuple

from tests.bench.context import Context, Run
from tests.bench.figures import Result, Target, compared
from tests.bench.notes import processor_notes, sender_note
from tests.bench.sender import one_connection_each

AT_ONCE = 50
SECONDS = 2.0
WARM_UP_S = 0.5

_WHAT = f"one connection per message, {AT_ONCE} at once"
_UNIT = "messages/s"


class Round(NamedTuple):
    """The same load against the servers, one after the other; that of two senders is as much together."""

    echo: Run
    by_two: Run
    listener: Run
    bare: Run


def measure(context: Context) -> list[Result]:
    echoes, by_two, listeners, bares = (list(runs) for runs in zip(*one_message_each(context), strict=True))
    rates = _rates(listeners)
    target = context.on_postgres(Target("≥", 0.5))
    notes = [
        *processor_notes({"echo server": echoes, "listener": listeners}),
        sender_note("echo server", echoes, by_two),
    ]
    bare_notes = processor_notes({"bare server that stores": bares})
    return [
        compared("PER-1", _WHAT, _UNIT, rates, "bare echo server", _rates(echoes), target, notes),
        compared("PER-1", _WHAT, _UNIT, rates, "bare server that stores", _rates(bares), None, bare_notes),
    ]


@cache
def one_message_each(context: Context) -> list[Round]:
    """The rounds of PER-1, which PER-3 looks at too."""
    _round(context, WARM_UP_S)
    return [_round(context, SECONDS) for _ in range(context.rounds)]


def _round(context: Context, seconds: float) -> Round:
    return Round(
        context.against_echo(1, one_connection_each, seconds, AT_ONCE),
        context.against_echo(2, one_connection_each, seconds, AT_ONCE // 2),
        context.against(context.listener, one_connection_each, seconds, AT_ONCE),
        context.against(context.bare, one_connection_each, seconds, AT_ONCE),
    )


def _rates(runs: list[Run]) -> list[float]:
    return [run.outcome.rate for run in runs]
