"""PER-1: one connection per message, confirmed, 50 at once, against a bare echo server."""

from __future__ import annotations

from functools import cache
from typing import NamedTuple

from tests.bench.context import Context, Run
from tests.bench.figures import Result, Target, compared
from tests.bench.notes import processor_notes
from tests.bench.sender import one_connection_each

AT_ONCE = 50
SECONDS = 2.0
WARM_UP_S = 0.5


class Round(NamedTuple):
    """The same load against the two servers, one after the other."""

    echo: Run
    listener: Run


def measure(context: Context) -> list[Result]:
    rounds = one_message_each(context)
    echoes, listeners = [one.echo for one in rounds], [one.listener for one in rounds]
    return [
        compared(
            "PER-1",
            f"one connection per message, {AT_ONCE} at once",
            "messages/s",
            [run.outcome.rate for run in listeners],
            "bare echo server",
            [run.outcome.rate for run in echoes],
            context.on_postgres(Target("≥", 0.5)),
            processor_notes(echoes, listeners),
        )
    ]


@cache
def one_message_each(context: Context) -> list[Round]:
    """The rounds of PER-1, which PER-3 looks at too."""
    context.against_echo(one_connection_each, WARM_UP_S, AT_ONCE)
    context.against_listener(context.listener, one_connection_each, WARM_UP_S, AT_ONCE)
    return [
        Round(
            context.against_echo(one_connection_each, SECONDS, AT_ONCE),
            context.against_listener(context.listener, one_connection_each, SECONDS, AT_ONCE),
        )
        for _ in range(context.rounds)
    ]
