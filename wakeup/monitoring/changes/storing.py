"""Many rows by one statement: a chunk is sent as one JSON text, which the database parses (PER-5)."""

from __future__ import annotations

import json
from collections.abc import Sequence

from django.db import connection
from django.db.models import QuerySet, Value
from django.db.models.expressions import Combinable, RawSQL

from concentrators.models import Watch
from smmeplus.common.chunks import Row, execute_with, sent_rows
from wakeup.locks import hold_changes
from wakeup.models import ChangeReason, StatusChange
from wakeup.monitoring.verdicts.known import verdict_at

_STATE = (
    *("status", "status_at", "seen_wakeup_at", "seen_gasp_at", "void_gasp_at", "kept_gasp_at"),
    *("look_at", "next_at", "is_heard"),
)
_CHANGE = ("concentrator_id", "at", "from_status", "to_status", "reason", "verdict")


def store_states(rows: Sequence[Row]) -> None:
    """What ``rows``, by ``concentrator_id``, say of the second half of their watches."""
    table = Watch._meta.db_table
    values = ", ".join(f"{name} = sent.{name}" for name in _STATE)
    sent = sent_rows(Watch, ("concentrator_id", *_STATE))
    execute_with(
        f"UPDATE {table} SET {values} FROM {sent} WHERE {table}.concentrator_id = sent.concentrator_id",  # noqa: S608
        rows,
    )


def among(keys: Sequence[int]) -> RawSQL:
    """``keys`` for a condition ``pk__in``, sent as one text: thousands of parameters would cost more than the query."""
    if connection.vendor == "postgresql":
        return RawSQL("SELECT unnest(%s::bigint[])", ["{" + ",".join(map(str, keys)) + "}"])
    return RawSQL("SELECT value FROM json_each(%s)", [json.dumps(list(keys))])


def store_changes(rows: Sequence[Row]) -> None:
    if rows:
        hold_changes()
        table, columns = StatusChange._meta.db_table, ", ".join(_CHANGE)
        sent = sent_rows(StatusChange, _CHANGE)
        execute_with(f"INSERT INTO {table} ({columns}) SELECT {columns} FROM {sent}", rows)  # noqa: S608 - names


def insert_changes(
    watches: QuerySet[Watch], at: str, from_status: Combinable, to_status: str, reason: ChangeReason
) -> None:
    """One change of each of ``watches``, at the time in its column ``at``, with the verdict of then."""
    texts = (Value(to_status), Value(reason.value))
    verdict = verdict_at("concentrator__carrier", at)
    rows = watches.order_by().values_list("pk", at, from_status, *texts, verdict)
    select, parameters = rows.query.sql_with_params()
    hold_changes()
    with connection.cursor() as cursor:
        columns = ", ".join(_CHANGE)
        cursor.execute(f"INSERT INTO {StatusChange._meta.db_table} ({columns}) {select}", parameters)
