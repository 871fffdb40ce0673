"""PER-2: 100 connections that stay open with 50 messages in flight on each, against other ways into the database.

Each connection is that of one concentrator, and the rows that go the other ways are of as many concentrators.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import NamedTuple

from tests.bench.ciphered import ciphered_in_flight, give_keys
from tests.bench.context import Context, Run
from tests.bench.figures import Result, Target, compared
from tests.bench.floors import copy_rate, insert, make_floor_table, rate_of, rows_of
from tests.bench.notes import processor_notes
from tests.bench.sender import many_in_flight
from wakeup.recording.arrivals import MessageRow
from wakeup.recording.orm import store_by_orm
from wakeup.recording.recorder import store_rows

WHAT = "100 connections, 50 in flight each"
UNIT = "messages/s"
CONNECTIONS = 100
IN_FLIGHT = 50
SECONDS = 2.0
WARM_UP_S = 0.5
BATCH = 2_500  # what two writers find queued up when all 5,000 are on their way
STORED_ROWS = 100_000
COUNTED_ROWS = 20_000
COUNTERS = 100_000  # more than a connection uses up in a round


class Floor(NamedTuple):
    """Another way of rows into the database, ``rate`` in rows a second, and how many it is measured with."""

    name: str
    target: Target | None
    rate: Callable[[Sequence[MessageRow]], float]
    rows: int
    is_in_ledger: bool = True


class Round(NamedTuple):
    """The same moment seen by all: rates of the floors, and the load against the two servers."""

    floors: list[float]
    echo: Run
    listener: Run
    mixed: Run
    ciphered: Run


def measure(context: Context) -> list[Result]:
    make_floor_table()
    give_keys([pk for pk, _serial in context.fleet[:CONNECTIONS]])
    floors = _floors(context)
    _load(context, WARM_UP_S)
    rounds = [_round(context, floors, number) for number in range(context.rounds)]
    rates = [one.listener.outcome.rate for one in rounds]
    results = [
        compared("PER-2", WHAT, UNIT, rates, floor.name, [one.floors[index] for one in rounds], floor.target)
        for index, floor in enumerate(floors)
    ]
    results[0].notes.extend(
        processor_notes({"echo server": [one.echo for one in rounds], "listener": [one.listener for one in rounds]})
    )
    return [*results, _mixed(rounds, floors[0].name), _ciphered(context, rounds)]


def _round(context: Context, floors: Sequence[Floor], number: int) -> Round:
    return Round(
        [_rate(context, floor) for floor in floors],
        context.against_echo(1, many_in_flight, WARM_UP_S, CONNECTIONS, IN_FLIGHT),
        _load(context, SECONDS),
        _load(context, SECONDS, is_mixed=True),
        _load_ciphered(context, first_counter=1 + number * COUNTERS),
    )


def _load_ciphered(context: Context, first_counter: int) -> Run:
    return context.against(
        context.listener, ciphered_in_flight, SECONDS, CONNECTIONS, IN_FLIGHT, first_counter=first_counter
    )


def _load(context: Context, seconds: float, *, is_mixed: bool = False) -> Run:
    return context.against(context.listener, many_in_flight, seconds, CONNECTIONS, IN_FLIGHT, is_mixed=is_mixed)


def _mixed(rounds: Sequence[Round], floor_name: str) -> Result:
    """Where each message is of another concentrator each counts up two rows of its own: as through a concentrating
    gateway, and the dearest that can be. The specification sets no target for it."""
    runs = [one.mixed for one in rounds]
    return compared(
        "PER-2",
        "the same, each message of another concentrator",
        UNIT,
        [run.outcome.rate for run in runs],
        floor_name,
        [one.floors[0] for one in rounds],
        None,
        processor_notes({"listener": runs}),
    )


def _ciphered(context: Context, rounds: Sequence[Round]) -> Result:
    """A ciphered message may cost half as much again as a plain one."""
    runs = [one.ciphered for one in rounds]
    return compared(
        "PER-2",
        "the same, ciphered and confirmed ciphered",
        UNIT,
        [run.outcome.rate for run in runs],
        "plain",
        [one.listener.outcome.rate for one in rounds],
        context.on_postgres(Target("≥", 0.67)),
        processor_notes({"listener": runs}),
    )


def _floors(context: Context) -> list[Floor]:
    by_orm = partial(rate_of, store_by_orm, batch=BATCH)
    upserts = Floor("bulk_create with upserts", context.on_postgres(Target("≥", 4)), by_orm, COUNTED_ROWS)
    if not context.is_postgres:
        return [
            Floor("INSERT of the messages alone", None, partial(rate_of, insert, batch=BATCH), STORED_ROWS, False),
            upserts,
        ]
    statement = partial(rate_of, store_rows, batch=BATCH)
    return [
        Floor("COPY of the messages alone", Target("≥", 0.45), partial(copy_rate, batch=BATCH), STORED_ROWS, False),
        upserts,
        Floor("the one statement alone", None, statement, COUNTED_ROWS),
    ]


def _rate(context: Context, floor: Floor) -> float:
    rate = floor.rate(rows_of(context, CONNECTIONS, floor.rows))
    if floor.is_in_ledger:
        context.ledger.add(floor.rows)
    return rate
