"""PostgreSQL by way of libpq: statements that a connection plans once, several of them in one round trip.

While the load is small, batches are small too, and what a transaction costs apart from its rows decides how long an
answer takes: the ORM and Django's cursor need more processor time for that than PostgreSQL does. So this calls libpq
through psycopg, on Django's own connection, within Django's own transactions or in short ones of its own.
"""

from __future__ import annotations

from collections.abc import Collection, Generator, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias, TypeVar
from weakref import WeakKeyDictionary

import psycopg
from django.db import DEFAULT_DB_ALIAS, connections
from psycopg.pq import ConnStatus, Escaping, ExecStatus, TransactionStatus
from psycopg.pq.abc import PGconn, PGresult

from wakeup.recording.standby import raise_if_unbacked, watch

Cells: TypeAlias = tuple[str | None, ...]

_T = TypeVar("_T")

_prepared: WeakKeyDictionary[psycopg.Connection[Any], set[str]] = WeakKeyDictionary()
_DONE = (ExecStatus.COMMAND_OK, ExecStatus.TUPLES_OK)
_OPEN = (TransactionStatus.INTRANS, TransactionStatus.INERROR)


@dataclass(frozen=True, slots=True)
class Statement:
    """SQL with parameters $1, $2, … of the ``types``. A connection that has planned it knows it by its ``name``."""

    name: str
    types: str
    body: str


@dataclass(frozen=True, slots=True)
class Call:
    """``statement`` with its arguments, each as text that PostgreSQL reads as a value of the parameter's type."""

    statement: Statement
    arguments: Sequence[str]


Statements: TypeAlias = tuple[str | Call, ...]
#: Short transactions as a generator. It yields the statements of a round trip, and is sent the rows of the last one.
#: The statements of a round trip are one transaction, unless they BEGIN one; that is rolled back if it stays open.
#: A thread executes them by :func:`go_through`, the event loop by :class:`wakeup.recording.pipeline.Pipeline`.
Steps: TypeAlias = Generator[Statements, list[Cells], _T]


def go_through(steps: Steps[_T]) -> _T:
    """Execute the short transactions ``steps``; return what they return.

    Without Django's ``atomic()``, which costs as much as a small batch itself. Raises Django's database errors. After
    an error of any kind the connection is closed.
    """
    ours = connections[DEFAULT_DB_ALIAS]
    ours.ensure_connection()
    steps = rolled_back_unless_committed(ours.connection, steps)
    try:
        statements = next(steps)
        while True:
            statements = steps.send(execute(*statements))
    except StopIteration as end:
        result: _T = end.value
        return result
    except BaseException:
        ours.close()
        raise


def rolled_back_unless_committed(raw: psycopg.Connection[Any], steps: Steps[_T]) -> Steps[_T]:
    """``steps``, and then a ROLLBACK if they have left a transaction open.

    Raises OperationalError if a commit has not waited for its standby to the end.
    """
    result = yield from steps
    if raw.pgconn.transaction_status in _OPEN:
        yield ("ROLLBACK",)
    raise_if_unbacked(raw)
    return result


def execute(*statements: str | Call) -> list[Cells]:
    """Execute ``statements`` in one round trip, in the caller's transaction; the rows of the last one, as text.

    Outside of one they are a transaction by themselves. Raises Django's database errors.
    """
    ours = connections[DEFAULT_DB_ALIAS]  # looked up once, because looking it up is slow
    ours.ensure_connection()
    raw: psycopg.Connection[Any] = ours.connection
    with ours.wrap_database_errors:
        _prepare(raw, [one.statement for one in statements if isinstance(one, Call)])
        # psycopg would begin the transaction only with the first statement that it executes itself.
        if ours.in_atomic_block and raw.pgconn.transaction_status == TransactionStatus.IDLE:
            statements = ("BEGIN", *statements)
        return _execute(raw, as_sql(raw, statements))


def prepare(*statements: Statement) -> None:
    """Have the connection plan ``statements`` before the first of them is due. Raises Django's database errors."""
    ours = connections[DEFAULT_DB_ALIAS]
    ours.ensure_connection()
    with ours.wrap_database_errors:
        _prepare(ours.connection, statements)


def as_sql(raw: psycopg.Connection[Any], statements: Statements) -> bytes:
    """``statements`` as the text of one simple query."""
    return "; ".join(_text(raw, one) if isinstance(one, Call) else one for one in statements).encode()


def read_cells(raw: psycopg.Connection[Any], result: PGresult) -> list[Cells]:
    """The rows of ``result``. Raises psycopg's error if it is one."""
    check(raw, result)
    columns = range(result.nfields)
    return [tuple(_cell(result.get_value(row, column)) for column in columns) for row in range(result.ntuples)]


def check(raw: psycopg.Connection[Any], result: PGresult) -> None:
    if result.status in _DONE:
        return
    if raw.pgconn.status == ConnStatus.BAD:
        raise psycopg.OperationalError(raw.pgconn.error_message.decode(errors="replace"))
    raise psycopg.errors.error_from_result(result)


def literal(values: Iterable[object]) -> str:
    """An array of ``values`` that need no quoting: numbers, times, addresses; None is not among them."""
    return "{" + ",".join(map(str, values)) + "}"


def quoted(words: Collection[str]) -> str:
    """An array of ``words`` of letters and digits, which may be ``NULL``."""
    return '{"' + '","'.join(words) + '"}' if words else "{}"


def is_lost(pgconn: PGconn) -> bool:
    """Whether the other side has ended a connection that nobody uses at the moment. Does not wait."""
    try:
        for _ in range(2):  # its last words, and then its end
            pgconn.consume_input()
    except psycopg.OperationalError:
        return True
    return pgconn.status != ConnStatus.OK


def knows(raw: psycopg.Connection[Any], *statements: Statement) -> bool:
    return _prepared.get(raw, set()).issuperset(statement.name for statement in statements)


def _prepare(raw: psycopg.Connection[Any], statements: Sequence[Statement]) -> None:
    known = _prepared.setdefault(raw, set())
    if statements and not known:
        watch(raw)
        # Otherwise PostgreSQL would plan small batches anew each time, which costs more than executing them.
        _execute(raw, b"SET plan_cache_mode = force_generic_plan")
    for statement in statements:
        if statement.name not in known:
            _execute(raw, f"PREPARE {statement.name} ({statement.types}) AS {statement.body}".encode())
            known.add(statement.name)


def _text(raw: psycopg.Connection[Any], call: Call) -> str:
    escaping = Escaping(raw.pgconn)
    literals = (bytes(escaping.escape_literal(argument.encode())).decode() for argument in call.arguments)
    return f"EXECUTE {call.statement.name} ({', '.join(literals)})"


def _execute(raw: psycopg.Connection[Any], words: bytes) -> list[Cells]:
    return read_cells(raw, raw.pgconn.exec_(words))  # lets other threads run meanwhile


def _cell(value: bytes | None) -> str | None:
    return None if value is None else value.decode()
