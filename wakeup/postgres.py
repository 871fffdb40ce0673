"""The writers' short way to PostgreSQL: statements that a connection plans once, several of them in one round trip.

While the load is small so are the batches, and what a transaction costs beside its rows decides how long an answer
takes: the ORM and Django's cursor need more processor time for it than PostgreSQL does. This talks to libpq through
psycopg, on Django's own connection and within Django's own transactions.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias
from weakref import WeakKeyDictionary

import psycopg
from django.db import DEFAULT_DB_ALIAS, connection, connections
from psycopg.pq import ConnStatus, Escaping, ExecStatus, TransactionStatus

Cells: TypeAlias = tuple[str | None, ...]

_prepared: WeakKeyDictionary[psycopg.Connection[Any], set[str]] = WeakKeyDictionary()
_DONE = (ExecStatus.COMMAND_OK, ExecStatus.TUPLES_OK)


@dataclass(frozen=True, slots=True)
class Statement:
    """``body``, whose parameters $1, $2, … have the ``types``, under the ``name`` by which connections know it."""

    name: str
    types: str
    body: str


@dataclass(frozen=True, slots=True)
class Call:
    """``statement`` with arguments, as text that PostgreSQL reads as their types."""

    statement: Statement
    arguments: Sequence[str]


def execute(*statements: str | Call) -> list[Cells]:
    """Execute ``statements`` in one round trip, within the caller's ``atomic()``; the rows of the last one, as text.

    With ``COMMIT`` for the last one the caller's ``atomic()`` has nothing left to do. Raises Django's database errors.
    """
    ours = connections[DEFAULT_DB_ALIAS]  # looked up once: that alone takes a while
    ours.ensure_connection()
    raw: psycopg.Connection[Any] = ours.connection
    with ours.wrap_database_errors:
        _prepare(raw, [one.statement for one in statements if isinstance(one, Call)])
        texts = [_text(raw, one) if isinstance(one, Call) else one for one in statements]
        # psycopg begins a transaction with the first statement that it executes itself, which these may precede.
        if ours.in_atomic_block and raw.pgconn.transaction_status == TransactionStatus.IDLE:
            texts.insert(0, "BEGIN")
        return _execute(raw, texts)


def commit() -> tuple[str, ...]:
    """The last statements of a transaction: COMMIT, unless the caller's ``atomic()`` is a part of another one."""
    return () if any(connection.savepoint_ids) else ("COMMIT",)


def _prepare(raw: psycopg.Connection[Any], statements: Sequence[Statement]) -> None:
    known = _prepared.setdefault(raw, set())
    if statements and not known:
        # By itself it would plan small batches anew each time, which costs more than to execute them.
        _execute(raw, ["SET plan_cache_mode = force_generic_plan"])
    for statement in statements:
        if statement.name not in known:
            _execute(raw, [f"PREPARE {statement.name} ({statement.types}) AS {statement.body}"])
            known.add(statement.name)


def _text(raw: psycopg.Connection[Any], call: Call) -> str:
    escaping = Escaping(raw.pgconn)
    literals = (bytes(escaping.escape_literal(argument.encode())).decode() for argument in call.arguments)
    return f"EXECUTE {call.statement.name} ({', '.join(literals)})"


def _execute(raw: psycopg.Connection[Any], texts: Sequence[str]) -> list[Cells]:
    result = raw.pgconn.exec_("; ".join(texts).encode())  # lets other threads run meanwhile
    if result.status not in _DONE:
        if raw.pgconn.status == ConnStatus.BAD:
            raise psycopg.OperationalError(raw.pgconn.error_message.decode(errors="replace"))
        raise psycopg.errors.error_from_result(result)
    columns = range(result.nfields)
    return [tuple(_cell(result.get_value(row, column)) for column in columns) for row in range(result.ntuples)]


def _cell(value: bytes | None) -> str | None:
    return None if value is None else value.decode()
